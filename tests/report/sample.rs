//! Outcomes built by hand, and what they are built of.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use llmux::change::{Change, FileChange, Hunk, Kind, Line, LineKind, Mode, RepoPath, Text};
use llmux::engine::{Coverage, Dropped, FileCoverage, Reading, Run, Status};
use llmux::findings::remember::Remembered;
use llmux::findings::{
    Claim, Finding, Location, Marks, Measure, Severity, Standing, Taxonomy, Vote,
};
use llmux::gate::{FailOn, Outcome, Settings, judge};

mod rich;

pub(super) use rich::{DB, HOSTILE_WORDS, QUOTED, remembering_run, rich_run};

pub(super) fn path(path: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::new(path.as_ref())
}

/// A file whose given lines are added; the others stand in one hunk's context.
pub(super) fn file(
    name: impl AsRef<[u8]>,
    kind: Kind,
    text: &str,
    added: &[RangeInclusive<u32>],
) -> Arc<FileChange> {
    let lines: Vec<Line> = text
        .split_inclusive('\n')
        .zip(1..)
        .map(|(line, number)| Line {
            kind: if kind == Kind::Added || added.iter().any(|range| range.contains(&number)) {
                LineKind::Added
            } else {
                LineKind::Context
            },
            number,
            text: line.trim_end_matches('\n').into(),
            no_newline: !line.ends_with('\n'),
        })
        .collect();
    let count = u32::try_from(lines.len()).unwrap();
    Arc::new(FileChange {
        path: path(name),
        old_path: None,
        kind,
        old_mode: (kind != Kind::Added).then_some(Mode::Regular),
        new_mode: Some(Mode::Regular),
        new: Text::whole(text.as_bytes()),
        hunks: vec![Hunk {
            old_start: 1,
            old_count: count,
            new_start: 1,
            new_count: count,
            lines,
        }],
    })
}

pub(super) fn location(name: impl AsRef<[u8]>, start: (u32, u32), end: (u32, u32)) -> Location {
    Location {
        path: path(name),
        start_line: start.0,
        start_column: start.1,
        end_line: end.0,
        end_column: end.1,
    }
}

/// A confirmed finding by two of three backends.
pub(super) fn finding(location: Location, severity: Severity, rule: &str, title: &str) -> Finding {
    let category = if rule.contains("secret") || rule.contains("injection") {
        "security"
    } else {
        "bug"
    };
    let claim = |backend: &str| Claim {
        backend: backend.to_owned(),
        role: "reviewer".to_owned(),
        location: location.clone(),
        quote: "the quoted text".to_owned(),
        severity,
        category: category.to_owned(),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: format!("{backend} says so."),
        suggestion: None,
        confidence: Some(0.8),
    };
    Finding {
        fingerprint: format!("{:016x}", title.len() * 7919 + location.start_line as usize),
        marks: Marks::default(),
        suppression: None,
        history: None,
        quote: "the quoted text".to_owned(),
        severity,
        category: category.to_owned(),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: "What is wrong, why, and when it shows.".to_owned(),
        suggestion: None,
        vote: Vote {
            voters: vec!["claude".to_owned(), "codex".to_owned()],
            answered: vec!["claude".to_owned(), "codex".to_owned(), "ollama".to_owned()],
            silent: Vec::new(),
            weight: 2.0,
            threshold: 2.0,
            measure: Measure::Weight,
            is_open: false,
            standing: Standing::Confirmed,
        },
        confidence: 0.7189,
        claims: vec![claim("claude"), claim("codex")],
        ballots: Vec::new(),
        location,
    }
}

/// A run with nothing found in one file that was read.
pub(super) fn clean_run() -> Run {
    let file = file("src/main.rs", Kind::Added, "fn main() {}\n", &[]);
    let coverage = FileCoverage {
        path: file.path.clone(),
        readings: BTreeMap::from([("rules".to_owned(), Reading::Read)]),
        covered: true,
    };
    Run {
        change: Arc::new(Change {
            title: "HEAD~1".to_owned(),
            files: vec![file],
            ..Change::default()
        }),
        workflow: "diff".to_owned(),
        team: None,
        taxonomy: Arc::clone(Taxonomy::builtin()),
        findings: Vec::new(),
        refuted: Vec::new(),
        dropped: Dropped::default(),
        coverage: Coverage {
            files: vec![coverage],
        },
        backends: Vec::new(),
        texts: Vec::new(),
        status: Status::Success,
        incomplete: Vec::new(),
        notices: Vec::new(),
        remembered: Remembered::default(),
        learning: None,
        routing: None,
    }
}

/// Judges with `fail_on = medium`.
pub(super) fn judged(run: Run) -> Outcome {
    let policy = Settings {
        fail_on: FailOn::Medium,
        allow_incomplete: false,
    };
    judge(run, policy)
}

pub(super) fn rich() -> Outcome {
    judged(rich_run())
}

pub(super) fn clean() -> Outcome {
    judged(clean_run())
}

/// Nothing found, and a file that nobody read.
pub(super) fn incomplete() -> Outcome {
    let mut run = rich_run();
    run.findings.clear();
    run.status = Status::Timeout;
    judged(run)
}
