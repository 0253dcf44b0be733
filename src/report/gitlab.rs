//! GitLab's Code Quality report: what a merge request's widget and its diff show.
//!
//! Only confirmed findings are in it. The format has no place for what was not read, and an
//! empty list reads as "nothing found": so a gap is an entry of its own, at the file that
//! nobody read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::place::Places;
use super::{clean, json_text, words};
use crate::change::RepoPath;
use crate::engine::Run;
use crate::findings::{Finding, Severity};
use crate::gate::{Outcome, Verdict};
use crate::units::hex;

/// Characters of a description, which the widget shows on one line.
const MAX_DESCRIPTION: usize = 1_000;
/// Entries for files that were not read.
const MAX_GAPS: usize = 100;
/// The name under which gaps stand.
const INCOMPLETE: &str = "llmux-incomplete";

/// One entry. GitLab stops reading at the first that lacks a required key.
#[derive(Debug, Serialize)]
struct Entry {
    description: String,
    check_name: String,
    /// GitLab keeps the last of several entries with one fingerprint.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the report.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let mut entries = gaps(outcome);
    let mut places = Places::new(&outcome.run.change);
    entries.extend(outcome.confirmed().map(|finding| {
        let line = places.of(finding).span.start_line;
        Entry {
            description: description(finding),
            check_name: clean::line(&finding.rule),
            fingerprint: finding.fingerprint.clone(),
            severity: severity(finding.severity),
            location: location(&finding.location.path, line),
        }
    }));
    make_unique(&mut entries);
    json_text::write(&entries, out)
}

/// Five words of llmux in the five of GitLab.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "info",
        Severity::Low => "minor",
        Severity::Medium => "major",
        Severity::High => "critical",
        Severity::Critical => "blocker",
    }
}

fn description(finding: &Finding) -> String {
    let text = format!(
        "{}: {} (votes: {})",
        words::title(finding),
        clean::cut(&clean::line(&finding.message), MAX_DESCRIPTION),
        words::votes(finding)
    );
    clean::markdown(&text)
}

fn location(path: &RepoPath, begin: u32) -> Location {
    Location {
        path: path.to_string(),
        lines: Lines { begin },
    }
}

/// An entry for each file that not enough backends read; where the run is incomplete for
/// another reason, one entry says so at the first file of the change.
fn gaps(outcome: &Outcome) -> Vec<Entry> {
    let allowed = outcome.policy.allow_incomplete;
    let entry = |path: &RepoPath, text: &str| Entry {
        description: clean::markdown(&clean::cut(&clean::line(text), MAX_DESCRIPTION)),
        check_name: INCOMPLETE.to_owned(),
        fingerprint: fingerprint(path),
        severity: if allowed { "info" } else { "major" },
        location: location(path, 1),
    };
    let gaps = words::uncovered(&outcome.run).take(MAX_GAPS).map(|file| {
        let text = format!(
            "llmux: this file was not read by enough backends: {}",
            words::gap(file)
        );
        entry(&file.path, &text)
    });
    let mut entries: Vec<Entry> = gaps.collect();
    if entries.is_empty() && matches!(outcome.verdict, Verdict::Incomplete(_)) {
        let text = format!("llmux: {}", words::verdict(outcome));
        entries.extend(any_file(&outcome.run).map(|path| entry(path, &text)));
    }
    entries
}

/// A file of the change: GitLab cannot show an entry without one.
fn any_file(run: &Run) -> Option<&RepoPath> {
    let read = run.change.files.first().map(|file| &file.path);
    read.or_else(|| run.change.left_out.first().map(|file| &file.path))
}

/// The same from run to run, so that GitLab calls a gap resolved once the file is read.
fn fingerprint(path: &RepoPath) -> String {
    let mut hash = Sha256::new();
    hash.update(INCOMPLETE);
    hash.update([0]);
    hash.update(path.as_bstr());
    hex(&hash.finalize()[..16])
}

/// Numbers the second and later ones of a fingerprint, in their order.
fn make_unique(entries: &mut [Entry]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let count = seen.entry(entry.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            entry.fingerprint = format!("{}-{count}", entry.fingerprint);
        }
    }
}
