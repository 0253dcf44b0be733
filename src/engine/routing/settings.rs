//! `[routing]` as written.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[routing]`: who reads which packet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Whether crews are picked for each packet; policies are in force also where they are not.
    pub enabled: bool,
    /// Models that read an ordinary packet, at least.
    pub voters: usize,
    /// Models that read a risky one, at least; 0: the whole crew.
    pub risky_voters: usize,
    /// `[routing.risk]`.
    pub risk: RiskSettings,
    /// `[routing.policies.NAME]`.
    pub policies: BTreeMap<String, Policy>,
}

/// `[routing.risk]`: what makes a packet risky; any one is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskSettings {
    /// Its tokens, from so many on.
    pub tokens: usize,
    /// Globs of paths that it touches.
    pub paths: Vec<String>,
    /// Whether changed lines that look relevant to security do.
    pub security: bool,
}

/// `[routing.policies.NAME]`: what backends must be like that are asked about some files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Globs of the files that it covers; all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
    /// Whether they must be on this machine.
    pub local: bool,
    /// US dollars that a call about a packet may cost at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<f64>,
    /// Longest median of the time that their calls took so far.
    #[serde(
        with = "crate::units::duration::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_latency: Option<Duration>,
    /// How strictly.
    pub enforce: Enforce,
}

/// How strictly a policy is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enforce {
    /// Whoever breaks it is not asked, whatever that leaves unread.
    #[default]
    Hard,
    /// Whoever breaks it is asked only where the others make no quorum.
    Soft,
    /// Nothing changes; the report counts.
    Monitor,
}

impl Enforce {
    /// The word that reports and configuration use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Monitor => "monitor",
        }
    }
}

impl Default for Settings {
    /// Off: everybody reads everything.
    fn default() -> Self {
        Self {
            enabled: false,
            voters: 2,
            risky_voters: 0,
            risk: RiskSettings {
                tokens: usize::MAX,
                paths: Vec::new(),
                security: false,
            },
            policies: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Whether anything is to be routed. A policy alone is enough: what it promises must not
    /// hang on another key.
    pub fn is_on(&self) -> bool {
        self.enabled || !self.policies.is_empty()
    }
}
