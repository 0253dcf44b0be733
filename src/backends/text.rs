//! What programs and servers say, made fit for a message.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// One line without terminal escapes and control characters, of `most` characters at most.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let words = plain.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Bytes of a text that are looked at for a message: programs and servers say what they will.
const MOST: usize = 64 * 1024;

/// The last `count` lines that hold more than what `known` holds, as one line: programs
/// repeat the prompt, and messages must not.
pub(super) fn last_words(text: &str, count: usize, known: &str) -> String {
    let known: BTreeSet<_> = known.lines().map(str::trim).collect();
    let long = known.iter().filter(|part| part.len() >= MIN_REPEATED);
    let mut long: Vec<_> = long.copied().collect();
    long.sort_by_key(|part| Reverse(part.len()));
    let mut lines: Vec<_> = end_of(text.trim_end())
        .lines()
        .rev()
        .map(str::trim)
        .filter(|line| !known.contains(line))
        .map(|line| without(line, &long))
        .filter(|line| !line.trim().is_empty())
        .take(count)
        .collect();
    lines.reverse();
    one_line(&lines.join(" | "), 400)
}

/// The text's beginning without the lines of what is known, but for short ones.
pub(super) fn without_lines(text: &str, known: &str) -> String {
    let known = known.lines().map(str::trim);
    let mut known: Vec<_> = known.filter(|part| part.len() >= MIN_REPEATED).collect();
    known.sort_by_key(|part| Reverse(part.len()));
    without(beginning_of(text.trim_start()), &known)
}

/// Whole lines where it has any: half of a known one would not be known.
fn end_of(text: &str) -> &str {
    let Some(start) = text.len().checked_sub(MOST).filter(|start| *start > 0) else {
        return text;
    };
    let end = &text[text.ceil_char_boundary(start)..];
    match end.split_once('\n') {
        Some((cut, _)) => &end[cut.len() + 1..],
        None => end,
    }
}

/// The same from the start.
fn beginning_of(text: &str) -> &str {
    if text.len() <= MOST {
        return text;
    }
    let beginning = &text[..text.floor_char_boundary(MOST)];
    match beginning.rsplit_once('\n') {
        Some((whole, _)) if !whole.trim().is_empty() => whole,
        _ => beginning,
    }
}

/// A repeated line without a line break of its own runs into the next one.
fn without(line: &str, parts: &[&str]) -> String {
    let parts = parts.iter().filter(|part| line.contains(**part));
    parts.fold(line.to_owned(), |line, part| line.replace(part, ""))
}

/// Bytes of a line that is recognised inside another one; shorter ones are common words.
const MIN_REPEATED: usize = 12;
