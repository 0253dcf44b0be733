//! GitHub's Copilot CLI, as of 1.0.102. It keeps its sessions, the prompts in them, under
//! `COPILOT_HOME` or `~/.copilot`, and has no option against that.

use serde_json::Value;

use super::events::{count, last_of_type, lines, text_of};
use super::words::failure;
use super::{Agent, Most, Output, Placed, PromptBy, SchemaBy, flag, option};
use crate::backends::{CallError, Reply, Stop, Usage};

pub(super) const COPILOT: Agent = Agent {
    name: "copilot",
    subcommand: &[],
    options: &[
        option(&["--output-format"], "json"),
        // None of that name: the model is offered no tool. An empty list offers all.
        option(&["--available-tools"], "none_such"),
        flag(&["--disable-builtin-mcps"]),
        flag(&["--no-custom-instructions"]),
        flag(&["--no-ask-user"]),
        flag(&["--no-auto-update"]),
        flag(&["--no-color"]),
        flag(&["--disable-client-telemetry"]),
        option(&["--stream"], "off"),
    ],
    repeated: &[],
    lists: &["--available-tools"],
    valued: &[
        "--add-dir",
        "--additional-mcp-config",
        "--agent",
        "--allow-tool",
        "--allow-url",
        "--attachment",
        "--context",
        "--deny-tool",
        "--deny-url",
        "--disable-mcp-server",
        "--enable-mcp-server",
        "--excluded-tools",
        "--log-dir",
        "--log-level",
        "--max-ai-credits",
        "--mode",
        "--name",
        "-n",
        "--plugin-dir",
        "--prompt",
        "-p",
        "--reasoning-effort",
        "--secret-env-vars",
        "--session-id",
        "-C",
    ],
    model: &["--model"],
    schema: SchemaBy::No,
    json: Some((&["--output-format"], &["json"])),
    last: &[],
    prompt: PromptBy::Stdin,
    most: Most::Unknown,
    files: &[],
    // Its own tries (five, up to a minute) cannot be limited.
    set: &[],
    placed: &[
        Placed {
            variable: "COPILOT_HOME",
            path: "home",
            with_key: Some("COPILOT_GITHUB_TOKEN"),
        },
        Placed {
            variable: "COPILOT_HOME",
            path: "home",
            with_key: Some("COPILOT_PROVIDER_API_KEY"),
        },
    ],
    passed: &["COPILOT_HOME", "COPILOT_MODEL"],
    keys: &["COPILOT_GITHUB_TOKEN", "COPILOT_PROVIDER_API_KEY"],
    own_bytes: 40_000,
    install: "npm install -g @github/copilot",
    read,
};

/// JSON lines. The answer is the last message of the assistant, if that asks for no tool;
/// the last line is a `result`.
fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let events = lines(output.stdout);
    if !events.iter().any(|event| event["data"].is_object()) {
        return None;
    }
    if let Some(error) = last_of_type(&events, "session.error") {
        return Some(Err(failed(&error["data"], "message")));
    }
    let result = last_of_type(&events, "result");
    if result.is_none_or(|result| result["exitCode"] != 0) {
        // Ended while it was still trying, or before the end.
        let tried = last_of_type(&events, "model.call_failure");
        return Some(Err(match tried {
            Some(event) => failed(&event["data"], "errorMessage"),
            None => CallError::transient("its session did not end"),
        }));
    }
    let message = last_of_type(&events, "assistant.message").map(|event| &event["data"])?;
    let asks = message["toolRequests"].as_array();
    if asks.is_some_and(|asks| !asks.is_empty()) {
        return Some(Err(CallError::transient(
            "it asked for a tool instead of answering",
        )));
    }
    let mut reply = Reply {
        text: text_of(&message["content"]).to_owned(),
        model: message["model"].as_str().map(ToOwned::to_owned),
        ..Reply::default()
    };
    // Documented in its schema of events; what it prints of a provider of one's own has none.
    for usage in events
        .iter()
        .filter(|event| event["type"] == "assistant.usage")
    {
        let data = &usage["data"];
        let sum = reply.usage.get_or_insert_default();
        add(sum, data);
        reply.stop = match text_of(&data["finishReason"]) {
            "length" => Stop::Length,
            "content_filter" => Stop::Refusal,
            _ => Stop::End,
        };
    }
    Some(Ok(reply))
}

fn add(usage: &mut Usage, data: &Value) {
    usage.input += count(&data["inputTokens"]);
    usage.cached_input += count(&data["cacheReadTokens"]);
    usage.output += count(&data["outputTokens"]);
}

fn failed(data: &Value, words: &str) -> CallError {
    let message = text_of(&data[words]);
    let message = super::words::inner_message(message).unwrap_or_else(|| message.to_owned());
    failure(data["statusCode"].as_u64(), &message)
}
