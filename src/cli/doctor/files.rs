//! Rules, the team's files, the cache folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::diagnosis::Problem;
use crate::backends::rules::Rules;
use crate::cli::settings::Place;
use crate::cli::{priors, rule_files};
use crate::config::{self, Settings};
use crate::findings::confidence::Model;
use crate::workflow::TeamSettings;

/// Files in the cache folder that are counted.
const MAX_FILES: usize = 100_000;

#[derive(Debug, Serialize)]
pub(super) struct RulesCheck {
    pub(super) built_in: usize,
    /// Of the project's rule files; none where these are wrong.
    pub(super) own: Option<usize>,
    pub(super) disabled: usize,
}

/// The rules in force; the built-in ones where the project's are wrong.
pub(super) fn rules(
    here: &Place,
    settings: &Settings,
    problems: &mut Vec<Problem>,
) -> (Rules, RulesCheck) {
    let built_in = Rules::builtin().rules().len();
    let (rules, own) = match rule_files::load(here, settings) {
        Ok(rules) => {
            let all = rules.rules().len() + settings.rules.disable.len();
            (rules, Some(all.saturating_sub(built_in)))
        }
        Err(error) => {
            problems.push(Problem::new("rules", &error));
            (Rules::builtin(), None)
        }
    };
    let check = RulesCheck {
        built_in,
        own,
        disabled: settings.rules.disable.len(),
    };
    (rules, check)
}

/// The priors in force; the shipped ones where the project's are wrong.
pub(super) fn priors(here: &Place, settings: &Settings, problems: &mut Vec<Problem>) -> Arc<Model> {
    priors::load(here, settings).unwrap_or_else(|error| {
        problems.push(Problem::new("priors", &error));
        Arc::clone(Model::builtin())
    })
}

#[derive(Debug, Default, Serialize)]
pub(super) struct TeamCheck {
    /// None where none fits.
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// Shell command that `fix` will run.
    pub(super) verify: Option<String>,
    pub(super) context: Vec<ContextFile>,
    /// What is to be known of the detection.
    pub(super) warning: Option<String>,
}

/// A file that reviewers get beside the change.
#[derive(Debug, Serialize)]
pub(super) struct ContextFile {
    pub(super) path: String,
    pub(super) present: bool,
}

pub(super) fn team(
    here: &Place,
    team: Option<&(String, TeamSettings)>,
    warning: Option<String>,
) -> TeamCheck {
    let Some((name, team)) = team else {
        return TeamCheck {
            warning,
            ..TeamCheck::default()
        };
    };
    let file = |path: &String| ContextFile {
        present: here.project.has_file(path),
        path: path.clone(),
    };
    TeamCheck {
        name: Some(name.clone()),
        description: team.description.clone(),
        verify: team.verify.clone(),
        context: team.context.iter().map(file).collect(),
        warning,
    }
}

#[derive(Debug, Default, Serialize)]
pub(super) struct CacheCheck {
    /// None where the user has no home and `LLMUX_CACHE_DIR` is not set.
    pub(super) path: Option<String>,
    pub(super) exists: bool,
    /// Whether a file can be made in it, or it can be made itself.
    pub(super) writable: bool,
    /// Of all files in it.
    pub(super) bytes: Option<u64>,
}

pub(super) fn cache() -> CacheCheck {
    let Some(folder) = config::cache_dir() else {
        return CacheCheck::default();
    };
    let exists = folder.is_dir();
    CacheCheck {
        exists,
        writable: is_writable(&folder),
        bytes: exists.then(|| size(&folder)),
        path: Some(folder.display().to_string()),
    }
}

/// Tries it with a file without a name, which leaves nothing behind: permission bits do not
/// tell of read-only mounts.
fn is_writable(folder: &Path) -> bool {
    let mut existing = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    while !existing.exists() {
        if !existing.pop() {
            return false;
        }
    }
    tempfile::tempfile_in(existing).is_ok()
}

/// Links are not followed; what cannot be read counts nothing.
fn size(folder: &Path) -> u64 {
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    let mut files = 0;
    let mut bytes = 0;
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            files += 1;
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => open.push(entry.path()),
                Ok(meta) if meta.is_file() => bytes += meta.len(),
                _ => {}
            }
            if files >= MAX_FILES {
                return bytes;
            }
        }
    }
    bytes
}
