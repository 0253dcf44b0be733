//! A quote as models write it, and the texts that it may stand for.

/// Bytes of a quote that is searched; more is a file and no quote.
const MAX_BYTES: usize = 64 << 10;

/// The texts that a quote may stand for, the most literal first.
#[derive(Debug, Default)]
pub(super) struct Quote {
    /// Searched in the new text; trimmed, lines end in `\n`, none empty.
    pub(super) texts: Vec<String>,
    /// Searched among removed lines beside `texts`: what `-` lines say.
    pub(super) removed: Vec<String>,
}

impl Quote {
    pub(super) fn new(written: &str) -> Self {
        let mut quote = Self::default();
        if written.len() > MAX_BYTES {
            return quote;
        }
        let plain = written.replace("\r\n", "\n");
        let bare = strip_fence(&plain);
        add(&mut quote.texts, &plain);
        add(&mut quote.texts, bare);
        let mut forms = vec![bare.to_owned()];
        forms.extend(strip_numbers(bare));
        for form in &forms {
            add(&mut quote.texts, form);
            if let Some((new, old)) = strip_markers(form) {
                for (side, text) in [(&mut quote.texts, new), (&mut quote.removed, old)] {
                    if let Some(inner) = strip_numbers(&text) {
                        add(side, &inner);
                    }
                    add(side, &text);
                }
            }
        }
        if let Some(text) = unescape(bare) {
            add(&mut quote.texts, &text);
        }
        quote
    }

    /// Whether nothing is quoted.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.removed.is_empty()
    }

    /// Whether every text is too short to tell a place.
    pub(super) fn is_trivial(&self) -> bool {
        self.texts
            .iter()
            .chain(&self.removed)
            .all(|text| is_trivial(text))
    }
}

/// Whether a text says nothing about its place, as `}` or `i++` do.
pub(super) fn is_trivial(text: &str) -> bool {
    let words = text
        .chars()
        .filter(|ch| ch.is_alphanumeric() || *ch == '_')
        .count();
    words < 3
}

fn add(texts: &mut Vec<String>, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}

/// Takes a code fence or backticks off.
fn strip_fence(text: &str) -> &str {
    let trimmed = text.trim_matches('\n');
    let inner = trimmed.trim();
    if let Some(fenced) = inner.strip_prefix("```") {
        let body = fenced.strip_suffix("```").unwrap_or(fenced);
        return match body.split_once('\n') {
            // The word behind the fence names a language.
            Some((language, code)) if !language.trim().contains(' ') => code,
            _ => body,
        };
    }
    match inner
        .strip_prefix('`')
        .and_then(|text| text.strip_suffix('`'))
    {
        Some(code) if !code.is_empty() => code,
        _ => trimmed,
    }
}

/// Takes the line numbers off, where every line that is not blank has one and they rise.
fn strip_numbers(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut before = 0_u64;
    for line in text.lines() {
        let head = line.trim_start();
        let head = head.strip_prefix('L').unwrap_or(head);
        let digits = head.bytes().take_while(u8::is_ascii_digit).count();
        if line.trim().is_empty() {
            out.push('\n');
            continue;
        }
        let number: u64 = head[..digits].parse().ok()?;
        let rest = &head[digits..];
        let body = rest.trim_start_matches(' ');
        let body = if let Some(body) = body.strip_prefix(['|', ':', '│', ')', '\t']) {
            body
        } else if rest.is_empty() {
            rest
        } else if rest.starts_with([' ', '+', '-']) {
            // `12 +code`: the marker is the next step's.
            rest.strip_prefix(' ').unwrap_or(rest)
        } else {
            return None;
        };
        if number <= before {
            return None;
        }
        before = number;
        out.push_str(
            body.strip_prefix(' ')
                .filter(|_| body.len() < rest.len())
                .unwrap_or(body),
        );
        out.push('\n');
    }
    (before > 0).then_some(out)
}

/// Splits a piece of a diff into its new and its old side, where every line has a marker.
fn strip_markers(text: &str) -> Option<(String, String)> {
    let (mut new, mut old) = (String::new(), String::new());
    let mut is_diff = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("@@") || line.trim().is_empty() {
            continue;
        }
        // The first line may have lost its space by trimming.
        let marker = line.chars().next()?;
        let body = match marker {
            '+' | '-' | ' ' => &line[1..],
            _ if index == 0 => line,
            _ => return None,
        };
        is_diff |= matches!(marker, '+' | '-');
        for (side, excluded) in [(&mut new, '-'), (&mut old, '+')] {
            if marker != excluded {
                side.push_str(body);
                side.push('\n');
            }
        }
    }
    is_diff.then_some((new, old))
}

/// Undoes escaping that was done twice: `\n`, `\t`, `\"` as two characters.
fn unescape(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        if ch != '\\' {
            out.push(ch);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(quoted @ ('"' | '\'' | '\\' | '/')) => out.push(quoted),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    Some(out)
}

/// A suggestion as the text that takes the place of a span, which begins behind its
/// line's indentation and ends before its line's end.
pub(super) fn replacement(suggestion: &str) -> String {
    let plain = suggestion.replace("\r\n", "\n");
    let bare = strip_fence(&plain).trim_end();
    let bare = match strip_markers(bare) {
        Some((new, _)) if bare.lines().any(|line| line.starts_with('+')) => new,
        _ => bare.to_owned(),
    };
    bare.trim().to_owned()
}
