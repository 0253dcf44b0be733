//! Antigravity's CLI. Never run here: built by its documentation alone (the pages "Headless
//! mode" and "Install" of antigravity.google/docs/cli, and `CHANGELOG.md` and the issues of
//! github.com/google-antigravity/antigravity-cli), versions 1.1.8 to 1.2.13.

use serde_json::Value;

use super::events::{count, escaped, lines, text_of};
use super::words::{failure, status_in};
use super::{Agent, Most, Output, PromptBy, SchemaBy, flag, option};
use crate::backends::{CallError, Reply, Usage};

pub(super) const AGY: Agent = Agent {
    name: "agy",
    subcommand: &[],
    options: &[
        option(&["--output-format", "-output-format"], "json"),
        // Confines shell commands, which are refused in headless mode anyway. No option takes
        // the file tools away: what they may touch is the empty folder.
        flag(&["--sandbox", "-sandbox"]),
        // The change's text is no command.
        flag(&["--disable-slash-commands", "-disable-slash-commands"]),
        // Its own limit ends a turn half-way with exit code 0: llmux' limit comes first.
        option(&["--print-timeout", "-print-timeout"], "24h"),
    ],
    repeated: &[],
    lists: &[],
    valued: &[
        "--add-dir",
        "--agent",
        "--conversation",
        "--effort",
        "--input-format",
        "--log-file",
        "--mode",
        "--project",
    ],
    model: &["--model", "-model"],
    schema: SchemaBy::File(&["--json-schema", "-json-schema"]),
    json: Some((
        &["--output-format", "-output-format"],
        &["json", "stream-json"],
    )),
    last: &[],
    // Standard input is read where no prompt is given, which is not documented (issue 582).
    prompt: PromptBy::Value("-p"),
    most: Most::Unknown,
    files: &[],
    set: &[("AGY_CLI_DISABLE_AUTO_UPDATE", "true")],
    // Its login is in the keyring, which is reached through D-Bus.
    placed: &[],
    passed: &["DBUS_SESSION_BUS_ADDRESS"],
    // Has an effect only where its settings say `"modelProvider": "gemini"`.
    keys: &["GEMINI_API_KEY"],
    own_bytes: 40_000,
    install: "see antigravity.google/docs/cli",
    read,
};

/// One object with `status` and `response`; with `stream-json` the `result` of the last line.
fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let text = output.stdout.trim();
    // Version 1.1.8 writes line breaks into `response` as they are (issue 702).
    let whole: Option<Value> = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&escaped(text)))
        .ok();
    let object = whole.filter(|object| object["status"].is_string());
    let object = object.or_else(|| {
        let events = lines(text);
        let last = events.into_iter().rfind(|event| event["event"] == "result");
        last.map(|mut event| event["result"].take())
    })?;
    let status = object["status"].as_str()?;
    if status != "SUCCESS" {
        let words = match text_of(&object["error"]) {
            "" => status,
            error => error,
        };
        return Some(Err(failure(status_in(words), words)));
    }
    let usage = &object["usage"];
    let cached = count(&usage["cache_read_tokens"]);
    Some(Ok(Reply {
        text: match &object["structured_output"] {
            Value::Null => text_of(&object["response"]).to_owned(),
            structured => structured.to_string(),
        },
        // Whether the tokens read hold the cached ones is not said; captures with more
        // cached tokens than read ones say that they do not.
        usage: usage.is_object().then(|| Usage {
            input: count(&usage["input_tokens"]) + cached,
            cached_input: cached,
            output: count(&usage["output_tokens"]) + count(&usage["thinking_tokens"]),
        }),
        ..Reply::default()
    }))
}
