//! A question, its answer, and why there was none.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::change::FileChange;

/// One question to one backend.
#[derive(Clone, Debug)]
pub struct Request {
    /// The roles that ask: one, or several where steps are folded into one call.
    pub roles: Vec<String>,
    /// The text, stable part first.
    pub prompt: Prompt,
    /// JSON schema of the answer, where one is wanted.
    pub schema: Option<Arc<serde_json::Value>>,
    /// In place of the backend's own model: a step's, or the next of a cascade.
    pub model: Option<Arc<str>>,
    /// Which of several samples of the same question this is, from 1: a tape keeps them apart.
    pub sample: u32,
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
    /// Longest silence of a server once it was sent the question; the same as `timeout` where absent.
    pub idle_timeout: Option<Duration>,
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

impl Usage {
    /// More than this many tokens is no count; sums stay far from overflowing.
    pub(super) const MOST: u64 = 1 << 40;
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
    /// 400, 404, a missing program: the model that was asked fails again.
    Permanent,
    /// 401, 403: the backend fails again, whatever model it is asked for.
    Denied,
    /// This prompt does not go in: it is longer than this model or program reads, or holds what
    /// cannot be given. Other prompts are not concerned.
    TooLong,
    /// The run was cancelled.
    Cancelled,
    /// There is no money left to ask.
    Broke,
}

impl ErrorKind {
    /// What an HTTP status means: 408, 425, 429 and 5xx (529 is "overloaded") pass, the rest stay.
    pub fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            401 | 403 => Self::Denied,
            413 => Self::TooLong,
            408 | 425 | 429 | 500..=599 => Self::Transient { retry_after },
            _ => Self::Permanent,
        }
    }
}
