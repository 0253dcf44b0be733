//! Backends: raw connections to models and scanners. Configuration only, no policy.
//!
//! A backend gets a [`Request`] and gives a [`Reply`] or a [`CallError`]. It does
//! not retry, does not vote and does not read the answer: the engine and
//! `findings` do.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::change::FileChange;

mod build;
mod command;
mod detect;
mod environment;
mod http;
pub mod rules;
mod tape;
mod text;

pub use build::{BuildError, build, kind_of, needs_no_network};
pub use detect::{detect, detection_rank};
pub use environment::Environment;
pub use tape::{Mode, Tape, TapeError, Taped};

/// `[backends.NAME]`: one connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What it is; guessed from `command` and `base_url` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BackendKind>,
    /// A program (name or path), or a server's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// URL of an OpenAI-compatible server, with its version path: `https://api.openai.com/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The model to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments of the program; `{prompt}` stands for the prompt where `input = "argument"`, `{model}` for the model.
    pub args: Vec<String>,
    /// Names of environment variables that the program may see beside the allow-list.
    pub env: Vec<String>,
    /// `"${NAME}"`: the environment variable that holds the key. Never the key itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// How a program gets the prompt.
    pub input: Input,
    /// Of one call.
    #[serde(
        with = "crate::units::duration::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub timeout: Option<Duration>,
    /// Calls in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<usize>,
    /// Calls started in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Tokens sent in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u32>,
    /// Further tries after a transient failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Tokens that the model reads at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<usize>,
    /// Tokens that the model may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// 0.0 to 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// List price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What its vote counts; 1 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Ask that many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Whether its claims need no quorum; true for `rules` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authoritative: Option<bool>,
    /// Whether it runs on this machine, so that nothing need be hidden from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<bool>,
}

/// What a backend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// Any program.
    Command,
    /// A server that speaks OpenAI's chat completions.
    Http,
    /// The built-in rules.
    Rules,
}

/// How a program gets the prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// On standard input.
    #[default]
    Stdin,
    /// In place of `{prompt}` in `args`, else as the last argument.
    Argument,
}

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens read.
    pub input: f64,
    /// Tokens written.
    pub output: f64,
    /// Tokens read from the provider's cache; as `input` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
}

/// One question to one backend.
#[derive(Clone, Debug)]
pub struct Request {
    /// The roles that ask: one, or several where steps are folded into one call.
    pub roles: Vec<String>,
    /// The text, stable part first.
    pub prompt: Prompt,
    /// JSON schema of the answer, where one is wanted.
    pub schema: Option<Arc<serde_json::Value>>,
    /// The files that the prompt is about, for backends that read code and not prose.
    pub files: Vec<Arc<FileChange>>,
    /// Bounds of this call.
    pub limits: Limits,
    /// Cancelled on Ctrl-C and at the run's deadline.
    pub cancel: CancellationToken,
}

/// A prompt in the order in which a provider's cache wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The same in every call of a run: a system message where the protocol has one.
    pub fixed: Arc<str>,
    /// The same for every role that reads this packet; may be empty.
    pub packet: Arc<str>,
    /// What this role is asked to do.
    pub task: String,
}

impl Prompt {
    /// One text, for programs that know no roles.
    pub fn joined(&self) -> String {
        [&*self.fixed, &*self.packet, &self.task]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n")
    }
}

/// Bounds of one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// From start to the last byte.
    pub timeout: Duration,
    /// Tokens of the answer.
    pub max_output_tokens: Option<u32>,
    /// 0.0 and up; the backend's own default where absent.
    pub temperature: Option<f32>,
    /// Bytes of the answer; more is an error.
    pub max_reply_bytes: usize,
}

/// What a backend said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The answer's text.
    pub text: String,
    /// The model that answered, by its own word.
    pub model: Option<String>,
    /// Tokens used, where the backend tells.
    pub usage: Option<Usage>,
    /// US dollars, where the backend tells.
    pub cost_usd: Option<f64>,
    /// From sending to the last byte; zero from the tape.
    pub latency: Duration,
    /// Why it stopped.
    pub stop: Stop,
}

/// Tokens of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read, cached ones among them.
    pub input: u64,
    /// Tokens read from the provider's cache.
    pub cached_input: u64,
    /// Tokens written.
    pub output: u64,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model was done.
    #[default]
    End,
    /// The token limit cut it.
    Length,
    /// The provider or the model refused.
    Refusal,
}

/// Why a call brought no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What it means for a retry.
    pub kind: ErrorKind,
    /// What happened and what to do, without keys and without the prompt.
    pub message: String,
}

impl CallError {
    /// Worth another try.
    pub fn transient(message: impl Into<String>) -> Self {
        let kind = ErrorKind::Transient { retry_after: None };
        Self::new(kind, message)
    }

    /// The same call fails again.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Permanent, message)
    }

    /// The run was cancelled.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }

    /// An error of that kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }
}

/// What a failed call means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 408, 429, 5xx, a broken connection: worth another try, after the pause that the server asked for.
    Transient {
        /// `Retry-After`, where the server sent one.
        retry_after: Option<Duration>,
    },
    /// The call's own time limit passed; worth another try.
    Timeout,
    /// 400, 401, 403, 404, a missing program: the same call fails again.
    Permanent,
    /// The run was cancelled.
    Cancelled,
}

impl ErrorKind {
    /// What an HTTP status means: 408, 425, 429 and 5xx (529 is "overloaded") pass, the rest stay.
    pub fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            408 | 425 | 429 | 500..=599 => Self::Transient { retry_after },
            _ => Self::Permanent,
        }
    }
}

/// A boxed future, so that [`Backend`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A raw connection to a model or scanner.
pub trait Backend: Send + Sync + fmt::Debug {
    /// The name under `[backends]`.
    fn name(&self) -> &str;

    /// Whether it can be asked at all: program found, key present. Sends nothing.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do.
    fn available(&self) -> Result<(), String>;

    /// What of the configuration changes the answer (model, arguments, parameters): part
    /// of the tape's key. Holds no secret.
    fn identity(&self) -> String;

    /// Whether it can write prose; a scanner only fills in the findings' schema.
    fn writes_text(&self) -> bool {
        true
    }

    /// Asks once.
    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>>;
}
