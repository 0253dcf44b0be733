//! The critic's task: what it must do, and the claims as data.

use super::super::judge;
use crate::context::tokens;
use crate::findings::Finding;

/// What comes before the claims.
const TASK: &str = include_str!("../../../workflows/critic.md");

/// Bytes of all claims together; each has an equal part, so that many are told shortly.
const MAX_CLAIMS: usize = 7_000;

/// The task for these findings, which have the numbers from 1 on. Nothing in it says who
/// reported them, how many did, or how bad they are told to be.
pub(super) fn task(findings: &[&Finding]) -> String {
    let mut task = TASK.trim_end().to_owned();
    let room = MAX_CLAIMS / findings.len().max(1);
    for (index, finding) in findings.iter().enumerate() {
        task.push('\n');
        let (place, words) = (&finding.location, [&*finding.title, &*finding.message]);
        task.push_str(&judge::line(index + 1, place, &finding.quote, words, room));
    }
    task
}

/// Tokens of the longest task.
pub(in crate::engine) fn longest_task() -> usize {
    tokens(TASK) + MAX_CLAIMS * 2 / 7
}
