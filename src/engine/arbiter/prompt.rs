//! What the arbiter is asked: the same task for every file, then claims and pairs as data.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::super::judge;
use super::{MAX_PAIRS, Pair};
use crate::backends::Prompt;
use crate::context::tokens;
use crate::findings::Claim;

const TASK: &str = include_str!("../../../workflows/arbiter.md");

/// Bytes of all claims of a question; each has an equal part, and none more than this.
const MAX_CLAIMS: usize = 24_000;
const MAX_CLAIM: usize = 1_500;
/// Bytes of a pair's line.
const PAIR: usize = 32;

/// The question about these pairs, which have the numbers from 1 on. Each claim stands in it
/// once, with nothing of who made it or what merging holds of it.
pub(super) fn prompt(pairs: &[Pair]) -> Prompt {
    let mut claims: Vec<&Claim> = pairs.iter().flat_map(|(one, other)| [one, other]).collect();
    claims.sort_by_key(|claim| claim.assertion());
    claims.dedup_by_key(|claim| claim.assertion());
    let room = (MAX_CLAIMS / claims.len().max(1)).min(MAX_CLAIM);
    let mut task = "# Claims\nOne JSON object a line.".to_owned();
    for (index, claim) in claims.iter().enumerate() {
        let words = [&*claim.title, &*claim.message];
        let line = judge::line(index + 1, &claim.location, &claim.quote, words, room);
        let _ = write!(task, "\n{line}");
    }
    task.push_str("\n\n# Pairs\nTheir claims by number, one JSON object a line.");
    let number = |claim: &Claim| {
        let at = claims.partition_point(|other| other.assertion() < claim.assertion());
        at + 1
    };
    for (index, (one, other)) in pairs.iter().enumerate() {
        let line = json!({ "id": index + 1, "claims": [number(one), number(other)] });
        let _ = write!(task, "\n{line}");
    }
    Prompt {
        fixed: TASK.trim_end().into(),
        packet: Arc::default(),
        task,
    }
}

/// Tokens of the longest question.
pub(super) fn longest() -> usize {
    tokens(TASK) + (MAX_CLAIMS + MAX_PAIRS * PAIR) * 2 / 7
}
