//! Which lines of a file are shown, in which order.

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice as _;

use crate::change::{FileChange, Hunk, Kind, LineKind};

use super::Settings;
use super::languages::Language;
use super::outline::Outline;

/// Removed lines of a deleted file that are shown; of a longer one the heading is enough.
const MAX_DELETED: usize = 50;
/// Unknown to a reader, so many lines cost no more than the mark of a gap and a number.
const SMALL_GAP: u32 = 2;

/// A line to show.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) kind: LineKind,
    /// Its number in the new text; for a removed line that of the line that follows.
    pub(super) at: u32,
    pub(super) text: Cow<'a, str>,
    /// Whether a reader must know that the file ends here without a line feed.
    pub(super) no_newline: bool,
}

/// What is shown of one file.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) lines: Vec<Row<'a>>,
    /// Whole hunks with what is around them: where each one starts in `lines`.
    pub(super) blocks: Vec<usize>,
    /// Structure of each known part of the new text.
    pub(super) outlines: Vec<Outline<'a>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(file: &'a FileChange, settings: &Settings) -> Self {
        let language = Language::of(&file.path.file_name().to_str_lossy());
        let outlines = file.new.fragments().iter();
        let mut rows = Self {
            lines: Vec::new(),
            blocks: Vec::new(),
            outlines: outlines.map(|part| Outline::new(part, language)).collect(),
        };
        let removed: usize = file.hunks.iter().map(|hunk| hunk.lines.len()).sum();
        if file.kind == Kind::Deleted && removed > MAX_DELETED {
            return rows;
        }
        for window in rows.windows(file, settings) {
            rows.read(file, window);
        }
        rows
    }

    /// The structure around a line of the new text, where it is known.
    pub(super) fn outline(&self, line: u32) -> Option<&Outline<'a>> {
        let behind = self
            .outlines
            .partition_point(|outline| known(outline).start <= line);
        let last = self.outlines.get(behind.checked_sub(1)?)?;
        known(last).contains(&line).then_some(last)
    }

    /// Lines of the new text to show, apart and ascending: each hunk, with its
    /// functions where these are short and else with some lines around.
    fn windows(&self, file: &FileChange, settings: &Settings) -> Vec<Range<u32>> {
        let mut windows = Vec::new();
        for hunk in &file.hunks {
            windows.push(span(hunk));
            for run in runs(hunk) {
                self.widen(&run, settings, &mut windows);
            }
        }
        windows.sort_by_key(|window| (window.start, window.end));
        let mut merged: Vec<Range<u32>> = Vec::new();
        for window in windows {
            match merged.last_mut() {
                Some(last)
                    if window.start <= last.end
                        || (window.start - last.end <= SMALL_GAP
                            && (last.end..window.start)
                                .all(|line| self.outline(line).is_some())) =>
                {
                    last.end = last.end.max(window.end);
                }
                _ => merged.push(window),
            }
        }
        merged
    }

    /// Adds what should be seen around changed lines.
    fn widen(&self, run: &Range<u32>, settings: &Settings, windows: &mut Vec<Range<u32>>) {
        // An empty line at the edge belongs to nothing.
        let text = |line: &u32| self.outline(*line)?.text().line(*line);
        let mut filled = run
            .clone()
            .filter(|line| text(line).is_some_and(|text| !text.trim().is_empty()));
        let first = filled.next().unwrap_or(run.start);
        let last = filled.next_back().unwrap_or(first);
        for line in [first, last] {
            // Lines removed at the end stand after the last line that is known.
            let Some(outline) = self
                .outline(line)
                .or_else(|| self.outline(line.saturating_sub(1)))
            else {
                continue;
            };
            let known = known(outline);
            let line = line.min(known.end - 1);
            let block = outline
                .block(line)
                .filter(|block| block.end - block.start <= settings.max_enclosing_lines);
            windows.push(block.unwrap_or_else(|| {
                let start = line.saturating_sub(settings.context_lines);
                let end = line.saturating_add(settings.context_lines + 1);
                start.max(known.start)..end.min(known.end)
            }));
        }
    }

    /// Appends the rows of a window, which holds each of its hunks whole.
    fn read(&mut self, file: &'a FileChange, window: Range<u32>) {
        let mut at = window.start;
        let mut first = true;
        let before = |hunk: &Hunk| span(hunk).start < window.start;
        let inside = |hunk: &&Hunk| span(hunk).end <= window.end;
        let hunks = &file.hunks[file.hunks.partition_point(before)..];
        for hunk in hunks.iter().take_while(inside) {
            let span = span(hunk);
            if first {
                self.blocks.push(self.lines.len());
                self.read_context(file, at..span.start);
            } else {
                // Between two hunks the border is in the middle.
                let middle = at + (span.start - at) / 2;
                self.read_context(file, at..middle);
                self.blocks.push(self.lines.len());
                self.read_context(file, middle..span.start);
            }
            first = false;
            self.read_hunk(hunk);
            at = span.end;
        }
        self.read_context(file, at..window.end);
    }

    fn read_context(&mut self, file: &'a FileChange, lines: Range<u32>) {
        for at in lines {
            if let Some(text) = file.new.line(at) {
                self.lines.push(Row {
                    kind: LineKind::Context,
                    at,
                    text: Cow::Borrowed(text),
                    no_newline: false,
                });
            }
        }
    }

    fn read_hunk(&mut self, hunk: &'a Hunk) {
        let ends = |kind| {
            hunk.lines
                .iter()
                .any(|line| line.kind == kind && line.no_newline)
        };
        // Of interest only where the two sides differ in it.
        let differ = ends(LineKind::Removed) != ends(LineKind::Added);
        let mut at = span(hunk).start;
        for line in &hunk.lines {
            let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
            self.lines.push(Row {
                kind: line.kind,
                at,
                text: text.to_str_lossy(),
                no_newline: line.no_newline && differ && line.kind != LineKind::Context,
            });
            if line.kind != LineKind::Removed {
                at = at.saturating_add(1);
            }
        }
    }
}

/// Lines of the new side; empty, at the line that follows, where there are none.
fn span(hunk: &Hunk) -> Range<u32> {
    // Git names the line before an empty side.
    let start = hunk.new_start + u32::from(hunk.new_count == 0);
    start..start.saturating_add(hunk.new_count)
}

fn known(outline: &Outline) -> Range<u32> {
    let text = outline.text();
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    text.first_line..text.first_line.saturating_add(len)
}

/// Lines that changed together, on the new side; empty where lines were removed only.
fn runs(hunk: &Hunk) -> Vec<Range<u32>> {
    let mut runs: Vec<Range<u32>> = Vec::new();
    let mut at = span(hunk).start;
    let mut open = false;
    for line in &hunk.lines {
        let changed = line.kind != LineKind::Context;
        if changed && !open {
            runs.push(at..at);
        }
        if line.kind != LineKind::Removed {
            at = at.saturating_add(1);
        }
        if let Some(run) = runs.last_mut()
            && changed
        {
            run.end = at;
        }
        open = changed;
    }
    runs
}
