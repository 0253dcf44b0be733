//! What somebody who was asked said of pairs of claims, and of which pairs it is worth asking.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::{MergeSettings, Said, in_doubt};
use crate::findings::{Claim, Location};

/// Probabilities of being one between which a pair is in doubt.
const BAND: RangeInclusive<f64> = 0.06..=0.6;

/// [`Claim::assertion`], kept.
type Assertion = (Location, String, String);

fn kept((location, title, message): (&Location, &str, &str)) -> Assertion {
    (location.clone(), title.to_owned(), message.to_owned())
}

/// Pairs of claims that somebody was asked about, and whether the two are one. They are known
/// by what the claims assert, so that claims which join later change nothing.
#[derive(Clone, Debug, Default)]
pub struct Judgements(BTreeMap<(Assertion, Assertion), Option<bool>>);

impl Judgements {
    /// Keeps the answer, or that there was none, for a pair of claims in either order.
    pub fn record(&mut self, one: &Claim, other: &Claim, is_one: Option<bool>) {
        self.0.insert(key(one, other), is_one);
    }

    /// How many pairs were answered.
    pub fn answered(&self) -> usize {
        self.0.values().flatten().count()
    }

    fn has(&self, one: &Claim, other: &Claim) -> bool {
        self.0.contains_key(&key(one, other))
    }

    /// What was answered about these claims, by their indices.
    pub(super) fn among(&self, claims: &[Claim]) -> Vec<(usize, usize, bool)> {
        if self.answered() == 0 {
            return Vec::new();
        }
        let mut places: BTreeMap<Assertion, Vec<usize>> = BTreeMap::new();
        for (at, claim) in claims.iter().enumerate() {
            places.entry(kept(claim.assertion())).or_default().push(at);
        }
        let mut judged = Vec::new();
        for ((one, other), is_one) in &self.0 {
            let (Some(is_one), Some(ours), Some(theirs)) =
                (*is_one, places.get(one), places.get(other))
            else {
                continue;
            };
            let pairs = ours
                .iter()
                .flat_map(|one| theirs.iter().map(move |other| (*one, *other)));
            judged.extend(pairs.map(|(one, other)| (one, other, is_one)));
        }
        judged
    }
}

fn key(one: &Claim, other: &Claim) -> (Assertion, Assertion) {
    let (one, other) = (one.assertion(), other.assertion());
    (kept(one.min(other)), kept(one.max(other)))
}

/// Pairs of claims of which it is open whether they are one and about which nobody was asked:
/// those nearest to `settings.threshold` first, then in order of place and words. Claims that
/// assert the same are one here.
pub fn doubts(
    claims: &[Claim],
    settings: &MergeSettings,
    symbol: &dyn Fn(&Location) -> Option<String>,
    judgements: &Judgements,
) -> Vec<(Claim, Claim)> {
    let said = Said::new(claims, symbol);
    let doubts = in_doubt(&said.statements(claims), BAND).into_iter();
    let mut doubts: Vec<_> = doubts
        .map(|(one, other, probability)| {
            let (one, other) = (&claims[one], &claims[other]);
            let (one, other) = if one.assertion() <= other.assertion() {
                (one, other)
            } else {
                (other, one)
            };
            ((probability - settings.threshold).abs(), one, other)
        })
        .filter(|(_, one, other)| one.assertion() != other.assertion())
        .filter(|(_, one, other)| !judgements.has(one, other))
        .collect();
    let words = |one: &Claim, other: &Claim| one.assertion().cmp(&other.assertion());
    doubts.sort_by(|left, right| {
        let doubt = left.0.total_cmp(&right.0);
        let doubt = doubt.then_with(|| words(left.1, right.1));
        doubt.then_with(|| words(left.2, right.2))
    });
    let mut seen = BTreeSet::new();
    doubts.retain(|(_, one, other)| seen.insert((one.assertion(), other.assertion())));
    let pairs = doubts.into_iter();
    pairs
        .map(|(_, one, other)| (one.clone(), other.clone()))
        .collect()
}
