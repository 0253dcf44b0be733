//! `[vote]` as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::findings::Severity;
use crate::findings::taxonomy::CATEGORIES;
use crate::units::Threshold;

/// `[vote]`: when a finding is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct VoteSettings {
    /// What confirms a finding that nothing else is said about.
    pub threshold: Threshold,
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

#[derive(Deserialize)]
struct Written {
    threshold: Threshold,
    #[serde(flatten)]
    own: BTreeMap<String, Own>,
}

impl TryFrom<Written> for VoteSettings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { threshold, own } = written;
        let severities = Severity::ALL.map(Severity::as_str);
        let names = || CATEGORIES.iter().chain(&severities);
        match own.keys().find(|name| !names().any(|known| known == name)) {
            None => Ok(Self { threshold, own }),
            Some(name) => {
                let known: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                Err(format!(
                    "unknown field `{name}`, expected one of `threshold`, {}",
                    known.join(", ")
                ))
            }
        }
    }
}

impl VoteSettings {
    /// The same threshold for all findings.
    pub fn of(threshold: Threshold) -> Self {
        Self {
            threshold,
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
