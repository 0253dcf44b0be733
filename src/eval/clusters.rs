//! `--clusters`: which record is in which finding, for whoever scores it elsewhere.

use std::io::{self, Write};

use serde::Serialize;

use super::data::Data;
use super::study::{of_panel, probabilities};
use super::tally::round;
use super::{judge, merging};
use crate::findings::MergeSettings;
use crate::findings::confidence::Model;

#[derive(Serialize)]
struct Line<'d> {
    pr: &'d str,
    tool: &'d str,
    idx: u64,
    cluster: usize,
    votes: serde_json::Number,
    p: f64,
}

/// Writes a line of JSON for each record, in the order of the data: the finding that it is
/// in, numbered from 0 within its pull request by first record; that finding's votes; and
/// the probability that it is real, by `priors`. No answer is looked at.
///
/// # Errors
/// Those of the output.
pub fn write_clusters(
    data: &Data,
    merge: &MergeSettings,
    priors: &Model,
    out: &mut impl Write,
) -> io::Result<()> {
    let panel: Vec<String> = data.backends().into_iter().collect();
    let mut places = vec![(0, 0.0, 0.0); data.records.len()];
    for unit in &data.units {
        let (answered, records) = of_panel(data, unit, &panel);
        let groups = merging::groups(&records, merge);
        let findings = judge::judge(&records, &answered, groups);
        let probabilities = probabilities(priors, &findings, &answered);
        for (number, (finding, p)) in findings.iter().zip(probabilities).enumerate() {
            for member in &finding.members {
                places[unit.records[*member]] = (number, finding.votes, p);
            }
        }
    }
    for (record, (cluster, votes, p)) in data.records.iter().zip(places) {
        let line = Line {
            pr: &record.pr,
            tool: &record.tool,
            idx: record.idx,
            cluster,
            votes: number(votes),
            p: round(p),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A whole number without a fraction.
fn number(votes: f64) -> serde_json::Number {
    let votes = round(votes);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number of votes"
    )]
    let whole = votes as u64;
    if votes.fract() == 0.0 {
        whole.into()
    } else {
        serde_json::Number::from_f64(votes).unwrap_or_else(|| whole.into())
    }
}
