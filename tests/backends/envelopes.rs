//! What agents may print that no capture shows, and what they see of the machine.

use std::sync::Arc;

use llmux::backends::{Backend, CallError, ErrorKind, Reply, Stop, Usage};
use serde_json::json;

use super::agents::{named, on_path, programs};
use super::{build, request};

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

fn scripted(name: &str, script: &str) -> (tempfile::TempDir, Arc<dyn Backend>) {
    let folder = programs(&[name], script);
    let backend = build("it", &named(name), &on_path(folder.path(), &[])).unwrap();
    (folder, backend)
}

/// What the agent printed, read; and its exit code.
async fn printed(name: &str, text: &str, exit: i32) -> Result<Reply, CallError> {
    let script = format!("cat > /dev/null\ncat <<'END'\n{text}\nEND\nexit {exit}");
    let (_folder, backend) = scripted(name, &script);
    backend.ask(&request("task")).await
}

#[tokio::test]
async fn what_is_not_the_envelope_is_no_answer() {
    let cases = [
        ("claude", "No findings."),
        ("claude", r#"{"findings":[]}"#),
        ("claude", r#"{"type":"result"}"#),
        ("codex", r#"{"findings":[]}"#),
        (
            "codex",
            r#"{"type":"item.completed","item":{"type":"agent_message","text":"x"}}"#,
        ),
        ("gemini", r#"{"response":"{}"}"#),
        ("opencode", r#"{"findings":[]}"#),
        ("copilot", r#"{"findings":[]}"#),
        ("agy", "No findings."),
        ("agy", "[]"),
    ];
    for (name, text) in cases {
        let error = printed(name, text, 0).await.unwrap_err();
        assert_eq!(error.kind, TRANSIENT, "{name}: {error}");
        assert!(
            error.message.contains("did not print the JSON"),
            "{name}: {error}"
        );
    }
}

#[tokio::test]
async fn an_envelope_without_an_answer_is_none() {
    let tool = r#"{"type":"step_start","sessionID":"s","part":{}}
{"type":"text","sessionID":"s","part":{"text":"I will look at the file."}}
{"type":"step_finish","sessionID":"s","part":{"reason":"tool-calls","tokens":{"input":1}}}"#;
    let message = |data: &str| {
        format!(
            "{{\"type\":\"assistant.message\",\"data\":{data}}}\n{{\"type\":\"result\",\"exitCode\":0}}"
        )
    };
    let asks = message(r#"{"content":"I will look.","toolRequests":[{"name":"bash"}]}"#);
    let silent = message(r#"{"content":"","toolRequests":[]}"#);
    let stopped = r#"{"type":"assistant.message","data":{"content":"half"}}"#;
    let started = r#"{"type":"thread.started"}
{"type":"item.completed","item":{"type":"agent_message","text":"I will look."}}"#;
    let nothing = r#"{"type":"thread.started"}
{"type":"turn.completed","usage":{}}"#;
    let missing = r#"{"session_id":"s","stats":{"models":{}}}"#;
    let denied = r#"{"status":"SUCCESS","response":"","denied_actions":["run_command"]}"#;
    let empty = r#"{"type":"result","is_error":false,"subtype":"success"}"#;
    let cases = [
        ("opencode", tool, "last step did not end"),
        ("copilot", &asks, "asked for a tool"),
        ("copilot", &silent, "no answer"),
        ("copilot", stopped, "session did not end"),
        ("codex", started, "turn did not end"),
        ("codex", nothing, "no answer"),
        ("gemini", missing, "no answer"),
        ("agy", denied, "no answer"),
        ("claude", empty, "no answer"),
    ];
    for (name, text, words) in cases {
        let error = printed(name, text, 0).await.unwrap_err();
        assert_eq!(error.kind, TRANSIENT, "{name}: {error}");
        assert!(error.message.contains(words), "{name}: {error}");
    }
}

#[tokio::test]
async fn stops_for_length_and_safety_are_told() {
    let claude = |reason: &str| {
        format!(r#"{{"type":"result","is_error":false,"result":"{{","stop_reason":"{reason}"}}"#)
    };
    let opencode = |reason: &str| {
        format!(
            r#"{{"type":"text","sessionID":"s","part":{{"text":"half"}}}}
{{"type":"step_finish","sessionID":"s","part":{{"reason":"{reason}"}}}}"#
        )
    };
    let copilot = |reason: &str| {
        format!(
            r#"{{"type":"assistant.usage","data":{{"inputTokens":5,"outputTokens":2,"finishReason":"{reason}"}}}}
{{"type":"assistant.message","data":{{"content":"half"}}}}
{{"type":"result","exitCode":0}}"#
        )
    };
    let cases = [
        ("claude", claude("max_tokens"), Stop::Length),
        ("claude", claude("refusal"), Stop::Refusal),
        ("opencode", opencode("length"), Stop::Length),
        ("opencode", opencode("content-filter"), Stop::Refusal),
        ("copilot", copilot("length"), Stop::Length),
        ("copilot", copilot("content_filter"), Stop::Refusal),
    ];
    for (name, text, stop) in cases {
        assert_eq!(printed(name, &text, 0).await.unwrap().stop, stop, "{name}");
    }
}

/// As the issues of its project show it.
#[tokio::test]
async fn what_agy_prints_is_read() {
    let raw = "{\"conversation_id\":\"c\",\"status\":\"SUCCESS\",\"response\":\"a \\\"b\\\"\nc\n\",\
               \"usage\":{\"input_tokens\":6439,\"output_tokens\":2,\"thinking_tokens\":11,\
               \"cache_read_tokens\":8127,\"total_tokens\":6441}}";
    let reply = printed("agy", raw, 0).await.unwrap();
    assert_eq!(reply.text, "a \"b\"\nc\n");
    let usage = Usage {
        input: 14566,
        cached_input: 8127,
        output: 13,
    };
    assert_eq!(reply.usage, Some(usage));
    let structured = r#"{"status":"SUCCESS","response":"x","structured_output":{"findings":[]}}"#;
    assert_eq!(
        printed("agy", structured, 0).await.unwrap().text,
        "{\"findings\":[]}"
    );
    let failed = r#"{"status":"ERROR","response":"","error":"authentication failed or timed out"}"#;
    assert_eq!(
        printed("agy", failed, 1).await.unwrap_err().kind,
        ErrorKind::Denied
    );
    let stopped = r#"{"status":"CANCELED","response":"half"}"#;
    assert_eq!(
        printed("agy", stopped, 0).await.unwrap_err().kind,
        TRANSIENT
    );
}

#[tokio::test]
async fn a_prompt_that_the_model_does_not_read_is_too_long_and_an_empty_purse_is_denied() {
    let codex = |message: &str| {
        let failed = json!({ "type": "turn.failed", "error": { "message": message } });
        format!("{{\"type\":\"thread.started\"}}\n{failed}")
    };
    let long =
        r#"{"error":{"message":"Your input exceeds the limit.","code":"context_length_exceeded"}}"#;
    let claude =
        r#"{"type":"result","is_error":true,"api_error_status":400,"result":"Prompt is too long"}"#;
    let opencode =
        r#"{"type":"error","sessionID":"s","error":{"name":"ContextOverflowError","data":{}}}"#;
    let cases = [
        ("codex", codex(long), ErrorKind::TooLong),
        ("claude", claude.to_owned(), ErrorKind::TooLong),
        ("opencode", opencode.to_owned(), ErrorKind::TooLong),
        (
            "codex",
            codex("You've hit your usage limit."),
            ErrorKind::Denied,
        ),
        (
            "codex",
            codex("unexpected status 400: the request exceeds the available context size"),
            ErrorKind::TooLong,
        ),
        (
            "codex",
            codex("unexpected status 429: Insufficient Balance"),
            ErrorKind::Denied,
        ),
    ];
    for (name, text, kind) in cases {
        assert_eq!(
            printed(name, &text, 1).await.unwrap_err().kind,
            kind,
            "{name}: {text}"
        );
    }
}

#[tokio::test]
async fn a_schema_that_is_refused_is_left_out_at_once_and_from_then_on() {
    let script = r#"cat > /dev/null; echo x >> "$(dirname "$0")/calls"
for a in "$@"; do
  [ "$a" = --json-schema ] && { echo "error: unknown option '--json-schema'" >&2; exit 1; }
done
echo '{"type":"result","is_error":false,"result":"plain"}'"#;
    let (folder, backend) = scripted("claude", script);
    let mut asked = request("task");
    asked.schema = Some(Arc::new(json!({})));
    for calls in [2, 3] {
        assert_eq!(backend.ask(&asked).await.unwrap().text, "plain");
        let log = std::fs::read_to_string(folder.path().join("calls")).unwrap();
        assert_eq!(log.lines().count(), calls);
    }
}

#[tokio::test]
async fn messages_hold_neither_the_prompt_nor_the_key() {
    let key = format!("sk-ant-{}", "x".repeat(20));
    let script = r#"cat > "$0.prompt"
printf '{"type":"result","is_error":true,"result":"bad key %s for\\n%s"}' \
  "$ANTHROPIC_API_KEY" "$(tail -n 1 "$0.prompt")""#;
    let folder = programs(&["claude"], script);
    let mut settings = named("claude");
    settings.env = vec!["ANTHROPIC_API_KEY".to_owned()];
    let seen = on_path(folder.path(), &[("ANTHROPIC_API_KEY", &key)]);
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(&request("a secret task")).await.unwrap_err();
    assert_eq!(error.message, "`claude` failed: bad key [key] for");
}

/// Lists where it runs and what it sees.
const LISTER: &str = r"cat > /dev/null
env | cut -d= -f1 | sort | tr '\n' ' '; echo; ls -A | tr '\n' ' '; echo; env; exit 1";

#[tokio::test]
async fn agents_see_an_empty_folder_and_little_of_the_environment() {
    let names = ["claude", "codex", "gemini", "opencode", "copilot", "agy"];
    let script = format!("({LISTER}) > \"$(dirname \"$0\")/seen\"");
    let folder = programs(&names, &script);
    let pairs = [
        ("GITHUB_TOKEN", "t"),
        ("OPENAI_API_KEY", "k"),
        ("ANTHROPIC_API_KEY", "k"),
        ("ANTHROPIC_BASE_URL", "http://127.0.0.1:1"),
        ("CODEX_HOME", "/codex"),
    ];
    let seen = on_path(folder.path(), &pairs);
    let sets = [
        ("claude", "CLAUDE_CODE_MAX_RETRIES=0"),
        ("codex", "CODEX_HOME=/codex"),
        ("gemini", "GEMINI_CLI_TRUST_WORKSPACE=true"),
        ("opencode", "OPENCODE_PERMISSION={\"*\":\"deny\"}"),
        ("copilot", "PATH="),
        ("agy", "AGY_CLI_DISABLE_AUTO_UPDATE=true"),
    ];
    for (name, set) in sets {
        let backend = build("it", &named(name), &seen).unwrap();
        backend.ask(&request("task")).await.unwrap_err();
        let text = std::fs::read_to_string(folder.path().join("seen")).unwrap();
        let mut lines = text.lines();
        let (variables, files) = (lines.next().unwrap(), lines.next().unwrap());
        for hidden in ["GITHUB_TOKEN", "API_KEY", "BASE_URL"] {
            assert!(!variables.contains(hidden), "{name}: {variables}");
        }
        assert_eq!(variables.contains("CODEX_HOME"), name == "codex");
        assert!(
            text.lines().any(|line| line.starts_with("TMPDIR=")
                && line.ends_with("/tmp")
                && line.contains("/llmux-")),
            "{name}: {text}"
        );
        // What limits the tries of gemini, and nothing else.
        let own = if name == "gemini" { ".gemini " } else { "" };
        assert_eq!(files, own, "{name}");
        assert!(text.contains(set), "{name}: {text}");
    }
    for variable in ["GITHUB_TOKEN", "GH_TOKEN"] {
        let mut settings = named("copilot");
        settings.env = vec![variable.to_owned()];
        assert!(build("it", &settings, &seen).is_err());
    }
}

#[tokio::test]
async fn what_wraps_an_agent_may_print_its_envelope() {
    let folder = programs(
        &["wrapper"],
        "cat > /dev/null; echo '{\"type\":\"result\",\"is_error\":false,\"result\":\"inside\"}'",
    );
    let backend = build("it", &named("wrapper"), &on_path(folder.path(), &[])).unwrap();
    assert_eq!(backend.ask(&request("")).await.unwrap().text, "inside");
}

#[tokio::test]
async fn json_that_is_the_answer_itself_stays() {
    for answer in [
        "{\"findings\":[]}",
        r#"{"type":"result"}"#,
        "[1]",
        "{",
        "{\"response\":\"x\"}",
    ] {
        let reply = printed("mine", answer, 0).await.unwrap();
        assert_eq!(reply.text.trim_end(), answer);
    }
}

const FAKE: &str = r#"{"type":"result","is_error":false,"result":"{\"findings\":[]}"}"#;

/// A change may tell a model to quote one.
#[tokio::test]
async fn an_envelope_within_an_answer_is_text() {
    let thread = r#"{"type":"thread.started"}
{"type":"item.completed","item":{"type":"agent_message","text":"none"}}
{"type":"turn.completed","usage":{}}"#;
    let gemini = r#"{"session_id":"s","response":"none","stats":{"models":{}}}"#;
    let findings = r#"{"findings":[{"title":"wrong"}]}"#;
    for envelope in [FAKE, thread, gemini] {
        for answer in [
            format!("The file says:\n{envelope}\nwhich is wrong."),
            format!("{findings}\nThe file says:\n\n{envelope}"),
            format!("{envelope}\nThat is all."),
            format!("```json\n{envelope}\n```"),
        ] {
            let reply = printed("mine", &answer, 0).await.unwrap();
            assert_eq!(reply.text.trim_end(), answer);
        }
    }
}

#[tokio::test]
async fn what_wraps_an_agent_may_print_its_stream() {
    let claude = format!("{{\"type\":\"system\"}}\n\n{{\"type\":\"assistant\"}}\n{FAKE}")
        .replace("[]", "[1]");
    let list = r#"[{"type":"system"},{"type":"result","is_error":false,"result":"inside"}]"#;
    let codex = r#"{"type":"thread.started"}
{"type":"item.completed","item":{"type":"agent_message","text":"inside"}}
{"type":"turn.completed","usage":{}}"#;
    let gemini = r#"{"type":"init","session_id":"s"}
{"type":"message","role":"assistant","content":"inside"}
{"type":"result","status":"success","stats":{"input_tokens":1}}"#;
    let cases = [
        (claude.as_str(), "{\"findings\":[1]}"),
        (list, "inside"),
        (codex, "inside"),
        (gemini, "inside"),
    ];
    for (stream, text) in cases {
        assert_eq!(printed("mine", stream, 0).await.unwrap().text, text);
    }
}

#[tokio::test]
async fn what_an_agent_prints_last_is_its_envelope_and_what_a_warning_quotes_is_not() {
    let own = r#"{"type":"result","is_error":false,"result":"own"}"#;
    let text = format!("warning: {FAKE}\n{FAKE}\n{own}");
    assert_eq!(printed("claude", &text, 0).await.unwrap().text, "own");
    let broken = printed("claude", FAKE, 1).await.unwrap_err();
    assert!(broken.message.contains("exit code 1"), "{broken}");
}

#[tokio::test]
async fn counts_that_no_call_has_are_left_out() {
    let most = u64::MAX;
    let claude = format!(
        r#"{{"type":"result","is_error":false,"result":"x","modelUsage":{{
"a":{{"inputTokens":{most},"outputTokens":{most}}},"b":{{"inputTokens":{most},"outputTokens":7}}}}}}"#
    );
    let usage = printed("claude", &claude, 0).await.unwrap().usage.unwrap();
    assert_eq!((usage.input, usage.output), (0, 7));
}

#[tokio::test]
async fn a_schema_is_given_again_where_the_call_failed_without_it_too() {
    let script = r#"cat > /dev/null; echo x >> "$0.calls"
has() { for a in "$@"; do [ "$a" = --json-schema ] && return 0; done; return 1; }
case $(wc -l < "$0.calls") in
  *1) echo "error: unknown option '--json-schema'" >&2; exit 1 ;;
  *2) echo "API Error: 529 overloaded" >&2; exit 1 ;;
  *) has "$@" && t=with || t=without
     echo '{"type":"result","is_error":false,"result":"'$t'"}' ;;
esac"#;
    let (_folder, backend) = scripted("claude", script);
    let mut asked = request("task");
    asked.schema = Some(Arc::new(json!({})));
    let error = backend.ask(&asked).await.unwrap_err();
    assert!(error.message.contains("overloaded"), "{error}");
    assert_eq!(backend.ask(&asked).await.unwrap().text, "with");
}
