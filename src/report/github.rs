//! Workflow commands of GitHub Actions: annotations on the lines of a change.
//!
//! Only confirmed findings are annotated. GitHub shows 10 errors, 10 warnings and 10 notices
//! of a step and drops the others in silence, so the most severe are written and one command
//! more says what was left out. What was not read says so in a command without a file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::level::Level;
use super::place::{Places, Span};
use super::{clean, words};
use crate::engine::Status;
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};

/// Annotations of one kind that GitHub shows of a step. The three kinds together stay under the
/// 50 of a job, which counts all of its steps.
const PER_KIND: usize = 10;
/// Characters of a title; GitHub's limit.
const MAX_TITLE: usize = 255;
/// Characters of a message and of a suggestion; GitHub cuts both together at 64 KiB.
const MAX_TEXT: usize = 4_000;
/// Files that are named in one command.
const MAX_NAMED: usize = 10;

/// Writes one command a line, what is missing first, then the most severe findings; the last
/// line is the verdict and no command.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let missing = missing(outcome);
    let (shown, rest) = share_out(outcome, missing.as_ref().map(|command| command.level));
    if let Some(command) = missing {
        command.write(out)?;
    }
    let mut places = Places::new(&outcome.run.change);
    for finding in shown {
        annotation(finding, places.of(finding).span).write(out)?;
    }
    if let Some(command) = rest {
        command.write(out)?;
    }
    writeln!(out, "llmux: {}", clean::log_line(&words::verdict(outcome)))
}

/// A workflow command.
struct Command {
    level: Level,
    /// Path and span.
    place: Option<(String, Span)>,
    title: String,
    message: String,
}

impl Command {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let name = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        write!(out, "::{name} ")?;
        if let Some((path, span)) = &self.place {
            let (line, end_line) = (span.start_line, span.end_line);
            write!(out, "file={},", property(path))?;
            write!(out, "line={line},endLine={end_line},")?;
            // GitHub refuses columns where the lines differ.
            if line == end_line {
                // Its end column is the last one, not the one behind it.
                let last = span.end_column.saturating_sub(1).max(span.start_column);
                write!(out, "col={},endColumn={last},", span.start_column)?;
            }
        }
        let title = clean::cut(&self.title, MAX_TITLE - 1);
        writeln!(out, "title={}::{}", property(&title), data(&self.message))
    }
}

fn annotation(finding: &Finding, span: Span) -> Command {
    let mut message = format!(
        "{}\n\nVotes: {}.",
        clean::cut(clean::prose(&finding.message).trim(), MAX_TEXT),
        words::votes(finding)
    );
    if let Some(suggestion) = &finding.suggestion {
        message.push_str("\n\nSuggestion:\n");
        message.push_str(&clean::cut(&clean::text(suggestion), MAX_TEXT));
    }
    Command {
        level: Level::of(finding.severity),
        place: Some((clean::text(&finding.location.path.to_string()), span)),
        title: format!(
            "{}: {} [{}]",
            finding.severity,
            words::title(finding),
            clean::line(&finding.rule)
        ),
        message,
    }
}

/// What a run without its last word says; an error only where the run fails for it.
fn missing(outcome: &Outcome) -> Option<Command> {
    let gaps: Vec<_> = words::uncovered(&outcome.run).collect();
    let ended = matches!(outcome.run.status, Status::Success | Status::Degraded);
    let fails = match &outcome.verdict {
        Verdict::Incomplete(_) => !outcome.policy.allow_incomplete,
        Verdict::Blocked(_) | Verdict::Pass if gaps.is_empty() && ended => return None,
        Verdict::Blocked(_) | Verdict::Pass => false,
    };
    let mut lines = vec![words::verdict(outcome)];
    lines.extend(gaps.iter().take(MAX_NAMED).map(|file| {
        let (path, why) = (words::path(&file.path), words::gap(file));
        format!("{path} was not read by enough backends: {why}")
    }));
    if gaps.len() > MAX_NAMED {
        lines.push(format!("and {} more", gaps.len() - MAX_NAMED));
    }
    Some(Command {
        level: if fails { Level::Error } else { Level::Warning },
        place: None,
        title: "llmux: the review is incomplete".to_owned(),
        message: clean::cut(&lines.join("\n"), 2 * MAX_TEXT).into_owned(),
    })
}

/// The findings that find room, most severe first, and a command that counts the others.
/// `taken` is the kind of a command that is written besides.
fn share_out(outcome: &Outcome, taken: Option<Level>) -> (Vec<&Finding>, Option<Command>) {
    let mut findings: Vec<&Finding> = outcome.confirmed().collect();
    // Stable, so report order stays within a severity.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut wanted: BTreeMap<Level, usize> = BTreeMap::new();
    for finding in &findings {
        *wanted.entry(Level::of(finding.severity)).or_default() += 1;
    }
    let room = |level| PER_KIND - usize::from(taken == Some(level));
    // One command counts all that is left over, as what is worst among it.
    let level = wanted
        .iter()
        .find(|(level, count)| **count > room(**level))
        .map(|(level, _)| *level);
    let mut left: BTreeMap<Level, usize> = BTreeMap::new();
    let (shown, rest): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| {
        let own = Level::of(finding.severity);
        let left = left
            .entry(own)
            .or_insert_with(|| room(own) - usize::from(level == Some(own)));
        let fits = *left > 0;
        *left = left.saturating_sub(1);
        fits
    });
    let rest = level.map(|level| Command {
        level,
        place: None,
        title: "llmux: more than GitHub shows".to_owned(),
        message: format!(
            "{} more: {}. GitHub shows {PER_KIND} errors, warnings and notices each of a step; \
             the other reports have all.",
            words::number(rest.len(), "finding"),
            words::counts(rest.iter().copied())
        ),
    });
    (shown, rest)
}

/// A message as GitHub's toolkit escapes it. What other runners obey within a line goes too.
fn data(text: &str) -> String {
    let text = clean::commands(text);
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

/// The same of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
