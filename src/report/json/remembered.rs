//! What the report says of earlier runs, the baseline and ignores in the code.

use serde::Serialize;

use crate::findings::remember::{Fate, Ignore, IgnoreState, Record, Remembered, SuppressionKind};
use crate::findings::{History, Suppression};
use crate::gate::Outcome;

/// Who took a finding out, and why.
#[derive(Debug, Serialize)]
pub(super) struct JsonSuppression<'o> {
    kind: SuppressionKind,
    reason: &'o str,
    author: Option<&'o str>,
    place: &'o str,
    added_by_change: bool,
}

impl<'o> From<&'o Suppression> for JsonSuppression<'o> {
    fn from(suppression: &'o Suppression) -> Self {
        Self {
            kind: suppression.kind,
            reason: &suppression.reason,
            author: suppression.author.as_deref(),
            place: &suppression.place,
            added_by_change: suppression.added_by_change,
        }
    }
}

/// Against the run before.
#[derive(Debug, Serialize)]
pub(super) struct JsonHistory<'o> {
    new: usize,
    still: usize,
    known: usize,
    fixed: Vec<JsonFate<'o>>,
    not_seen: Vec<JsonFate<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonFate<'o> {
    why: Fate,
    #[serde(flatten)]
    record: &'o Record,
}

/// None without a run before.
pub(super) fn history(outcome: &Outcome) -> Option<JsonHistory<'_>> {
    let before = outcome.run.remembered.before.as_ref()?;
    let fates = |fixed: bool| {
        let wanted = before.iter().filter(|(_, fate)| fate.is_fixed() == fixed);
        wanted
            .map(|(record, why)| JsonFate { why: *why, record })
            .collect()
    };
    Some(JsonHistory {
        new: outcome.with_history(History::New).count(),
        still: outcome.with_history(History::Still).count(),
        known: outcome.with_history(History::Known).count(),
        fixed: fates(true),
        not_seen: fates(false),
    })
}

/// The baseline that was read.
#[derive(Debug, Serialize)]
pub(super) struct JsonBaseline<'o> {
    source: &'o str,
    entries: usize,
    matched: usize,
    gone: &'o [String],
}

pub(super) fn baseline(remembered: &Remembered) -> Option<JsonBaseline<'_>> {
    let (source, entries, matched) = remembered.baseline.as_ref()?;
    Some(JsonBaseline {
        source,
        entries: *entries,
        matched: *matched,
        gone: &remembered.gone,
    })
}

/// A `llmux:ignore` that matters to the change.
#[derive(Debug, Serialize)]
pub(super) struct JsonIgnore<'o> {
    path: String,
    line: u32,
    names: &'o [String],
    reason: &'o str,
    added_by_change: bool,
    state: IgnoreState,
    problem: Option<&'o str>,
}

impl<'o> From<&'o Ignore> for JsonIgnore<'o> {
    fn from(ignore: &'o Ignore) -> Self {
        Self {
            path: ignore.path.to_string(),
            line: ignore.line,
            names: &ignore.names,
            reason: &ignore.reason,
            added_by_change: ignore.is_added,
            state: ignore.state,
            problem: ignore.problem.as_deref(),
        }
    }
}
