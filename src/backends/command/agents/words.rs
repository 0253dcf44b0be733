//! What a program's words say about a failure, where nothing else does.

use serde_json::Value;

use super::events::text_of;
use crate::backends::words::{holds, is_spent, is_too_long};
use crate::backends::{CallError, ErrorKind};

/// A failure that the words tell, with the HTTP status where the program gives one.
pub(super) fn failure(status: Option<u64>, words: &str) -> CallError {
    let of_words = kind_of(words);
    let kind = match status.and_then(|status| u16::try_from(status).ok()) {
        // A prompt that is too long is a bad request, an empty purse too many.
        Some(400 | 413 | 422 | 429) | None => of_words,
        Some(_) => None,
    };
    let by_status = || match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status) => ErrorKind::of_status(status, None),
        None => ErrorKind::Transient { retry_after: None },
    };
    CallError::new(kind.unwrap_or_else(by_status), words)
}

/// A failure of which nothing but words is left.
pub(in crate::backends::command) fn failure_in(words: &str) -> CallError {
    failure(status_in(words), words)
}

/// What a message means that names no status; none where it tells nothing.
fn kind_of(words: &str) -> Option<ErrorKind> {
    if is_too_long(words) {
        Some(ErrorKind::TooLong)
    } else if is_spent(words) || holds(words, DENIED) {
        Some(ErrorKind::Denied)
    } else {
        None
    }
}

/// Words of a missing login and of a purse that is empty for hours: the next call ends alike.
/// A server's 429 may say the last two of one minute's share; programs wait for that themselves.
const DENIED: &[&str] = &[
    "not logged in",
    "please run /login",
    "please sign in",
    "authentication required",
    "authentication failed",
    "no authentication information",
    "exceeded your current quota, please check your plan",
    "usage limit",
];

/// The line that says that the program did not understand what it was started with: it never will.
pub(in crate::backends::command) fn misused(stderr: &str) -> Option<&str> {
    stderr.lines().find(|line| {
        let line = anstream::adapter::strip_str(line).to_string();
        let line = line.trim().to_lowercase();
        let line = line.strip_prefix("error:").unwrap_or(&line).trim_start();
        MISUSED.iter().any(|start| line.starts_with(start))
    })
}

const MISUSED: &[&str] = &[
    "unknown option",
    "unknown argument",
    "unknown flag",
    "unknown feature flag",
    "unexpected argument",
    "unrecognized option",
    "invalid value",
    "invalid values",
    "invalid option",
    "flag provided but not defined",
    "flags provided but not defined",
    "the argument '",
    "option '-",
    "error loading config",
    "--json-schema is not valid json",
    "failed to read output schema file",
    "gemini cli is not running in a trusted directory",
];

/// Whether a failure is about the schema that came with the question.
pub(in crate::backends::command) fn refuses_schema(message: &str) -> bool {
    let known = [
        "json-schema",
        "output-schema",
        "invalid_json_schema",
        "invalid schema",
    ];
    holds(message, &known)
}

/// The HTTP status in a program's words: `unexpected status 401 Unauthorized`, `last status:
/// 429`, `API Error: 500`, `HTTP 503`. The last one counts.
pub(super) fn status_in(message: &str) -> Option<u64> {
    let starts = ["status", "API Error:", "HTTP"];
    let found = starts.iter().flat_map(|start| {
        message.match_indices(start).filter_map(|(at, start)| {
            let rest = &message[at + start.len()..];
            let digits = rest.trim_start_matches([' ', ':']).get(..3)?;
            let status: u64 = digits.parse().ok()?;
            (400..600).contains(&status).then_some((at, status))
        })
    });
    found.max().map(|(_, status)| status)
}

/// The message of an API's error that stands as JSON in another one.
pub(super) fn inner_message(message: &str) -> Option<String> {
    let object: Value = serde_json::from_str(message.trim()).ok()?;
    let error = match &object["error"] {
        Value::Null => &object,
        error => error,
    };
    let inner = match text_of(&error["message"]) {
        "" => return None,
        inner => inner,
    };
    Some(match text_of(&error["code"]) {
        "" => inner.to_owned(),
        code => format!("{inner} ({code})"),
    })
}
