//! Workflows, roles and teams: which task goes to which backends, in which order.
//!
//! A workflow file becomes a checked [`Workflow`]; [`Templates`] turns its prompts
//! into text; [`resolve_crew`] turns a step's role into backends.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::Threshold;

mod check;
mod code;
mod crew;
mod find;
mod graph;
mod parse;
mod problems;
mod shape;
mod templates;
mod variables;
mod vars;

pub use check::BUILTIN_ROLES;
pub use crew::{Crew, resolve_crew};
pub use find::{FindError, builtin_names, find, is_builtin, load, names};
pub use problems::{Place, Problem, Problems, nearest};
pub use templates::{TemplateError, Templates, folded_task};
pub use vars::{About, ChangeVars, FindingVars, PacketVars, Scene, StepVars, TeamVars, Vars};

/// A checked pipeline: steps that name roles, never backends.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// As `llmux run` and the report name it.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Whether the steps of one packet that go to the same backend become one call.
    pub fold: bool,
    /// Template of the prompt part that is the same in every call for findings of a run;
    /// that of the built-in `diff` where the file states none; may be empty.
    pub fixed: String,
    /// In the file's order; never empty, names are unique, dependencies exist and form no circle.
    pub steps: Vec<Step>,
    /// Where the text came from: a path, or the name of a built-in file.
    pub source: String,
}

/// One task of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// A letter, then letters, digits and `_`, so that templates can say `steps.NAME`.
    pub name: String,
    /// Who does it.
    pub role: String,
    /// Template of the task; the file's text.
    pub prompt: String,
    /// Names of the steps that must have ended before, in the file's order.
    pub depends_on: Vec<String>,
    /// Whether the role's whole crew answers: see [`Crew::execution_of`].
    pub parallel: bool,
    /// What the step runs over: packets where it produces findings and the file does not
    /// say; else absent means one call for the whole change.
    pub for_each: Option<ForEach>,
    /// What the answers are read as.
    pub produces: Produces,
    /// Expression that decides whether the step runs; absent means always.
    pub when: Option<String>,
    /// In place of the role's and of those of `[vote]`.
    pub threshold: Option<Threshold>,
    /// Of one call, in place of the backend's and of `run.call_timeout`.
    pub timeout: Option<Duration>,
    /// In place of the backends' own models and cascades.
    pub model: Option<StepModel>,
    /// 0.0 to 2.0; in place of the backends' own.
    pub temperature: Option<f32>,
    /// What a failure means for the run.
    pub on_error: OnError,
    /// Where `role` stands in the file.
    pub role_place: Place,
}

impl Step {
    /// The model that the step asks a backend for, where it says so.
    pub fn model_for(&self, backend: &str) -> Option<&str> {
        match self.model.as_ref()? {
            StepModel::All(model) => Some(model),
            StepModel::Each(models) => Some(&models.get(backend)?.name),
        }
    }

    /// Whether its task may be another one for each packet.
    pub fn uses_packet(&self) -> bool {
        self.prompt.contains("packet")
    }
}

/// The model that a step asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepModel {
    /// The same of every backend.
    All(String),
    /// By backend; the others are asked for their own.
    Each(BTreeMap<String, ModelName>),
}

/// A model as a workflow file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// As the backend knows it.
    pub name: String,
    /// Where the backend's name stands in the file.
    pub place: Place,
}

/// What a step runs over: one call for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForEach {
    /// The packets of the change.
    Packets,
    /// The findings of the steps before.
    Findings,
}

/// What a step's answers are read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Produces {
    /// The JSON object of claims.
    Findings,
    /// Prose, taken as it is.
    #[default]
    Text,
    /// Confirm or refute.
    Verdict,
    /// Changes to files.
    Edits,
}

/// What a step's failure means for the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The steps that depend on it do not run.
    #[default]
    Fail,
    /// They run without its answer.
    Continue,
}

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
    /// In place of those of `[vote]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// How often each backend is asked, in place of the backends' own `samples`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
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
