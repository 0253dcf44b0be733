//! opencode, as of 1.18.33.

use serde_json::Value;

use super::events::{count, lines, text_of};
use super::words::failure;
use super::{Agent, Most, Output, PromptBy, SchemaBy, flag, option};
use crate::backends::{CallError, Reply, Stop, Usage};

pub(super) const OPENCODE: Agent = Agent {
    name: "opencode",
    subcommand: &["run"],
    options: &[
        option(&["--format"], "json"),
        flag(&["--pure"]),
        // Without one it asks a model for it: a second call for each.
        option(&["--title"], "review"),
    ],
    repeated: &[],
    lists: &["-f", "--file"],
    valued: &[
        "--agent",
        "--attach",
        "--command",
        "--dir",
        "--file",
        "-f",
        "--log-level",
        "--password",
        "--port",
        "--session",
        "-s",
        "--username",
        "-u",
        "--variant",
    ],
    model: &["-m", "--model"],
    schema: SchemaBy::No,
    json: Some((&["--format"], &["json"])),
    last: &[],
    prompt: PromptBy::Stdin,
    most: Most::Unknown,
    files: &[],
    set: &[
        // Takes every tool from the model.
        ("OPENCODE_PERMISSION", "{\"*\":\"deny\"}"),
        // Sessions hold the prompt and would stay on the disk.
        ("OPENCODE_DB", ":memory:"),
        ("OPENCODE_DISABLE_PROJECT_CONFIG", "true"),
        ("OPENCODE_DISABLE_CLAUDE_CODE", "true"),
        ("OPENCODE_DISABLE_SHARE", "true"),
        ("OPENCODE_DISABLE_AUTOUPDATE", "true"),
        ("OPENCODE_DISABLE_LSP_DOWNLOAD", "true"),
    ],
    placed: &[],
    passed: &["OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR"],
    keys: &["OPENCODE_API_KEY"],
    own_bytes: 40_000,
    install: "npm install -g opencode-ai",
    read,
};

/// JSON lines. The answer is the text of the last step, if that is not a call of a tool.
fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let events = lines(output.stdout);
    let events = events.iter().filter(|event| event["sessionID"].is_string());
    let mut reply = Reply::default();
    let (mut seen, mut finished) = (false, false);
    let mut cost = 0.0;
    for event in events {
        seen = true;
        let part = &event["part"];
        match text_of(&event["type"]) {
            "step_start" => {
                reply.text.clear();
                finished = false;
            }
            "text" => reply.text.push_str(text_of(&part["text"])),
            "step_finish" => {
                finished = part["reason"] != "tool-calls";
                reply.stop = match text_of(&part["reason"]) {
                    "length" => Stop::Length,
                    "content-filter" => Stop::Refusal,
                    _ => Stop::End,
                };
                cost += part["cost"].as_f64().unwrap_or_default();
                add(reply.usage.get_or_insert_default(), &part["tokens"]);
            }
            "error" => return Some(Err(failed(&event["error"]))),
            _ => {}
        }
    }
    if !seen {
        return None;
    }
    if !finished {
        return Some(Err(CallError::transient("its last step did not end")));
    }
    // Nothing is what it says of a model whose price it does not know.
    reply.cost_usd = (cost > 0.0).then_some(cost);
    Some(Ok(reply))
}

fn add(usage: &mut Usage, tokens: &Value) {
    let cached = count(&tokens["cache"]["read"]);
    usage.cached_input += cached;
    usage.input += count(&tokens["input"]) + count(&tokens["cache"]["write"]) + cached;
    usage.output += count(&tokens["output"]) + count(&tokens["reasoning"]);
}

fn failed(error: &Value) -> CallError {
    let data = &error["data"];
    let message = match text_of(&data["message"]) {
        "" => text_of(&error["name"]),
        message => message,
    };
    match data["isRetryable"].as_bool() {
        Some(false) if data["statusCode"].is_null() => CallError::permanent(message),
        _ => failure(data["statusCode"].as_u64(), message),
    }
}
