//! `[budget]` as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[budget]`: US dollars that may be spent; absent: as much as it takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// By one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<f64>,
    /// By this project on one day, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<f64>,
    /// By this project in one month, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<f64>,
    /// By one backend in this project.
    pub per_backend: BTreeMap<String, Caps>,
    /// By the runs of a team in this project.
    pub teams: BTreeMap<String, Caps>,
    /// By all projects of the store.
    pub organisation: Caps,
}

/// US dollars by run, day and month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// By one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<f64>,
    /// On one day, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<f64>,
    /// In one month, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<f64>,
}

impl Caps {
    /// Whether anything is bounded.
    pub fn is_set(&self) -> bool {
        [self.run, self.day, self.month].iter().any(Option::is_some)
    }
}

impl Settings {
    /// Those of the project itself.
    pub fn project(&self) -> Caps {
        Caps {
            run: self.run,
            day: self.day,
            month: self.month,
        }
    }

    /// Whether anything is bounded.
    pub fn is_set(&self) -> bool {
        let backends = self.per_backend.values();
        let mut all = backends.chain(self.teams.values());
        all.any(Caps::is_set) || self.project().is_set() || self.organisation.is_set()
    }
}
