//! How probable it is that a finding is real: naive Bayes over who reported it and who,
//! having answered, kept silent; tempered, since backends err together.
//!
//! The universe is that of all things that could be said of a change: the real issues,
//! found or not, and the wrong claims that some backend might make. A backend's record
//! is the share of each that it reports. The numbers that llmux ships stand in
//! `rules/priors.toml`; `llmux eval` learns others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

mod calibration;
mod learn;

pub use calibration::{Bin, Calibration, calibration};
pub use learn::Example;

/// The built-in numbers.
static BUILTIN: LazyLock<Model> = LazyLock::new(|| {
    Model::parse(include_str!("../../../rules/priors.toml"))
        .unwrap_or_else(|error| unreachable!("rules/priors.toml is tested: {error}"))
});

/// What is known of a finding when its probability is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'e> {
    /// Voters that reported it; a sample is `NAME#K`.
    pub reporters: &'e [String],
    /// Voters that answered for its place. Those among them that reported it count as
    /// reporters alone. Who was asked and gave no answer belongs in neither list.
    pub answered: &'e [String],
    /// Its category, where it is known.
    pub category: Option<&'e str>,
}

/// How often something is said of what is real and of what is not.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "WrittenRecord")]
pub struct Record {
    /// P(reports | real), between 0 and 1.
    pub real: f64,
    /// P(reports | not real), between 0 and 1.
    pub unreal: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecord {
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

impl Record {
    /// Log-odds that a report adds; at least 0, so that a further reporter never lowers.
    fn said(self) -> f64 {
        (self.real / self.unreal).ln().max(0.0)
    }

    /// Log-odds that silence takes away; at least 0.
    fn kept_silent(self) -> f64 {
        ((1.0 - self.unreal) / (1.0 - self.real)).ln().max(0.0)
    }
}

/// The probability model: each backend's record, and how much the sum of what they say
/// counts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "WrittenModel")]
pub struct Model {
    /// Log-odds that something is real before anyone says anything.
    intercept: f64,
    /// What the sum of the log-odds is multiplied with: below 1 where backends err together.
    temper: f64,
    /// Of a backend without a record of its own.
    default: Record,
    /// By the backend's name.
    backends: BTreeMap<String, Record>,
    /// By category: its share of what is real and of what is not.
    categories: BTreeMap<String, Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenModel {
    intercept: f64,
    temper: f64,
    default: Record,
    #[serde(default)]
    backends: BTreeMap<String, Record>,
    #[serde(default)]
    categories: BTreeMap<String, Record>,
}

impl TryFrom<WrittenModel> for Model {
    type Error = String;

    fn try_from(written: WrittenModel) -> Result<Self, String> {
        if !written.intercept.is_finite() {
            return Err(format!("intercept = {} is no number", written.intercept));
        }
        if !(0.0..=10.0).contains(&written.temper) {
            return Err(format!(
                "temper = {} does not lie between 0 and 10",
                written.temper
            ));
        }
        Ok(Self {
            intercept: written.intercept,
            temper: written.temper,
            default: written.default,
            backends: written.backends,
            categories: written.categories,
        })
    }
}

impl Model {
    /// The numbers that llmux ships.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads what [`Model::to_toml`] writes.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn parse(toml: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(toml)
    }

    /// The model as TOML, four decimals a number.
    pub fn to_toml(&self) -> String {
        let mut out = format!(
            "intercept = {:.4}\ntemper = {:.4}\ndefault = {}\n",
            self.intercept,
            self.temper,
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

    /// Probability that a finding is real, strictly between 0 and 1. Another reporter never
    /// lowers it, another that kept silent never raises it; the order of names is irrelevant.
    ///
    /// Samples of one backend share one record and err together: what they say together
    /// weighs as much as the square root of their number.
    pub fn probability(&self, evidence: &Evidence<'_>) -> f64 {
        let odds = self.intercept + self.temper * self.sum(evidence);
        // So that rounding makes no certainty of it.
        (1.0 / (1.0 + (-odds).exp())).clamp(1e-6, 1.0 - 1e-6)
    }

    /// What a vote of each backend should count beside the others': the log-odds that its
    /// report adds, their mean being 1, in steps of a tenth and at least one.
    pub fn weights(&self, backends: &[String]) -> BTreeMap<String, f64> {
        let said = |name: &String| self.backends.get(name).unwrap_or(&self.default).said();
        let sum: f64 = backends.iter().map(said).sum();
        #[expect(clippy::cast_precision_loss, reason = "a panel is small")]
        let mean = sum / backends.len().max(1) as f64;
        let weight = |name: &String| {
            let weight = if mean > 0.0 { said(name) / mean } else { 1.0 };
            ((weight * 10.0).round() / 10.0).max(0.1)
        };
        let named = backends.iter().map(|name| (name.clone(), weight(name)));
        named.collect()
    }

    /// Sum of the log-odds of all that is known.
    fn sum(&self, evidence: &Evidence<'_>) -> f64 {
        let mut voters: BTreeMap<&str, bool> = BTreeMap::new();
        for name in evidence.answered {
            voters.insert(name, false);
        }
        for name in evidence.reporters {
            voters.insert(name, true);
        }
        // Backend → how many of its voters reported, and how many kept silent.
        let mut backends: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (voter, reported) in voters {
            let (said, silent) = backends.entry(backend_of(voter)).or_default();
            *if reported { said } else { silent } += 1.0;
        }
        let counts = backends.into_iter();
        let counts = counts.map(|(name, (said, silent))| (name, said, silent));
        self.sum_of(counts, evidence.category)
    }

    /// The same of backends, with how many voters of each reported and how many kept silent.
    fn sum_of<'e>(
        &self,
        backends: impl Iterator<Item = (&'e str, f64, f64)>,
        category: Option<&str>,
    ) -> f64 {
        let category = category
            .and_then(|name| self.categories.get(name))
            .map_or(0.0, |record| (record.real / record.unreal).ln());
        let of_backends: f64 = backends
            .map(|(name, said, silent)| {
                let record = self.backends.get(name).copied().unwrap_or(self.default);
                let sum = said * record.said() - silent * record.kept_silent();
                sum / (said + silent).sqrt()
            })
            .sum();
        category + of_backends
    }
}

fn inline(record: Record) -> String {
    format!(
        "{{ real = {:.4}, unreal = {:.4} }}",
        record.real, record.unreal
    )
}

/// `claude#2` → `claude`: the backend whose sample a voter is, or the voter itself.
pub fn backend_of(voter: &str) -> &str {
    match voter.rsplit_once('#') {
        Some((name, number))
            if !name.is_empty()
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => voter,
    }
}
