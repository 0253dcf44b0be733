//! Keeps keys out of what is shown, and control characters too.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Compiles a pattern that the tests run.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a constant pattern: {error}"))
}

/// A name that says that a key follows, with its `=`.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?im)(?:api[_-]?key|secret|password|passwd|authorization|credentials?|(?:^|[^a-z0-9])token)["']?[ \t]*[=:][ \t]*"#,
    )
});

/// What may stand there: a reference, a number, nothing.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(?:"\$\{[A-Za-z_][A-Za-z0-9_]*\}"|'\$\{[A-Za-z_][A-Za-z0-9_]*\}'|[0-9_]+)?[ \t]*(?:[,}\]#\r\n]|$)"#,
    )
});

/// A string that ends where it should.
static WHOLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(?:"((?:\\.|[^"\\\n])+)"|'([^'\n]+)')[ \t]*(?:[,}\]#\r\n]|$)"#));

/// Keys that show by their form, and passwords in URLs.
static FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"|\bglpat-[A-Za-z0-9_-]{16,}|\bAIza[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAKIA[A-Z0-9]{16}\b",
        r"|\bBearer [A-Za-z0-9._~+/-]{16,}|(?i:[?&](?:api_?)?key=)[^&\s]+|://[^/\s@]+@",
    ))
});

/// The text of a source with every key replaced by `*`, byte for byte.
pub(super) fn source(text: &str) -> String {
    let mut ranges: Vec<Range<usize>> = FORM.find_iter(text).map(|found| found.range()).collect();
    let mut from = 0;
    while let Some(name) = NAME.find_at(text, from) {
        let rest = &text[name.end()..];
        let end = if HARMLESS.is_match(rest) {
            name.end()
        } else if let Some(parts) = WHOLE.captures(rest) {
            let inner = parts.get(1).or_else(|| parts.get(2));
            let inner = inner.map_or(0..0, |part| part.range());
            ranges.push(name.end() + inner.start..name.end() + inner.end);
            name.end() + inner.end
        } else {
            let end = name.end() + unclear(rest);
            ranges.push(name.end()..end);
            end
        };
        from = end.max(name.end());
    }
    let mut bytes = text.as_bytes().to_vec();
    for byte in ranges.into_iter().flat_map(|range| bytes_of(text, range)) {
        bytes[byte] = b'*';
    }
    // The ranges end at characters, so this loses nothing.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Bytes to mask where the value has no clear end: to the closing quotes, or to the end of the line.
fn unclear(rest: &str) -> usize {
    for quotes in ["\"\"\"", "'''"] {
        if let Some(inner) = rest.strip_prefix(quotes) {
            return inner.find(quotes).map_or(rest.len(), |at| at + 3);
        }
    }
    if rest.starts_with('[') {
        return rest.find(']').unwrap_or(rest.len());
    }
    rest.find('\n').unwrap_or(rest.len())
}

/// Offsets in `range` apart from line ends, which must stay where they are.
fn bytes_of(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> {
    range.filter(|at| !matches!(text.as_bytes()[*at], b'\n' | b'\r'))
}

/// A value with keys replaced by `***`.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    FORM.replace_all(text, "***")
}

/// Text for a message: keys masked, control characters escaped, at most 80 characters.
pub(super) fn quoted(text: &str) -> String {
    let text = printable(&value(text));
    if text.chars().count() <= 80 {
        return format!("`{text}`");
    }
    let head: String = text.chars().take(77).collect();
    format!("`{head}...`")
}

/// Control characters, and those that turn the direction of text or cannot be seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text with hidden characters as escapes.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A line with `?` for hidden characters, byte for byte; tabs stay.
pub(super) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\t' {
            shown.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Text as a TOML string on one line.
pub(super) fn string(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => shown.extend(['\\', c]),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            // All of them have at most four digits; writing to a string cannot fail.
            c if is_hidden(c) => {
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// A name as a TOML key.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        string(name)
    }
}
