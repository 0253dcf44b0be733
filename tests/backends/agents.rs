//! The known agent CLIs: what they are started with. Scripts of their names tell.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use llmux::backends::{BuildError, Environment, ErrorKind, Input, Settings};
use serde_json::json;

use super::{build, request};

/// A folder with programs of those names.
pub(super) fn programs(names: &[&str], script: &str) -> tempfile::TempDir {
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

pub(super) fn on_path(folder: &Path, pairs: &[(&str, &str)]) -> Environment {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut all = vec![("PATH", path.as_str())];
    all.extend(pairs);
    all.into_iter().collect()
}

pub(super) fn named(command: &str) -> Settings {
    Settings {
        command: Some(command.to_owned()),
        ..Settings::default()
    }
}

fn with_args(command: &str, args: &[&str]) -> Settings {
    Settings {
        args: args.iter().map(ToString::to_string).collect(),
        ..named(command)
    }
}

/// Ends with a failure whose words are its arguments, each in brackets, files by what they
/// hold, and the prompt's last line.
const TELLER: &str = r#"for a in "$@"; do
  case $a in
    */policy.toml|*/schema.json) printf '<%s>' "$(cat "$a" | tr '\n' ' ')" ;;
    *packet*) printf '[PROMPT]' ;;
    *) printf '[%s]' "$a" ;;
  esac
done > "$TOLD"
tail -n 1 >> "$TOLD"
exit 1"#;

async fn told(settings: &Settings, request: &llmux::backends::Request) -> String {
    let names = [
        "claude", "codex", "gemini", "opencode", "copilot", "agy", "mine",
    ];
    let folder = programs(&names, TELLER);
    let file = folder.path().join("told");
    let seen = on_path(folder.path(), &[("TOLD", &file.display().to_string())]);
    let mut settings = settings.clone();
    settings.env.push("TOLD".to_owned());
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(request).await.unwrap_err();
    std::fs::read_to_string(file).unwrap_or(error.message)
}

async fn arguments(settings: &Settings) -> String {
    told(settings, &request("task")).await
}

const CLAUDE: &str = "[-p][--output-format][json][--tools][][--setting-sources][]\
                      [--strict-mcp-config][--no-session-persistence]\
                      [--system-prompt][You review changes to code. You have no tools: answer \
                      from what you are given, in the form that is asked for, and with nothing else.]";
const CODEX: &str = "[exec][-s][read-only][--skip-git-repo-check][--ephemeral]\
                     [--disable][shell_tool][--disable][unified_exec]\
                     [-c][project_doc_max_bytes=0][-c][web_search=disabled]\
                     [-c][features.multi_agent=false][-c][features.goals=false]\
                     [-c][features.view_image=false][-c][features.apps=false]\
                     [-c][features.plugins=false][-c][features.hooks=false]\
                     [-c][analytics.enabled=false]\
                     [-c][features.unbounded_connection_retries=false]";
const GEMINI: &str = "[--policy]<[[rule]] toolName = \"*\" decision = \"deny\" priority = 999 >\
                      [--extensions][none][--output-format][json][-p][]";
const OPENCODE: &str = "[run][--format][json][--pure][--title][review]";
const COPILOT: &str = "[--output-format][json][--available-tools][none_such]\
                       [--disable-builtin-mcps][--no-custom-instructions][--no-ask-user]\
                       [--no-auto-update][--no-color][--disable-client-telemetry][--stream][off]";
const AGY: &str = "[--output-format][json][--sandbox][--disable-slash-commands]\
                   [--print-timeout][24h]";

#[tokio::test]
async fn agents_run_in_batch_without_tools() {
    let cases = [
        ("claude", CLAUDE, "[--model][m]", "task"),
        ("codex", CODEX, "[-m][m]", "[--json][-]task"),
        ("gemini", GEMINI, "[-m][m]", "task"),
        ("opencode", OPENCODE, "[-m][m]", "task"),
        ("copilot", COPILOT, "[--model][m]", "task"),
        // Standard input is empty.
        ("agy", AGY, "[--model][m]", "[-p][PROMPT]"),
    ];
    for (name, options, model, last) in cases {
        let mut settings = named(name);
        let told = arguments(&settings).await;
        assert_eq!(told.trim_end(), format!("{options}{last}"));
        settings.model = Some("m".to_owned());
        let told = arguments(&settings).await;
        assert_eq!(told.trim_end(), format!("{options}{model}{last}"));
    }
}

#[tokio::test]
async fn a_preset_goes_before_the_name_of_the_program() {
    let mut settings = named("mine");
    assert_eq!(arguments(&settings).await.trim_end(), "task");
    settings.preset = Some("claude".to_owned());
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{CLAUDE}task")
    );
}

