//! `[vote]` as written.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::findings::Severity;
use crate::findings::taxonomy::CATEGORIES;
use crate::units::Threshold;

/// `[vote]`: when a finding is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VoteSettings {
    /// What confirms a finding that nothing else is said about.
    pub threshold: Threshold,
    /// Whether findings without their votes go before critics where that can change the verdict.
    pub refute: bool,
    /// A file of what is known of backends, in the project, as `llmux eval --write-priors` writes
    /// it; none: what llmux ships.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priors: Option<String>,
    /// Category or severity → its own threshold.
    #[serde(flatten)]
    own: BTreeMap<String, Own>,
}

/// `[vote.security]` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Threshold>,
}

/// As a derived one would, with the names that the taxonomy has.
impl<'de> Deserialize<'de> for VoteSettings {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = VoteSettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of thresholds")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<VoteSettings, A::Error> {
        let severities = Severity::ALL.map(Severity::as_str);
        let names = || CATEGORIES.iter().chain(&severities);
        let (mut threshold, mut refute, mut priors) = (None, None, None);
        let mut own = BTreeMap::new();
        while let Some(name) = table.next_key::<String>()? {
            if name == "threshold" {
                threshold = Some(table.next_value()?);
            } else if name == "refute" {
                refute = Some(table.next_value()?);
            } else if name == "priors" {
                priors = Some(table.next_value()?);
            } else if names().any(|known| *known == name) {
                own.insert(name, table.next_value()?);
            } else {
                let known: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                return Err(A::Error::custom(format!(
                    "unknown field `{name}`, expected one of `threshold`, `refute`, `priors`, {}",
                    known.join(", ")
                )));
            }
        }
        let missing = A::Error::missing_field;
        Ok(VoteSettings {
            threshold: threshold.ok_or_else(|| missing("threshold"))?,
            refute: refute.ok_or_else(|| missing("refute"))?,
            priors,
            own,
        })
    }
}

impl VoteSettings {
    /// The same threshold for all findings, doubtful ones judged.
    pub fn of(threshold: Threshold) -> Self {
        Self {
            threshold,
            refute: true,
            priors: None,
            own: BTreeMap::new(),
        }
    }

    /// The same with another threshold for a category or severity.
    #[must_use]
    pub fn with(mut self, name: &str, threshold: Threshold) -> Self {
        let threshold = Some(threshold);
        self.own.insert(name.to_owned(), Own { threshold });
        self
    }

    /// What confirms a finding of that category and severity, where neither step nor role says
    /// it; any one of these is enough: the category's and the severity's own, the common one
    /// where neither has one.
    pub fn thresholds(&self, category: &str, severity: Severity) -> Vec<Threshold> {
        let own = |name: &str| self.own.get(name).and_then(|own| own.threshold);
        let mut thresholds: Vec<_> = own(category)
            .into_iter()
            .chain(own(severity.as_str()))
            .collect();
        if thresholds.is_empty() {
            thresholds.push(self.threshold);
        }
        thresholds
    }

    /// Those with a threshold of their own, by name.
    pub fn own(&self) -> impl Iterator<Item = (&str, Threshold)> {
        let own = self.own.iter();
        own.filter_map(|(name, own)| Some((name.as_str(), own.threshold?)))
    }
}
