//! OpenAI's Codex, as of 0.169.0.

use serde_json::Value;

use super::events::{count, lines, text_of};
use super::words::{failure, inner_message, status_in};
use super::{Agent, Most, Output, PromptBy, SchemaBy, flag, option};
use crate::backends::{CallError, ErrorKind, Reply, Usage};

const CONFIG: &[&str] = &["-c", "--config"];

pub(super) const CODEX: Agent = Agent {
    name: "codex",
    subcommand: &["exec", "e"],
    options: &[
        option(&["-s", "--sandbox"], "read-only"),
        // An empty folder is no checkout, and codex refuses to run outside of one.
        flag(&["--skip-git-repo-check"]),
        flag(&["--ephemeral"]),
        // Its read-only shell can read the key. `--disable` fails where a version does not
        // know the word, so that a shell under another name does not go unnoticed.
        option(&["--disable"], "shell_tool"),
        option(&["--disable"], "unified_exec"),
        option(CONFIG, "project_doc_max_bytes=0"),
        option(CONFIG, "web_search=disabled"),
        option(CONFIG, "features.multi_agent=false"),
        option(CONFIG, "features.goals=false"),
        option(CONFIG, "features.view_image=false"),
        option(CONFIG, "features.apps=false"),
        option(CONFIG, "features.plugins=false"),
        option(CONFIG, "features.hooks=false"),
        option(CONFIG, "analytics.enabled=false"),
        // Without a network it would wait for one for ever.
        option(CONFIG, "features.unbounded_connection_retries=false"),
    ],
    repeated: &["-c", "--disable", "--enable"],
    lists: &["-i", "--image"],
    valued: &[
        "--add-dir",
        "--cd",
        "-C",
        "--color",
        "--enable",
        "--image",
        "-i",
        "--local-provider",
        "--output-last-message",
        "-o",
        "--profile",
        "-p",
    ],
    model: &["-m", "--model"],
    schema: SchemaBy::File(&["--output-schema"]),
    json: None,
    // An option before the `-`: the user's last one may take any number of values.
    last: &["--json", "-"],
    prompt: PromptBy::Stdin,
    most: Most::Characters(1_048_576),
    files: &[],
    // Its own tries (five, some seconds in all) can be limited per provider only, and the
    // built-in providers cannot be changed.
    set: &[],
    placed: &[],
    passed: &["CODEX_HOME"],
    keys: &["CODEX_API_KEY", "OPENAI_API_KEY"],
    own_bytes: 31_200,
    install: "npm install -g @openai/codex",
    read,
};

/// JSON lines. The answer is the last `agent_message` of a turn that was completed; `error`
/// lines and items also occur in turns that succeed (a model without metadata, a retry).
pub(super) fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let events = lines(output.stdout);
    if !events.iter().any(|event| event["type"] == "thread.started") {
        return None;
    }
    let mut reply = Reply::default();
    let mut completed = false;
    for event in &events {
        match text_of(&event["type"]) {
            "item.completed" if event["item"]["type"] == "agent_message" => {
                text_of(&event["item"]["text"]).clone_into(&mut reply.text);
            }
            "turn.completed" => {
                completed = true;
                reply.usage = Some(usage(&event["usage"]));
            }
            "turn.failed" => return Some(Err(failed(text_of(&event["error"]["message"])))),
            _ => {}
        }
    }
    if completed {
        return Some(Ok(reply));
    }
    let last = events.iter().rfind(|event| event["type"] == "error");
    let words = last.map_or("its turn did not end", |event| text_of(&event["message"]));
    Some(Err(failed(words)))
}

fn usage(usage: &Value) -> Usage {
    Usage {
        input: count(&usage["input_tokens"]),
        cached_input: count(&usage["cached_input_tokens"]),
        output: count(&usage["output_tokens"]),
    }
}

fn failed(message: &str) -> CallError {
    match inner_message(message) {
        // The body of a 400 comes as it is, without the status.
        Some(inner) if status_in(message).is_none() => failure(Some(400), &inner),
        _ if message.starts_with("Missing environment variable") => {
            CallError::new(ErrorKind::Denied, message)
        }
        _ => failure(status_in(message), message),
    }
}
