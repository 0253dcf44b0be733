//! What earlier runs and the ledger say before a plan is made.

use std::collections::BTreeMap;
use std::time::Duration;

use super::args::Choice;
use super::error::Error;
use super::plan;
use super::screen::Screen;
use super::settings::Place;
use super::store as stores;
use crate::config::Settings;
use crate::engine::Funds;
use crate::findings::confidence::Example;
use crate::store::{self, Judgement, Store};

/// Nothing of a project that has no store.
#[derive(Debug, Default)]
pub(super) struct Experience {
    /// What the project is called in the store; empty where there is none.
    pub(super) project: String,
    /// What people said of findings, where weights and priors learn from it.
    pub(super) judged: Vec<Example>,
    /// Backend → median of the time that its calls took, where a policy asks for it.
    pub(super) latencies: BTreeMap<String, Duration>,
    /// Billionths of a US dollar that all caps leave, where crews are picked by it.
    pub(super) remaining_nano_usd: Option<u64>,
}

/// Looks it up. A store that cannot be read is said, and teaches nothing.
pub(super) async fn of(
    store: Option<&Store>,
    here: &Place,
    settings: &Settings,
    choice: &Choice,
    screen: &Screen,
) -> Result<Experience, Error> {
    let mut experience = Experience::default();
    if store.is_some() {
        experience.project = stores::project(here, &settings.store);
    }
    if settings.routing.enabled && settings.budget.is_set() {
        let (team, _) = plan::team(here, settings, choice)?;
        let funds = Funds {
            settings: settings.budget.clone(),
            project: experience.project.clone(),
            team: team.map(|(name, _)| name),
            spent: Vec::new(),
        };
        experience.remaining_nano_usd = funds.left(store).await;
    }
    if let Some(store) = store
        && let Err(error) = look(&mut experience, store, settings).await
    {
        let sentence =
            format!("nothing is learned from feedback and earlier runs: the store: {error}");
        screen.note("warning", &sentence);
    }
    Ok(experience)
}

async fn look(
    experience: &mut Experience,
    store: &Store,
    settings: &Settings,
) -> Result<(), store::Error> {
    if settings.feedback.learn {
        let judgements = store.judgements(&experience.project).await?;
        experience.judged = judgements.into_iter().map(example).collect();
    }
    let mut policies = settings.routing.policies.values();
    if policies.any(|policy| policy.max_latency.is_some()) {
        experience.latencies = store.medians(&experience.project).await?;
    }
    Ok(())
}

fn example(judgement: Judgement) -> Example {
    Example {
        pr: judgement.fingerprint,
        reporters: judgement.reporters,
        answered: judgement.answered,
        category: Some(judgement.category),
        real: judgement.is_real,
    }
}
