//! Wording that several formats share, so that they never disagree.

use std::collections::BTreeMap;

use super::clean;
use crate::backends::Usage;
use crate::change::{Change, FileChange, Reason, RepoPath};
use crate::engine::{BackendReport, Dropped, FileCoverage, Reading, Run, Status};
use crate::findings::{Ballot, Finding, Location, Measure, Opinion, Severity};
use crate::gate::{Outcome, Verdict};

/// What happened, in one sentence: `blocked: 1 critical, 2 high (fail_on = high)`.
pub fn verdict(outcome: &Outcome) -> String {
    let fail_on = outcome.policy.fail_on.as_str();
    match &outcome.verdict {
        Verdict::Blocked(_) => {
            // There may be more where the rest was not read.
            let early = match outcome.run.status {
                Status::Partial => ", interrupted before the end",
                Status::Timeout => ", the time limit passed before the end",
                Status::BudgetExhausted => ", the budget was spent before the end",
                Status::Success | Status::Degraded | Status::SystemFailure => "",
            };
            format!(
                "blocked{early}: {} (fail_on = {fail_on})",
                counts(outcome.blocking())
            )
        }
        Verdict::Incomplete(reasons) => {
            let allowed = if outcome.policy.allow_incomplete {
                ", allowed by `allow_incomplete`"
            } else {
                ""
            };
            format!("incomplete{allowed}: {}", clean::line(&reasons.join("; ")))
        }
        Verdict::Pass => {
            let degraded = if outcome.run.status == Status::Degraded {
                ", degraded"
            } else {
                ""
            };
            let what = if outcome.run.coverage.files.is_empty() {
                "nothing to review".to_owned()
            } else if outcome.confirmed().next().is_none() {
                "no confirmed finding".to_owned()
            } else {
                format!(
                    "{}, below what blocks (fail_on = {fail_on})",
                    counts(outcome.confirmed())
                )
            };
            format!("passed{degraded}: {what}")
        }
    }
}

/// Number of findings by severity, highest first: `1 critical, 2 high`.
pub(super) fn counts<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let mut numbers: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in findings {
        *numbers.entry(finding.severity).or_default() += 1;
    }
    let parts: Vec<String> = numbers
        .iter()
        .rev()
        .map(|(severity, number)| format!("{number} {severity}"))
        .collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(", ")
    }
}

/// `2 of 3: claude, codex; probably real: 72 %`: who reported it, of those that were asked; who
/// of these gave no answer; what critics said of it; and what that makes of it.
pub(super) fn votes(finding: &Finding) -> String {
    let vote = &finding.vote;
    let silent = if vote.silent.is_empty() {
        String::new()
    } else {
        format!("; no answer from {}", clean::line(&vote.silent.join(", ")))
    };
    format!(
        "{} of {}: {}{silent}{}{}",
        vote.voters.len(),
        vote.answered.len() + vote.silent.len(),
        clean::line(&vote.voters.join(", ")),
        critics(&finding.ballots),
        probability(finding)
    )
}

/// What critics said; nothing where none said anything.
fn critics(ballots: &[Ballot]) -> String {
    let words = ballots.iter().filter_map(|ballot| {
        let word = match ballot.opinion {
            Opinion::Confirm => "confirmed it",
            Opinion::Refute => "refuted it",
            Opinion::Unsure => "is unsure",
            // Named above.
            Opinion::Silent => return None,
        };
        Some(format!("{} {word}", clean::line(&ballot.critic)))
    });
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => format!("; critic {only}"),
        all => format!("; critics: {}", all.join(", ")),
    }
}

/// Findings that critics refuted, by severity; none where there are none.
pub(super) fn refuted(run: &Run) -> Option<String> {
    (!run.refuted.is_empty()).then(|| counts(run.refuted.iter()))
}

/// `; probably real: 72 %`, and how much it takes where that decides. Nothing where the word of
/// an authoritative backend was taken.
fn probability(finding: &Finding) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    if finding.confidence >= 1.0 {
        return String::new();
    }
    let word = if finding.confidence < 0.5 {
        "perhaps"
    } else {
        "probably"
    };
    let needed = match finding.vote.measure {
        Measure::Weight => String::new(),
        Measure::Probability => format!(" of {} needed", percent(finding.vote.threshold)),
    };
    format!("; {word} real: {}{needed}", percent(finding.confidence))
}

/// What else was said of it: titles in other words than its own, each once, with who said it
/// so, in the order of names.
pub(super) fn other_words(finding: &Finding) -> Vec<String> {
    let plain = |title: &str| title.trim().trim_end_matches('.').to_lowercase();
    let own = plain(&finding.title);
    let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
    for claim in &finding.claims {
        let said = plain(&claim.title);
        if said == own || said.is_empty() {
            continue;
        }
        match others.iter_mut().find(|(title, _)| plain(title) == said) {
            Some((_, by)) if by.contains(&claim.backend.as_str()) => {}
            Some((_, by)) => by.push(&claim.backend),
            None => others.push((&claim.title, vec![&claim.backend])),
        }
    }
    let written = others.into_iter().take(MAX_OTHERS).map(|(title, by)| {
        let title = clean::line(title);
        let title = clean::cut(&title, MAX_TITLE);
        format!("{title} ({})", clean::line(&by.join(", ")))
    });
    written.collect()
}

