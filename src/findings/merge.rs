//! Which claims mean the same.
//!
//! A first method, simple and replaceable: two claims are compared by where they stand
//! and what they say, and groups grow by average linkage, so that a claim joins only
//! what it resembles on the whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Claim;
use super::vote::claim_order;

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
    let mut groups = link(&claims, &features);
    groups.sort();
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

/// Average linkage over the pairs that are near enough. Gives groups of indices, each
/// ascending.
fn link(claims: &[Claim], features: &[Features]) -> Vec<Vec<usize>> {
    // Sums of likeness between groups, by the lower index of each; pairs that are absent are 0.
    let mut sums: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for left in 0..claims.len() {
        for right in left + 1..claims.len() {
            let (one, other) = (&claims[left].location, &claims[right].location);
            if one.path != other.path || other.start_line > one.end_line.saturating_add(MAX_LINES) {
                // Sorted by place: what follows begins later still.
                break;
            }
            let likeness = likeness(
                &claims[left],
                &claims[right],
                &features[left],
                &features[right],
            );
            if likeness > 0.0 {
                sums.insert((left, right), likeness);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> =
        (0..claims.len()).map(|at| (at, vec![at])).collect();
    let mut neighbours: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); claims.len()];
    let mut queue: BTreeSet<(u64, usize, usize)> = BTreeSet::new();
    let mut keys: HashMap<(usize, usize), u64> = HashMap::new();
    let rank = |mean: f64| u64::MAX - mean.max(0.0).to_bits();
    for (&(left, right), &sum) in &sums {
        neighbours[left].insert(right);
        neighbours[right].insert(left);
        queue.insert((rank(sum), left, right));
        keys.insert((left, right), rank(sum));
    }
    while let Some((key, left, right)) = queue.pop_first() {
        if f64::from_bits(u64::MAX - key) < THRESHOLD {
            break;
        }
        keys.remove(&(left, right));
        sums.remove(&(left, right));
        let Some(joined) = groups.remove(&right) else {
            continue;
        };
        if let Some(group) = groups.get_mut(&left) {
            group.extend(joined);
        }
        neighbours[left].remove(&right);
        let moved = std::mem::take(&mut neighbours[right]);
        for other in moved.into_iter().filter(|other| *other != left) {
            neighbours[other].remove(&right);
            let old = ordered(right, other);
            let sum = sums.remove(&old).unwrap_or_default();
            if let Some(key) = keys.remove(&old) {
                queue.remove(&(key, old.0, old.1));
            }
            *sums.entry(ordered(left, other)).or_default() += sum;
            neighbours[left].insert(other);
            neighbours[other].insert(left);
        }
        // The group has grown: each of its means has changed.
        for &other in &neighbours[left] {
            let pair = ordered(left, other);
            let mean = sums.get(&pair).copied().unwrap_or_default()
                / size(&groups, left)
                / size(&groups, other);
            if let Some(key) = keys.insert(pair, rank(mean)) {
                queue.remove(&(key, pair.0, pair.1));
            }
            queue.insert((rank(mean), pair.0, pair.1));
        }
    }
    groups
        .into_values()
        .map(|mut members| {
            members.sort_unstable();
            members
        })
        .collect()
}

fn ordered(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

#[expect(clippy::cast_precision_loss, reason = "groups are small")]
fn size(groups: &BTreeMap<usize, Vec<usize>>, at: usize) -> f64 {
    groups.get(&at).map_or(1, Vec::len) as f64
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
            let words = stems(&text).map(&mut id_of).collect();
            let named = names(&text, &claim.quote)
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
fn likeness(left: &Claim, right: &Claim, one: &Features, other: &Features) -> f64 {
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

/// Words that say nothing about which defect is meant.
const COMMON: &[&str] = &[
    "a", "an", "and", "any", "are", "as", "at", "be", "because", "been", "but", "by", "can",
    "cause", "causes", "code", "could", "do", "does", "each", "for", "from", "has", "have", "here",
    "if", "in", "instead", "into", "is", "issue", "it", "its", "line", "may", "might", "more",
    "new", "no", "not", "now", "of", "on", "only", "or", "should", "since", "so", "such", "than",
    "that", "the", "their", "then", "there", "these", "they", "this", "to", "use", "used", "uses",
    "using", "was", "when", "which", "while", "will", "with", "without", "would", "you",
];

/// Words of prose and of names, in lower case, cut to their stems.
fn stems(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|ch: char| !ch.is_alphanumeric())
        .flat_map(camel)
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 2 && COMMON.binary_search(&word.as_str()).is_err())
        .map(|word| stem(&word).to_owned())
}

/// `parseUserId` → `parse`, `User`, `Id`.
fn camel(word: &str) -> impl Iterator<Item = &str> {
    let mut starts = vec![0];
    let mut lower = false;
    for (at, ch) in word.char_indices() {
        if ch.is_uppercase() && lower {
            starts.push(at);
        }
        lower = ch.is_lowercase();
    }
    starts.push(word.len());
    (1..starts.len()).map(move |at| &word[starts[at - 1]..starts[at]])
}

/// Takes one English ending off, where enough is left.
fn stem(word: &str) -> &str {
    const ENDINGS: [&str; 12] = [
        "ations", "ation", "ments", "ment", "ings", "ing", "ies", "ed", "es", "ly", "s", "e",
    ];
    ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|rest| rest.chars().count() >= 3)
        .unwrap_or(word)
}

/// Names of code that a text uses: in backticks, of the form of a name, or in the quote.
fn names<'t>(text: &'t str, quote: &'t str) -> impl Iterator<Item = &'t str> {
    let is_name_char = |ch: char| ch.is_alphanumeric() || ch == '_';
    let quoted: BTreeSet<&str> = quote
        .split(move |ch| !is_name_char(ch))
        .filter(|name| name.len() >= 3)
        .collect();
    text.split(move |ch| !is_name_char(ch)).filter(move |word| {
        word.len() >= 3
            && (word.contains('_')
                || word.chars().skip(1).any(char::is_uppercase)
                || quoted.contains(word))
    })
}
