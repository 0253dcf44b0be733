//! How probable it is that a finding is real: naive Bayes over who reported it and who,
//! having answered, kept silent; tempered, since backends err together.
//!
//! The universe is that of all things that could be said of a change: the real issues,
//! found or not, and the wrong claims that some backend might make. A backend's record
//! is the share of each that it reports. The numbers that llmux ships stand in
//! `rules/priors.toml`; `llmux eval` learns others, and feedback moves them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

mod calibration;
mod feedback;
mod fit;
mod learn;
mod written;

pub use calibration::{Bin, Calibration, calibration};
pub use feedback::{FeedbackSettings, Learned, Lesson, STRENGTH};
pub use learn::{Example, Records};
pub use written::Flaw;

/// The built-in numbers.
static BUILTIN: LazyLock<Arc<Model>> = LazyLock::new(|| {
    Model::parse(include_str!("../../../rules/priors.toml")).map_or_else(
        |error| unreachable!("rules/priors.toml is tested: {error}"),
        Arc::new,
    )
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
#[serde(try_from = "written::WrittenRecord")]
pub struct Record {
    /// P(reports | real), between 0 and 1.
    pub real: f64,
    /// P(reports | not real), between 0 and 1.
    pub unreal: f64,
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
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Log-odds that something is real before anyone says anything.
    #[serde(deserialize_with = "written::finite")]
    intercept: f64,
    /// What the log-odds of reports and category are multiplied with: below 1 where backends
    /// err together.
    #[serde(deserialize_with = "written::temper")]
    temper: f64,
    /// What those of silence are multiplied with.
    #[serde(deserialize_with = "written::temper")]
    silence: f64,
    /// Of a backend without a record of its own.
    default: Record,
    /// By the backend's name.
    #[serde(default)]
    backends: BTreeMap<String, Record>,
    /// By category: its share of what is real and of what is not.
    #[serde(default)]
    categories: BTreeMap<String, Record>,
}

impl Model {
    /// The numbers that llmux ships.
    pub fn builtin() -> &'static Arc<Self> {
        &BUILTIN
    }

    /// Probability that a finding is real, strictly between 0 and 1. Another reporter never
    /// lowers it, another that kept silent never raises it; the order of names is irrelevant.
    ///
    /// Samples of one backend share one record and err together: what they say together
    /// weighs as much as the square root of their number.
    pub fn probability(&self, evidence: &Evidence<'_>) -> f64 {
        let odds = self.line().odds(self.sums(evidence));
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

    fn line(&self) -> Line {
        Line {
            intercept: self.intercept,
            temper: self.temper,
            silence: self.silence,
        }
    }

    /// Sums of the log-odds of all that is known.
    fn sums(&self, evidence: &Evidence<'_>) -> Sums {
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
        self.sums_of(counts, evidence.category)
    }

    /// The same of backends, with how many voters of each reported and how many kept silent.
    fn sums_of<'e>(
        &self,
        backends: impl Iterator<Item = (&'e str, f64, f64)>,
        category: Option<&str>,
    ) -> Sums {
        let category = category
            .and_then(|name| self.categories.get(name))
            .map_or(0.0, |record| (record.real / record.unreal).ln());
        let mut sums = Sums {
            said: category,
            silent: 0.0,
        };
        for (name, said, silent) in backends {
            let record = self.backends.get(name).copied().unwrap_or(self.default);
            let together = (said + silent).sqrt();
            sums.said += said * record.said() / together;
            sums.silent += silent * record.kept_silent() / together;
        }
        sums
    }
}

/// Log-odds of what is known.
#[derive(Clone, Copy, Debug)]
struct Sums {
    /// What reports add, and the category.
    said: f64,
    /// What silence takes away; at least 0.
    silent: f64,
}

/// Log-odds = intercept + temper · said − silence · silent. Reports of one thing and silence
/// about it go together to different degrees.
#[derive(Clone, Copy, Debug)]
struct Line {
    intercept: f64,
    temper: f64,
    silence: f64,
}

impl Line {
    fn odds(self, sums: Sums) -> f64 {
        self.intercept + self.temper * sums.said - self.silence * sums.silent
    }
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