/// Other wordings that are shown.
const MAX_OTHERS: usize = 5;

/// Characters of a title: one line, whatever a model wrote.
pub(super) const MAX_TITLE: usize = 200;

/// A finding's title on one line.
pub(super) fn title(finding: &Finding) -> String {
    clean::cut(&clean::line(&finding.title), MAX_TITLE).into_owned()
}

/// What weights and priors were learned from; none where they are as configured.
pub fn learned(run: &Run) -> Option<String> {
    let learning = run.learning.as_ref()?;
    let judgements = number(learning.learned.judgements, "judgement");
    Some(if learning.priors {
        format!("weights and priors learned from {judgements}")
    } else {
        format!(
            "weights learned from {judgements}; priors were not: by them nothing could be \
             confirmed any more"
        )
    })
}

/// A path that can be shown.
pub(super) fn path(path: &RepoPath) -> String {
    clean::exact(&path.to_string()).replace('\t', "\u{2409}")
}

/// `src/a.rs:12:5`
pub(super) fn place(location: &Location) -> String {
    format!(
        "{}:{}:{}",
        path(&location.path),
        location.start_line,
        location.start_column
    )
}

/// `1 file`, `2 files`.
pub(super) fn number(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// The word for what a backend did with a file, and why where there is a reason.
pub(super) fn reading(reading: &Reading) -> (&'static str, Option<&str>) {
    match reading {
        Reading::Read => ("read", None),
        Reading::Abstained(why) => ("abstained", Some(why)),
        Reading::Failed(why) => ("failed", Some(why)),
        Reading::Skipped(why) => ("skipped", Some(why)),
        Reading::NotRouted(why) => ("not_routed", Some(why)),
    }
}

/// Why a file is not covered: `claude failed: connection refused; codex abstained: …`.
pub(super) fn gap(file: &FileCoverage) -> String {
    let parts: Vec<String> = file
        .readings
        .iter()
        .map(|(backend, reading)| match self::reading(reading) {
            (word, Some(why)) => format!("{backend} {word}: {why}"),
            (word, None) => format!("{backend} {word} it"),
        })
        .collect();
    if parts.is_empty() {
        "no backend was asked".to_owned()
    } else {
        clean::line(&parts.join("; "))
    }
}

/// The changed file of that path.
pub(super) fn file<'c>(change: &'c Change, path: &RepoPath) -> Option<&'c FileChange> {
    let index = change.files.binary_search_by(|file| file.path.cmp(path));
    index.ok().map(|index| &*change.files[index])
}

/// Files that not enough backends read.
pub(super) fn uncovered(run: &Run) -> impl Iterator<Item = &FileCoverage> {
    run.coverage.files.iter().filter(|file| !file.covered)
}

/// Claims that became nothing; none where there are none.
pub(super) fn dropped(dropped: &Dropped) -> Option<String> {
    let parts: Vec<String> = [
        (dropped.quote_not_found, "quote not in the file"),
        (dropped.outside_change, "outside the change"),
        (dropped.unknown_file, "no such file"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Files that were left out, by reason: (reason, paths).
pub(super) fn left_out(run: &Run) -> BTreeMap<String, Vec<&RepoPath>> {
    let mut groups: BTreeMap<String, Vec<&RepoPath>> = BTreeMap::new();
    for file in &run.change.left_out {
        let why = match &file.reason {
            // Sizes differ from file to file; the limit is what they share.
            Reason::TooLarge { limit, .. } => format!("over {limit} bytes"),
            reason => reason.to_string(),
        };
        groups
            .entry(clean::line(&why))
            .or_default()
            .push(&file.path);
    }
    groups
}

/// What a backend did: `12 calls (3 from the tape), 1 failed, 34,000 tokens in …`.
pub(super) fn work(backend: &BackendReport) -> String {
    let mut parts = vec![number(backend.answered + backend.failed, "call")];
    let counted = [
        (backend.taped, "from the tape"),
        (backend.failed, "failed"),
        (backend.abstained, "without a readable answer"),
    ];
    parts.extend(
        counted
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}")),
    );
    if backend.usage != Usage::default() {
        parts.push(tokens(&backend.usage));
    }
    parts.extend(backend.cost_usd.map(money));
    parts.join(", ")
}

/// `34,000 tokens in (10,000 cached), 1,200 out`
fn tokens(usage: &Usage) -> String {
    let cached = if usage.cached_input > 0 {
        format!(" ({} cached)", grouped(usage.cached_input))
    } else {
        String::new()
    };
    format!(
        "{} tokens in{cached}, {} out",
        grouped(usage.input),
        grouped(usage.output)
    )
}

/// `$0.0312`
pub(super) fn money(usd: f64) -> String {
    format!("${usd:.4}")
}

/// The sum of what backends told; none where none told.
pub(super) fn total_cost(run: &Run) -> Option<f64> {
    run.backends
        .iter()
        .filter_map(|backend| backend.cost_usd)
        .reduce(|sum, cost| sum + cost)
}

/// Digits in groups of three: `34,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
