//! reviewdog's Diagnostic Format, one diagnostic a line.
//!
//! Only confirmed findings are in it, at the place that they have: reviewdog filters by the
//! diff itself. What was not read is a diagnostic of its file without a line, since no
//! diagnostic at all reads as "nothing found".

use std::io::{self, Write};

use serde::Serialize;

use super::level::Level;
use super::place::{Span, exactly};
use super::{clean, json_text, words};
use crate::change::{Change, FileChange, RepoPath};
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};

/// Characters of a message; reviewdog makes a comment of it.
const MAX_MESSAGE: usize = 16_000;
/// Files that were not read and are told of one by one.
const MAX_GAPS: usize = 100;

#[derive(Debug, Serialize)]
struct Diagnostic {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    severity: &'static str,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

/// The end is exclusive where both have columns; both are whole lines where none has.
#[derive(Clone, Copy, Debug, Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Position {
    line: u32,
    /// From 1, in bytes of UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Code {
    value: String,
}

#[derive(Debug, Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// Writes the report.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    for diagnostic in gaps(outcome) {
        json_text::write_line(&diagnostic, out)?;
    }
    for finding in outcome.confirmed() {
        json_text::write_line(&diagnostic(finding, &outcome.run.change), out)?;
    }
    Ok(())
}

fn diagnostic(finding: &Finding, change: &Change) -> Diagnostic {
    let path = &finding.location.path;
    let file = words::file(change, path);
    let span = exactly(&finding.location);
    let range = range(&span, file);
    let suggestion = suggestion(finding, range).filter(|_| stands_there(finding, &span, file));
    let message = format!(
        "{}\n\n{}\n\nSeverity: {}. Votes: {}.",
        words::title(finding),
        finding.message.trim(),
        finding.severity,
        words::votes(finding)
    );
    Diagnostic {
        location: Some(Location {
            path: path.to_string(),
            range: Some(range),
        }),
        code: Some(Code {
            value: clean::line(&finding.rule),
        }),
        suggestions: suggestion.into_iter().collect(),
        ..plain(Level::of(finding.severity), &message)
    }
}

fn plain(level: Level, message: &str) -> Diagnostic {
    Diagnostic {
        message: clean::markdown(&clean::cut(message, MAX_MESSAGE)),
        location: None,
        severity: match level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Note => "INFO",
        },
        source: Source {
            name: env!("CARGO_PKG_NAME"),
        },
        code: None,
        suggestions: Vec::new(),
    }
}

/// What was not read; the verdict itself where the run is incomplete for another reason.
fn gaps(outcome: &Outcome) -> Vec<Diagnostic> {
    let level = if outcome.policy.allow_incomplete {
        Level::Warning
    } else {
        Level::Error
    };
    let at = |path: Option<&RepoPath>, text: &str| Diagnostic {
        location: path.map(|path| Location {
            path: path.to_string(),
            range: None,
        }),
        code: Some(Code {
            value: "llmux-incomplete".to_owned(),
        }),
        ..plain(level, text)
    };
    let gaps = words::uncovered(&outcome.run).take(MAX_GAPS);
    let mut diagnostics: Vec<Diagnostic> = gaps
        .map(|file| {
            let why = words::gap(file);
            let text = format!("This file was not read by enough backends: {why}");
            at(Some(&file.path), &text)
        })
        .collect();
    if diagnostics.is_empty() && matches!(outcome.verdict, Verdict::Incomplete(_)) {
        diagnostics.push(at(None, &words::verdict(outcome)));
    }
    diagnostics
}

/// Columns in bytes; whole lines where these cannot be known.
fn range(span: &Span, file: Option<&FileChange>) -> Range {
    let column = |line, column| file.and_then(|file| bytes_before(file, line, column));
    let start = column(span.start_line, span.start_column);
    let end = column(span.end_line, span.end_column);
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) => (Some(start + 1), Some(end + 1)),
        _ => (None, None),
    };
    Range {
        start: Position {
            line: span.start_line,
            column: start,
        },
        end: Position {
            line: span.end_line,
            column: end,
        },
    }
}

/// Bytes before a column of a line; not past the line's end. None where the line is not known,
/// or where something stands before that may have been a byte that is no UTF-8: how long that
/// was is no longer known.
fn bytes_before(file: &FileChange, line: u32, column: u32) -> Option<usize> {
    let line = file.new.line(line)?;
    let before = usize::try_from(column.saturating_sub(1)).ok()?;
    let end = line
        .char_indices()
        .nth(before)
        .map_or(line.len(), |(at, _)| at);
    let is_certain = !line[..end].contains(char::REPLACEMENT_CHARACTER);
    is_certain.then_some(end)
}

/// What replaces the finding's place exactly. Not where that place is only known by its lines,
/// and not where the text hides something from who accepts it.
fn suggestion(finding: &Finding, range: Range) -> Option<Suggestion> {
    let text = finding.suggestion.as_ref()?;
    range.start.column?;
    let is_plain = text
        .chars()
        .all(|character| character == '\r' || clean::visible(character) == character);
    is_plain.then(|| Suggestion {
        range,
        text: text.clone(),
    })
}

/// Whether the place holds what was quoted, and so what the suggestion is meant to replace.
fn stands_there(finding: &Finding, span: &Span, file: Option<&FileChange>) -> bool {
    let lines = (span.start_line..=span.end_line)
        .map_while(|number| file.and_then(|file| file.new.line(number)));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    let tail = file.and_then(|file| file.new.line(span.end_line));
    let Some((start, end, tail)) = file.and_then(|file| {
        let start = bytes_before(file, span.start_line, span.start_column)?;
        let end = bytes_before(file, span.end_line, span.end_column)?;
        Some((start, end, tail?))
    }) else {
        return false;
    };
    text.truncate(text.len().saturating_sub(tail.len() - end));
    text.get(start..) == Some(&*finding.quote.replace("\r\n", "\n"))
}
