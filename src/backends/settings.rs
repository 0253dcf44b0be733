//! `[backends.NAME]` as written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[backends.NAME]`: one connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What it is; guessed from `command` and `base_url` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BackendKind>,
    /// A known program or provider, whose values stand where this table has none; the
    /// backend's own name or its command's, where that is one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// A program (name or path), or a server's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// URL of a server, with its version path: `https://api.openai.com/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What the server speaks; by its preset or address where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<DialectName>,
    /// The model to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// A cascade in place of `model`: the next one is asked where the one before gave no answer.
    pub models: Vec<String>,
    /// Arguments of the program, beside those of a known agent CLI; `{model}` stands for the
    /// model and, in a program that is none of those, `{prompt}` for the prompt where
    /// `input = "argument"`.
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
    /// Longest silence of a server while it answers; `timeout` bounds the whole.
    #[serde(
        with = "crate::units::duration::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub idle_timeout: Option<Duration>,
    /// Whether a server is asked to answer piece by piece; it is where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
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
    /// In place of the list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What its vote counts; 1 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// How often it is asked about each packet; 1 where absent.
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
    /// A server.
    Http,
    /// The built-in rules.
    Rules,
}

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialectName {
    /// OpenAI's chat completions, which most servers speak.
    Openai,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's generateContent.
    Gemini,
    /// Ollama's chat.
    Ollama,
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
    /// Tokens written to the provider's cache; as `input` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
}
