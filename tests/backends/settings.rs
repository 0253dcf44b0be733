//! From settings to backends, and from a machine to settings.

use llmux::backends::{BackendKind, Input, Settings, detect, kind_of};

use super::{build, environment};

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

fn refused(change: impl FnOnce(&mut Settings)) -> String {
    let seen = environment(&[]);
    build("it", &settings(change), &seen)
        .unwrap_err()
        .to_string()
}

#[test]
fn kind_is_guessed() {
    let kind = |change: fn(&mut Settings)| kind_of(&settings(change));
    assert_eq!(kind(|_| {}), None);
    assert_eq!(
        kind(|s| s.command = Some("claude".into())),
        Some(BackendKind::Command)
    );
    assert_eq!(
        kind(|s| s.command = Some("http://localhost:11434".into())),
        Some(BackendKind::Http)
    );
    assert_eq!(
        kind(|s| s.base_url = Some("https://a/v1".into())),
        Some(BackendKind::Http)
    );
    assert_eq!(
        kind(|s| s.kind = Some(BackendKind::Rules)),
        Some(BackendKind::Rules)
    );
}

#[test]
fn contradictions_name_the_table_and_the_remedy() {
    let cases = [
        (refused(|_| {}), "names neither `command`"),
        (
            refused(|s| s.kind = Some(BackendKind::Command)),
            "needs `command`",
        ),
        (refused(|s| s.command = Some(" ".into())), "needs `command`"),
        (
            refused(|s| s.kind = Some(BackendKind::Http)),
            "needs `base_url`",
        ),
        (
            refused(|s| s.base_url = Some("ftp://a/v1".into())),
            "must begin with https://",
        ),
        (
            refused(|s| s.base_url = Some("https://".into())),
            "no usable URL",
        ),
        (
            refused(|s| s.base_url = Some("https://me:pass-word@host/v1".into())),
            "holds credentials; use `api_key`",
        ),
        (
            refused(|s| {
                s.command = Some("sh".into());
                s.args = vec!["{model}".into()];
            }),
            "no `model`",
        ),
        (
            refused(|s| {
                s.command = Some("sh".into());
                s.args = vec!["{prompt}".into()];
            }),
            "input = \"argument\"",
        ),
        (
            refused(|s| {
                s.command = Some("claude".into());
                s.input = Input::Argument;
            }),
            "leave out `input`",
        ),
        (
            refused(|s| {
                s.command = Some("sh".into());
                s.env = vec!["GITHUB_TOKEN".into()];
            }),
            "may not see GITHUB_TOKEN",
        ),
        (
            refused(|s| {
                s.command = Some("sh".into());
                s.api_key = Some("${BUILDKITE_AGENT_ACCESS_TOKEN}".into());
            }),
            "may not see BUILDKITE_AGENT_ACCESS_TOKEN",
        ),
        (
            refused(|s| {
                s.base_url = Some("https://a/v1".into());
                s.api_key = Some("${SYSTEM_ACCESSTOKEN}".into());
            }),
            "may not see SYSTEM_ACCESSTOKEN",
        ),
        (
            refused(|s| {
                s.base_url = Some("https://a/v1".into());
                s.api_key = Some("${GITHUB_TOKEN}".into());
            }),
            "may not see GITHUB_TOKEN",
        ),
    ];
    for (message, words) in cases {
        assert!(message.starts_with("[backends.it]"), "{message}");
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("pass-word"), "{message}");
    }
}

#[test]
fn a_key_in_the_configuration_is_refused_and_not_repeated() {
    for key in ["sk-secret", "$NAME", "${}", "${A B}", "${A}b", ""] {
        let message = refused(|s| {
            s.base_url = Some("https://a/v1".into());
            s.api_key = Some(key.into());
        });
        assert!(message.contains("\"${NAME}\""), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn a_missing_key_is_told_by_name() {
    let settings = settings(|s| {
        s.base_url = Some("https://a/v1".into());
        s.api_key = Some("${THE_KEY}".into());
    });
    for (value, there) in [("", false), ("  \n", false), ("k\n", true)] {
        let seen = environment(&[("THE_KEY", value)]);
        let backend = build("it", &settings, &seen).unwrap();
        assert_eq!(backend.available().is_ok(), there, "{value:?}");
    }
    let backend = build("it", &settings, &environment(&[])).unwrap();
    assert!(
        backend
            .available()
            .unwrap_err()
            .contains("THE_KEY is not set")
    );
}

#[test]
fn identity_holds_what_changes_the_answer() {
    let identity = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings(|s| {
            s.base_url = Some("https://a/v1".into());
            s.api_key = Some("${THE_KEY}".into());
        });
        change(&mut settings);
        let seen = environment(&[("THE_KEY", "sk-0123456789abcdef")]);
        let backend = build("it", &settings, &seen).unwrap();
        let shown = format!("{backend:?}{}", backend.identity());
        assert!(!shown.contains("sk-"), "{shown}");
        backend.identity()
    };
    let plain = identity(&|_| {});
    assert_eq!(plain, identity(&|s| s.weight = Some(2.0)));
    assert_ne!(plain, identity(&|s| s.model = Some("m".into())));
    assert_ne!(plain, identity(&|s| s.temperature = Some(0.5)));
    assert_ne!(
        plain,
        identity(&|s| s.base_url = Some("https://b/v1".into()))
    );
}

#[test]
fn a_bare_machine_has_nothing() {
    assert_eq!(detect(&|_| None), []);
    assert_eq!(detect(&|name| (name != "PATH").then(|| " ".to_owned())), []);
}

#[cfg(unix)]
#[test]
fn keys_and_programs_are_detected_in_a_fixed_order() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    for (name, mode) in [("codex", 0o755), ("claude", 0o755), ("gemini", 0o644)] {
        let file = folder.path().join(name);
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let found = detect(&|name| match name {
        "PATH" => Some(format!("relative:{}", folder.path().display())),
        "OPENROUTER_API_KEY" | "OPENAI_API_KEY" | "ANTHROPIC_API_KEY" => Some("k".to_owned()),
        _ => None,
    });
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["claude", "codex", "openai", "anthropic", "openrouter"]
    );
    assert_eq!(found[0].1.env, ["ANTHROPIC_API_KEY"]);
    assert_eq!(found[1].1.env, ["OPENAI_API_KEY"]);
    assert_eq!(found[2].1.api_key.as_deref(), Some("${OPENAI_API_KEY}"));
    for (name, settings) in &found {
        build(name, settings, &environment(&[])).unwrap();
    }
}
