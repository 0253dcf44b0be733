//! A file's rows as text, in one piece or in parts that fit.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use crate::change::{FileChange, LineKind};

use super::rows::{Row, Rows};
use super::{MAX_LINE_CHARS, Piece, Settings, Slice, heading};

/// Enclosing headings shown above a part, the innermost ones.
const MAX_HEADINGS: usize = 3;
/// Characters of such a heading.
const MAX_HEADING_CHARS: usize = 200;
/// Every so many lines a number is shown.
const NUMBER_EVERY: u32 = 10;
/// Rows at a part's end that the next part starts with.
const OVERLAP: usize = 8;
const GAP: &str = "…\n";

/// The whole of what is shown of `file`, whatever its length. Lines are cut so that
/// any few of them fit `room`, in bytes.
pub(super) fn whole(file: &Arc<FileChange>, settings: &Settings, room: usize) -> Piece {
    let rows = Rows::new(file, settings);
    let mut part = Part::new(&heading_of(file, room), &rows, room);
    part.write(0..rows.lines.len());
    part.close(file)
}

/// The same in parts of `room` bytes at most: whole hunks where one fits, overlapping
/// pieces of a hunk else.
pub(super) fn parts(file: &Arc<FileChange>, settings: &Settings, room: usize) -> Vec<Piece> {
    let rows = Rows::new(file, settings);
    let heading = heading_of(file, room);
    let mut done = Vec::new();
    let mut part = Part::new(&heading, &rows, room);
    let ends = rows.blocks.iter().skip(1).copied();
    let ends = ends.chain([rows.lines.len()]);
    for (start, end) in rows.blocks.iter().copied().zip(ends) {
        if part.write_if_fits(start..end) {
            continue;
        }
        if !part.is_empty() {
            done.push(part.close(file));
            part = Part::new(&heading, &rows, room);
        }
        let (mut from, mut shown) = (start, start);
        while !part.write_if_fits(from..end) {
            let full = part.write_until_full(from..end).max(shown + 1);
            let cut = best_cut(&rows.lines, shown + (full - shown).div_ceil(2)..=full);
            let mut next = Part::new(&heading, &rows, room);
            next.write(from..cut);
            next.text.push_str(GAP);
            done.push(next.close(file));
            part = Part::new(&heading, &rows, room);
            from = overlap(&rows.lines, from..cut, room / 8);
            shown = cut;
        }
    }
    if !part.is_empty() || done.is_empty() {
        done.push(part.close(file));
    }
    done
}

/// It looks at every line, so it is made once for all parts.
fn heading_of(file: &FileChange, room: usize) -> String {
    heading::heading(file, |text| {
        clip(text, MAX_LINE_CHARS, room / 8).into_owned()
    })
}

/// A piece of a file while it is written.
struct Part<'a> {
    rows: &'a Rows<'a>,
    text: String,
    /// Length of the heading.
    head: usize,
    state: State,
    room: usize,
}

/// Where a part's text has come to.
#[derive(Clone, Debug)]
struct State {
    shown: Vec<RangeInclusive<u32>>,
    /// The line that needs no gap before it; 0 at the start.
    next: u32,
    /// Whether the next line that can have a number gets one.
    number: bool,
    /// Whether the last line is an added one.
    in_added: bool,
}

impl<'a> Part<'a> {
    fn new(heading: &str, rows: &'a Rows<'a>, room: usize) -> Self {
        Self {
            rows,
            head: heading.len(),
            text: heading.to_owned(),
            state: State {
                shown: Vec::new(),
                next: 0,
                number: true,
                in_added: false,
            },
            room,
        }
    }

    fn is_empty(&self) -> bool {
        self.text.len() == self.head
    }

    fn close(self, file: &Arc<FileChange>) -> Piece {
        Piece {
            slice: Slice {
                file: Arc::clone(file),
                shown: self.state.shown,
            },
            text: self.text,
        }
    }

    fn write(&mut self, range: Range<usize>) {
        for at in range {
            self.write_row(at);
        }
    }

    /// Writes all rows of the range or nothing.
    fn write_if_fits(&mut self, range: Range<usize>) -> bool {
        let before = (self.text.len(), self.state.clone());
        if self.write_until_full(range.clone()) == range.end {
            return true;
        }
        self.text.truncate(before.0);
        self.state = before.1;
        false
    }

    /// Writes rows until the next one does not fit; returns the index of that one.
    fn write_until_full(&mut self, range: Range<usize>) -> usize {
        for at in range.clone() {
            let len = self.text.len();
            self.write_row(at);
            if self.text.len() + GAP.len() > self.room {
                self.text.truncate(len);
                return at;
            }
        }
        range.end
    }

