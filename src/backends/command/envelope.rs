//! The JSON in which agent CLIs wrap an answer, known by what it looks like.
//!
//! codex: JSON lines that begin with `thread.started`. claude: an object of type
//! `result`. gemini: an object with `session_id`, `response` and `stats`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::backends::{CallError, ErrorKind, Reply, Stop, Usage};

/// What standard output wraps; none where it is plain text.
pub(super) fn unwrap(output: &str) -> Option<Result<Reply, CallError>> {
    if !output.contains('{') {
        return None;
    }
    if output.contains("\"thread.started\"") {
        return codex(output);
    }
    let last = output.trim().lines().next_back().unwrap_or_default();
    let object = [output, last]
        .into_iter()
        .find_map(|text| serde_json::from_str::<Map<String, Value>>(text.trim()).ok())?;
    let object = Value::Object(object);
    if object["type"] == "result" && object["is_error"].is_boolean() {
        Some(claude(&object))
    } else if object["session_id"].is_string() && object["stats"].is_object() {
        Some(gemini(&object))
    } else {
        None
    }
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    item: Value,
    #[serde(default)]
    usage: Value,
    #[serde(default)]
    error: Value,
}

/// `error` events also occur in turns that succeed: only `turn.failed` counts.
fn codex(output: &str) -> Option<Result<Reply, CallError>> {
    let events: Vec<Event> = output
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if !events.iter().any(|event| event.kind == "thread.started") {
        return None;
    }
    let mut reply = Reply::default();
    for event in &events {
        match event.kind.as_str() {
            "item.completed" if event.item["type"] == "agent_message" => {
                text_of(&event.item["text"]).clone_into(&mut reply.text);
            }
            "turn.completed" => {
                reply.usage = Some(Usage {
                    input: count(&event.usage["input_tokens"]),
                    cached_input: count(&event.usage["cached_input_tokens"]),
                    output: count(&event.usage["output_tokens"]),
                });
            }
            "turn.failed" => {
                let message = text_of(&event.error["message"]);
                let kind = status_in(message)
                    .map_or(ErrorKind::Transient { retry_after: None }, |status| {
                        ErrorKind::of_status(status, None)
                    });
                return Some(Err(CallError::new(kind, message)));
            }
            _ => {}
        }
    }
    Some(Ok(reply))
}

/// The HTTP status in codex' words: `unexpected status 401 Unauthorized`, `last status: 429`.
fn status_in(message: &str) -> Option<u16> {
    message.split("status").skip(1).find_map(|rest| {
        let digits = rest.trim_start_matches([' ', ':']).get(..3)?;
        digits.parse().ok().filter(|status| *status >= 400)
    })
}

/// An API error has `subtype: "success"`: `is_error` decides. `usage` counts too little
/// after a retry, so that `modelUsage` is added up.
fn claude(result: &Value) -> Result<Reply, CallError> {
    let mut reply = Reply {
        text: match &result["structured_output"] {
            Value::Null => text_of(&result["result"]).to_owned(),
            structured => structured.to_string(),
        },
        cost_usd: result["total_cost_usd"].as_f64(),
        ..Reply::default()
    };
    if let Some(models) = result["modelUsage"].as_object().filter(|m| !m.is_empty()) {
        let mut usage = Usage::default();
        for model in models.values() {
            let cached = count(&model["cacheReadInputTokens"]);
            usage.cached_input += cached;
            usage.input +=
                count(&model["inputTokens"]) + count(&model["cacheCreationInputTokens"]) + cached;
            usage.output += count(&model["outputTokens"]);
        }
        reply.usage = Some(usage);
        reply.model = models
            .iter()
            .max_by_key(|(_, model)| count(&model["outputTokens"]))
            .map(|(name, _)| name.clone());
    }
    if result["is_error"] == false {
        return Ok(reply);
    }
    if result["stop_reason"] == "refusal" {
        reply.stop = Stop::Refusal;
        return Ok(reply);
    }
    if result["api_error"] == "max_output_tokens" {
        reply.stop = Stop::Length;
        return Ok(reply);
    }
    let status = result["api_error_status"].as_u64();
    let kind = match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status) => ErrorKind::of_status(status, None),
        None => ErrorKind::Transient { retry_after: None },
    };
    let message = if reply.text.is_empty() {
        result["errors"].to_string()
    } else {
        reply.text
    };
    Err(CallError::new(kind, message))
}

fn gemini(result: &Value) -> Result<Reply, CallError> {
    if !result["error"].is_null() {
        return Err(CallError::transient(text_of(&result["error"]["message"])));
    }
    let mut reply = Reply {
        text: text_of(&result["response"]).to_owned(),
        ..Reply::default()
    };
    if let Some(models) = result["stats"]["models"].as_object() {
        let mut usage = Usage::default();
        for tokens in models.values().map(|model| &model["tokens"]) {
            usage.input += count(&tokens["prompt"]);
            usage.cached_input += count(&tokens["cached"]);
            usage.output += count(&tokens["candidates"]) + count(&tokens["thoughts"]);
        }
        reply.usage = Some(usage);
        reply.model = models
            .iter()
            .max_by_key(|(_, model)| count(&model["tokens"]["candidates"]))
            .map(|(name, _)| name.clone());
    }
    Ok(reply)
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
