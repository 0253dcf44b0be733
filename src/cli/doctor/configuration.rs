//! Which layers of configuration there are, and what is left where some are wrong.

use std::collections::BTreeSet;

use serde::Serialize;

use super::diagnosis::Problem;
use crate::change::Project;
use crate::cli::args::Global;
use crate::cli::error::Error;
use crate::cli::settings::{self, Place};
use crate::config::{self, Errors, Inputs, Layer, Loaded};

/// The layers over the built-in one, lowest first.
#[derive(Debug, Serialize)]
pub(super) struct ConfigurationCheck {
    pub(super) files: Vec<FileCheck>,
    /// Variables that set a key: names alone.
    pub(super) variables: Vec<String>,
    /// What is wrong, as every command shows it.
    #[serde(skip)]
    pub(super) errors: Option<Errors>,
}

#[derive(Debug, Serialize)]
pub(super) struct FileCheck {
    /// `user`, `project` or `file` (of `--config`).
    pub(super) layer: &'static str,
    pub(super) path: String,
    pub(super) state: FileState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileState {
    Loaded,
    Absent,
    /// Its problems are listed, and none of its values is in force.
    Wrong,
}

/// Loads what can be loaded: a layer that holds a mistake is left out, as a whole, since
/// half of what was meant is not what was meant.
pub(super) fn load(
    here: &Place,
    global: &Global,
) -> Result<(Loaded, ConfigurationCheck, Vec<Problem>), Error> {
    let inputs = settings::inputs(here, global, Vec::new());
    let (loaded, wrong, errors) = match config::load(&inputs) {
        Ok(loaded) => (loaded, BTreeSet::new(), None),
        Err(errors) => {
            let mut wrong = layers(&errors);
            let mut rest = config::load(&without(&inputs, &wrong));
            if let Err(more) = &rest {
                // A layer may stand on names of one that was left out.
                wrong.extend(layers(more));
                rest = config::load(&without(&inputs, &wrong));
            }
            let loaded = match rest {
                Ok(loaded) => loaded,
                Err(_) => config::load(&Inputs::default())?,
            };
            (loaded, wrong, Some(errors))
        }
    };
    let problems = errors.as_ref().map(problems).unwrap_or_default();
    let check = ConfigurationCheck {
        files: files(&inputs, &loaded, &wrong),
        variables: variables(&inputs),
        errors,
    };
    Ok((loaded, check, problems))
}

fn layers(errors: &Errors) -> BTreeSet<Layer> {
    let problems = errors.problems.iter();
    problems.map(|problem| problem.origin.layer).collect()
}

fn without(inputs: &Inputs, wrong: &BTreeSet<Layer>) -> Inputs {
    let mut inputs = inputs.clone();
    if wrong.contains(&Layer::User) {
        inputs.user_dir = None;
    }
    if wrong.contains(&Layer::Project) {
        inputs.project = Project::Nowhere;
    }
    if wrong.contains(&Layer::File) {
        inputs.config_file = None;
        // It stands in place of the project's file, which is not meant now.
        inputs.project = Project::Nowhere;
    }
    if wrong.contains(&Layer::Environment) {
        inputs.env.clear();
    }
    inputs
}

fn problems(errors: &Errors) -> Vec<Problem> {
    let problem = |problem: &config::Problem| {
        let expected = problem.expected.as_ref();
        let expected = expected.map(|expected| format!("; expected {expected}"));
        Problem {
            place: problem.origin.to_string(),
            message: format!("{}{}", problem.message, expected.unwrap_or_default()),
            help: problem.help.clone(),
        }
    };
    errors.problems.iter().map(problem).collect()
}

fn files(inputs: &Inputs, loaded: &Loaded, wrong: &BTreeSet<Layer>) -> Vec<FileCheck> {
    let user = inputs.user_dir.as_ref();
    let user = user.map(|dir| (Layer::User, dir.join("config.toml").display().to_string()));
    let project = match &inputs.config_file {
        Some(file) => Some((Layer::File, file.display().to_string())),
        None if inputs.project == Project::Nowhere => None,
        None => Some((Layer::Project, inputs.project.named(config::PROJECT_FILE))),
    };
    let check = |(layer, path): (Layer, String)| FileCheck {
        layer: layer.as_str(),
        path,
        state: if wrong.contains(&layer) {
            FileState::Wrong
        } else if loaded.files().any(|(one, _)| one == layer) {
            FileState::Loaded
        } else {
            FileState::Absent
        },
    };
    user.into_iter().chain(project).map(check).collect()
}

fn variables(inputs: &Inputs) -> Vec<String> {
    let set = inputs.env.iter();
    let set = set.filter(|(name, value)| name.starts_with("LLMUX_") && !value.is_empty());
    let mut names: Vec<String> = set.map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}
