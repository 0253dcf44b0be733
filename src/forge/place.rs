//! Where in a diff a finding can be said.

use crate::change::{FileChange, Hunk, LineKind};

/// Lines of one hunk that are there after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: DiffLine,
    /// The last; the same for a single line.
    pub last: DiffLine,
}

/// A line of the diff that is there after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Its number after the change, from 1.
    pub new: u32,
    /// Its number before the change; none for an added line.
    pub old: Option<u32>,
}

impl Span {
    /// Whether it is exactly these lines.
    pub fn is(&self, start: u32, end: u32) -> bool {
        self.first.new == start && self.last.new == end
    }
}

/// What of the lines `start` to `end` the diff shows, in the first hunk that shows some: a forge
/// takes no comment on other lines, and none over two hunks.
pub fn span(file: &FileChange, start: u32, end: u32) -> Option<Span> {
    file.hunks.iter().find_map(|hunk| {
        let mut shown = lines(hunk).filter(|line| (start..=end.max(start)).contains(&line.new));
        let first = shown.next()?;
        Some(Span {
            first,
            last: shown.last().unwrap_or(first),
        })
    })
}

/// The lines of a hunk that are there after the change, with both their numbers.
fn lines(hunk: &Hunk) -> impl Iterator<Item = DiffLine> {
    let mut old = hunk.old_start;
    hunk.lines.iter().filter_map(move |line| {
        let before = old;
        old += u32::from(line.kind != LineKind::Added);
        (line.kind != LineKind::Removed).then_some(DiffLine {
            new: line.number,
            old: (line.kind == LineKind::Context).then_some(before),
        })
    })
}
