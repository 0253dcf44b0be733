//! Any other program: its output is the answer, or what an agent CLI that it wraps printed.

use serde_json::Value;

use super::events::only_objects;
use super::{Output, claude, codex, gemini};
use crate::backends::{CallError, Reply};

/// Known by what all of it looks like; none where it is plain text. One line of prose that
/// looks like an envelope is what a model quotes, and a change may have told it to.
pub(in crate::backends::command) fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let has = |word: &str| output.stdout.contains(word);
    let known = has("\"thread.started\"")
        || has("\"is_error\"")
        || (has("\"session_id\"") && has("\"stats\""));
    if !known {
        return None;
    }
    let events = match serde_json::from_str(output.stdout.trim()) {
        Ok(Value::Array(events)) => events,
        Ok(object) => vec![object],
        Err(_) => only_objects(output.stdout)?,
    };
    let [.., last] = &events[..] else {
        return None;
    };
    if events.iter().any(|event| event["type"] == "thread.started") {
        codex::read(output)
    } else if last["type"] == "result" && last["is_error"].is_boolean() {
        claude::read(output)
    } else if last["stats"].is_object() && events[0]["session_id"].is_string() {
        gemini::read(output)
    } else {
        None
    }
}
