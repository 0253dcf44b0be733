//! A server that answers questions over HTTP.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::build::BuildError;
use super::environment::{Environment, Key};
use super::refused::none_refused;
use super::secrets::Secrets;
use super::{Backend, BoxFuture, CallError, Inspection, Reply, Request, Settings};

mod address;
mod body;
mod certificates;
mod client;
mod dialect;
mod exchange;
mod inspect;
mod link;
mod proxy;
mod refusal;
mod stream;
mod trouble;

pub(super) use dialect::{CacheMark, KeyHeader, Quirks, SchemaForm, of_path as dialect_at};

use address::{base, is_loopback};
pub(super) use client::Clients;
use client::Network;
use dialect::{Dialect, Wish, Wishes};
pub use inspect::{is_listed, unlisted};
pub use link::{Answer, Call, Link, NoAnswer};

/// A server.
pub(super) struct Http {
    name: String,
    /// As configured.
    base: Url,
    /// The same for messages: without a query, which may hold a key.
    place: String,
    preset: Option<String>,
    model: Option<String>,
    /// Whether nothing says which model to ask for, though the server wants to know.
    nameless: bool,
    key: Option<Key>,
    /// What no message may hold.
    secrets: Secrets,
    temperature: Option<f32>,
    max_output_tokens: Option<u32>,
    /// Whether answers are asked for piece by piece.
    stream: bool,
    dialect: Box<dyn Dialect>,
    /// What the server has not refused so far.
    wishes: Mutex<Wishes>,
    network: Network,
    /// Whether there was ever an answer, so that connections may be kept.
    answered: AtomicBool,
}

/// A call that brought no reply.
struct Refused {
    error: CallError,
    /// What the server did not want, where a question without it may be answered.
    wish: Option<Wish>,
}

/// Whether the settings name a server on this machine.
pub(super) fn is_on_this_machine(settings: &Settings) -> bool {
    base("", settings).is_ok_and(|url| is_loopback(&url))
}

impl Http {
    /// Fixes address, key and parameters.
    ///
    /// # Errors
    /// Where the URL or `api_key` cannot be used. A missing key is told by `available`.
    pub(super) fn new(
        name: &str,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Self, BuildError> {
        let key = match &settings.api_key {
            Some(written) => Some(
                Key::read(written, environment).map_err(|_| BuildError::Key(name.to_owned()))?,
            ),
            None => None,
        };
        none_refused(name, key.as_ref().map(|key| key.variable.as_str()))?;
        let base = base(name, settings)?;
        // A cascade begins with its first.
        let model = settings.model.as_ref().or(settings.models.first());
        let dialect = dialect::choose(settings, &base);
        let network = Network::to(&base, environment);
        Ok(Self {
            name: name.to_owned(),
            place: shown(&base),
            preset: settings.preset.clone(),
            nameless: model.is_none() && dialect::needs_model(settings, &base),
            model: model.cloned(),
            key,
            secrets: Secrets::of(settings, environment),
            temperature: settings.temperature,
            max_output_tokens: settings.max_output_tokens,
            stream: settings.stream.unwrap_or(true),
            dialect,
            wishes: Mutex::new(Wishes::all()),
            network,
            answered: AtomicBool::new(false),
            base,
        })
    }

    /// Whether it can be asked for that model.
    fn ready(&self, model: Option<&str>) -> Result<(), String> {
        self.key.as_ref().map_or(Ok(""), Key::value)?;
        self.network.route()?;
        if self.nameless && model.is_none() {
            return Err(format!(
                "[backends.{}] says no `model`, and {} has no default: name one of the server's",
                self.name, self.place
            ));
        }
        Ok(())
    }

    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address without its query.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

impl Backend for Http {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        self.ready(self.model.as_deref())
    }

    fn identity(&self) -> String {
        let model = self.model.as_deref();
        json!({
            "kind": "http",
            "url": shown(&self.dialect.endpoint(&self.base, model, false)),
            "model": model,
            "temperature": self.temperature,
            "max_output_tokens": self.max_output_tokens,
        })
        .to_string()
    }

    fn inspect<'a>(&'a self, cancel: &'a CancellationToken) -> BoxFuture<'a, Inspection> {
        Box::pin(self.look(cancel))
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.call(request))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("name", &self.name)
            .field("place", &self.place)
            .field("model", &self.model)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
