//! From two texts to hunks, as `git diff -U3` cuts them.

use std::ops::Range;

use bstr::BString;
use gix::diff::blob::{Algorithm, Hunk as Edit, InternedInput, diff_with_slider_heuristics};

use super::{Hunk, Line, LineKind};

/// Lines of context before and after a change.
const CONTEXT: u32 = 3;

type Lines<'a> = InternedInput<&'a [u8]>;

/// Myers with git's indent heuristic; lines end at a line feed alone.
pub(super) fn compare(old: &[u8], new: &[u8]) -> Vec<Hunk> {
    let input = InternedInput::new(old, new);
    let diff = diff_with_slider_heuristics(Algorithm::Myers, &input);
    let edits: Vec<Edit> = diff.hunks().collect();
    edits
        .chunk_by(|one, next| next.before.start - one.before.end <= 2 * CONTEXT)
        .map(|edits| hunk_of(&input, edits))
        .collect()
}

/// One hunk of edits that stand close together.
fn hunk_of(input: &Lines<'_>, edits: &[Edit]) -> Hunk {
    let mut lines = Vec::new();
    let (first, last) = (&edits[0], &edits[edits.len() - 1]);
    let lead = CONTEXT.min(first.before.start).min(first.after.start);
    let (old_start, new_start) = (first.before.start - lead, first.after.start - lead);
    let (mut old_end, mut new_end) = (old_start, new_start);
    for edit in edits {
        context(&mut lines, input, new_end..edit.after.start);
        side(&mut lines, input, LineKind::Removed, edit.before.clone());
        side(&mut lines, input, LineKind::Added, edit.after.clone());
        (old_end, new_end) = (edit.before.end, edit.after.end);
    }
    debug_assert_eq!(old_end, last.before.end);
    let left = count(input.after.len()).saturating_sub(new_end);
    let trail = CONTEXT.min(left);
    context(&mut lines, input, new_end..new_end + trail);
    let (old_count, new_count) = (old_end + trail - old_start, new_end + trail - new_start);
    Hunk {
        old_start: old_start + u32::from(old_count > 0),
        old_count,
        new_start: new_start + u32::from(new_count > 0),
        new_count,
        lines,
    }
}

fn context(lines: &mut Vec<Line>, input: &Lines<'_>, range: Range<u32>) {
    side(lines, input, LineKind::Context, range);
}

/// Appends lines of one side; `range` counts from 0.
fn side(lines: &mut Vec<Line>, input: &Lines<'_>, kind: LineKind, range: Range<u32>) {
    let tokens = match kind {
        LineKind::Removed => &input.before,
        LineKind::Context | LineKind::Added => &input.after,
    };
    let first = range.start;
    let range = range.start as usize..range.end as usize;
    for (number, token) in (first + 1..).zip(&tokens[range]) {
        lines.push(line(kind, number, input.interner[*token]));
    }
}

/// A line from its bytes with the line feed, if it has one.
fn line(kind: LineKind, number: u32, bytes: &[u8]) -> Line {
    let text = bytes.strip_suffix(b"\n");
    Line {
        kind,
        number,
        text: BString::from(text.unwrap_or(bytes)),
        no_newline: text.is_none(),
    }
}

fn count(lines: usize) -> u32 {
    u32::try_from(lines).unwrap_or(u32::MAX)
}
