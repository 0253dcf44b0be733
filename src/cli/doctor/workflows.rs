//! Workflows that can be run, and the one whose crews are formed.

use serde::Serialize;

use super::diagnosis::Problem;
use crate::cli::args::Choice;
use crate::cli::plan::Script;
use crate::cli::settings::Place;
use crate::config::Settings;
use crate::workflow::{self, Workflow};

#[derive(Debug, Serialize)]
pub(super) struct WorkflowCheck {
    pub(super) name: String,
    /// Its file; none where it is built in.
    pub(super) path: Option<String>,
    /// Why it cannot be run.
    pub(super) trouble: Option<String>,
}

/// The workflow that was asked for; what is wrong with it goes to the problems.
pub(super) fn chosen(
    name: &str,
    here: &Place,
    settings: &Settings,
    choice: &Choice,
    problems: &mut Vec<Problem>,
) -> Option<Workflow> {
    let found = Script::find(name, here).and_then(|script| script.check(settings, choice));
    match found {
        Ok(workflow) => Some(workflow),
        Err(error) => {
            problems.push(Problem::new(format!("--workflow {name}"), &error));
            None
        }
    }
}

/// All that have a name, sorted by it.
pub(super) fn all(here: &Place, settings: &Settings, choice: &Choice) -> Vec<WorkflowCheck> {
    let check = |name: String| {
        let script = Script::find(&name, here);
        let path = match &script {
            Ok(script) if !script.is_builtin() => Some(script.source().to_owned()),
            _ => None,
        };
        let checked = script.and_then(|script| script.check(settings, choice));
        WorkflowCheck {
            name,
            path,
            trouble: checked.err().map(|error| Problem::new("", &error).message),
        }
    };
    let names = workflow::names(&here.project, here.user.as_deref());
    names.into_iter().map(check).collect()
}
