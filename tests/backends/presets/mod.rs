//! What a backend's name, preset or program says of it.

use llmux::backends::{
    BackendKind, DialectName, Environment, Settings, complete, detect, detection_rank, presets,
};

use super::build;

mod addresses;
mod run;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().copied().collect()
}

fn filled(name: &str, settings: &Settings, pairs: &[(&str, &str)]) -> Settings {
    complete(name, settings, &environment(pairs)).unwrap()
}

fn written(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

fn at(url: &str) -> Settings {
    written(|s| s.base_url = Some(url.to_owned()))
}

fn of_preset(preset: &str) -> Settings {
    written(|s| s.preset = Some(preset.to_owned()))
}

fn run_by(command: &str) -> Settings {
    written(|s| s.command = Some(command.to_owned()))
}

#[test]
fn a_providers_name_is_enough() {
    use DialectName::{Anthropic, Gemini, Ollama, Openai};
    let table = [
        (
            "openai",
            "https://api.openai.com/v1",
            Openai,
            Some("OPENAI_API_KEY"),
            true,
        ),
        (
            "anthropic",
            "https://api.anthropic.com/v1",
            Anthropic,
            Some("ANTHROPIC_API_KEY"),
            true,
        ),
        (
            "google",
            "https://generativelanguage.googleapis.com/v1beta",
            Gemini,
            Some("GEMINI_API_KEY"),
            true,
        ),
        (
            "mistral",
            "https://api.mistral.ai/v1",
            Openai,
            Some("MISTRAL_API_KEY"),
            true,
        ),
        (
            "xai",
            "https://api.x.ai/v1",
            Openai,
            Some("XAI_API_KEY"),
            true,
        ),
        (
            "deepseek",
            "https://api.deepseek.com/v1",
            Openai,
            Some("DEEPSEEK_API_KEY"),
            true,
        ),
        (
            "kimi",
            "https://api.moonshot.ai/v1",
            Openai,
            Some("MOONSHOT_API_KEY"),
            true,
        ),
        (
            "groq",
            "https://api.groq.com/openai/v1",
            Openai,
            Some("GROQ_API_KEY"),
            true,
        ),
        (
            "openrouter",
            "https://openrouter.ai/api/v1",
            Openai,
            Some("OPENROUTER_API_KEY"),
            true,
        ),
        (
            "requesty",
            "https://router.requesty.ai/v1",
            Openai,
            Some("REQUESTY_API_KEY"),
            false,
        ),
        ("ollama", "http://localhost:11434", Ollama, None, false),
    ];
    for (name, url, dialect, key, has_model) in table {
        // As the backend's name, and as the preset of one that has another.
        for (own, settings) in [(name, Settings::default()), ("mine", of_preset(name))] {
            let filled = filled(own, &settings, &[]);
            assert_eq!(filled.kind, Some(BackendKind::Http), "{name}");
            assert_eq!(filled.preset.as_deref(), Some(name));
            assert_eq!(filled.base_url.as_deref(), Some(url));
            assert_eq!(filled.dialect, Some(dialect), "{name}");
            let key = key.map(|key| format!("${{{key}}}"));
            assert_eq!(filled.api_key, key, "{name}");
            assert_eq!(filled.model.is_some(), has_model, "{name}");
            build(own, &filled, &environment(&[])).unwrap();
            assert_eq!(
                self::filled(own, &filled, &[]),
                filled,
                "{name} a second time"
            );
        }
    }
}

#[test]
fn an_agents_name_or_program_is_enough() {
    for name in ["claude", "codex", "gemini", "opencode", "copilot", "agy"] {
        for (own, settings, command) in [
            (name, Settings::default(), name.to_owned()),
            ("mine", of_preset(name), name.to_owned()),
            ("mine", run_by(name), name.to_owned()),
            (
                "mine",
                run_by(&format!("/opt/bin/{name}")),
                format!("/opt/bin/{name}"),
            ),
            // Another provider's name does not matter to a program.
            ("openai", run_by(name), name.to_owned()),
        ] {
            let filled = filled(own, &settings, &[]);
            assert_eq!(filled.kind, Some(BackendKind::Command), "{own} {name}");
            assert_eq!(filled.command.as_deref(), Some(command.as_str()));
            assert_eq!(filled.preset.as_deref(), Some(name));
            assert_eq!((filled.api_key, filled.base_url), (None, None));
        }
    }
    let wrapped = written(|s| {
        s.preset = Some("claude".to_owned());
        s.command = Some("./wrapper.sh".to_owned());
    });
    assert_eq!(filled("mine", &wrapped, &[]).command, wrapped.command);
}

#[test]
fn what_contradicts_a_name_makes_it_a_name_alone() {
    let program = written(|s| {
        s.kind = Some(BackendKind::Command);
        s.command = Some("my-review".to_owned());
    });
    for (name, settings) in [
        ("openai", at("https://proxy.example/v1")),
        ("openai", at("https://api.openai.com.evil.example/v1")),
        ("openai", at("https://api.openai.com:8443/v1")),
        ("openai", at("http://api.openai.com/v1")),
        ("openai", at("not a url")),
        ("openai", program.clone()),
        ("claude", program),
        ("claude", at("https://api.anthropic.com/v1")),
        ("claude", run_by("http://localhost:8080")),
        ("ollama", at("http://localhost:8000/v1")),
        ("mine", at("https://api.openai.com/v1")),
        ("mine", run_by("my-claude")),
        ("mine", Settings::default()),
        ("rules", written(|s| s.kind = Some(BackendKind::Rules))),
        ("openai", written(|s| s.kind = Some(BackendKind::Rules))),
    ] {
        let seen = [("OPENAI_API_KEY", "k"), ("ANTHROPIC_API_KEY", "k")];
        assert_eq!(filled(name, &settings, &seen), settings, "{name}");
    }
}

#[test]
fn a_name_with_a_protocol_of_its_own_keeps_it_at_another_address() {
    let seen = [("ANTHROPIC_API_KEY", "k"), ("GEMINI_API_KEY", "k")];
    for (name, dialect) in [
        ("anthropic", DialectName::Anthropic),
        ("google", DialectName::Gemini),
    ] {
        let full = filled(name, &at("https://proxy.example/api"), &seen);
        assert_eq!(full.dialect, Some(dialect));
        assert!(full.model.is_some());
        assert_eq!(full.api_key, None, "its key is the provider's alone");
    }
    // An address that says what it speaks.
    let chats = at("https://proxy.example/v1/chat/completions");
    assert_eq!(filled("anthropic", &chats, &seen), chats);
}

#[test]
fn what_is_written_stands() {
    let settings = written(|s| {
        s.base_url = Some("https://api.openai.com/v1/".to_owned());
        s.model = Some("mine".to_owned());
        s.api_key = Some("${OTHER}".to_owned());
        s.dialect = Some(DialectName::OpenaiResponses);
        s.context_tokens = Some(5);
    });
    let filled = filled("openai", &settings, &[("OPENAI_API_KEY", "k")]);
    let wanted = Settings {
        kind: Some(BackendKind::Http),
        preset: Some("openai".to_owned()),
        ..settings
    };
    assert_eq!(filled, wanted);
    let cascade = written(|s| s.models = vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(self::filled("openai", &cascade, &[]).model, None);
}

#[test]
fn unknown_and_contradicting_presets_are_told() {
    let error = |settings: &Settings| {
        let error = complete("mine", settings, &environment(&[])).unwrap_err();
        error.to_string()
    };
    let unknown = error(&of_preset("opanai"));
    assert!(unknown.starts_with("[backends.mine]"), "{unknown}");
    assert!(unknown.contains("did you mean `openai`"), "{unknown}");
    for name in presets() {
        assert!(unknown.contains(name), "{unknown}");
    }
    assert!(!error(&of_preset("zzzzzzzzz")).contains("did you mean"));
    for (preset, change) in [
        ("openai", run_by("my-review")),
        ("claude", at("https://api.anthropic.com")),
        ("claude", run_by("http://localhost")),
        ("claude", written(|s| s.kind = Some(BackendKind::Http))),
        ("openai", written(|s| s.kind = Some(BackendKind::Command))),
    ] {
        let settings = Settings {
            preset: Some(preset.to_owned()),
            ..change
        };
        let message = error(&settings);
        assert!(message.contains("cannot have `preset"), "{message}");
    }
}

#[test]
fn keys_are_found_in_a_fixed_order() {
    let names = |set: &[(&str, &str)]| {
        let found = detect(&|name| {
            let found = set.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        });
        let names: Vec<_> = found.iter().map(|(name, _)| name.clone()).collect();
        assert!(
            names.is_sorted_by_key(|name| detection_rank(name)),
            "{names:?}"
        );
        names
    };
    assert_eq!(
        names(&[
            ("GOOGLE_API_KEY", "k"),
            ("KIMI_API_KEY", "k"),
            ("ANTHROPIC_API_KEY", "k"),
            ("OPENROUTER_API_KEY", "k"),
            ("XAI_API_KEY", "k"),
            ("GROQ_API_KEY", " "),
        ]),
        ["anthropic", "google", "xai", "kimi", "openrouter"]
    );
    // Which of their models is meant must be said.
    assert!(names(&[("REQUESTY_API_KEY", "k")]).is_empty());
    assert!(names(&[("OLLAMA_HOST", "localhost")]).is_empty());
    let azure = [
        ("AZURE_OPENAI_API_KEY", "k"),
        ("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com"),
    ];
    assert!(names(&azure).is_empty());
}

#[test]
fn the_reference_names_every_preset() {
    let reference = include_str!("../../../src/config/default.toml");
    let start = reference.find("Programs:").unwrap();
    let end = start + reference[start..].find("#command").unwrap();
    let told = reference[start..end].split(|c: char| !c.is_alphanumeric());
    let known: Vec<_> = presets().collect();
    let told: Vec<_> = told.filter(|word| known.contains(word)).collect();
    assert_eq!(told, known);
}

#[test]
fn every_preset_has_its_place() {
    let all: Vec<_> = presets().collect();
    assert!(all.is_sorted_by_key(|name| detection_rank(name)), "{all:?}");
    assert_eq!(detection_rank("nobody"), usize::MAX);
    for name in [
        "openai",
        "anthropic",
        "google",
        "deepseek",
        "kimi",
        "mistral",
        "openrouter",
        "requesty",
        "azure",
        "groq",
        "xai",
        "ollama",
        "claude",
        "codex",
        "gemini",
        "opencode",
        "copilot",
        "agy",
    ] {
        assert!(all.contains(&name), "{name}");
    }
}
