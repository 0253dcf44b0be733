//! Text from models and files made harmless for what displays it: terminals, CI runners,
//! Markdown renderers.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use regex::{Captures, Regex};

/// A visible character in place of one that would steer a terminal, hide text or
/// turn its direction; any other as it is. Always one for one, so that columns
/// stay. Line feeds and tabs stay.
pub fn visible(character: char) -> char {
    match character {
        '\n' | '\t' => character,
        // Control pictures: ␀ to ␟, ␡.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        // Direction.
        | '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        // Invisible; U+200D stays, since emoji are joined by it.
        | '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200c}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}'
        // Line ends to some readers only.
        | '\u{2028}'..='\u{2029}' => '\u{fffd}',
        // Noncharacters: XML forbids some of them.
        _ if u32::from(character) & 0xfffe == 0xfffe
            || ('\u{fdd0}'..='\u{fdef}').contains(&character) =>
        {
            '\u{fffd}'
        }
        _ => character,
    }
}

/// Text of several lines for a log: nothing hidden in it, nothing that CI obeys.
pub fn log_text(page: &str) -> String {
    commands(&prose(page)).into_owned()
}

/// The same on one line.
pub fn log_line(sentence: &str) -> String {
    commands(&line(sentence)).into_owned()
}

/// Text of several lines, with nothing hidden in it; CRLF becomes LF.
pub fn text(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(visible).collect()
}

/// The same of what a model writes for people: addresses lose their credentials too.
pub fn prose(prose: &str) -> String {
    credentials(&text(prose)).into_owned()
}

/// Text on one line: each run of blanks and line ends becomes one space; addresses lose
/// their credentials.
pub fn line(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().map(visible).collect())
        .collect();
    credentials(&words.join(" ")).into_owned()
}

/// One line of source or a path: columns stay, also where line ends and tabs are meant.
pub fn exact(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '\u{240a}',
            _ => visible(character),
        })
        .collect()
}

/// The first `limit` characters, with an ellipsis where some are missing.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Commands of CI runners: `::name …::` at the start of a line (GitHub), and
/// `##[name]` or `##vso[…]` anywhere in one (GitHub's older form, Azure, `TeamCity`).
static COMMANDS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^(?<lead>\s*)::|(?<hash>##[A-Za-z]*)\[").ok());

/// Breaks what a CI runner would obey in a log, with look-alikes: full-width `：` and `［`.
pub fn commands(page: &str) -> Cow<'_, str> {
    // Most pages hold neither, and the pattern costs a millisecond to build.
    if !page.contains("::") && !page.contains("##") {
        return Cow::Borrowed(page);
    }
    replace(&COMMANDS, page, |found| {
        match (found.name("lead"), found.name("hash")) {
            (Some(lead), _) => format!("{}\u{ff1a}:", lead.as_str()),
            (_, Some(hash)) => format!("{}\u{ff3b}", hash.as_str()),
            _ => String::new(),
        }
    })
}

/// What Markdown renderers would act on: tags, entities, mentions, references to
/// issues, images.
static MARKUP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<[A-Za-z/!?]|&#?[A-Za-z0-9]+;|@[\p{L}\p{N}_-]|#[0-9]|!\[").ok());

/// User names and passwords in addresses.
static CREDENTIALS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:/{1,3})[^\s/?#<>()]*@").ok());

/// Addresses without user names and passwords.
fn credentials(text: &str) -> Cow<'_, str> {
    // Most texts hold none, and the pattern costs a millisecond to build.
    if !text.contains('@') || !text.contains(":/") {
        return Cow::Borrowed(text);
    }
    replace(&CREDENTIALS, text, |found| found["scheme"].to_owned())
}

/// Markdown of a model: still Markdown, but without HTML, mentions, images, and
/// credentials in links. A zero-width space breaks what would act, so that the
/// text reads the same in prose and in code.
pub fn markdown(markdown: &str) -> String {
    let text = prose(markdown);
    replace(&MARKUP, &text, |found| {
        let (first, rest) = found[0].split_at(1);
        format!("{first}\u{200b}{rest}")
    })
    .into_owned()
}

/// Replaces in text; text is withheld where the pattern could not be built, since
/// passing it on unchecked is what must not happen.
fn replace<'t>(
    pattern: &LazyLock<Option<Regex>>,
    text: &'t str,
    by: impl Fn(&Captures<'_>) -> String,
) -> Cow<'t, str> {
    match &**pattern {
        Some(pattern) => pattern.replace_all(text, by),
        None => Cow::Borrowed(""),
    }
}

/// What of a path's bytes a relative URI cannot hold: all but RFC 3986's
/// unreserved characters and the separator.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A path's bytes as a relative URI. Paths that are not UTF-8 keep their bytes, and a
/// colon does not make a scheme.
pub fn uri_path(path: &[u8]) -> String {
    percent_encode(path, NOT_IN_PATHS).to_string()
}

/// Backticks that no run of them in the text closes: `least` of them, or one more than the
/// longest run.
pub fn fence(text: &str, least: usize) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    "`".repeat((runs.max().unwrap_or(0) + 1).max(least))
}
