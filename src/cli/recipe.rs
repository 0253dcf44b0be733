//! What a replay of a run needs beside its replies: the change, the settings and the workflow as
//! they were, and who was asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::args::Choice;
use super::error::Error;
use super::plan::{KnownBackends, Script};
use super::settings::Place;
use crate::backends::{self, Recorded};
use crate::change::{self, Change, Project, Source};
use crate::config::Loaded;
use crate::engine::{Plan, Routes};

/// Grows when what stands here changes its meaning.
const VERSION: u32 = 1;

/// A run, to be told once more.
#[derive(Serialize, Deserialize)]
pub(super) struct Recipe {
    version: u32,
    /// Name of the workflow, as it was asked for.
    pub(super) workflow: String,
    /// Its text and source.
    pub(super) script: Script,
    /// `--arg`.
    pub(super) args: BTreeMap<String, String>,
    /// The settings in force, as TOML; keys stand there as names of variables.
    pub(super) settings: String,
    /// The team's context files.
    pub(super) context: String,
    team: Option<String>,
    /// `--backend`.
    chosen: Vec<String>,
    /// All that there were, in their order.
    pub(super) backends: Vec<Recorded>,
    /// Who read which packet.
    #[serde(default)]
    pub(super) routes: Option<Routes>,
    /// Settings of those that were found and stand in no file.
    #[serde(default)]
    pub(super) found: Vec<(String, backends::Settings)>,
    /// The project's files that have a say: rules and priors.
    #[serde(default)]
    files: BTreeMap<String, String>,
    what: What,
}

/// The change.
#[derive(Serialize, Deserialize)]
enum What {
    /// Two commits and the change's title: git has the rest.
    Commits(String, String, String),
    /// What no commit has: the index, the work tree, a patch.
    Whole(Box<Change>),
}

impl Recipe {
    pub(super) fn of(
        (workflow, script): (&str, &Script),
        args: &BTreeMap<String, String>,
        (loaded, files): (&Loaded, BTreeMap<String, String>),
        choice: &Choice,
        plan: &Plan,
        (backends, found): KnownBackends,
    ) -> Self {
        let change = &plan.change;
        Self {
            found,
            files,
            version: VERSION,
            workflow: workflow.to_owned(),
            script: script.clone(),
            args: args.clone(),
            settings: loaded.show(false),
            context: plan.context.clone(),
            team: plan.team.as_ref().map(|(name, _)| name.clone()),
            chosen: choice.backend.clone(),
            backends,
            routes: plan.routes.clone(),
            what: match (&change.base, &change.head) {
                (Some(base), Some(head)) => {
                    What::Commits(base.clone(), head.clone(), change.title.clone())
                }
                _ => What::Whole(Box::new((**change).clone())),
            },
        }
    }

    /// Of a change without a file to review.
    pub(super) fn of_nothing(
        (workflow, script): (&str, &Script),
        loaded: &Loaded,
        choice: &Choice,
        change: &Change,
    ) -> Self {
        Self {
            version: VERSION,
            workflow: workflow.to_owned(),
            script: script.clone(),
            args: BTreeMap::new(),
            settings: loaded.show(false),
            context: String::new(),
            team: choice.team.clone(),
            chosen: choice.backend.clone(),
            backends: Vec::new(),
            routes: None,
            found: Vec::new(),
            files: BTreeMap::new(),
            what: What::Whole(Box::new(change.clone())),
        }
    }

    /// What a merge hands on.
    pub(super) fn again(
        &self,
        settings: (&Loaded, BTreeMap<String, String>),
        plan: &Plan,
        backends: KnownBackends,
    ) -> Self {
        let script = (self.workflow.as_str(), &self.script);
        Self::of(script, &self.args, settings, &self.choice(), plan, backends)
    }

    /// As the store keeps it.
    pub(super) fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let recipe = serde_json::from_str::<Self>(text).ok();
        recipe.filter(Self::is_ours).ok_or_else(|| {
            let why = "this run was kept by another version of llmux, which alone can replay it";
            Error::Usage(why.to_owned())
        })
    }

    /// Whether this version means by it what its writer did.
    pub(super) fn is_ours(&self) -> bool {
        self.version == VERSION
    }

    /// The same with the whole change in it, for where there is no repository.
    pub(super) fn with_change(self, change: &Change) -> Self {
        let what = What::Whole(Box::new(change.clone()));
        Self { what, ..self }
    }

    /// The project as the run read it.
    pub(super) fn project(&self) -> Project {
        Project::Kept(self.files.clone())
    }

    /// Who is asked, as the run was told.
    pub(super) fn choice(&self) -> Choice {
        Choice {
            team: self.team.clone(),
            backend: self.chosen.clone(),
            offline: false,
        }
    }

    /// The change as it was.
    pub(super) fn change(
        &self,
        here: &Place,
        settings: &change::Settings,
    ) -> Result<Arc<Change>, Error> {
        match &self.what {
            What::Whole(change) => Ok(Arc::new((**change).clone())),
            What::Commits(base, head, title) => {
                let range = Source::Range(Some(format!("{base}..{head}")));
                let mut change = change::read(&here.dir, &range, settings)?;
                change.title.clone_from(title);
                Ok(Arc::new(change))
            }
        }
    }
}
