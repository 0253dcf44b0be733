//! What a replay of a run needs beside its replies: the change, the settings and the workflow as
//! they were, and who was asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::args::Choice;
use super::error::Error;
use super::plan::Script;
use super::settings::Place;
use crate::backends::Recorded;
use crate::change::{self, Change, Source};
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
        loaded: &Loaded,
        choice: &Choice,
        plan: &Plan,
        backends: Vec<Recorded>,
    ) -> Self {
        let change = &plan.change;
        Self {
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

    /// As the store keeps it.
    pub(super) fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let recipe = serde_json::from_str::<Self>(text).ok();
        recipe
            .filter(|recipe| recipe.version == VERSION)
            .ok_or_else(|| {
                let why =
                    "this run was kept by another version of llmux, which alone can replay it";
                Error::Usage(why.to_owned())
            })
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
