//! A look at a server without asking a model.

use std::time::Duration;

use reqwest::Url;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Http;
use super::body::Body;
use super::dialect::{Ask, Wishes};
use crate::backends::text::one_line;
use crate::backends::{Backend as _, CallError, Inspection, KeyState, Prompt};

/// Longest time that a look takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a list of models: those of aggregators have some hundred kilobytes.
const MAX_LIST: usize = 16 << 20;

impl Http {
    /// The server's models and what is wrong with it. Nothing is sent where the key is missing.
    pub(super) async fn look(&self, cancel: &CancellationToken) -> Inspection {
        let mut seen = Inspection {
            place: Some(self.place.clone()),
            preset: self.preset.clone(),
            model: self.model.clone(),
            keys: self
                .key
                .iter()
                .map(|key| KeyState {
                    variable: key.variable.clone(),
                    present: key.value().is_ok(),
                })
                .collect(),
            ..Inspection::default()
        };
        seen.trouble = self.available().err();
        if seen.trouble.is_some() {
            return seen;
        }
        let Some(url) = self.dialect.models_endpoint(&self.base) else {
            return seen;
        };
        let told = tokio::select! {
            biased;
            () = cancel.cancelled() => return seen,
            told = timeout(PATIENCE, async {
                tokio::join!(self.models(url), self.version())
            }) => told,
        };
        let models = told.map(|(models, version)| {
            seen.version = version;
            models
        });
        match models {
            Ok(Ok(models)) => {
                if let (Some(model), Some(models)) = (&self.model, &models) {
                    seen.model_listed = is_listed(model, models);
                    if seen.model_listed == Some(false) {
                        seen.hint = Some(unlisted(&self.place, model, models, "model"));
                    }
                }
                seen.models = models;
            }
            Ok(Err(error)) => seen.trouble = Some(error.message),
            Err(_) => {
                seen.trouble = Some(format!(
                    "{} did not tell its models within {}; check that it runs, and the network",
                    self.place,
                    humantime::format_duration(PATIENCE)
                ));
            }
        }
        seen
    }

    /// The server's list, sorted; none where it keeps none.
    async fn models(&self, url: Url) -> Result<Option<Vec<String>>, CallError> {
        let Some(body) = self.fetch(url).await? else {
            return Ok(None);
        };
        let models = self.dialect.models(&body);
        models
            .map(Some)
            .ok_or_else(|| self.wrong("no list of models"))
    }

    /// What the server says of its version; one that does not is none the worse.
    async fn version(&self) -> Option<String> {
        let url = self.dialect.version_endpoint(&self.base)?;
        let body = self.fetch(url).await.ok()??;
        let said: serde_json::Value = serde_json::from_slice(&body).ok()?;
        Some(one_line(said["version"].as_str()?, 60))
    }

    /// What stands there; none where the server has no such place: it is up, and whether it
    /// answers questions is not known.
    async fn fetch(&self, url: Url) -> Result<Option<Vec<u8>>, CallError> {
        let client = self.network.client().map_err(CallError::permanent)?;
        let question = client
            .get(url)
            .headers(self.dialect.fixed_headers())
            .headers(self.key_headers()?);
        let response = question.send().await;
        let response = response.map_err(|error| self.broken("cannot be reached", error))?;
        let status = response.status();
        if matches!(status.as_u16(), 404 | 405 | 501) {
            return Ok(None);
        }
        let prompt = Prompt::default();
        let ask = Ask {
            prompt: &prompt,
            model: None,
            schema: None,
            temperature: None,
            max_output_tokens: None,
            stream: false,
            wishes: Wishes::all(),
        };
        if !status.is_success() {
            return Err(self.refused(response, PATIENCE, &ask).await.error);
        }
        let body = Body::new(response, PATIENCE, MAX_LIST).whole().await;
        body.map(Some)
            .map_err(|broken| self.unread(broken.into(), &ask).error)
    }
}

/// Whether a server that lists `models` has this one; none where the list is empty and says
/// nothing.
pub fn is_listed(model: &str, models: &[String]) -> Option<bool> {
    let is_model = |listed: &String| is_same(listed, model);
    (!models.is_empty()).then(|| models.iter().any(is_model))
}

/// What to do where the server at `place` does not list the model that the setting `key` of
/// its backend names. It may be an alias all the same.
pub fn unlisted(place: &str, model: &str, models: &[String], key: &str) -> String {
    let nearest = models
        .iter()
        .map(|listed| (strsim::damerau_levenshtein(model, listed), listed))
        .filter(|(distance, listed)| *distance <= listed.len().min(model.len()) / 2)
        .min();
    let nearest = nearest.map(|(_, listed)| format!("; the nearest is `{listed}`"));
    format!(
        "{place} does not list the model `{model}`{}: correct the backend's `{key}`, unless it is \
         an alias",
        nearest.unwrap_or_default()
    )
}

/// Lists name the dated version or the tag of what may be asked for without (`gpt-5` for
/// `gpt-5-2026-01-01`, `llama3` for `llama3:latest`), and some put a word before it.
fn is_same(listed: &str, model: &str) -> bool {
    let bare = |name: &str| {
        name.rsplit_once('/')
            .map_or(0, |(before, _)| before.len() + 1)
    };
    listed == model
        || &listed[bare(listed)..] == model
        || &model[bare(model)..] == listed
        || listed
            .strip_prefix(model)
            .is_some_and(|rest| rest.starts_with(['-', ':', '@']))
}
