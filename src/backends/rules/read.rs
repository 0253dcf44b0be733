//! Reads TOML tables key by key and collects what is wrong, with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::{Place, RuleError, unknown};
use super::pattern;

/// A rule file while it is read.
pub(super) struct Source<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
    pub(super) errors: Vec<RuleError>,
}

impl Source<'_> {
    /// Notes a mistake at a byte offset.
    pub(super) fn error(&mut self, at: usize, message: impl Into<String>) {
        let place = self.place(at);
        self.errors.push(RuleError {
            file: self.name.to_owned(),
            place: Some(place),
            message: message.into(),
        });
    }

    /// Line and column of a byte offset.
    pub(super) fn place(&self, at: usize) -> Place {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Checks a regular expression that was written at `span`.
    pub(super) fn check_regex(&mut self, written: &Written) -> bool {
        let Err(mistake) = pattern::check(&written.text) else {
            return true;
        };
        let at = mistake
            .at
            .and_then(|at| self.inside(written, at))
            .unwrap_or(written.span.start);
        self.error(at, format!("not a regular expression: {}", mistake.message));
        false
    }

    /// Where byte `at` of a string's content stands in the file; none where
    /// escapes shift it.
    fn inside(&self, written: &Written, at: usize) -> Option<usize> {
        let token = self.text.get(written.span.clone())?;
        Some(written.span.start + token.find(&written.text)? + at)
    }
}

/// A string and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// One table while it is read: each key is taken once, the rest is unknown.
pub(super) struct Table<'t, 'i> {
    keys: &'t DeTable<'i>,
    /// Where a missing key is reported, as a byte offset.
    pub(super) at: usize,
    /// What the table is called in messages.
    what: &'static str,
    known: Vec<&'static str>,
}

impl<'t, 'i> Table<'t, 'i> {
    pub(super) fn new(table: &'t DeTable<'i>, at: usize, what: &'static str) -> Self {
        Self {
            keys: table,
            at,
            what,
            known: Vec::new(),
        }
    }

    /// The value of a key that may be absent.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.keys
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// A string that may be absent.
    pub(super) fn text(&mut self, source: &mut Source, key: &'static str) -> Option<Written> {
        let value = self.value(key)?;
        let text = written(value);
        if text.is_none() {
            wrong_type(source, value, key, "a string");
        }
        text
    }

    /// A string that must be there and not be blank.
    pub(super) fn required(&mut self, source: &mut Source, key: &'static str) -> Option<Written> {
        let there = self.value(key).is_some();
        let text = self.text(source, key);
        match &text {
            None if !there => source.error(self.at, format!("{} has no `{key}`", self.what)),
            Some(text) if text.text.trim().is_empty() => {
                source.error(text.span.start, format!("`{key}` is empty"));
            }
            _ => {}
        }
        text
    }

    /// A string or a list of strings; absent is empty.
    pub(super) fn texts(&mut self, source: &mut Source, key: &'static str) -> Vec<Written> {
        self.value(key)
            .map_or_else(Vec::new, |value| texts(source, value, key))
    }

    /// `true` or `false`, or the default.
    pub(super) fn flag(&mut self, source: &mut Source, key: &'static str, default: bool) -> bool {
        let Some(value) = self.value(key) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            wrong_type(source, value, key, "true or false");
            default
        })
    }

    /// A number within bounds that may be absent.
    pub(super) fn number(
        &mut self,
        source: &mut Source,
        key: &'static str,
        bounds: Range<f64>,
    ) -> Option<f64> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (bounds.start..=bounds.end).contains(number));
        if number.is_none() {
            let want = format!("a number from {} to {}", bounds.start, bounds.end);
            wrong_type(source, value, key, &want);
        }
        number
    }

    /// A table inside that may be absent.
    pub(super) fn table(
        &mut self,
        source: &mut Source,
        key: &'static str,
        what: &'static str,
    ) -> Option<Table<'t, 'i>> {
        let value = self.value(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            Some(Table::new(table, value.span().start, what))
        } else {
            wrong_type(source, value, key, "a table");
            None
        }
    }

    /// Reports every key that was not asked for.
    pub(super) fn finish(self, source: &mut Source) {
        for (key, _) in self.keys {
            if !self.known.contains(&key.get_ref().as_ref()) {
                let message = unknown("key", key.get_ref(), self.known.iter().copied());
                source.error(key.span().start, message);
            }
        }
    }

    /// All keys with their values, for a table whose keys are names.
    pub(super) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'t str, &'t Spanned<DeValue<'i>>)> + use<'t, 'i> {
        self.keys
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), value))
    }
}

/// A string or a list of strings.
pub(super) fn texts(source: &mut Source, value: &Spanned<DeValue>, key: &str) -> Vec<Written> {
    if let Some(text) = written(value) {
        return vec![text];
    }
    let DeValue::Array(items) = value.get_ref() else {
        wrong_type(source, value, key, "a string or a list of strings");
        return Vec::new();
    };
    let mut texts = Vec::new();
    for item in items {
        match written(item) {
            Some(text) => texts.push(text),
            None => wrong_type(source, item, key, "a list of strings"),
        }
    }
    texts
}

fn written(value: &Spanned<DeValue>) -> Option<Written> {
    value.get_ref().as_str().map(|text| Written {
        text: text.to_owned(),
        span: value.span(),
    })
}

pub(super) fn wrong_type(source: &mut Source, value: &Spanned<DeValue>, key: &str, want: &str) {
    source.error(value.span().start, format!("`{key}` wants {want}"));
}
