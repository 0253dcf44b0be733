//! What is known of backends: the shipped numbers, or those of the project's file; and what
//! people's word on findings teaches of them.

use std::sync::Arc;

use super::error::Error;
use super::plan::Brief;
use super::settings::Place;
use crate::config::Settings;
use crate::engine::Plan;
use crate::findings::confidence::{Example, Model};
use crate::store::{Judgement, Store};

/// The model of `vote.priors`; the shipped one where that names no file.
pub(super) fn load(here: &Place, settings: &Settings) -> Result<Arc<Model>, Error> {
    let Some(name) = &settings.vote.priors else {
        return Ok(Arc::clone(Model::builtin()));
    };
    let text = std::fs::read_to_string(here.project().join(name)).map_err(|error| {
        Error::Usage(format!(
            "vote.priors: {name} cannot be read: {error}; `llmux eval DATA --write-priors {name}` \
             writes it, and without the key what llmux ships counts"
        ))
    })?;
    let model = Model::parse(&text).map_err(|flaw| Error::Usage(format!("{name}:{flaw}")))?;
    Ok(Arc::new(model))
}

/// Teaches a plan what people said of the project's earlier findings, where the user wants it. A
/// store that cannot be read is said, and the plan stays as it is.
pub(super) async fn learn(plan: &mut Plan, store: &Store, project: &str, brief: &Brief<'_>) {
    if !brief.settings.feedback.learn {
        return;
    }
    match store.judgements(project).await {
        Ok(judgements) => {
            let examples: Vec<Example> = judgements.into_iter().map(example).collect();
            plan.learn(&examples);
        }
        Err(error) => {
            let sentence = format!("nothing is learned from feedback: the store: {error}");
            brief.screen.note("warning", &sentence);
        }
    }
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
