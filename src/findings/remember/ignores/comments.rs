//! Where the comments of a file are.
//!
//! The lexer of the rules knows the comments of many languages. For the others, and for what it
//! leaves out of its own, a table says how their comments open. In a file of neither kind a
//! mark must stand at the very start of what looks like a comment of any language.

use crate::backends::rules::{Class, Classes, Language};
use crate::change::{FileChange, Fragment};

use super::table::{ANY, Blocks, HASHES, Lines, TABLE, UNLEXED};

/// Bytes before a mark within which a block comment may open.
const MAX_BLOCK: usize = 4 << 10;

/// What closes a comment before its line ends.
const CLOSERS: [&str; 14] = [
    "--%>", "--}}", "*/}", "-->", "*/", "*)", "-}", "#}", "%>", "*@", "|#", "#>", "]]", "}}",
];

/// The comments of one known part of a file.
pub(super) struct Comments<'f> {
    fragment: &'f Fragment,
    classes: Classes,
    /// Whether the lexer knows the language.
    is_lexed: bool,
    lines: Lines,
    blocks: Blocks,
    /// Whether the table knows the language.
    is_listed: bool,
}

/// A piece of comment on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'f> {
    /// From the mark on, to the comment's end or the line's.
    pub(super) text: &'f str,
    /// Whether the mark is the first that the comment says.
    pub(super) is_start: bool,
    /// Whether nothing else stands on the line.
    pub(super) is_alone: bool,
}

impl<'f> Comments<'f> {
    pub(super) fn new(file: &FileChange, fragment: &'f Fragment) -> Self {
        let name = file.path.file_name().to_string().to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let row = TABLE.iter().find(|row| row.0.contains(&extension));
        let language = Language::of(file).filter(|_| !UNLEXED.contains(&extension));
        let is_hashes = HASHES.contains(&name.as_str());
        let (lines, blocks) = match row {
            _ if is_hashes => (&["#"][..], &[][..]),
            Some((_, lines, blocks)) => (*lines, *blocks),
            None if language.is_some() => (&[][..], &[][..]),
            None => ANY,
        };
        Self {
            fragment,
            classes: Classes::of(&fragment.text, language),
            is_lexed: language.is_some(),
            lines,
            blocks,
            is_listed: row.is_some() || is_hashes,
        }
    }