    fn write_row(&mut self, index: usize) {
        let row = &self.rows.lines[index];
        if row.at > self.state.next {
            self.write_headings(index);
        }
        let sign = match row.kind {
            LineKind::Context => ' ',
            LineKind::Removed => '-',
            LineKind::Added => '+',
        };
        let added = row.kind == LineKind::Added;
        self.state.number |= added && !self.state.in_added;
        self.state.in_added = added;
        if row.kind == LineKind::Removed {
            self.state.next = row.at;
        } else {
            self.write_number(row.at);
        }
        self.text.push(sign);
        self.text
            .push_str(&clip(&row.text, MAX_LINE_CHARS, self.room / 4));
        self.text.push('\n');
        if row.no_newline {
            self.text.push_str("\\ No newline at end of file\n");
        }
    }

    /// What encloses the first change from row `index` on and stands above that row,
    /// with the gaps between.
    fn write_headings(&mut self, index: usize) {
        let rows = &self.rows.lines[index..];
        let start = rows[0].at;
        let changed = rows.iter().find(|row| row.kind != LineKind::Context);
        let outline = self.rows.outline(start);
        let mut above: Vec<u32> = outline
            .into_iter()
            .flat_map(|outline| outline.headings(changed.map_or(start, |row| row.at)))
            .filter(|line| *line >= self.state.next && *line < start)
            .take(MAX_HEADINGS)
            .collect();
        above.reverse();
        for line in above {
            self.write_gap(line);
            self.write_number(line);
            let text = outline.and_then(|outline| outline.text().line(line));
            let text = clip(text.unwrap_or(""), MAX_HEADING_CHARS, self.room / 16);
            self.text.extend([" ", &text, "\n"]);
        }
        self.write_gap(start);
    }

    fn write_gap(&mut self, line: u32) {
        if self.state.next > 0 && line > self.state.next {
            self.text.push_str(GAP);
            self.state.number = true;
        }
    }

    fn write_number(&mut self, line: u32) {
        if self.state.number || line.is_multiple_of(NUMBER_EVERY) {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{line}|");
        }
        self.state.number = false;
        self.state.next = line.saturating_add(1);
        match self.state.shown.last_mut() {
            Some(range) if *range.end() + 1 == line => *range = *range.start()..=line,
            _ => self.state.shown.push(line..=line),
        }
    }
}

/// Where a hunk that is too large is divided: before an unchanged line if there is
/// one, as far out as its lines go, as late as possible.
fn best_cut(rows: &[Row], range: RangeInclusive<usize>) -> usize {
    let latest = *range.end();
    range
        .min_by_key(|at| {
            let row = rows.get(*at);
            let text = row.map_or("", |row| &row.text);
            let indent = text.len() - text.trim_start().len();
            let opens = !text.trim_start().starts_with(['}', ')', ']']) && !text.trim().is_empty();
            (
                row.is_none_or(|row| row.kind != LineKind::Context),
                if opens { indent } else { usize::MAX },
                Reverse(*at),
            )
        })
        .unwrap_or(latest)
}

/// Where the part after `written` starts: some rows back, `room` bytes at most.
fn overlap(rows: &[Row], written: Range<usize>, room: usize) -> usize {
    let mut bytes = 0;
    written
        .clone()
        .skip(1)
        .rev()
        .take(OVERLAP)
        .take_while(|at| {
            bytes += rows[*at].text.len();
            bytes <= room
        })
        .last()
        .unwrap_or(written.end)
}

/// `text` with `…` for its middle where it is longer than `chars` characters or `bytes` bytes.
fn clip(text: &str, chars: usize, bytes: usize) -> Cow<'_, str> {
    if text.contains('\0') {
        // A NUL cannot be an argument of a program; nothing else is replaced.
        let visible = text.replace('\0', "\u{2400}");
        return clip(&visible, chars, bytes).into_owned().into();
    }
    if text.len() <= bytes && (text.len() <= chars || text.chars().count() <= chars) {
        return text.into();
    }
    let half = |from_end: bool| {
        let room = bytes.saturating_sub('…'.len_utf8()) / 2;
        let mut len = 0;
        let fits = |c: &char| {
            len += c.len_utf8();
            len <= room
        };
        let taken: usize = if from_end {
            let tail = text.chars().rev().take(chars / 2).take_while(fits);
            tail.map(char::len_utf8).sum()
        } else {
            let head = text.chars().take(chars / 2).take_while(fits);
            head.map(char::len_utf8).sum()
        };
        taken
    };
    let (head, tail) = (half(false), half(true));
    format!("{}…{}", &text[..head], &text[text.len() - tail..]).into()
}
