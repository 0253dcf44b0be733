//! From groups of records to findings with votes and answers.

use std::collections::{BTreeMap, BTreeSet};

use super::data::{Data, Label, Record, Unit};
use super::tally::Tally;
use crate::findings::confidence::{Example, backend_of};

/// What a finding is, by its records' answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// One of its records is real. It stands for one known issue, however many of them its
    /// records match: that of most of its voters, of equals the lowest.
    Real(Option<i64>),
    /// None is, of those that have an answer.
    Wrong,
    /// None has an answer.
    Unknown,
}

/// A group of records as a finding.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// Positions in the pull request's list of records.
    pub(super) members: Vec<usize>,
    /// Voters that reported it, sorted.
    pub(super) reporters: Vec<String>,
    /// Its category, where most records that name one agree with the first.
    pub(super) category: Option<String>,
    pub(super) truth: Truth,
    /// Whether its records have different answers, or match different issues: merging was
    /// wrong somewhere.
    pub(super) is_mixed: bool,
    /// Sum of its voters' weights, each backend having 1; see [`votes`].
    pub(super) votes: f64,
}

/// Weight of the reporters: `weight` of each backend; of its samples each has an equal part
/// of `weight · √n`, since they err together.
pub(super) fn votes(
    reporters: &[String],
    answered: &BTreeSet<String>,
    weight: impl Fn(&str) -> f64,
) -> f64 {
    let mut voters: BTreeMap<&str, f64> = BTreeMap::new();
    for voter in answered {
        *voters.entry(backend_of(voter)).or_default() += 1.0;
    }
    reporters
        .iter()
        .map(|voter| {
            let backend = backend_of(voter);
            weight(backend) / voters.get(backend).copied().unwrap_or(1.0).sqrt()
        })
        .sum()
}

/// The findings of one pull request; `members` are positions in `records`.
pub(super) fn judge(
    records: &[&Record],
    answered: &BTreeSet<String>,
    groups: Vec<Vec<usize>>,
) -> Vec<Judged> {
    groups
        .into_iter()
        .map(|members| {
            let of_group = || members.iter().map(|at| records[*at]);
            let reporters: BTreeSet<String> =
                of_group().map(|record| record.tool.clone()).collect();
            let reporters: Vec<String> = reporters.into_iter().collect();
            let truth = truth(of_group());
            let mut answers =
                of_group().filter_map(|record| record.label.map(|label| (label, record.golden)));
            let first = answers.next();
            Judged {
                votes: votes(&reporters, answered, |_| 1.0),
                category: category(of_group()),
                is_mixed: answers.any(|other| Some(other) != first),
                truth,
                reporters,
                members,
            }
        })
        .collect()
}

fn truth<'r>(records: impl Iterator<Item = &'r Record>) -> Truth {
    let mut voters: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    let (mut real, mut wrong) = (false, false);
    for record in records {
        real |= record.label == Some(Label::Real);
        wrong |= record.label == Some(Label::Wrong);
        if let Some(golden) = record.golden {
            voters.entry(golden).or_default().insert(record.backend());
        }
    }
    let most = voters.values().map(BTreeSet::len).max();
    let golden = voters
        .iter()
        .find(|(_, voters)| Some(voters.len()) == most)
        .map(|(golden, _)| *golden);
    match (real, wrong) {
        (true, _) => Truth::Real(golden),
        (false, true) => Truth::Wrong,
        (false, false) => Truth::Unknown,
    }
}

/// The taxonomy's category that most records name; of equals the first in the alphabet.
fn category<'r>(records: impl Iterator<Item = &'r Record>) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        if let Some(category) = record.known_category() {
            *counts.entry(category).or_default() += 1;
        }
    }
    let most = counts.values().copied().max();
    counts
        .into_iter()
        .find(|(_, count)| Some(*count) == most)
        .map(|(category, _)| category.to_owned())
}

/// Counts the findings that pass. Of several that stand for one known issue the first
/// counts and the others are duplicates: noise to whoever reads them.
pub(super) fn tally(
    unit: &Unit,
    findings: &[Judged],
    passes: impl Fn(usize, &Judged) -> bool,
) -> Tally {
    #[expect(
        clippy::cast_precision_loss,
        reason = "known issues of one pull request"
    )]
    let mut tally = Tally {
        goldens: unit.goldens.len() as f64,
        ..Tally::default()
    };
    let mut found = BTreeSet::new();
    for (at, finding) in findings.iter().enumerate() {
        if !passes(at, finding) {
            continue;
        }
        match finding.truth {
            Truth::Real(Some(golden)) if found.insert(golden) => tally.found += 1.0,
            Truth::Real(Some(_)) => tally.duplicates += 1.0,
            Truth::Real(None) => tally.unnamed += 1.0,
            Truth::Wrong => tally.wrong += 1.0,
            Truth::Unknown => {}
        }
    }
    tally
}

/// What the findings of a pull request teach: each one, and each known issue that nobody
/// reported.
pub(super) fn examples(data: &Data, unit: &Unit, findings: &[Judged]) -> Vec<Example> {
    let answered: Vec<String> = unit.answered.iter().cloned().collect();
    let example = |reporters: Vec<String>, category: Option<String>, real: bool| Example {
        pr: unit.pr.clone(),
        reporters,
        answered: answered.clone(),
        category,
        real,
    };
    let mut examples: Vec<Example> = findings
        .iter()
        .filter(|finding| finding.truth != Truth::Unknown)
        .map(|finding| {
            let real = finding.truth != Truth::Wrong;
            example(finding.reporters.clone(), finding.category.clone(), real)
        })
        .collect();
    let reported: BTreeSet<i64> = unit
        .records
        .iter()
        .filter_map(|at| data.records[*at].golden)
        .collect();
    let missed = unit.goldens.difference(&reported);
    examples.extend(missed.map(|_| example(Vec::new(), None, true)));
    examples
}
