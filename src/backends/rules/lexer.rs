//! Which bytes of a text are comments and which are strings.
//!
//! This is no parser. It knows enough of each language to tell a call from a
//! sentence about that call. Where it cannot know (a part of a file from a
//! patch, a quote in a regular expression), it takes text for code, and strings
//! that their language closes on the same line end there, so that one mistake
//! does not spread.

use super::language::Language;
use super::syntax::{Quote, Syntax, syntax};

/// What a byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Everything else.
    Code,
    /// Comments with their marks.
    Comment,
    /// String literals with their quotes, here-documents, fenced blocks of Markdown.
    String,
}

/// The classes of one text.
#[derive(Debug)]
pub struct Classes {
    /// Start, end, class; ascending, apart; code is what is between.
    spans: Vec<(usize, usize, Class)>,
}

impl Classes {
    /// Reads a text from its start.
    pub fn of(text: &str, language: Option<Language>) -> Self {
        let spans = match language {
            None => Vec::new(),
            Some(Language::Markdown) => fences(text),
            Some(language) => Lexer::new(text, language, syntax(language)).run(),
        };
        Self { spans }
    }

    /// The class of the byte at `offset`.
    pub fn at(&self, offset: usize) -> Class {
        let index = self.spans.partition_point(|span| span.1 <= offset);
        match self.spans.get(index) {
            Some((start, _, class)) if *start <= offset => *class,
            _ => Class::Code,
        }
    }
}