    /// The comment that holds the byte at `at` of the fragment's text, from there on; none
    /// where that is code or a string.
    pub(super) fn piece(&self, at: usize) -> Option<Piece<'f>> {
        let (number, start) = self.fragment.line_at(at);
        let line = self.fragment.line(number)?;
        let end = start + line.len();
        let (before, rest) = (
            self.fragment.text.get(start..at)?,
            self.fragment.text.get(at..end)?,
        );
        // A mention in quotes is no mark; nor is a part of a longer word.
        let mentioned = |ch: char| ch.is_alphanumeric() || matches!(ch, '`' | '_' | '<' | '\\');
        if before.ends_with(mentioned) {
            return None;
        }
        match self.classes.at(at) {
            Class::Comment if !before.ends_with(['"', '\'']) => Some(self.lexed(start, at, end)),
            Class::Code if !self.is_lexed || self.is_listed => self.looked_up(before, rest, at),
            Class::Comment | Class::Code | Class::String => None,
        }
    }

    fn lexed(&self, start: usize, at: usize, end: usize) -> Piece<'f> {
        let text = &self.fragment.text;
        let is_comment = |at: &usize| self.classes.at(*at) == Class::Comment;
        let first = (start..at)
            .rev()
            .take_while(is_comment)
            .last()
            .unwrap_or(at);
        let last = (at..end)
            .take_while(is_comment)
            .last()
            .map_or(end, |last| last + 1);
        // Classes end between characters, as the marks of comments do.
        let of = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let (body, behind) = (of(at, last), of(last, end));
        Piece {
            text: cut(body),
            is_start: !of(first, at).contains(char::is_alphanumeric),
            // In JSX a comment stands in braces.
            is_alone: matches!(
                (of(start, first).trim(), behind.trim()),
                ("", "") | ("{", "}")
            ),
        }
    }

    /// By the table: behind a mark on the line, or within a block that is open.
    fn looked_up(&self, before: &str, rest: &'f str, at: usize) -> Option<Piece<'f>> {
        let blocks = self.blocks.iter().map(|(open, _)| *open);
        let opened = self
            .lines
            .iter()
            .copied()
            .chain(blocks)
            .filter_map(|open| opening(before, rest, open).map(|at| (at, open)))
            .min_by_key(|(at, open)| (*at, std::cmp::Reverse(open.len())));
        let (code, said) = match opened {
            Some((at, open)) => (&before[..at], &before[at + open.len()..]),
            None if self.is_in_block(at) => ("", before),
            None => return None,
        };
        let is_start = !said.contains(char::is_alphanumeric);
        if !is_start && !self.is_listed {
            return None;
        }
        let text = cut(rest);
        let behind = rest[text.len()..].trim();
        let is_closed = CLOSERS.contains(&behind) || behind.is_empty();
        Some(Piece {
            text: text.trim_end(),
            is_start,
            is_alone: code.trim().is_empty() && is_closed,
        })
    }

    /// Whether a block comment that opened on a line above is still open.
    fn is_in_block(&self, at: usize) -> bool {
        let first = at.saturating_sub(MAX_BLOCK);
        let Some(first) = (first..=at).find(|at| self.fragment.text.is_char_boundary(*at)) else {
            return false;
        };
        let Some(text) = self.fragment.text.get(first..at) else {
            return false;
        };
        self.blocks.iter().any(|(open, close)| {
            let Some(last) = text.rfind(open) else {
                return false;
            };
            let line = text[..last].rfind('\n').map_or(0, |end| end + 1);
            let is_opening = text[line..last].trim().is_empty() || text[..last].ends_with(' ');
            is_opening && !text[last + open.len()..].contains(close)
        })
    }

    /// Whether the whole line is comment.
    pub(super) fn is_comment_line(&self, number: u32) -> bool {
        let Some(line) = self
            .fragment
            .line(number)
            .filter(|line| !line.trim().is_empty())
        else {
            return false;
        };
        let start = line.as_ptr().addr() - self.fragment.text.as_ptr().addr();
        let mut marks = line.char_indices().filter(|(_, ch)| !ch.is_whitespace());
        if self.is_lexed && marks.all(|(at, _)| self.classes.at(start + at) == Class::Comment) {
            return true;
        }
        let is_looked_up = !self.is_lexed || self.is_listed;
        let trimmed = line.trim_start();
        let opens = self.lines.iter().any(|open| trimmed.starts_with(open))
            || self
                .blocks
                .iter()
                .any(|(open, _)| trimmed.starts_with(open));
        is_looked_up && (opens || self.is_in_block(start + line.len()))
    }
}

/// Where a comment opens before the mark: not within a word, nor within a string of the line.
fn opening(before: &str, rest: &str, open: &str) -> Option<usize> {
    let is_word = open.starts_with(char::is_alphabetic);
    let is_quote = matches!(open, "\"" | "'");
    before.match_indices(open).map(|(at, _)| at).find(|at| {
        let code = &before[..*at];
        let is_apart = code.trim().is_empty()
            || code.ends_with(char::is_whitespace)
            || (!is_word && !is_quote && code.ends_with([';', '{', '}', ')', ',', '>']));
        let is_open = |quote: char| code.matches(quote).count() % 2 == 1;
        // A quotation mark that closes again is a string.
        let is_string = is_quote && (rest.contains(open) || before[at + 1..].contains(open));
        is_apart && !is_string && !is_open('"') && !is_open('`')
    })
}

/// Up to what closes the comment.
fn cut(text: &str) -> &str {
    let ends = CLOSERS.iter().filter_map(|close| text.find(close));
    text[..ends.min().unwrap_or(text.len())].trim_end()
}
