//! How well merging recognises what means the same: pairs of records of one pull request.

use serde::Serialize;

use super::data::{Label, Record};
use super::judge::Judged;
use super::tally::PairCount;

/// Lines between two records that are still neighbours.
const NEAR: u32 = 5;

/// Counts over the pairs of one pull request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pairs {
    /// Pairs of different backends of which one at least is real: of two that are wrong
    /// nobody has said whether they mean the same.
    pub(super) any_real: PairCount,
    /// Pairs of different backends, both real.
    pub(super) both_real: PairCount,
    /// Pairs of different backends in one file and at most [`NEAR`] lines apart, both real,
    /// that match two issues (`merged` and `equal`: how many were merged, and how many
    /// there are).
    pub(super) neighbours: PairCount,
}

/// Two records of which merging is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrongPair {
    /// The pull request.
    pub pr: String,
    /// Whether they were merged, and should not have been; else they were not, and should.
    pub merged: bool,
    /// Tool and number of the one.
    pub one: (String, u64),
    /// Tool and number of the other.
    pub other: (String, u64),
}

/// Counts the pairs of one pull request, and adds those in which merging is wrong.
pub(super) fn count(
    pr: &str,
    records: &[&Record],
    findings: &[Judged],
    wrong: &mut Vec<WrongPair>,
) -> Pairs {
    let mut group_of = vec![0; records.len()];
    for (number, finding) in findings.iter().enumerate() {
        for member in &finding.members {
            group_of[*member] = number;
        }
    }
    let mut pairs = Pairs::default();
    for left in 0..records.len() {
        for right in left + 1..records.len() {
            let (one, other) = (records[left], records[right]);
            let (Some(label), Some(other_label)) = (one.label, other.label) else {
                continue;
            };
            if one.backend() == other.backend() {
                continue;
            }
            let real = [label, other_label].map(|label| label == Label::Real);
            if real == [false, false] {
                continue;
            }
            let are_real = real == [true, true];
            let are_equal = are_real && one.golden.is_some() && one.golden == other.golden;
            let are_merged = group_of[left] == group_of[right];
            let this = pair(are_merged, are_equal);
            pairs.any_real = pairs.any_real.and(this);
            if are_real {
                pairs.both_real = pairs.both_real.and(this);
            }
            if are_real && !are_equal && are_near(one, other) {
                pairs.neighbours = pairs.neighbours.and(PairCount {
                    hit: f64::from(u8::from(are_merged)),
                    merged: f64::from(u8::from(are_merged)),
                    equal: 1.0,
                });
            }
            if are_merged != are_equal {
                wrong.push(WrongPair {
                    pr: pr.to_owned(),
                    merged: are_merged,
                    one: (one.tool.clone(), one.idx),
                    other: (other.tool.clone(), other.idx),
                });
            }
        }
    }
    pairs
}

fn pair(merged: bool, equal: bool) -> PairCount {
    let count = |is: bool| f64::from(u8::from(is));
    PairCount {
        hit: count(merged && equal),
        merged: count(merged),
        equal: count(equal),
    }
}

fn are_near(one: &Record, other: &Record) -> bool {
    let (Some(line), Some(other_line)) = (one.line, other.line) else {
        return false;
    };
    one.path.is_some() && one.path == other.path && line.abs_diff(other_line) <= NEAR
}
