//! Keys of a workflow file, by name and type.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::{Report, suggestion};

/// Reads keys of the right names and types, and notes the others.
pub(super) struct Shape<'r, 't> {
    pub(super) report: &'r mut Report<'t>,
    /// Otherwise what is missing may be in the part that was not understood.
    pub(super) is_toml: bool,
}

/// A table with what messages call it and where it begins.
pub(super) struct Table<'d, 'i> {
    pub(super) keys: &'d DeTable<'i>,
    pub(super) what: &'static str,
    pub(super) at: usize,
}

impl Shape<'_, '_> {
    pub(super) fn refuse_unknown(&mut self, table: &Table<'_, '_>, known: &[&str]) {
        for key in table.keys.keys() {
            let word: &str = key.get_ref();
            if !known.contains(&word) {
                self.report.add(
                    key.span().start,
                    format!("unknown key `{word}` in {}", table.what),
                    suggestion(word, "known keys", known),
                );
            }
        }
    }

    pub(super) fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = value.get_ref().type_str();
        let article = if matches!(found, "integer" | "array") {
            "an"
        } else {
            "a"
        };
        self.report.add(
            value.span().start,
            format!("`{key}` must be {wanted}, not {article} {found}"),
            "",
        );
    }

    pub(super) fn missing(&mut self, at: usize, message: &str, remedy: &str) {
        if self.is_toml {
            self.report.add(at, message, remedy);
        }
    }

    pub(super) fn required(
        &mut self,
        table: &Table<'_, '_>,
        key: &str,
    ) -> Option<(String, Range<usize>)> {
        if !table.keys.contains_key(key) {
            self.missing(
                table.at,
                &format!("{} needs `{key}`", table.what),
                &format!("add `{key} = \"…\"`"),
            );
            return None;
        }
        let (text, span) = self.string(table, key)?;
        if text.trim().is_empty() {
            self.report
                .add(span.start, format!("`{key}` is empty"), "write a text");
            return None;
        }
        Some((text, span))
    }

    pub(super) fn string(
        &mut self,
        table: &Table<'_, '_>,
        key: &str,
    ) -> Option<(String, Range<usize>)> {
        let value = table.keys.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a string");
            return None;
        };
        Some((text.to_owned(), value.span()))
    }

    pub(super) fn boolean(&mut self, table: &Table<'_, '_>, key: &str) -> bool {
        let Some(value) = table.keys.get(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "true or false");
            false
        })
    }

    pub(super) fn word<T: Copy>(
        &mut self,
        table: &Table<'_, '_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let (text, span) = self.string(table, key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.report.add(
                span.start,
                format!("`{key}` cannot be `{text}`"),
                suggestion(&text, "known words", &known),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A value that a number or a string may write.
    pub(super) fn parsed<'d, T>(
        &mut self,
        table: &Table<'_, 'd>,
        key: &str,
        wanted: &str,
        read: impl FnOnce(Spanned<DeValue<'d>>) -> Result<T, toml::de::Error>,
    ) -> Option<T> {
        let value = table.keys.get(key)?;
        if !matches!(
            value.get_ref(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::String(_)
        ) {
            self.wrong_type(key, value, wanted);
            return None;
        }
        read(value.clone())
            .map_err(|_| {
                self.report
                    .add(value.span().start, format!("`{key}` must be {wanted}"), "");
            })
            .ok()
    }
}
