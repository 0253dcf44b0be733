//! The known agent CLIs, played by scripts that print what the real ones printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use llmux::backends::{Environment, ErrorKind, Reply, Settings, Stop, Usage};

use super::{build, environment, request};

/// A folder with programs that print their arguments, one a line, and the prompt's last line.
fn programs(names: &[&str], script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        // Written by another process: a file that this one holds open for writing, if only
        // in a child that another test forks at the moment, cannot be executed.
        let status = Command::new("sh")
            .args([
                "-c",
                "printf '#!/bin/sh\\n%s\\n' \"$2\" > \"$1\"; chmod +x \"$1\"",
                "sh",
            ])
            .arg(folder.path().join(name))
            .arg(script)
            .status();
        assert!(status.unwrap().success());
    }
    folder
}

fn on_path(folder: &Path, pairs: &[(&str, &str)]) -> Environment {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut all = vec![("PATH", path.as_str())];
    all.extend(pairs);
    all.into_iter().collect()
}

fn named(command: &str) -> Settings {
    Settings {
        command: Some(command.to_owned()),
        ..Settings::default()
    }
}

async fn arguments(settings: &Settings) -> String {
    let script = "for a in \"$@\"; do case $a in */policy.toml) cat \"$a\" | tr '\\n' ' ';; \
                  *) printf '[%s]' \"$a\";; esac; done; tail -n 1";
    let folder = programs(&["claude", "codex", "gemini"], script);
    let backend = build("it", settings, &on_path(folder.path(), &[])).unwrap();
    backend.ask(&request("task")).await.unwrap().text
}

#[tokio::test]
async fn agents_run_in_batch_without_tools() {
    let mut claude = named("claude");
    assert_eq!(
        arguments(&claude).await,
        "[-p][--output-format][text][--tools][][--no-session-persistence][--setting-sources][]task"
    );
    claude.model = Some("m".to_owned());
    assert!(arguments(&claude).await.ends_with("[--model][m]task"));
    let mut codex = named("codex");
    codex.model = Some("m".to_owned());
    assert_eq!(
        arguments(&codex).await,
        "[exec][-s][read-only][--skip-git-repo-check][--ephemeral][--disable][shell_tool]\
         [--disable][unified_exec][-c][project_doc_max_bytes=0][-m][m][-]task"
    );
    let mut gemini = named("gemini");
    let policy = r#"[--policy][[rule]] toolName = "*" decision = "deny" priority = 999 "#;
    assert_eq!(arguments(&gemini).await, format!("{policy}[-p][]task"));
    gemini.model = Some("m".to_owned());
    assert_eq!(
        arguments(&gemini).await,
        format!("{policy}[-m][m][-p][]task")
    );
}

#[tokio::test]
async fn own_arguments_are_used_as_they_are() {
    let mut claude = named("claude");
    claude.args = vec!["-p".to_owned(), "--model={model}".to_owned()];
    claude.model = Some("m".to_owned());
    assert_eq!(arguments(&claude).await, "[-p][--model=m]task");
    // An empty folder is no git checkout, and codex refuses to run in one without this.
    let mut codex = named("codex");
    codex.args = ["exec", "--json", "-s", "read-only"]
        .map(String::from)
        .to_vec();
    assert_eq!(
        arguments(&codex).await,
        "[exec][--skip-git-repo-check][--json][-s][read-only]task"
    );
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/backends")
        .join(name)
}

async fn printed(file: &str, exit: u8) -> Result<Reply, llmux::backends::CallError> {
    let mut settings = named("sh");
    let script = format!("cat {}; exit {exit}", fixture(file).display());
    settings.args = vec!["-c".to_owned(), script];
    let backend = build("it", &settings, &environment(&[])).unwrap();
    backend.ask(&request("task")).await
}

const ANSWER: &str =
    r#"{"findings":[{"path":"src/a.rs","line":3,"severity":"high","message":"stub finding"}]}"#;

#[tokio::test]
async fn envelopes_of_answers_are_opened() {
    let reply = printed("codex-json-ok.out", 0).await.unwrap();
    assert_eq!(reply.text, ANSWER);
    let usage = |input, cached_input, output| {
        Some(Usage {
            input,
            cached_input,
            output,
        })
    };
    assert_eq!(reply.usage, usage(1200, 300, 34));

    let reply = printed("claude-json-ok.out", 0).await.unwrap();
    assert_eq!(reply.text, ANSWER);
    assert_eq!(reply.usage, usage(1500, 300, 34));
    assert_eq!(reply.cost_usd, Some(0.0042));
    assert_eq!(reply.model.as_deref(), Some("claude-sonnet-4-5"));
    assert_eq!(
        printed("claude-json-schema.out", 0).await.unwrap().text,
        ANSWER
    );

    let reply = printed("gemini-json-ok.out", 0).await.unwrap();
    assert_eq!(reply.text, ANSWER);
    assert_eq!(reply.usage, usage(1200, 300, 39));
    assert_eq!(reply.model.as_deref(), Some("stub"));
}

#[tokio::test]
async fn envelopes_of_failures_are_failures_whatever_the_exit_code() {
    let transient = ErrorKind::Transient { retry_after: None };
    let cases = [
        ("codex-json-failed.out", transient, "rate limit exceeded"),
        ("codex-json-401.out", ErrorKind::Denied, "401 Unauthorized"),
        ("claude-json-429.out", transient, "Request rejected (429)"),
    ];
    for (file, kind, words) in cases {
        for exit in [0, 1] {
            let error = printed(file, exit).await.unwrap_err();
            assert_eq!(error.kind, kind, "{file}");
            assert!(error.message.contains(words), "{file}: {error}");
        }
    }
    assert_eq!(
        printed("claude-json-refusal.out", 1).await.unwrap().stop,
        Stop::Refusal
    );
    assert_eq!(
        printed("claude-json-maxtok.out", 1).await.unwrap().stop,
        Stop::Length
    );
    assert!(printed("codex-json-ok.out", 1).await.is_err());
}

#[tokio::test]
async fn json_that_is_the_answer_itself_stays() {
    for answer in [
        ANSWER,
        r#"{"type":"result"}"#,
        "[1]",
        "{",
        "{\"response\":\"x\"}",
    ] {
        let mut settings = named("printf");
        settings.args = vec!["%s".to_owned(), answer.to_owned()];
        let backend = build("it", &settings, &environment(&[])).unwrap();
        assert_eq!(backend.ask(&request("")).await.unwrap().text, answer);
    }
}

#[tokio::test]
async fn a_key_that_is_set_but_not_passed_on_is_hinted_at() {
    let folder = programs(
        &["claude"],
        "echo \"no key: $ANTHROPIC_API_KEY\" >&2; exit 1",
    );
    let seen = on_path(
        folder.path(),
        &[("ANTHROPIC_API_KEY", "sk-ant-0123456789abcdef")],
    );
    let mut settings = named("claude");
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(&request("")).await.unwrap_err();
    assert!(
        error.message.contains("no key:; ANTHROPIC_API_KEY is set"),
        "{error}"
    );
    settings.env = vec!["ANTHROPIC_API_KEY".to_owned()];
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(&request("")).await.unwrap_err();
    assert!(error.message.ends_with("no key: [key]"), "{error}");
}
