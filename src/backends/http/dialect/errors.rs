//! What servers say when they do not answer.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::json;
use crate::backends::{ErrorKind, words};

/// Why a body or a stream is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backends::http) enum Unreadable {
    /// It tells a failure, as some do with status 200 or in the middle of a stream.
    Error {
        /// The status that it stands for, where that is known.
        status: Option<u16>,
        /// The server's own words, not cleaned.
        words: String,
    },
    /// It is something else; in words that end a sentence: "is not …".
    NotTheProtocol(String),
    /// The stream ended before the answer did.
    Cut,
    /// There is no text in it and no reason why.
    Empty,
}

impl Unreadable {
    /// What JSON could not be read as.
    pub(super) fn not_json(what: &str, error: &serde_json::Error) -> Self {
        Self::NotTheProtocol(format!("is not the JSON of {what} ({error})"))
    }
}

/// An error as it stands in an answer: an object with some of these, or a text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    #[serde(deserialize_with = "json::text")]
    message: Option<String>,
    #[serde(deserialize_with = "json::word")]
    code: Option<String>,
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    /// Gemini's name of the status.
    #[serde(deserialize_with = "json::text")]
    status: Option<String>,
}

impl Told {
    /// One that is a text alone.
    pub(super) fn of_text(message: String) -> Self {
        Self {
            message: Some(message),
            ..Self::default()
        }
    }

    /// One whose parts stand in its event.
    pub(super) fn of_parts(message: Option<String>, code: Option<String>) -> Self {
        Self {
            message,
            code,
            ..Self::default()
        }
    }

    pub(super) fn unreadable(self) -> Unreadable {
        let names = [&self.code, &self.kind, &self.status];
        let status = names.into_iter().flatten().find_map(|name| status_of(name));
        let [code, kind, status_name] = [self.code, self.kind, self.status];
        let words = self.message.or(kind).or(status_name).or(code);
        Unreadable::Error {
            status,
            words: words.unwrap_or_else(|| "an error without words".to_owned()),
        }
    }
}

/// An error as object or as text.
pub(super) fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Told>, D::Error> {
    json::described(from, |text| Some(Told::of_text(text)))
}

/// The HTTP status that an error's code or type stands for. Names of OpenAI, Anthropic
/// (<https://platform.claude.com/docs/en/api/errors>) and Google (google.rpc.Code).
fn status_of(name: &str) -> Option<u16> {
    if let Ok(status) = name.parse() {
        return (400..600).contains(&status).then_some(status);
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "invalid_request_error" | "invalid_argument" | "failed_precondition" | "invalid_prompt" => {
            400
        }
        "authentication_error" | "unauthenticated" | "invalid_api_key" => 401,
        "billing_error" | "insufficient_quota" => 402,
        "permission_error" | "permission_denied" => 403,
        "not_found_error" | "not_found" | "model_not_found" => 404,
        "request_too_large" | "context_length_exceeded" => 413,
        "rate_limit_error" | "rate_limit_exceeded" | "resource_exhausted" => 429,
        "api_error" | "server_error" | "internal" | "internal_error" => 500,
        "unavailable" => 503,
        "timeout_error" | "deadline_exceeded" => 504,
        "overloaded_error" | "overloaded" => 529,
        _ => return None,
    })
}

/// What a refusal means: its status, unless its words know better. Google says 400 to a wrong
/// key, and most say 400 to a prompt that is too long.
pub(in crate::backends::http) fn kind_of_refusal(
    status: u16,
    body: &str,
    retry_after: Option<Duration>,
) -> ErrorKind {
    match status {
        400 | 413 | 422 if words::is_too_long(body) => ErrorKind::TooLong,
        400 if words::holds(body, WRONG_KEY) => ErrorKind::Denied,
        402 => ErrorKind::Denied,
        400 | 429 if words::is_spent(body) => ErrorKind::Denied,
        // An aggregator's 403 can be about one model's guard; a key's is about all of them.
        _ => ErrorKind::of_status(status, retry_after),
    }
}

/// Whether the account behind the key has nothing left to spend.
pub(in crate::backends::http) fn is_spent(status: u16, body: &str) -> bool {
    status == 402 || matches!(status, 400 | 429) && words::is_spent(body)
}

const WRONG_KEY: &[&str] = &["api_key_invalid", "api key not valid", "api key expired"];

/// The words of a server's error: `error.message`, `error`, `message` or `detail`, else the text.
pub(in crate::backends::http) fn error_words(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    let places = [
        &value["error"]["message"],
        &value["error"],
        &value[0]["error"]["message"],
        &value["message"],
        &value["detail"],
    ];
    match places.into_iter().find_map(Value::as_str) {
        Some(words) => words.to_owned(),
        None => body.to_owned(),
    }
}
