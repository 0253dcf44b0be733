//! Google's Gemini CLI, as of 0.61.0.

use serde_json::Value;

use super::events::{count, last_object, last_of_type, lines, text_of};
use super::words::{failure, inner_message, status_in};
use super::{
    Agent, Most, Output, POLICY, POLICY_FILE, Placed, PromptBy, REVIEWER, SchemaBy, option,
};
use crate::backends::{CallError, ErrorKind, Reply, Usage};

const SYSTEM_FILE: &str = "system.md";

pub(super) const GEMINI: Agent = Agent {
    name: "gemini",
    subcommand: &[],
    options: &[
        // Without it the model is offered file reading, a web search and sub-agents, and
        // may use them unasked.
        option(&["--policy"], POLICY),
        option(&["--extensions", "-e"], "none"),
        option(&["--output-format", "-o"], "json"),
        // Standard input stands before it.
        option(&["-p", "--prompt"], ""),
    ],
    // A user's policy is added: one in place of ours would bring the tools back.
    repeated: &["--policy"],
    lists: &["--extensions", "-e", "--policy"],
    valued: &[
        "--approval-mode",
        "--admin-policy",
        "--allowed-mcp-server-names",
        "--allowed-tools",
        "--include-directories",
        "--session-id",
        "--session-file",
    ],
    model: &["-m", "--model"],
    schema: SchemaBy::No,
    json: Some((&["--output-format", "-o"], &["json", "stream-json"])),
    last: &[],
    prompt: PromptBy::Stdin,
    // It cuts what is longer and goes on.
    most: Most::Bytes(8 * 1024 * 1024),
    files: &[
        (
            POLICY_FILE,
            "[[rule]]\ntoolName = \"*\"\ndecision = \"deny\"\npriority = 999\n",
        ),
        (SYSTEM_FILE, REVIEWER),
        // With a base URL of the user's own it does not guess that it has a key.
        (
            "home/.gemini/settings.json",
            "{\"security\":{\"auth\":{\"selectedType\":\"gemini-api-key\"}}}\n",
        ),
        // It reads variables from the first such file in the folders above: one in a folder
        // for temporary files, or in a checkout around it, could name the address that gets the key.
        ("empty/.gemini/.env", ""),
        // Ten tries take minutes. No variable limits them, and a file for the whole system
        // is refused where others may write, as in every folder for temporary files.
        (
            "empty/.gemini/settings.json",
            "{\"general\":{\"maxAttempts\":2},\"privacy\":{\"usageStatisticsEnabled\":false}}\n",
        ),
    ],
    placed: &[
        Placed {
            variable: "GEMINI_SYSTEM_MD",
            path: SYSTEM_FILE,
            with_key: None,
        },
        // It keeps each conversation, the prompt in it, in its home and has no option against that.
        Placed {
            variable: "GEMINI_CLI_HOME",
            path: "home",
            with_key: Some("GEMINI_API_KEY"),
        },
    ],
    set: &[
        // The folder is new and holds what llmux wrote: there is nothing in it to distrust.
        ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
        ("GEMINI_TELEMETRY_ENABLED", "false"),
    ],
    passed: &["GEMINI_CLI_HOME"],
    keys: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    own_bytes: 900,
    install: "npm install -g @google/gemini-cli",
    read,
};

/// On success one object on standard output; with `stream-json` lines. A failure stands at
/// the end of standard error, after warnings and stack traces. Stops for safety and length
/// look like any other end.
pub(super) fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let object: Option<Value> = serde_json::from_str(output.stdout.trim()).ok();
    if let Some(object) = object.filter(|object| object["session_id"].is_string()) {
        return match &object["error"] {
            Value::Null if object["stats"].is_object() => Some(Ok(whole(&object))),
            Value::Null => None,
            error => Some(Err(failed(error, output.code))),
        };
    }
    if let Some(reply) = stream(&lines(output.stdout)) {
        return Some(reply);
    }
    let object = last_object(output.stderr).filter(|object| object["error"].is_object());
    if let Some(object) = object {
        return Some(Err(failed(&object["error"], output.code)));
    }
    // Ended while it was still trying: what it tried stands in its stack traces.
    let status = status_in(output.stderr);
    let line = output
        .stderr
        .lines()
        .rfind(|line| status_in(line).is_some() && line.contains("failed"))?;
    Some(Err(failure(status, line)))
}

fn whole(object: &Value) -> Reply {
    let mut reply = Reply {
        text: text_of(&object["response"]).to_owned(),
        ..Reply::default()
    };
    if let Some(models) = object["stats"]["models"].as_object() {
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
    reply
}

/// The prompt is among the messages.
fn stream(events: &[Value]) -> Option<Result<Reply, CallError>> {
    let result = last_of_type(events, "result")?;
    if result["status"] != "success" {
        return Some(Err(failed(&result["error"], None)));
    }
    let said = events
        .iter()
        .filter(|event| event["type"] == "message" && event["role"] == "assistant");
    let stats = &result["stats"];
    let models = stats["models"].as_object();
    Some(Ok(Reply {
        text: said.map(|event| text_of(&event["content"])).collect(),
        model: models.and_then(|models| models.keys().next().cloned()),
        usage: Some(Usage {
            input: count(&stats["input_tokens"]),
            cached_input: count(&stats["cached"]),
            output: count(&stats["output_tokens"]),
        }),
        ..Reply::default()
    }))
}

/// `code` is an HTTP status or the program's own exit code.
fn failed(error: &Value, exit: Option<i32>) -> CallError {
    let message = text_of(&error["message"]);
    let words = inner_message(message).unwrap_or_else(|| message.to_owned());
    let code = error["code"].as_u64();
    match code.or(exit.and_then(|exit| u64::try_from(exit).ok())) {
        Some(41) => CallError::new(ErrorKind::Denied, words),
        // Bad input, bad settings, an untrusted folder.
        Some(42 | 44 | 52 | 55) => CallError::permanent(words),
        Some(status) if status >= 400 => failure(Some(status), &words),
        _ => failure(status_in(message), &words),
    }
}
