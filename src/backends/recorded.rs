//! A backend of an earlier run: what it answered then is known, and nobody is there to ask.

use serde::{Deserialize, Serialize};

use super::{Backend, BoxFuture, CallError, Reply, Request, configuration_of};

/// What must be known of a backend so that its questions are the same again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// Its name.
    pub name: String,
    /// [`configuration_of`] it.
    pub configuration: String,
    /// Why it could not be asked then.
    pub unavailable: Option<String>,
    /// As [`Backend::writes_text`].
    pub writes_text: bool,
    /// As [`Backend::takes_model`].
    pub takes_model: bool,
    /// As [`Backend::takes_temperature`].
    pub takes_temperature: bool,
}

impl Recorded {
    /// What a later run must know of a backend.
    pub fn of(backend: &dyn Backend, unavailable: Option<String>) -> Self {
        Self {
            name: backend.name().to_owned(),
            configuration: configuration_of(backend),
            unavailable,
            writes_text: backend.writes_text(),
            takes_model: backend.takes_model(),
            takes_temperature: backend.takes_temperature(),
        }
    }
}

impl Backend for Recorded {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        self.unavailable.clone().map_or(Ok(()), Err)
    }

    fn identity(&self) -> String {
        self.configuration.clone()
    }

    fn writes_text(&self) -> bool {
        self.writes_text
    }

    fn takes_model(&self) -> bool {
        self.takes_model
    }

    fn takes_temperature(&self) -> bool {
        self.takes_temperature
    }

    fn ask<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        let why = format!("`{}` is replayed and cannot be asked", self.name);
        Box::pin(std::future::ready(Err(CallError::permanent(why))))
    }
}
