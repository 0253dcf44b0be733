//! A look at programs without a question.

use llmux::backends::KeyState;
use tokio_util::sync::CancellationToken;

use super::agents::{named, on_path, programs};
use super::{build, request};

#[tokio::test]
async fn a_look_tells_path_version_model_and_keys() {
    let script = r#"[ "$*" = --version ] || exit 9
[ -z "$(ls -A)" ] || exit 8
[ -z "$HIDDEN" ] || exit 7
printf '\n\033[1m2.1.329\033[0m (Claude Code)\nmore\n'"#;
    let folder = programs(&["claude"], script);
    let key = format!("sk-ant-{}", "x".repeat(20));
    let seen = on_path(
        folder.path(),
        &[("ANTHROPIC_API_KEY", &key), ("HIDDEN", "x")],
    );
    let mut settings = named("claude");
    settings.model = Some("opus".to_owned());
    settings.env = vec![
        "ANTHROPIC_API_KEY".to_owned(),
        "CLAUDE_CODE_OAUTH_TOKEN".to_owned(),
    ];
    let backend = build("it", &settings, &seen).unwrap();
    let look = backend.inspect(&CancellationToken::new()).await;
    assert_eq!(look.version.as_deref(), Some("2.1.329 (Claude Code)"));
    assert_eq!(
        look.place,
        Some(folder.path().join("claude").display().to_string())
    );
    assert_eq!(look.preset.as_deref(), Some("claude"));
    assert_eq!(look.model.as_deref(), Some("opus"));
    assert_eq!(look.trouble, None);
    let key = |variable: &str, present| KeyState {
        variable: variable.to_owned(),
        present,
    };
    assert_eq!(
        look.keys,
        [
            key("ANTHROPIC_API_KEY", true),
            key("CLAUDE_CODE_OAUTH_TOKEN", false)
        ]
    );
}

#[tokio::test]
async fn a_look_tells_what_is_wrong() {
    let look = async |script: &str, pairs: &[(&str, &str)]| {
        let folder = programs(&["codex"], script);
        let backend = build("it", &named("codex"), &on_path(folder.path(), pairs)).unwrap();
        backend.inspect(&CancellationToken::new()).await
    };
    let broken = look("echo 'lib missing' >&2; exit 3", &[]).await;
    let trouble = broken.trouble.unwrap();
    assert!(
        trouble.contains("`codex --version` failed: lib missing"),
        "{trouble}"
    );
    let silent = look("exit 0", &[]).await.trouble.unwrap();
    assert!(silent.contains("said nothing"), "{silent}");
    let hangs = look("sleep 600", &[]).await.trouble.unwrap();
    assert!(hangs.contains("did not end within 5s"), "{hangs}");
    let kept = look("echo 1", &[("OPENAI_API_KEY", "key-of-the-user")]).await;
    assert_eq!(kept.version.as_deref(), Some("1"));
    assert!(kept.keys[0].present);
    assert_eq!(kept.trouble, None, "it may have a login of its own");
    let hint = kept.hint.unwrap();
    assert!(
        hint.contains("OPENAI_API_KEY is set but not passed on"),
        "{hint}"
    );
    assert!(!hint.contains("key-of-the-user"));

    let nowhere = [("PATH", "/nowhere")].into_iter().collect();
    let backend = build("it", &named("codex"), &nowhere).unwrap();
    let missing = backend.inspect(&CancellationToken::new()).await;
    assert_eq!((missing.place, missing.version), (None, None));
    let trouble = missing.trouble.unwrap();
    assert!(
        trouble.contains("npm install -g @openai/codex"),
        "{trouble}"
    );
}

#[tokio::test]
async fn an_unknown_program_is_not_started_by_a_look() {
    let folder = programs(&["mine"], "touch \"$0.started\"; echo 1");
    let backend = build("it", &named("mine"), &on_path(folder.path(), &[])).unwrap();
    let look = backend.inspect(&CancellationToken::new()).await;
    assert_eq!(
        (look.version, look.trouble, look.preset),
        (None, None, None)
    );
    assert!(!folder.path().join("mine.started").exists());
}

#[tokio::test]
async fn a_key_that_is_set_but_not_passed_on_is_hinted_at() {
    let script = "cat > /dev/null; echo \"no key: $ANTHROPIC_API_KEY\" >&2; exit 1";
    let folder = programs(&["claude"], script);
    let key = format!("sk-ant-{}", "0".repeat(16));
    let seen = on_path(folder.path(), &[("ANTHROPIC_API_KEY", &key)]);
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
