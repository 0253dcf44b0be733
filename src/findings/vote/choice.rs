//! What a finding takes from its claims: severity, place, rule and words.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::taxonomy::Rule;
use super::super::{Claim, Location, Severity, Taxonomy};
use super::{Voter, joint_weight};

/// The highest severity that more than half of the voters reach.
pub(super) fn severity(claims: &[Claim]) -> Severity {
    let mut highest = BTreeMap::new();
    for claim in claims {
        let own = highest.entry(&claim.backend).or_insert(claim.severity);
        *own = claim.severity.max(*own);
    }
    let mut sorted: Vec<_> = highest.into_values().collect();
    sorted.sort_unstable();
    sorted[(sorted.len() - 1) / 2]
}

/// Index of the claim whose place the finding has.
pub(super) fn place(claims: &[Claim]) -> usize {
    let size = |location: &Location| {
        (
            location.end_line - location.start_line,
            location.end_column.abs_diff(location.start_column),
        )
    };
    let around = |inner: &Location| {
        let mut backends: Vec<_> = claims
            .iter()
            .filter(|claim| holds(&claim.location, inner))
            .map(|claim| &claim.backend)
            .collect();
        backends.dedup();
        backends.len()
    };
    (0..claims.len())
        .min_by_key(|at| {
            let location = &claims[*at].location;
            (Reverse(around(location)), size(location), location.clone())
        })
        .unwrap_or_default()
}

/// Whether `outer` has all of `inner` in it.
fn holds(outer: &Location, inner: &Location) -> bool {
    (outer.start_line, outer.start_column) <= (inner.start_line, inner.start_column)
        && (outer.end_line, outer.end_column) >= (inner.end_line, inner.end_column)
}

/// The rule with most weight behind it.
pub(super) fn rule<'t>(
    claims: &[Claim],
    voters: &BTreeMap<String, Voter>,
    taxonomy: &'t Taxonomy,
) -> &'t Rule {
    let mut candidates: BTreeMap<&str, (Vec<&str>, &Claim)> = BTreeMap::new();
    for claim in claims {
        let (counted, best) = candidates
            .entry(&claim.rule)
            .or_insert_with(|| (Vec::new(), claim));
        if !counted.contains(&claim.backend.as_str()) {
            counted.push(&claim.backend);
        }
        if clearness(claim) > clearness(best) {
            *best = claim;
        }
    }
    let base = |slug: &str| taxonomy.get(slug).map(|rule| rule.severity);
    let specific = |slug: &str| taxonomy.get(slug).is_some_and(|rule| !rule.is_other());
    let weight_of = |names: Vec<&str>| {
        let voters = names.into_iter().filter_map(|name| voters.get(name));
        joint_weight(voters)
    };
    candidates
        .into_iter()
        .map(|(slug, (names, best))| (slug, (weight_of(names), best)))
        .max_by(|(left, one), (right, other)| {
            one.0
                .total_cmp(&other.0)
                .then_with(|| specific(left).cmp(&specific(right)))
                .then_with(|| clearness(one.1).cmp(&clearness(other.1)))
                // Two rules of one scanner that say the same of a line: the worse one tells.
                .then_with(|| base(left).cmp(&base(right)))
                .then_with(|| right.cmp(left))
        })
        .map_or_else(
            || taxonomy.normalize("", ""),
            |(slug, (_, claim))| taxonomy.normalize(slug, &claim.category),
        )
}

/// How well a claim says what it means: names of the quote in its words, then length.
/// Of equal ones the first backend by name is taken.
pub(super) fn clearness(claim: &Claim) -> impl Ord + use<> {
    /// A message past this length is not clearer for it.
    const LONG: usize = 800;
    let words = format!("{} {}", claim.title, claim.message);
    let mut said = names(&words);
    said.sort_unstable();
    let mut quoted = names(&claim.quote);
    quoted.sort_unstable();
    quoted.dedup();
    let named = quoted
        .iter()
        .filter(|name| said.binary_search(name).is_ok())
        .count();
    (
        named.min(4),
        claim.message.chars().count().min(LONG),
        Reverse((
            claim.backend.clone(),
            claim.title.clone(),
            claim.message.clone(),
        )),
    )
}

fn names(text: &str) -> Vec<&str> {
    text.split(|ch: char| !(ch.is_alphanumeric() || ch == '_'))
        .filter(|word| word.len() >= 3)
        .collect()
}
