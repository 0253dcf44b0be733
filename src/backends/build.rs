//! From settings to a connection.

use std::sync::Arc;

use super::command::Command;
use super::environment::Environment;
use super::http::{self, Http};
use super::rules::Rules;
use super::secrets::{Secrets, discreet};
use super::{Backend, BackendKind, Settings};

/// Why settings make no backend. Each message names the table and the key to change.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing says what it is.
    #[error(
        "[backends.{0}] names neither `command` (a program or a server's URL) nor `base_url` nor `kind`"
    )]
    NoKind(String),
    /// `kind = "command"` without a program.
    #[error("[backends.{0}] needs `command`: the program to run")]
    NoCommand(String),
    /// `kind = "http"` without a server.
    #[error(
        "[backends.{0}] needs `base_url`: the server's URL with its version path, such as \"https://api.openai.com/v1\""
    )]
    NoUrl(String),
    /// The URL is none, or not one that can be asked.
    #[error("[backends.{name}] has no usable URL `{url}`: {reason}")]
    Url {
        /// Name of the backend.
        name: String,
        /// As written, without credentials.
        url: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// `api_key` is not `"${NAME}"`; its value is not repeated, for it may be the key.
    #[error(
        "[backends.{0}] `api_key` must name an environment variable, as in \"${{NAME}}\"; never write the key itself"
    )]
    Key(String),
    /// A variable that no backend may see.
    #[error(
        "[backends.{name}] may not see {variable}: it gives access to the repository or the job"
    )]
    Refused {
        /// Name of the backend.
        name: String,
        /// The variable.
        variable: String,
    },
    /// `{model}` stands in `args`, but there is none.
    #[error("[backends.{0}] has {{model}} in `args` but no `model`")]
    NoModel(String),
    /// `{prompt}` stands in `args`, but the prompt goes to standard input.
    #[error("[backends.{0}] has {{prompt}} in `args`: set input = \"argument\"")]
    PromptOnStdin(String),
    /// `preset` is none that llmux knows.
    #[error("[backends.{name}] has an unknown `preset = \"{preset}\"`: {help}")]
    UnknownPreset {
        /// Name of the backend.
        name: String,
        /// As written.
        preset: String,
        /// The nearest one, and all of them.
        help: String,
    },
    /// `preset` contradicts the other keys.
    #[error("[backends.{name}] cannot have `preset = \"{preset}\"`: {reason}")]
    Preset {
        /// Name of the backend.
        name: String,
        /// As written.
        preset: String,
        /// What contradicts it.
        reason: String,
    },
    /// A provider of which each customer has an address.
    #[error(
        "[backends.{name}] needs the address of your resource: set {variable}, or `base_url` and `api_key`"
    )]
    NoAddress {
        /// Name of the backend.
        name: String,
        /// The variable that may hold it.
        variable: &'static str,
    },
    /// A known agent CLI is given the prompt in one way.
    #[error(
        "[backends.{0}] says how the prompt goes in, which the preset knows: leave out `input` and {{prompt}}"
    )]
    AgentInput(String),
}

/// What settings describe: `kind`, or a URL in `base_url` or `command`, or a program.
pub fn kind_of(settings: &Settings) -> Option<BackendKind> {
    let command = settings.command.as_deref();
    settings.kind.or_else(|| {
        if settings.base_url.is_some() || command.is_some_and(is_url) {
            Some(BackendKind::Http)
        } else {
            command.map(|_| BackendKind::Command)
        }
    })
}

/// Whether a backend answers without any network: the rules, or a server on this machine.
/// What a program does nobody knows.
pub fn needs_no_network(settings: &Settings) -> bool {
    match kind_of(settings) {
        Some(BackendKind::Rules) => true,
        Some(BackendKind::Http) => http::is_on_this_machine(settings),
        Some(BackendKind::Command) | None => false,
    }
}

/// Whether a `command` is a server.
pub(super) fn is_url(command: &str) -> bool {
    command.starts_with("http://") || command.starts_with("https://")
}

/// Makes the backend that the settings describe; `rules` are those that a backend of that kind applies. Sends nothing and starts nothing: what is
/// missing on this machine is told by [`Backend::available`].
///
/// # Errors
/// Where the settings are incomplete or contradict themselves.
pub fn build(
    name: &str,
    settings: &Settings,
    environment: &Environment,
    rules: &Rules,
) -> Result<Arc<dyn Backend>, BuildError> {
    let backend: Arc<dyn Backend> = match kind_of(settings) {
        Some(BackendKind::Command) => Arc::new(Command::new(name, settings, environment)?),
        Some(BackendKind::Http) => Arc::new(Http::new(name, settings, environment)?),
        Some(BackendKind::Rules) => return Ok(Arc::new(rules.clone().named(name))),
        None => return Err(BuildError::NoKind(name.to_owned())),
    };
    Ok(discreet(backend, Secrets::of(settings, environment)))
}
