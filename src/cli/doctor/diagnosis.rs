//! All that `doctor` says, as programs read it: documented field by field in `docs/doctor.md`.

use serde::Serialize;

use super::backends::{BackendCheck, State};
use super::configuration::ConfigurationCheck;
use super::crews::CrewCheck;
use super::critics::CriticsCheck;
use super::files::{CacheCheck, RulesCheck, TeamCheck};
use super::git::GitCheck;
use super::network::NetworkCheck;
use super::workflows::WorkflowCheck;
use crate::cli::ci::CiCheck;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::report::Style;

/// Grows by one when a field goes or changes its meaning; new fields do not count.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// The whole answer.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) verdict: Verdict,
    pub(super) probed: bool,
    pub(super) offline: bool,
    /// By Ctrl-C or a request to end.
    pub(super) interrupted: bool,
    /// As it was asked for.
    pub(super) workflow: String,
    /// Which crews were formed, where nothing is configured.
    pub(super) formation: Option<String>,
    pub(super) backends: Vec<BackendCheck>,
    pub(super) crews: Vec<CrewCheck>,
    /// None where the workflow is wrong.
    pub(super) critics: Option<CriticsCheck>,
    pub(super) problems: Vec<Problem>,
    pub(super) advice: Vec<String>,
    pub(super) git: GitCheck,
    pub(super) ci: Option<CiCheck>,
    pub(super) configuration: ConfigurationCheck,
    pub(super) team: TeamCheck,
    pub(super) workflows: Vec<WorkflowCheck>,
    pub(super) rules: RulesCheck,
    pub(super) cache: CacheCheck,
    pub(super) network: NetworkCheck,
    pub(super) terminal: TerminalCheck,
}

#[derive(Debug, Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Every step that needs a quorum can reach it.
    Ready,
    /// One cannot.
    NotReady,
    /// Something that was written is wrong.
    Misconfigured,
}

impl Verdict {
    pub(super) fn of(problems: &[Problem], backends: &[BackendCheck], crews: &[CrewCheck]) -> Self {
        let broken = |check: &BackendCheck| check.state == State::Broken;
        if !problems.is_empty() || backends.iter().any(broken) {
            Self::Misconfigured
        } else if crews.iter().all(CrewCheck::is_sound) {
            Self::Ready
        } else {
            Self::NotReady
        }
    }

    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Ready => Exit::Passed,
            Self::NotReady => Exit::Incomplete,
            Self::Misconfigured => Exit::Usage,
        }
    }
}

/// What is wrong with something that was written.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    /// A file with its line, a variable, a flag.
    pub(super) place: String,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Problem {
    /// Of what was asked for or written at `place`.
    pub(super) fn new(place: impl Into<String>, error: &Error) -> Self {
        let message = error.to_string();
        // A command that fails puts the word before it.
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        Self {
            place: place.into(),
            message: message.to_owned(),
            help: None,
        }
    }
}

/// Standard output.
#[derive(Debug, Serialize)]
pub(super) struct TerminalCheck {
    is_terminal: bool,
    color: bool,
    width: usize,
}

impl From<Style> for TerminalCheck {
    fn from(style: Style) -> Self {
        Self {
            is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdout()),
            color: style.color,
            width: style.width,
        }
    }
}