#[tokio::test]
async fn the_users_arguments_are_added() {
    // As in the documentation: the options of the same name are the user's, the subcommand
    // and what stands last are there once, and nothing of the rest is lost.
    let settings = with_args("codex", &["exec", "--json", "-s", "read-only"]);
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{CODEX}[--json][-]task")
    );

    let settings = with_args(
        "codex",
        &["--sandbox=workspace-write", "-c", "a=exec", "-i", "x", "-"],
    );
    let mine = CODEX.replace("[-s][read-only]", "[--sandbox=workspace-write]");
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{mine}[-c][a=exec][-i][x][--json][-]task")
    );
    let settings = with_args("codex", &["-cproject_doc_max_bytes=9", "--disable", "apps"]);
    let mine = CODEX.replace(
        "[-c][project_doc_max_bytes=0]",
        "[-cproject_doc_max_bytes=9]",
    );
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{mine}[--disable][apps][--json][-]task")
    );

    let settings = with_args(
        "claude",
        &["--max-turns", "3", "--print", "--add-dir", "-p"],
    );
    let mine = CLAUDE.replace("[-p]", "[--print]");
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{mine}[--max-turns][3][--add-dir][-p]task"),
        "a value is no option"
    );
    let settings = with_args("claude", &["--tools", "Read", "Grep", "--effort=low"]);
    let mine = CLAUDE.replace("[--tools][]", "[--tools][Read][Grep]");
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{mine}[--effort=low]task")
    );

    // A further policy does not take the place of the one that denies all tools.
    let settings = with_args("gemini", &["--policy", "mine.toml", "-p", "run"]);
    let told = arguments(&settings).await;
    assert!(told.contains("decision = \"deny\""), "{told}");
    assert!(told.contains("[-p][run][--policy][mine.toml]"), "{told}");

    let settings = with_args("opencode", &["run", "--variant", "run", "run"]);
    assert_eq!(
        arguments(&settings).await.trim_end(),
        format!("{OPENCODE}[--variant][run][run]task"),
        "a subcommand stands once, and a value is none"
    );
}

#[tokio::test]
async fn the_model_of_the_question_wins_over_the_configured_and_that_of_the_arguments() {
    let mut asked = request("task");
    let mut settings = with_args("codex", &["--model", "in-args"]);
    settings.model = Some("configured".to_owned());
    let model = |told: String| {
        told.split("unbounded_connection_retries=false]")
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        model(told(&settings, &asked).await).trim_end(),
        "[--model][in-args][--json][-]task"
    );
    asked.model = Some(Arc::from("asked"));
    assert_eq!(
        model(told(&settings, &asked).await).trim_end(),
        "[-m][asked][--json][-]task"
    );
    // A cascade begins with its first.
    asked.model = None;
    settings = named("claude");
    settings.models = vec!["first".to_owned(), "second".to_owned()];
    assert_eq!(
        told(&settings, &asked).await.trim_end(),
        format!("{CLAUDE}[--model][first]task")
    );
    settings.args = vec!["--model={model}".to_owned()];
    assert_eq!(
        told(&settings, &asked).await.trim_end(),
        format!("{CLAUDE}[--model=first]task")
    );

    // Any other program has to have a place for it.
    asked.model = Some(Arc::from("other"));
    let mut settings = with_args("mine", &["--with={model}"]);
    settings.model = Some("usual".to_owned());
    assert_eq!(
        told(&settings, &asked).await.trim_end(),
        "[--with=other]task"
    );
    settings.args.clear();
    let message = told(&settings, &asked).await;
    assert!(
        message.contains("put {model} into the backend's `args`"),
        "{message}"
    );
    asked.model = Some(Arc::from("usual"));
    assert_eq!(told(&settings, &asked).await.trim_end(), "task");
}

#[tokio::test]
async fn a_schema_goes_where_the_agent_takes_one() {
    let mut asked = request("task");
    asked.schema = Some(Arc::new(json!({ "type": "object" })));
    let cases = [
        ("claude", "[--json-schema][{\"type\":\"object\"}]task"),
        (
            "codex",
            "[--output-schema]<{\"type\":\"object\"}>[--json][-]task",
        ),
        ("agy", "[--json-schema]<{\"type\":\"object\"}>[-p][PROMPT]"),
    ];
    for (name, end) in cases {
        let told = told(&named(name), &asked).await;
        assert!(told.trim_end().ends_with(end), "{name}: {told}");
    }
    for name in ["gemini", "opencode", "copilot"] {
        assert!(!told(&named(name), &asked).await.contains("schema"));
    }
    let own = with_args("claude", &["--json-schema", "{}"]);
    assert_eq!(
        told(&own, &asked).await.trim_end(),
        format!("{CLAUDE}[--json-schema][{{}}]task")
    );
}

#[test]
fn how_the_prompt_goes_in_is_the_presets_matter() {
    let seen = on_path(Path::new("/nowhere"), &[]);
    let mut settings = with_args("claude", &["{prompt}"]);
    let error = build("it", &settings, &seen).unwrap_err();
    assert!(matches!(error, BuildError::AgentInput(_)), "{error}");
    settings = named("codex");
    settings.input = Input::Argument;
    let error = build("it", &settings, &seen).unwrap_err();
    assert!(error.to_string().contains("[backends.it]"), "{error}");
}

#[tokio::test]
async fn a_prompt_over_the_limit_is_refused_before_the_start() {
    let folder = programs(
        &["claude", "codex", "gemini", "agy"],
        "cat > /dev/null; touch \"$(dirname \"$0\")/started\"; exit 1",
    );
    let seen = on_path(folder.path(), &[]);
    let cases = [
        ("claude", "x".repeat(10_000_001), "10000000 are the most"),
        ("codex", "x".repeat(1_048_577), "1048576 are the most"),
        // It would cut the rest and go on.
        ("gemini", "x".repeat(8_388_609), "8388608 are the most"),
        ("agy", "x".repeat(130_000), "122880 are the most"),
    ];
    for (name, task, words) in cases {
        let backend = build("it", &named(name), &seen).unwrap();
        let error = backend.ask(&request(&task)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooLong, "{name}");
        assert!(error.message.contains(words), "{name}: {error}");
        assert!(
            error.message.contains("packets.max_tokens"),
            "{name}: {error}"
        );
        assert!(!folder.path().join("started").exists(), "{name}");
    }
    // codex counts characters.
    let backend = build("it", &named("codex"), &seen).unwrap();
    let error = backend.ask(&request(&"\u{e9}".repeat(600_000))).await;
    assert_ne!(error.unwrap_err().kind, ErrorKind::TooLong);
    assert!(folder.path().join("started").exists());
}
