//! Which claims mean the same.
//!
//! Two claims are compared by what they say (words and parts of names, weighted by rarity
//! in the run), by how much better they fit each other than anything else that the same two
//! voters said, by a third claim that both are like, and by what is known of place, symbol
//! and rule. A logistic function of these is the probability that the two are one; groups
//! grow by average linkage, so that a claim joins only what it resembles on the whole.
//! `docs/merging.md` says how the weights were found and how well they do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::vote::claim_order;
use super::{Claim, Location};

mod judged;
mod likeness;
mod link;
mod pairs;
mod place;
mod rivals;
mod words;

use likeness::{Pair, Weights};

pub use judged::{Judgements, doubts};

/// `[merge]`: which claims mean the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeSettings {
    /// Mean probability of being one from which two groups become one, 0 to 1.
    pub threshold: f64,
    /// The role that is asked about pairs in doubt; none where nobody is.
    pub arbiter: Option<String>,
}

impl Default for MergeSettings {
    fn default() -> Self {
        Self {
            threshold: 0.22,
            arbiter: None,
        }
    }
}

/// What one voter said, as merging sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement<'a> {
    /// Where it stands, where that is known.
    pub place: Option<Place<'a>>,
    /// Who said it: a backend, or one of its samples.
    pub backend: &'a str,
    /// Title and message.
    pub text: &'a str,
    /// The code that it is about; may be empty.
    pub quote: &'a str,
    /// A slug of the taxonomy; may be empty.
    pub rule: &'a str,
    /// A category of the taxonomy; may be empty.
    pub category: &'a str,
    /// What encloses the place, where that is known.
    pub symbol: Option<&'a str>,
}

/// Lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    /// The file.
    pub path: &'a [u8],
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, from 1.
    pub end_line: u32,
}

/// Groups the statements of a run that mean the same: indices, ascending in each group,
/// the groups in order of their first. The same statements in another order make the same
/// groups. Statements of different files are never one.
pub fn cluster(statements: &[Statement<'_>], settings: &MergeSettings) -> Vec<Vec<usize>> {
    cluster_judged(statements, settings, &[])
}

/// The same where somebody has looked at pairs: `judged` says of statements, by their indices
/// in either order, whether they are one. That goes before what they look like.
pub fn cluster_judged(
    statements: &[Statement<'_>],
    settings: &MergeSettings,
    judged: &[(usize, usize, bool)],
) -> Vec<Vec<usize>> {
    let (order, mut pairs) = likely(statements);
    if !judged.is_empty() {
        pairs = overruled(pairs, &order, judged);
    }
    let groups = link::link(order.len(), &pairs, settings.threshold);
    let original = |group: Vec<usize>| {
        let mut group: Vec<usize> = group.into_iter().map(|at| order[at]).collect();
        group.sort_unstable();
        group
    };
    let mut groups: Vec<Vec<usize>> = groups.into_iter().map(original).collect();
    groups.sort_unstable();
    groups
}

/// The pairs with what somebody said of some, also of those that look too unlike to be
/// among them; in order.
fn overruled(pairs: Vec<Pair>, order: &[usize], judged: &[(usize, usize, bool)]) -> Vec<Pair> {
    let mut ranks = vec![0; order.len()];
    for (rank, at) in order.iter().enumerate() {
        ranks[*at] = rank;
    }
    let of = |pair: Pair| ((pair.left, pair.right), pair.probability);
    let mut all: BTreeMap<(usize, usize), f64> = pairs.into_iter().map(of).collect();
    for &(one, other, is_one) in judged {
        let (one, other) = (ranks[one], ranks[other]);
        if one != other {
            let probability = if is_one { 1.0 } else { 0.0 };
            all.insert((one.min(other), one.max(other)), probability);
        }
    }
    let pair = |((left, right), probability)| Pair {
        left,
        right,
        probability,
    };
    all.into_iter().map(pair).collect()
}

/// Pairs of which it is open whether they are one, by their indices, the lower first, with
/// the probability that they are: those whose probability lies within `band`. In order.
pub fn in_doubt(
    statements: &[Statement<'_>],
    band: std::ops::RangeInclusive<f64>,
) -> Vec<(usize, usize, f64)> {
    let (order, pairs) = likely(statements);
    let doubtful = pairs.iter().filter(|pair| band.contains(&pair.probability));
    let mut doubtful: Vec<(usize, usize, f64)> = doubtful
        .map(|pair| (order[pair.left], order[pair.right], pair.probability))
        .map(|(one, other, probability)| (one.min(other), one.max(other), probability))
        .collect();
    doubtful.sort_unstable_by_key(|(one, other, _)| (*one, *other));
    doubtful
}

/// Indices in the order of what is said, so that the order of saying is forgotten, and the
/// pairs that may be one, by their ranks in that order.
fn likely(statements: &[Statement<'_>]) -> (Vec<usize>, Vec<Pair>) {
    let mut order: Vec<usize> = (0..statements.len()).collect();
    order.sort_by_key(|at| statements[*at]);
    let sorted: Vec<Statement<'_>> = order.iter().map(|at| statements[*at]).collect();
    let pairs = likeness::probabilities(&sorted, &Weights::default());
    (order, pairs)
}

/// Groups the claims that mean the same: those of one finding together, each group in
/// order of backend and place, the groups in order of their first place. The order of
/// `claims` does not matter. `symbol` names what encloses a place, where that is known.
pub fn merge(
    claims: Vec<Claim>,
    settings: &MergeSettings,
    symbol: &dyn Fn(&Location) -> Option<String>,
) -> Vec<Vec<Claim>> {
    merge_judged(claims, settings, symbol, &Judgements::default())
}

/// The same where somebody was asked about pairs.
pub fn merge_judged(
    mut claims: Vec<Claim>,
    settings: &MergeSettings,
    symbol: &dyn Fn(&Location) -> Option<String>,
    judgements: &Judgements,
) -> Vec<Vec<Claim>> {
    claims.sort_by(|left, right| {
        left.location
            .cmp(&right.location)
            .then_with(|| claim_order(left, right))
    });
    let said = Said::new(&claims, symbol);
    let judged = judgements.among(&claims);
    let groups = cluster_judged(&said.statements(&claims), settings, &judged);
    let mut slots: Vec<Option<Claim>> = claims.into_iter().map(Some).collect();
    groups
        .into_iter()
        .map(|members| {
            let members = members.into_iter();
            let mut group: Vec<_> = members.filter_map(|at| slots[at].take()).collect();
            group.sort_by(claim_order);
            group
        })
        .collect()
}

/// What statements borrow beside the claims themselves.
struct Said {
    texts: Vec<String>,
    symbols: Vec<Option<String>>,
}

impl Said {
    fn new(claims: &[Claim], symbol: &dyn Fn(&Location) -> Option<String>) -> Self {
        let text = |claim: &Claim| format!("{} {}", claim.title, claim.message);
        Self {
            texts: claims.iter().map(text).collect(),
            symbols: claims.iter().map(|claim| symbol(&claim.location)).collect(),
        }
    }

    fn statements<'a>(&'a self, claims: &'a [Claim]) -> Vec<Statement<'a>> {
        let said = claims.iter().zip(&self.texts).zip(&self.symbols);
        said.map(|((claim, text), symbol)| Statement {
            place: Some(Place {
                path: claim.location.path.as_bstr(),
                start_line: claim.location.start_line,
                end_line: claim.location.end_line,
            }),
            backend: &claim.backend,
            text,
            quote: &claim.quote,
            rule: &claim.rule,
            category: &claim.category,
            symbol: symbol.as_deref(),
        })
        .collect()
    }
}
