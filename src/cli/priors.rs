//! What is known of backends: the shipped numbers, or those of the project's file.

use std::sync::Arc;

use super::error::Error;
use super::settings::Place;
use crate::config::Settings;
use crate::findings::confidence::Model;

/// The model of `vote.priors`; the shipped one where that names no file.
pub(super) fn load(here: &Place, settings: &Settings) -> Result<Arc<Model>, Error> {
    let Some(name) = &settings.vote.priors else {
        return Ok(Arc::clone(Model::builtin()));
    };
    let text = here.project.text(name).map_err(|error| {
        Error::Usage(format!(
            "vote.priors: {name} cannot be read: {error}; `llmux eval DATA --write-priors {name}` \
             writes it, and without the key what llmux ships counts"
        ))
    })?;
    let model = Model::parse(&text).map_err(|flaw| Error::Usage(format!("{name}:{flaw}")))?;
    Ok(Arc::new(model))
}
