//! Whether a suggestion may be taken over with one click.

use super::place::Span;
use super::syntax;
use crate::change::{FileChange, Fragment};
use crate::clean;
use crate::findings::Finding;

/// What is put in place of the quoted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// Whole lines in place of exactly the lines that the comment stands on, without the last
    /// line end; the file parses with them as it does without. Empty: the lines go.
    Offered(String),
    /// Code to look at.
    Shown(String),
}

/// The finding's suggestion, where it has one.
pub(super) fn of(finding: &Finding, file: &FileChange, span: Option<Span>) -> Option<Suggestion> {
    let written = finding.suggestion.as_ref()?;
    let offered = span.and_then(|span| offered(finding, written, file, span));
    Some(offered.map_or_else(|| Suggestion::Shown(written.clone()), Suggestion::Offered))
}

fn offered(finding: &Finding, written: &str, file: &FileChange, span: Span) -> Option<String> {
    let place = &finding.location;
    if !span.is(place.start_line, place.end_line) {
        return None;
    }
    let [text] = file.new.fragments() else {
        return None;
    };
    let (before, after) = around(finding, text)?;
    // A model writes either the quoted text anew or its whole lines.
    let is_indented = written.starts_with([' ', '\t']) && before.trim().is_empty();
    let before = if is_indented { "" } else { before };
    let written = written.strip_suffix('\n').unwrap_or(written);
    let lines = if written.trim().is_empty() && before.trim().is_empty() && after.trim().is_empty()
    {
        String::new()
    } else {
        format!("{before}{written}{after}")
    };
    is_plain(&lines).then_some(())?;
    let (start, end) = bytes(text, place.start_line, place.end_line)?;
    let present = text.text.get(start..end)?;
    // Of what is no UTF-8 the text here is a copy with losses.
    if !is_plain(present) || present.strip_suffix('\n').unwrap_or(present) == lines {
        return None;
    }
    let ends_line = if lines.is_empty() || !present.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let changed = format!(
        "{}{lines}{ends_line}{}",
        text.text.get(..start)?,
        text.text.get(end..)?
    );
    syntax::parses(&file.path, &[&text.text, &changed]).then_some(lines)
}

/// What of the first and the last line stands around the quoted text.
fn around<'t>(finding: &Finding, text: &'t Fragment) -> Option<(&'t str, &'t str)> {
    let place = &finding.location;
    let at = |line: &'t str, column: u32| {
        let index = usize::try_from(column.checked_sub(1)?).ok()?;
        let ends = std::iter::once((line.len(), ' '));
        Some(line.char_indices().chain(ends).nth(index)?.0)
    };
    let (first, last) = (text.line(place.start_line)?, text.line(place.end_line)?);
    let before = first.get(..at(first, place.start_column)?)?;
    let after = last.get(at(last, place.end_column)?..)?;
    Some((before, after))
}

/// Where in the text these lines are, with the last one's end.
fn bytes(text: &Fragment, start: u32, end: u32) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut begin = None;
    for (number, line) in (text.first_line..).zip(text.text.split_inclusive('\n')) {
        if number == start {
            begin = Some(at);
        }
        at += line.len();
        if number == end {
            return Some((begin?, at));
        }
    }
    None
}

/// Whether nothing in it is hidden, turned, or lost on the way: what is taken over with a click
/// must be what was seen. Lines that end in CRLF would not be the same ones afterwards.
fn is_plain(lines: &str) -> bool {
    !lines.contains(['\r', '\u{fffd}']) && lines.chars().all(|c| clean::visible(c) == c)
}
