//! What is remembered of findings, in the words that reports share.

use super::{clean, words};
use crate::findings::remember::{Record, SuppressionKind};
use crate::findings::{Finding, History};
use crate::gate::Outcome;

/// `2 new, 3 still there, 1 fixed`; none where there is no run before to compare with.
pub(super) fn history(outcome: &Outcome) -> Option<String> {
    let before = outcome.run.remembered.before.as_ref()?;
    let fixed = before.iter().filter(|(_, fate)| fate.is_fixed()).count();
    let count = |history| outcome.with_history(history).count();
    let mut parts = vec![
        format!("{} new", count(History::New)),
        format!("{} still there", count(History::Still)),
        format!("{fixed} fixed"),
    ];
    let more = [
        (count(History::Known), "known by the baseline"),
        (before.len() - fixed, "not seen again in this run"),
    ];
    let more = more.into_iter().filter(|(number, _)| *number > 0);
    parts.extend(more.map(|(number, what)| format!("{number} {what}")));
    Some(parts.join(", "))
}

/// `3 (1 by the baseline, 2 by comments, 1 of them added by this change)`; none where nothing is.
pub(super) fn suppressed(outcome: &Outcome) -> Option<String> {
    let all: Vec<_> = outcome
        .suppressed()
        .filter_map(|finding| finding.suppression.as_ref())
        .collect();
    let count = |kind| all.iter().filter(|it| it.kind == kind).count();
    let (known, said) = (
        count(SuppressionKind::Baseline),
        count(SuppressionKind::Inline),
    );
    let added = all.iter().filter(|it| it.added_by_change).count();
    let mut parts = Vec::new();
    if known > 0 {
        parts.push(format!("{known} by the baseline"));
    }
    if said > 0 {
        parts.push(format!("{said} by comments in the code"));
    }
    if added > 0 {
        parts.push(format!("{added} of these added by this change itself"));
    }
    (!all.is_empty()).then(|| format!("{} ({})", all.len(), parts.join(", ")))
}

/// `new`, `still there`; empty without something to compare with.
pub(super) fn novelty(finding: &Finding) -> &'static str {
    match finding.history {
        Some(History::New) => " · new",
        Some(History::Still) => " · still there",
        Some(History::Known) | None => "",
    }
}

/// Who took a finding out, and why.
pub(super) fn suppression(finding: &Finding) -> String {
    let Some(suppression) = &finding.suppression else {
        return String::new();
    };
    let author = suppression.author.as_deref();
    let author = author.map_or_else(String::new, |author| format!(" ({author})"));
    let added = if suppression.added_by_change {
        ", added by this change"
    } else {
        ""
    };
    let reason = if suppression.reason.is_empty() {
        "no reason given"
    } else {
        &suppression.reason
    };
    clean::line(&format!("{}{added}: {reason}{author}", suppression.place))
}

/// A finding of the run before, on one line.
pub(super) fn fixed(record: &Record) -> String {
    let title = clean::line(&record.title);
    format!(
        "{}: {}: {} [{}]",
        clean::exact(&record.path).replace('\t', "\u{2409}"),
        record.severity,
        clean::cut(&title, words::MAX_TITLE),
        clean::line(&record.rule)
    )
}
