//! Where a finding is shown: its span, clamped to added lines, and GitHub's hash of its line.

use std::collections::{BTreeSet, HashMap};

use super::{line_hash, words};
use crate::change::{Change, FileChange, Kind, RepoPath};
use crate::findings::{Finding, Location};

/// Bytes of a span's text from which on no more lines are added to it.
const MANY_BYTES: usize = 4_000;

/// A finding's place.
pub(super) struct Place {
    pub(super) span: Span,
    /// What stands there, or as much of it as a snippet could show.
    pub(super) text: String,
    /// None where the file's text is not known from its first line on, or not to
    /// its end, as with a patch: GitHub's upload action fills it in.
    pub(super) line_hash: Option<String>,
}

/// Finds places, and remembers what is costly to compute for a file.
pub(super) struct Places<'c> {
    change: &'c Change,
    files: HashMap<&'c RepoPath, File<'c>>,
}

struct File<'c> {
    change: &'c FileChange,
    added: BTreeSet<u32>,
    hashes: Vec<String>,
}

/// Lines and columns, both from 1; the end column is the one after the last character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

impl<'c> Places<'c> {
    pub(super) fn new(change: &'c Change) -> Self {
        Self {
            change,
            files: HashMap::new(),
        }
    }

    /// The place of a finding; as the finding has it where its file is not in the change.
    pub(super) fn of(&mut self, finding: &Finding) -> Place {
        let location = &finding.location;
        let Some(change) = words::file(self.change, &location.path) else {
            return Place {
                span: exactly(location),
                text: finding.quote.clone(),
                line_hash: None,
            };
        };
        let known = self.change;
        let file = self
            .files
            .entry(&change.path)
            .or_insert_with(|| File::new(change, known));
        let span = file.clamp(location);
        let line_hash = usize::try_from(span.start_line - 1)
            .ok()
            .and_then(|index| file.hashes.get(index).cloned());
        Place {
            span,
            text: file.text(&span),
            line_hash,
        }
    }
}

impl<'c> File<'c> {
    fn new(file: &'c FileChange, change: &Change) -> Self {
        // A patch without its repository knows parts of a file; only what it adds
        // is known to the end.
        let whole = file.kind == Kind::Added || change.base.is_some() || change.head.is_some();
        let hashes = match file.new.fragments() {
            [fragment] if whole && fragment.first_line == 1 => line_hash::hashes(&fragment.text),
            _ => Vec::new(),
        };
        Self {
            change: file,
            added: file.added_lines().collect(),
            hashes,
        }
    }

    /// The first run of added lines within the place, since a check shows an alert
    /// only where each line of its region is added; the first line where none is.
    /// A file without hunks (of a whole tree) is taken as it is.
    fn clamp(&self, location: &Location) -> Span {
        let whole = exactly(location);
        if self.change.hunks.is_empty() {
            return whole;
        }
        let mut inside = self.added.range(whole.start_line..=whole.end_line);
        let first = inside.next().copied().unwrap_or(whole.start_line);
        let last = inside
            .zip(first.saturating_add(1)..)
            .take_while(|(line, expected)| *line == expected)
            .last()
            .map_or(first, |(line, _)| *line);
        let start_column = if first == whole.start_line {
            whole.start_column
        } else {
            1
        };
        let end_column = if last == whole.end_line {
            whole.end_column
        } else {
            self.length(last) + 1
        };
        Span {
            start_line: first,
            start_column,
            end_line: last,
            // A place behind the line's end does not end before it begins.
            end_column: if first == last {
                end_column.max(start_column)
            } else {
                end_column
            },
        }
    }

    /// Characters of a line.
    fn length(&self, line: u32) -> u32 {
        let line = self.change.new.line(line).unwrap_or_default();
        u32::try_from(line.chars().count()).unwrap_or(u32::MAX - 1)
    }

    /// The text of a span, as far as any report shows it.
    fn text(&self, span: &Span) -> String {
        let mut text = String::new();
        for number in span.start_line..=span.end_line {
            let Some(line) = self.change.new.line(number) else {
                break;
            };
            let until = if number == span.end_line {
                index(span.end_column)
            } else {
                usize::MAX
            };
            let from = if number == span.start_line {
                index(span.start_column)
            } else {
                text.push('\n');
                0
            };
            text.extend(line.chars().take(until).skip(from));
            if text.len() > MANY_BYTES {
                break;
            }
        }
        text
    }
}

/// How many characters stand before a column.
fn index(column: u32) -> usize {
    usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX)
}

/// A location with what readers require: lines and columns from 1, the end not before the start.
pub(super) fn exactly(location: &Location) -> Span {
    let start_line = location.start_line.max(1);
    let start_column = location.start_column.max(1);
    let end_line = location.end_line.max(start_line);
    let least = if end_line == start_line {
        start_column
    } else {
        1
    };
    Span {
        start_line,
        start_column,
        end_line,
        end_column: location.end_column.max(least),
    }
}