/// Fenced blocks of Markdown: what they hold is quoted.
fn fences(text: &str) -> Vec<(usize, usize, Class)> {
    let mut spans = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        match open {
            None => {
                let mark = ["```", "~~~"]
                    .into_iter()
                    .find(|mark| bare.starts_with(mark));
                open = mark.map(|mark| (at, mark));
            }
            Some((start, mark)) if bare.starts_with(mark) && bare.trim().len() < 9 => {
                spans.push((start, at + line.len(), Class::String));
                open = None;
            }
            Some(_) => {}
        }
        at += line.len();
    }
    if let Some((start, _)) = open {
        spans.push((start, at, Class::String));
    }
    spans
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    language: Language,
    syntax: &'static Syntax,
    at: usize,
    /// Open braces inside each `${` of a template that is still open.
    templates: Vec<u32>,
    /// Words that end here-documents which begin at the next line.
    heredocs: Vec<&'t str>,
    spans: Vec<(usize, usize, Class)>,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, language: Language, syntax: &'static Syntax) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            language,
            syntax,
            at: 0,
            templates: Vec::new(),
            heredocs: Vec::new(),
            spans: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<(usize, usize, Class)> {
        while self.at < self.bytes.len() {
            if !self.comment() && !self.string() {
                self.code();
            }
        }
        self.spans
    }

    fn starts(&self, mark: &str) -> bool {
        self.bytes[self.at..].starts_with(mark.as_bytes())
    }

    fn push(&mut self, end: usize, class: Class) {
        self.spans.push((self.at, end, class));
        self.at = end;
    }

    fn line_end(&self) -> usize {
        self.find("\n", self.at).unwrap_or(self.bytes.len())
    }

    fn find(&self, mark: &str, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        bstr::ByteSlice::find(rest, mark).map(|at| from + at)
    }

    fn previous(&self) -> u8 {
        self.at.checked_sub(1).map_or(b'\n', |at| self.bytes[at])
    }

    fn comment(&mut self) -> bool {
        for mark in self.syntax.line_comments {
            let word_start = !self.syntax.comment_after_space
                || matches!(self.previous(), b'\n' | b' ' | b'\t' | b';');
            // `#[` is an attribute in PHP.
            let attribute = self.language == Language::Php && self.starts("#[");
            if self.starts(mark) && word_start && !attribute {
                self.push(self.line_end(), Class::Comment);
                return true;
            }
        }
        for (open, close, nested) in self.syntax.block_comments {
            let at_line_start = !open.starts_with('=') || self.previous() == b'\n';
            if self.starts(open) && at_line_start {
                self.push(self.block_end(open, close, *nested), Class::Comment);
                return true;
            }
        }
        false
    }

    fn block_end(&self, open: &str, close: &str, nested: bool) -> usize {
        let mut depth = 1;
        let mut at = self.at + open.len();
        while let Some(end) = self.find(close, at) {
            // Bounded by `end`, so that a long text is read once.
            let inner = bstr::ByteSlice::find(&self.bytes[at..end], open);
            if let Some(inner) = inner.filter(|_| nested) {
                depth += 1;
                at += inner + open.len();
                continue;
            }
            depth -= 1;
            at = end + close.len();
            if depth == 0 {
                return at;
            }
        }
        self.bytes.len()
    }

    fn string(&mut self) -> bool {
        if self.language == Language::Rust && (self.rust_raw() || self.rust_char()) {
            return true;
        }
        if self.language == Language::Node && self.node_regex() {
            return true;
        }
        if self.syntax.templates && self.starts("`") {
            self.template(self.at + 1);
            return true;
        }
        let quote = self
            .syntax
            .quotes
            .iter()
            .find(|quote| self.starts(quote.open));
        let Some(quote) = quote else {
            return false;
        };
        self.push(self.string_end(quote), Class::String);
        true
    }

    fn string_end(&self, quote: &Quote) -> usize {
        let mut at = self.at + quote.open.len();
        while at < self.bytes.len() {
            if quote.escapes && self.bytes[at] == b'\\' {
                at += 2;
            } else if self.bytes[at..].starts_with(quote.close.as_bytes()) {
                return at + quote.close.len();
            } else if self.bytes[at] == b'\n' && !quote.multiline {
                return at;
            } else {
                at += 1;
            }
        }
        self.bytes.len()
    }

    /// `r"…"`, `r##"…"##`.
    fn rust_raw(&mut self) -> bool {
        if self.bytes[self.at] != b'r' || is_word(self.previous()) && self.previous() != b'b' {
            return false;
        }
        let hashes = self.bytes[self.at + 1..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        let body = self.at + 1 + hashes;
        if self.bytes.get(body) != Some(&b'"') {
            return false;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let end = self
            .find(&close, body + 1)
            .map_or(self.bytes.len(), |at| at + close.len());
        self.push(end, Class::String);
        true
    }

    /// `'x'` and `'\n'`, but not the lifetime `'a`.
    fn rust_char(&mut self) -> bool {
        if self.bytes[self.at] != b'\'' {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let mut letters = rest.char_indices();
        let end = match (letters.next(), letters.next()) {
            // The byte after the backslash may itself be a quote.
            (Some((_, '\\')), Some((escaped, letter))) => {
                let after = escaped + letter.len_utf8();
                let length = rest[after..].find('\'').filter(|length| *length < 10);
                length.map(|length| self.at + 1 + after + length + 1)
            }
            (Some(_), Some((close, '\''))) => Some(self.at + 1 + close + 1),
            _ => None,
        };
        match end {
            Some(end) => self.push(end, Class::String),
            None => self.at += 1,
        }
        true
    }

    /// A regular expression where an operand is due; it ends on its line.
    fn node_regex(&mut self) -> bool {
        if self.bytes[self.at] != b'/' {
            return false;
        }
        let before = self.text[..self.at].trim_end_matches([' ', '\t']);
        let due = before.is_empty()
            || before.ends_with([
                '(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '+', '\n',
            ])
            || before.ends_with("return");
        if !due {
            return false;
        }
        let mut in_class = false;
        let mut at = self.at + 1;
        while at < self.bytes.len() && self.bytes[at] != b'\n' {
            match self.bytes[at] {
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.push(at + 1, Class::String);
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        false
    }

    /// Text of a template from `from` to its end or to the next `${`.
    fn template(&mut self, from: usize) {
        let mut at = from;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'\\' => at += 2,
                b'`' => return self.push(at + 1, Class::String),
                b'$' if self.bytes.get(at + 1) == Some(&b'{') => {
                    self.templates.push(0);
                    return self.push(at + 2, Class::String);
                }
                _ => at += 1,
            }
        }
        self.push(self.bytes.len(), Class::String);
    }

    fn code(&mut self) {
        let byte = self.bytes[self.at];
        match (byte, self.templates.last_mut()) {
            (b'{', Some(depth)) => *depth += 1,
            (b'}', Some(0)) => {
                self.templates.pop();
                return self.template(self.at + 1);
            }
            (b'}', Some(depth)) => *depth -= 1,
            _ => {}
        }
        if byte == b'<' && self.syntax.heredocs {
            self.heredoc_mark();
        }
        self.at += 1;
        if byte == b'\n' && !self.heredocs.is_empty() {
            self.heredoc_bodies();
        }
    }

    /// `<<EOF`, `<<-'EOF'`, `<<~SQL`, `<<<EOT`.
    fn heredoc_mark(&mut self) {
        let php = self.language == Language::Php;
        let open = if php { "<<<" } else { "<<" };
        if !self.starts(open) || (!php && self.starts("<<<")) || self.previous() == b'<' {
            return;
        }
        let rest = self.text[self.at + open.len()..].trim_start_matches(['-', '~']);
        let rest = rest.trim_start_matches(['"', '\'', '\\', ' ']);
        let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
        let word = &rest[..length];
        // `1 << WIDTH` and `list << item` are no here-documents.
        if word.starts_with(|letter: char| letter.is_ascii_uppercase() || letter == '_') {
            self.heredocs.push(word);
        }
    }

    /// From the start of a line: the text of each here-document that was opened.
    fn heredoc_bodies(&mut self) {
        for word in std::mem::take(&mut self.heredocs) {
            let mut end = self.at;
            for line in self.text[self.at..].split_inclusive('\n') {
                let mark = line.trim();
                if mark.trim_end_matches([';', ')', ',']) == word {
                    break;
                }
                end += line.len();
            }
            self.push(end, Class::String);
            self.at = end;
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
