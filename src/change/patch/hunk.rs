//! Hunks: `@@ -1,2 +3,4 @@` and the lines that it counts.

use bstr::{BString, ByteSlice as _};

use super::lines::Lines;
use super::{Hunk, LineKind, Problem, header};
use crate::change::Line;

/// One side of a hunk's header.
#[derive(Clone, Copy)]
struct Side {
    start: u32,
    count: u32,
}

impl Side {
    /// Number of the side's first line; git writes the line before where there is none.
    fn first(self) -> u32 {
        self.start + u32::from(self.count == 0)
    }

    /// Number of the line after the side's last one.
    fn end(self) -> u32 {
        self.first() + self.count
    }
}

/// Whether a line is a hunk's header.
pub(super) fn is_header(line: &[u8]) -> bool {
    parse(line).is_some()
}

/// Which sides of a hunk's header are an empty file.
pub(super) fn counts_from_zero(line: &[u8]) -> Option<(bool, bool)> {
    let (old, new) = parse(line)?;
    let empty = |side: Side| side.start == 0 && side.count == 0;
    Some((empty(old), empty(new)))
}

/// `@@ -1[,2] +3[,4] @@`, whatever follows.
fn parse(line: &[u8]) -> Option<(Side, Side)> {
    let rest = line.strip_prefix(b"@@ -")?;
    let end = rest.find(" @@")?;
    let (old, new) = rest[..end].split_once_str(" +")?;
    Some((side(old)?, side(new)?))
}

/// `12,3`, or `12` for a single line.
fn side(text: &[u8]) -> Option<Side> {
    let number = |text: &[u8]| text.to_str().ok()?.parse::<u32>().ok();
    let side = match text.split_once_str(",") {
        Some((start, count)) => Side {
            start: number(start)?,
            count: number(count)?,
        },
        None => Side {
            start: number(text)?,
            count: 1,
        },
    };
    // Numbers up to the end of the side must exist, with room for one more.
    side.start.checked_add(side.count)?.checked_add(1)?;
    Some(side)
}

/// The hunks of a file in the order of its lines. `crlf`: the patch's own lines
/// end with CR LF, so the CR of a content line is none of the content.
pub(super) fn all(lines: &mut Lines<'_>, crlf: bool) -> Result<Vec<Hunk>, Problem> {
    let mut hunks = Vec::new();
    let mut reached = (0, 0);
    let mut ended = Ended::default();
    while let Some(line) = lines.peek().filter(|line| line.starts_with(b"@@ ")) {
        let at = lines.number();
        let Some((old, new)) = parse(line) else {
            let what = format!(
                "`{}` is no hunk header; expected one like `@@ -1,2 +1,3 @@`",
                line.trim_ascii().as_bstr()
            );
            return Err((at, what));
        };
        for side in [old, new] {
            if side.count > 0 && side.start == 0 {
                return Err((at, "lines count from 1".to_owned()));
            }
        }
        if old.first() < reached.0 || new.first() < reached.1 {
            let what = "the hunk begins before the end of the one above";
            return Err((at, what.to_owned()));
        }
        reached = (old.end(), new.end());
        lines.next();
        hunks.push(Hunk {
            old_start: old.start,
            old_count: old.count,
            new_start: new.start,
            new_count: new.count,
            lines: body(lines, (old, new), at, crlf, &mut ended)?,
        });
    }
    Ok(hunks)
}

/// The lines that the header counts; `at` is the header's line.
fn body(
    lines: &mut Lines<'_>,
    (old, new): (Side, Side),
    at: usize,
    crlf: bool,
    ended: &mut Ended,
) -> Result<Vec<Line>, Problem> {
    let mut all: Vec<Line> = Vec::new();
    let (mut next_old, mut next_new) = (old.first(), new.first());
    while next_old < old.end() || next_new < new.end() {
        let here = lines.number();
        let missing = || {
            let what = format!(
                "the hunk at line {at} ends too early: its header counts {} more old and {} more \
                 new lines",
                old.end() - next_old,
                new.end() - next_new
            );
            (here, what)
        };
        let line = lines.peek().ok_or_else(missing)?;
        let (kind, text) = match line.split_first() {
            // Some tools strip the space of an empty context line.
            None | Some((b'\r', [])) => (LineKind::Context, line),
            Some((b' ', text)) => (LineKind::Context, text),
            Some((b'-', text)) => (LineKind::Removed, text),
            Some((b'+', text)) => (LineKind::Added, text),
            Some((b'\\', _)) => {
                ended.note(&mut all, here)?;
                lines.next();
                continue;
            }
            Some(_) => return Err(missing()),
        };
        let is_old = kind != LineKind::Added;
        let is_new = kind != LineKind::Removed;
        if (is_old && next_old == old.end()) || (is_new && next_new == new.end()) {
            return Err(missing());
        }
        if (is_old && ended.old) || (is_new && ended.new) {
            let what = "a line after the one that ends the file without a line feed";
            return Err((here, what.to_owned()));
        }
        all.push(Line {
            kind,
            number: if is_new { next_new } else { next_old },
            text: content(text, crlf),
            no_newline: false,
        });
        next_old += u32::from(is_old);
        next_new += u32::from(is_new);
        lines.next();
    }
    if lines.peek().is_some_and(|line| line.starts_with(b"\\")) {
        ended.note(&mut all, lines.number())?;
        lines.next();
    }
    if goes_on(lines) {
        let what = format!("the hunk at line {at} goes on after the lines that its header counts");
        return Err((lines.number(), what));
    }
    Ok(all)
}

/// Which sides have come to an end without a line feed.
#[derive(Default)]
struct Ended {
    old: bool,
    new: bool,
}

impl Ended {
    /// `\ No newline at end of file`, in whatever language, after these lines.
    fn note(&mut self, lines: &mut [Line], at: usize) -> Result<(), Problem> {
        let Some(line) = lines.last_mut() else {
            return Err((at, "`\\` without a line before it".to_owned()));
        };
        line.no_newline = true;
        self.old |= line.kind != LineKind::Added;
        self.new |= line.kind != LineKind::Removed;
        Ok(())
    }
}

fn content(text: &[u8], crlf: bool) -> BString {
    match text.strip_suffix(b"\r") {
        Some(stripped) if crlf => stripped.into(),
        _ => text.into(),
    }
}

/// Whether a line of a hunk comes next, though the hunk is complete.
fn goes_on(lines: &Lines<'_>) -> bool {
    let Some(line) = lines.peek() else {
        return false;
    };
    // A mail ends with `-- ` and the version of git.
    let signature = line.trim_ascii_end() == b"--";
    matches!(line.first(), Some(b' ' | b'+' | b'-')) && !signature && !header::is_plain(lines)
}
