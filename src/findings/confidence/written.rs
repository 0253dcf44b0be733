//! The model as a file.

use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{Model, Record};

/// What is wrong with a file of priors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Flaw {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Model {
    /// Reads what [`Model::to_toml`] writes.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = &text[..text.floor_char_boundary(at)];
            let start = before.rfind('\n').map_or(0, |feed| feed + 1);
            Flaw {
                line: before.matches('\n').count() + 1,
                column: before[start..].chars().count() + 1,
                message: error.message().to_owned(),
            }
        })
    }

    /// The model as TOML, four decimals a number.
    pub fn to_toml(&self) -> String {
        let mut out = format!(
            "intercept = {:.4}\ntemper = {:.4}\nsilence = {:.4}\ndefault = {}\n",
            self.intercept,
            self.temper,
            self.silence,
            inline(self.default)
        );
        for (title, records) in [
            ("backends", &self.backends),
            ("categories", &self.categories),
        ] {
            if records.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n[{title}]");
            for (name, record) in records {
                // Strings of JSON are strings of TOML.
                let name = serde_json::Value::from(name.as_str());
                let _ = writeln!(out, "{name} = {}", inline(*record));
            }
        }
        out
    }
}

fn inline(record: Record) -> String {
    format!(
        "{{ real = {:.4}, unreal = {:.4} }}",
        record.real, record.unreal
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRecord {
    real: f64,
    unreal: f64,
}

impl TryFrom<WrittenRecord> for Record {
    type Error = String;

    fn try_from(written: WrittenRecord) -> Result<Self, String> {
        let WrittenRecord { real, unreal } = written;
        // NaN is in no range.
        if [real, unreal].iter().all(|p| *p > 0.0 && *p < 1.0) {
            Ok(Self { real, unreal })
        } else {
            Err(format!(
                "real = {real}, unreal = {unreal}: both must lie between 0 and 1, and be neither"
            ))
        }
    }
}

pub(super) fn finite<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(input)?;
    if number.is_finite() {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("{number} is no number")))
    }
}

pub(super) fn temper<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(input)?;
    // NaN is in no range.
    if (0.0..=10.0).contains(&number) {
        Ok(number)
    } else {
        let message = format!("{number} does not lie between 0 and 10");
        Err(D::Error::custom(message))
    }
}
