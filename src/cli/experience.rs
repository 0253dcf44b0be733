//! What earlier runs and the ledger say before a plan is made.

use std::collections::BTreeMap;
use std::time::Duration;

use super::screen::Screen;
use super::settings::Place;
use super::store as stores;
use crate::config::Settings;
use crate::engine::Funds;
use crate::findings::confidence::Example;
use crate::store::{Error, Judgement, Store};

/// Nothing of a project that has no store.
#[derive(Debug, Default)]
pub(super) struct Experience {
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
    team: Option<&str>,
    screen: &Screen,
) -> Experience {
    let mut experience = Experience::default();
    let project = stores::project(here, &settings.store);
    if settings.routing.enabled {
        let funds = Funds {
            settings: settings.budget.clone(),
            project: project.clone(),
            team: team.map(str::to_owned),
            spent: Vec::new(),
        };
        experience.remaining_nano_usd = funds.left(store).await;
    }
    if let Some(store) = store
        && let Err(error) = look(&mut experience, store, &project, settings).await
    {
        let sentence =
            format!("nothing is learned from feedback and earlier runs: the store: {error}");
        screen.note("warning", &sentence);
    }
    experience
}

async fn look(
    experience: &mut Experience,
    store: &Store,
    project: &str,
    settings: &Settings,
) -> Result<(), Error> {
    if settings.feedback.learn {
        let judgements = store.judgements(project).await?;
        experience.judged = judgements.into_iter().map(example).collect();
    }
    let mut policies = settings.routing.policies.values();
    if policies.any(|policy| policy.max_latency.is_some()) {
        experience.latencies = store.medians(project).await?;
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
