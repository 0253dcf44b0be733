//! Which claims mean the same.
//!
//! A first method, simple and replaceable: two claims are compared by where they stand
//! and what they say, and groups grow by average linkage, so that a claim joins only
//! what it resembles on the whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Claim;
use super::vote::claim_order;

mod link;
mod words;

/// Likeness from which two groups are one.
const THRESHOLD: f64 = 0.58;
/// Weight of the words that two claims share, by rarity.
const WORDS: f64 = 1.1;
/// Weight of the names of code that they share.
const NAMES: f64 = 0.17;
/// Weight of their nearness.
const PLACE: f64 = 0.17;
/// Likeness of two claims of one specific rule.
const SAME_RULE: f64 = 0.2;
/// Likeness of two claims of one category.
const SAME_CATEGORY: f64 = 0.05;
/// Lines between two claims that may still be one.
const MAX_LINES: u32 = 40;
/// Lines at which nearness counts half.
const HALF_LINES: f64 = 6.0;
/// Claims about other things that are assumed beside those of the run, so that a word
/// that two claims of a small run share is not taken for a common one.
const PRIOR: f64 = 30.0;

/// Groups the claims that mean the same: those of one finding together, each group in
/// order of backend and place, the groups in order of their first place. The order of
/// `claims` does not matter.
pub fn merge(mut claims: Vec<Claim>) -> Vec<Vec<Claim>> {
    claims.sort_by(|left, right| {
        left.location
            .cmp(&right.location)
            .then_with(|| claim_order(left, right))
    });
    let features = features(&claims);
    let groups = link::link(claims.len(), &pairs(&claims, &features), THRESHOLD);
    let mut slots: Vec<Option<Claim>> = claims.into_iter().map(Some).collect();
    groups
        .into_iter()
        .map(|members| {
            let mut group: Vec<_> = members
                .into_iter()
                .filter_map(|at| slots[at].take())
                .collect();
            group.sort_by(claim_order);
            group
        })
        .collect()
}

/// Likeness of the pairs that are near enough; `claims` are in order of place.
fn pairs(claims: &[Claim], features: &[Features]) -> BTreeMap<(usize, usize), f64> {
    let mut pairs = BTreeMap::new();
    for left in 0..claims.len() {
        for right in left + 1..claims.len() {
            let (one, other) = (&claims[left].location, &claims[right].location);
            // What follows begins later still.
            if one.path != other.path || other.start_line > one.end_line.saturating_add(MAX_LINES) {
                break;
            }
            let likeness = likeness(
                (&claims[left], &features[left]),
                (&claims[right], &features[right]),
            );
            if likeness > 0.0 {
                pairs.insert((left, right), likeness);
            }
        }
    }
    pairs
}

/// What a claim says, as numbers.
struct Features {
    /// Stem → weight, the whole of length 1; sorted by stem.
    words: Vec<(u32, f64)>,
    /// Names of code, with their rarity, in the words; sorted.
    named: Vec<(u32, f64)>,
}

fn features(claims: &[Claim]) -> Vec<Features> {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut id_of = |word: String| {
        let next = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        *ids.entry(word).or_insert(next)
    };
    let texts: Vec<(Vec<u32>, Vec<u32>)> = claims
        .iter()
        .map(|claim| {
            let text = format!("{} {}", claim.title, claim.message);
            let words = words::stems(&text).map(&mut id_of).collect();
            let named = words::names(&text, &claim.quote)
                .map(|name| id_of(format!("`{name}")))
                .collect();
            (words, named)
        })
        .collect();
    let mut seen_in = vec![0.0_f64; ids.len()];
    for (words, named) in &texts {
        let distinct: BTreeSet<_> = words.iter().chain(named).collect();
        for id in distinct {
            seen_in[*id as usize] += 1.0;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a run has few claims")]
    let all = claims.len() as f64 + PRIOR;
    let rarity = |id: u32| (1.0 + all / (seen_in[id as usize] + 0.5)).ln();
    texts
        .into_iter()
        .map(|(words, named)| {
            let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
            for id in words {
                *counts.entry(id).or_default() += 1.0;
            }
            let weights: Vec<_> = counts
                .into_iter()
                .map(|(id, count)| (id, (1.0 + count.ln()) * rarity(id)))
                .collect();
            let length = weights
                .iter()
                .map(|(_, weight)| weight * weight)
                .sum::<f64>()
                .sqrt();
            let named: BTreeSet<_> = named.into_iter().collect();
            Features {
                words: weights
                    .into_iter()
                    .map(|(id, weight)| (id, weight / length.max(f64::MIN_POSITIVE)))
                    .collect(),
                named: named.into_iter().map(|id| (id, rarity(id))).collect(),
            }
        })
        .collect()
}

/// How alike two claims of one file are, from 0; [`THRESHOLD`] is enough. What is said
/// weighs most: near places alone make no two problems one.
fn likeness((left, one): (&Claim, &Features), (right, other): (&Claim, &Features)) -> f64 {
    let kind = if left.rule == right.rule && !left.rule.ends_with("-other") {
        SAME_RULE
    } else if left.category == right.category {
        SAME_CATEGORY
    } else {
        0.0
    };
    WORDS * dot(&one.words, &other.words)
        + NAMES * overlap(&one.named, &other.named)
        + PLACE * nearness(left, right).sqrt()
        + kind
}

/// 1 for places that share code, falling with the lines between them.
fn nearness(left: &Claim, right: &Claim) -> f64 {
    let (one, other) = (&left.location, &right.location);
    let apart = other
        .start_line
        .saturating_sub(one.end_line)
        .max(one.start_line.saturating_sub(other.end_line));
    HALF_LINES / (HALF_LINES + f64::from(apart))
}

fn dot(one: &[(u32, f64)], other: &[(u32, f64)]) -> f64 {
    shared(one, other).map(|(left, right)| left * right).sum()
}

/// Rarity of the shared names by that of the smaller set.
fn overlap(one: &[(u32, f64)], other: &[(u32, f64)]) -> f64 {
    let sum = |names: &[(u32, f64)]| names.iter().map(|(_, rarity)| rarity).sum::<f64>();
    let least = sum(one).min(sum(other));
    if least <= 0.0 {
        return 0.0;
    }
    shared(one, other).map(|(rarity, _)| rarity).sum::<f64>() / least
}

fn shared<'f>(
    one: &'f [(u32, f64)],
    other: &'f [(u32, f64)],
) -> impl Iterator<Item = (f64, f64)> + 'f {
    one.iter().filter_map(|(id, weight)| {
        let at = other.binary_search_by_key(id, |(id, _)| *id).ok()?;
        Some((*weight, other[at].1))
    })
}
