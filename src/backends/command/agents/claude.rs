//! Claude Code, as of 2.1.329; what 2.1.197 prints is read as well.

use serde_json::Value;

use super::events::{count, last_of_type, lines, text_of};
use super::words::failure;
use super::{Agent, Most, Output, PromptBy, REVIEWER, SchemaBy, flag, option};
use crate::backends::{CallError, Reply, Stop, Usage};

pub(super) const CLAUDE: Agent = Agent {
    name: "claude",
    subcommand: &[],
    options: &[
        flag(&["-p", "--print"]),
        option(&["--output-format"], "json"),
        option(&["--tools"], ""),
        // A checkout's settings ran hooks and sent the key to another host; the folder is
        // empty, and this holds where a user gives it another.
        option(&["--setting-sources"], ""),
        flag(&["--strict-mcp-config"]),
        flag(&["--no-session-persistence"]),
        option(&["--system-prompt", "--system-prompt-file"], REVIEWER),
    ],
    repeated: &[],
    lists: &[
        "--tools",
        "--allowedTools",
        "--allowed-tools",
        "--mcp-config",
    ],
    valued: &[
        "--add-dir",
        "--agent",
        "--agents",
        "--allowedTools",
        "--allowed-tools",
        "--append-system-prompt",
        "--betas",
        "--disallowedTools",
        "--disallowed-tools",
        "--effort",
        "--fallback-model",
        "--input-format",
        "--max-budget-usd",
        "--max-turns",
        "--mcp-config",
        "--permission-mode",
        "--plugin-dir",
        "--session-id",
        "--settings",
    ],
    model: &["--model"],
    schema: SchemaBy::Text(&["--json-schema"]),
    json: Some((&["--output-format"], &["json", "stream-json"])),
    last: &[],
    prompt: PromptBy::Stdin,
    // "piped stdin input exceeds 10MB", whichever megabyte that is.
    most: Most::Bytes(10_000_000),
    files: &[],
    set: &[
        // Ten tries take minutes, a denied key is tried again as well, and llmux does it by itself.
        ("CLAUDE_CODE_MAX_RETRIES", "0"),
        // Telemetry, error reports and updates.
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ],
    placed: &[],
    passed: &["CLAUDE_CONFIG_DIR"],
    keys: &[
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
    ],
    own_bytes: 1_300,
    install: "npm install -g @anthropic-ai/claude-code",
    read,
};

/// One object of type `result`; with `stream-json` it is the last line, with `--verbose`
/// the last of a list.
pub(super) fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let whole: Option<Value> = serde_json::from_str(output.stdout.trim()).ok();
    let events = match whole {
        Some(Value::Array(events)) => events,
        Some(object) => vec![object],
        None => lines(output.stdout),
    };
    if let Some(result) = last_of_type(&events, "result") {
        return result["is_error"].is_boolean().then(|| outcome(result));
    }
    // Ended while it was still trying.
    let retry = events
        .iter()
        .rfind(|event| event["subtype"] == "api_retry")?;
    let words = format!("no result after {}", text_of(&retry["error"]));
    Some(Err(failure(retry["error_status"].as_u64(), &words)))
}

/// An API error has `subtype: "success"`: `is_error` decides.
fn outcome(result: &Value) -> Result<Reply, CallError> {
    let mut reply = Reply {
        text: match &result["structured_output"] {
            Value::Null => text_of(&result["result"]).to_owned(),
            structured => structured.to_string(),
        },
        cost_usd: result["total_cost_usd"].as_f64(),
        ..Reply::default()
    };
    if let Some((usage, model)) = usage(&result["modelUsage"]) {
        reply.usage = Some(usage);
        reply.model = model;
    }
    reply.stop = match text_of(&result["stop_reason"]) {
        "refusal" => Stop::Refusal,
        "max_tokens" => Stop::Length,
        _ if result["api_error"] == "max_output_tokens" => Stop::Length,
        _ => Stop::End,
    };
    if result["is_error"] == false || reply.stop != Stop::End {
        return Ok(reply);
    }
    let errors = result["errors"].as_array().into_iter().flatten();
    let errors: Vec<_> = errors.map(text_of).collect();
    let words = match (reply.text.as_str(), errors.as_slice()) {
        ("", []) => text_of(&result["subtype"]).to_owned(),
        ("", errors) => errors.join("; "),
        (text, _) => text.to_owned(),
    };
    if result["subtype"] == "error_max_budget_usd" {
        return Err(CallError::permanent(words));
    }
    Err(failure(result["api_error_status"].as_u64(), &words))
}

/// `usage` counts too little after a retry: what each model used is added up.
fn usage(models: &Value) -> Option<(Usage, Option<String>)> {
    let models = models.as_object().filter(|models| !models.is_empty())?;
    let mut usage = Usage::default();
    for model in models.values() {
        let cached = count(&model["cacheReadInputTokens"]);
        usage.cached_input += cached;
        usage.input +=
            count(&model["inputTokens"]) + count(&model["cacheCreationInputTokens"]) + cached;
        usage.output += count(&model["outputTokens"]);
    }
    let most = models
        .iter()
        .max_by_key(|(_, model)| count(&model["outputTokens"]));
    Some((usage, most.map(|(name, _)| name.clone())))
}
