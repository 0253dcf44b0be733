//! Workflows, roles and teams: which task goes to which backends, in which order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::units::Threshold;

/// `[roles.NAME]`: a kind of task and who does it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleSettings {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Names under `[backends]`; absent means every configured backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backends: Option<Vec<String>>,
    /// How the crew runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<Execution>,
    /// What several answers become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combine: Option<Combine>,
    /// In place of `vote.threshold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Whether doubtful findings go before a critic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refute: Option<bool>,
}

/// What several answers become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// Findings are merged and need the threshold.
    #[default]
    Vote,
    /// Findings are merged; one vote is enough.
    Union,
    /// Texts go to the synthesizer.
    Synthesize,
}

/// How a crew runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Execution {
    /// The first backend of the crew alone.
    First,
    /// All at once.
    #[default]
    Parallel,
    /// One after the other until one answers.
    Fallback,
}

/// `[teams.NAME]`: a domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TeamSettings {
    /// For people; templates see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Marker files (globs, matched in the top folder); any one is enough.
    pub detect: Vec<String>,
    /// Shell command that checks the tree; `fix` runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<String>,
    /// Files that templates see as `context`: conventions, architecture.
    pub context: Vec<String>,
    /// What reviewers of this language must look for; templates see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// Team whose values stand where this one has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Role → backends, in place of the role's own.
    pub roles: BTreeMap<String, Vec<String>>,
}
