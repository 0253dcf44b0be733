//! Regular expressions and globs that are compiled when they are first needed.
//!
//! A run reads files of few languages, and an empty change none at all: what it
//! does not need must not cost it time.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Bytes that one compiled expression may take.
const SIZE_LIMIT: usize = 4 << 20;
/// Bytes of a set's transition cache: too small a cache makes the search slow, not wrong.
const CACHE: usize = 32 << 20;

/// One regular expression; `^` and `$` match at line ends; `\b`, `\w`, `\d` and `\s` are ASCII.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    regex: OnceLock<Regex>,
}

impl Pattern {
    /// Takes an expression that was checked: see [`check`].
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: ascii(text),
            regex: OnceLock::new(),
        }
    }

    /// The compiled expression.
    pub(super) fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| {
            compile(&self.text).unwrap_or_else(|error| {
                unreachable!("checked when it was read: {}: {error}", self.text)
            })
        })
    }

    /// The expression as it is compiled.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Several expressions of which one must match.
#[derive(Debug, Default)]
pub(super) struct AnyOf {
    texts: Vec<String>,
    set: OnceLock<RegexSet>,
}

impl AnyOf {
    /// Takes expressions that were checked: see [`check`].
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            texts: texts.into_iter().map(ascii).collect(),
            set: OnceLock::new(),
        }
    }

    /// Whether there is no expression.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether one of them matches somewhere in `text`; false where there are none.
    pub(super) fn is_match(&self, text: &str) -> bool {
        !self.texts.is_empty() && self.set().is_match(text)
    }

    fn set(&self) -> &RegexSet {
        self.set.get_or_init(|| set(&self.texts))
    }
}

/// Compiles expressions that were checked into one search.
pub(super) fn set(texts: &[String]) -> RegexSet {
    RegexSetBuilder::new(texts)
        .multi_line(true)
        .size_limit(usize::MAX)
        .dfa_size_limit(CACHE)
        .build()
        .unwrap_or_else(|error| unreachable!("checked when they were read: {error}"))
}

/// A mistake in an expression.
pub(super) struct Mistake {
    /// Byte offset in the expression, where known.
    pub(super) at: Option<usize>,
    /// What is wrong.
    pub(super) message: String,
}

/// Compiles an expression to see whether it can be compiled.
pub(super) fn check(text: &str) -> Result<(), Mistake> {
    let parsed = regex_syntax::ParserBuilder::new()
        .multi_line(true)
        .build()
        .parse(text);
    let mistake = |at: usize, message: String| Mistake {
        at: Some(at),
        message,
    };
    match parsed {
        Ok(_) => compile(&ascii(text)).map(drop).map_err(|error| Mistake {
            at: None,
            message: error.to_string(),
        }),
        Err(regex_syntax::Error::Parse(error)) => {
            Err(mistake(error.span().start.offset, error.kind().to_string()))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            Err(mistake(error.span().start.offset, error.kind().to_string()))
        }
        Err(error) => Err(Mistake {
            at: None,
            message: error.to_string(),
        }),
    }
}

fn compile(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .multi_line(true)
        .size_limit(SIZE_LIMIT)
        .build()
}

/// Makes `\b`, `\w`, `\d` and `\s` mean ASCII. The Unicode boundary throws the
/// fast search out at every character beyond ASCII, and the Unicode classes make
/// its tables a hundred times larger; source code has no need of either.
fn ascii(text: &str) -> String {
    // Where white space and comments mean nothing, brackets cannot be counted so simply.
    if has_verbose_flag(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('b') if letters.peek() != Some(&'{') => out.push_str(r"(?-u:\b)"),
                Some(escaped) => push_escape(&mut out, escaped, depth > 0),
                None => out.push('\\'),
            },
            '[' => {
                out.push('[');
                if depth > 0 && letters.peek() == Some(&':') {
                    // `[:alpha:]`, to its end.
                    for named in letters.by_ref() {
                        out.push(named);
                        if named == ']' {
                            break;
                        }
                    }
                    continue;
                }
                depth += 1;
                out.extend(letters.next_if_eq(&'^'));
                // A bracket that comes first stands for itself.
                out.extend(letters.next_if_eq(&']'));
            }
            ']' => {
                depth = depth.saturating_sub(1);
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

fn push_escape(out: &mut String, escaped: char, in_class: bool) {
    let name = match escaped {
        'w' => "[:word:]",
        'W' => "[:^word:]",
        'd' => "[:digit:]",
        'D' => "[:^digit:]",
        's' => "[:space:]",
        'S' => "[:^space:]",
        other => return out.extend(['\\', other]),
    };
    if in_class {
        out.push_str(name);
    } else {
        out.extend(["[", name, "]"]);
    }
}

/// Whether a group sets the flag `x`.
fn has_verbose_flag(text: &str) -> bool {
    text.split("(?").skip(1).any(|group| {
        let flags = group.split([')', ':', '<']).next().unwrap_or_default();
        flags.split('-').next().is_some_and(|on| on.contains('x'))
    })
}

/// Globs over paths from the repository's top; `*` stops at `/`, `**` does not.
#[derive(Debug, Default)]
pub(super) struct Globs {
    texts: Vec<String>,
    set: OnceLock<GlobSet>,
}

impl Globs {
    /// Takes globs that were checked: see [`check_glob`].
    pub(super) fn new(texts: Vec<String>) -> Self {
        Self {
            texts,
            set: OnceLock::new(),
        }
    }

    /// Whether there is no glob.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether one of them matches.
    pub(super) fn is_match(&self, path: &str) -> bool {
        !self.texts.is_empty()
            && self
                .set
                .get_or_init(|| {
                    let mut set = GlobSetBuilder::new();
                    for glob in self.texts.iter().filter_map(|text| glob(text).ok()) {
                        set.add(glob);
                    }
                    set.build()
                        .unwrap_or_else(|error| unreachable!("each was checked: {error}"))
                })
                .is_match(path)
    }
}

/// Whether a glob can be read.
pub(super) fn check_glob(text: &str) -> Result<(), String> {
    glob(text)
        .map(drop)
        .map_err(|error| error.kind().to_string())
}

fn glob(text: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(text).literal_separator(true).build()
}
