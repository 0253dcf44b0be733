//! A reader of JSON as models write it.
//!
//! It takes all of JSON, and beside it: comments, trailing and missing commas,
//! raw line feeds and control characters in strings, unknown escapes, single
//! quotes, bare keys and words, and text that ends too early. What it takes it
//! takes in one pass, so that a hostile answer costs no more than an honest one.

use serde_json::{Map, Number, Value};

/// Containers in each other; what is deeper is refused.
const MAX_DEPTH: usize = 48;
/// Bytes looked at behind a quotation mark to tell whether it ends its string.
const MAX_KEY: usize = 48;

/// Why there is no value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The text is no JSON: where, and what was expected there.
    Syntax(usize, &'static str),
    /// The text ended inside the value. Holds what was complete: of a list its
    /// whole elements, of an object its members.
    Cut(usize, Value),
}

impl Failure {
    /// Byte offset at which reading stopped.
    pub(super) fn at(&self) -> usize {
        match self {
            Self::Syntax(at, _) | Self::Cut(at, _) => *at,
        }
    }
}

/// Reads one value that begins at byte `start`; gives it and the offset behind it.
///
/// With `stray_quotes`, a quotation mark ends its string only where the text
/// goes on as JSON does, so that unescaped ones inside code are taken as code.
pub(super) fn read(
    text: &str,
    start: usize,
    stray_quotes: bool,
) -> Result<(Value, usize), Failure> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: start,
        stray_quotes,
    };
    let value = reader.value(0, Inside::List)?;
    Ok((value, reader.at))
}

/// What a string stands in: decides what may follow it.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    List,
    Object,
    Key,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    stray_quotes: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn syntax<T>(&self, expected: &'static str) -> Result<T, Failure> {
        Err(Failure::Syntax(self.at, expected))
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        self.at = skip_from(self.text, self.at);
    }

    fn value(&mut self, depth: usize, inside: Inside) -> Result<Value, Failure> {
        self.skip();
        match self.peek() {
            None => Err(Failure::Cut(self.at, Value::Null)),
            Some(b'{' | b'[') if depth >= MAX_DEPTH => self.syntax("less nesting"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(quote @ (b'"' | b'\'')) => self.string(quote, inside).map(Value::String),
            Some(_) => self.word().map(word_value),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Failure> {
        self.at += 1;
        let mut members = Map::new();
        loop {
            self.skip();
            match self.peek() {
                None => return Err(Failure::Cut(self.at, Value::Object(members))),
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let key = match self.key() {
                Ok(key) => key,
                Err(Failure::Cut(at, _)) => {
                    return Err(Failure::Cut(at, Value::Object(members)));
                }
                Err(failure) => return Err(failure),
            };
            match self.value(depth + 1, Inside::Object) {
                Ok(value) => add(&mut members, key, value),
                Err(Failure::Cut(at, part)) => {
                    add(&mut members, key, part);
                    return Err(Failure::Cut(at, Value::Object(members)));
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<String, Failure> {
        let key = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.string(quote, Inside::Key)?,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.word()?.to_owned(),
            _ => return self.syntax("a quoted key or `}`"),
        };
        self.skip();
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Ok(key)
            }
            None => Err(Failure::Cut(self.at, Value::Null)),
            Some(_) => self.syntax("`:` after a key"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Failure> {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(elements));
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(b'}') => return self.syntax("`]` or a further element"),
                None | Some(_) => {}
            }
            match self.value(depth + 1, Inside::List) {
                Ok(value) => elements.push(value),
                // A half element would pass for a whole one: it goes.
                Err(Failure::Cut(at, _)) => return Err(Failure::Cut(at, Value::Array(elements))),
                Err(failure) => return Err(failure),
            }
        }
    }

    fn string(&mut self, quote: u8, inside: Inside) -> Result<String, Failure> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte != quote && byte != b'\\')
            {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.peek() {
                None => return Err(Failure::Cut(self.at, Value::Null)),
                Some(b'\\') => self.escape(&mut out),
                Some(_) => {
                    let ends = !self.stray_quotes || ends_string(self.text, self.at + 1, inside);
                    self.at += 1;
                    if ends {
                        return Ok(out);
                    }
                    out.push(char::from(quote));
                }
            }
        }
    }

    /// An escape; an unknown one stands for itself, as in the code `\d+`.
    fn escape(&mut self, out: &mut String) {
        self.at += 1;
        let Some(ch) = self.text[self.at..].chars().next() else {
            return;
        };
        self.at += ch.len_utf8();
        match ch {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '"' | '\\' | '/' | '\'' => out.push(ch),
            'u' => match self.hex4() {
                Some(unit) => self.code_unit(unit, out),
                None => out.push_str("\\u"),
            },
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// One UTF-16 unit, with its second half where it has one.
    fn code_unit(&mut self, unit: u32, out: &mut String) {
        let mut scalar = unit;
        if (0xD800..0xDC00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            match self.hex4() {
                Some(low) if (0xDC00..0xE000).contains(&low) => {
                    scalar = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                }
                _ => self.at = before,
            }
        }
        out.push(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// A number, `true`, `null`, or another run of such characters.
    fn word(&mut self) -> Result<&str, Failure> {
        let from = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
        {
            self.at += 1;
        }
        if from == self.at {
            return self.syntax("a value");
        }
        Ok(&self.text[from..self.at])
    }
}

fn word_value(word: &str) -> Value {
    match word {
        "null" | "None" | "undefined" | "nil" => Value::Null,
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        _ => serde_json::from_str::<Number>(word)
            .map_or_else(|_| Value::String(word.to_owned()), Value::Number),
    }
}

/// Adds a member. Of two lists with one name none hides the other: both are kept.
fn add(members: &mut Map<String, Value>, key: String, value: Value) {
    match (members.get_mut(&key), value) {
        (Some(Value::Array(first)), Value::Array(second)) => first.extend(second),
        (_, value) => {
            members.insert(key, value);
        }
    }
}

/// The offset of the first byte from `at` that is neither white space nor in a comment.
fn skip_from(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let blank = rest.len()
            - rest
                .trim_start_matches(|ch: char| ch.is_whitespace() || ch == '\u{feff}')
                .len();
        at += blank;
        let rest = &text[at..];
        let comment = if rest.starts_with("//") || rest.starts_with('#') {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            return at;
        };
        at += comment;
    }
}

/// Whether the text behind a quotation mark goes on as JSON does.
fn ends_string(text: &str, behind: usize, inside: Inside) -> bool {
    let rest = text[behind..].trim_start();
    let own_line = text[behind..text.len() - rest.len()].contains('\n');
    let mut following = rest.chars();
    match (following.next(), inside) {
        (None, _)
        | (Some(':'), Inside::Key)
        | (Some('}'), Inside::Object)
        | (Some(']' | ','), Inside::List) => true,
        (Some(','), Inside::Object) => {
            let next = following.as_str().trim_start();
            next.is_empty() || next.starts_with('}') || starts_with_key(next)
        }
        (Some('"' | '\''), Inside::Object) => own_line && starts_with_key(rest),
        _ => false,
    }
}

/// Whether `"name":` stands here.
fn starts_with_key(text: &str) -> bool {
    let Some(quote) = text.chars().next().filter(|ch| matches!(ch, '"' | '\'')) else {
        return false;
    };
    let name = text[1..]
        .bytes()
        .take(MAX_KEY)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_- ".contains(byte))
        .count();
    name > 0
        && text[1 + name..]
            .strip_prefix(quote)
            .is_some_and(|rest| rest.trim_start().starts_with(':'))
}
