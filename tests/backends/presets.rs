//! What a backend's name, preset or program says of it.

use llmux::backends::{
    BackendKind, BuildError, DialectName, Environment, Settings, complete, detect, detection_rank,
    presets,
};

use super::build;

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
fn a_key_goes_to_its_providers_own_address_alone() {
    let seen = [
        ("OPENAI_API_KEY", "k"),
        ("ANTHROPIC_API_KEY", "k"),
        ("AZURE_OPENAI_API_KEY", "k"),
        ("AZURE_OPENAI_ENDPOINT", "https://ours.openai.azure.com"),
        ("MOONSHOT_API_KEY", "k"),
        ("OPENROUTER_API_KEY", "k"),
    ];
    let key_at = |preset: &str, change: &dyn Fn(&mut Settings)| {
        let mut by_preset = of_preset(preset);
        change(&mut by_preset);
        let mut by_name = Settings::default();
        change(&mut by_name);
        let key = filled("mine", &by_preset, &seen).api_key;
        assert_eq!(filled(preset, &by_name, &seen).api_key, key);
        key
    };
    for (preset, url) in [
        ("openai", "https://evil.example"),
        ("openai", "https://evil.example/api.openai.com/v1"),
        ("openai", "https://api.openai.com@evil.example/v1"),
        ("openai", "https://api.openai.com.evil.example/v1"),
        ("openai", "https://evilapi.openai.com/v1"),
        ("openai", "http://api.openai.com/v1"),
        ("openai", "https://api.openai.com:444/v1"),
        ("openai", "http://localhost:8080/v1"),
        ("openai", "https://api.anthropic.com/v1"),
        ("anthropic", "https://api.openai.com/v1"),
        ("azure", "https://evil.openai.azure.com/openai/v1"),
        (
            "azure",
            "https://ours.openai.azure.com.evil.example/openai/v1",
        ),
        ("kimi", "http://api.moonshot.cn/v1"),
        ("openrouter", "https://evil.example/api/v1"),
    ] {
        let by_url = key_at(preset, &|s| s.base_url = Some(url.to_owned()));
        assert_eq!(by_url, None, "{preset} {url}");
        let by_command = key_at(preset, &|s| s.command = Some(url.to_owned()));
        assert_eq!(by_command, None, "{preset} {url}");
    }
    for (preset, url, key) in [
        ("openai", "https://api.openai.com", "OPENAI_API_KEY"),
        (
            "openai",
            "https://API.OPENAI.COM:443/v1/responses",
            "OPENAI_API_KEY",
        ),
        (
            "anthropic",
            "https://api.anthropic.com/v1/messages",
            "ANTHROPIC_API_KEY",
        ),
        (
            "azure",
            "https://ours.openai.azure.com/openai/v1",
            "AZURE_OPENAI_API_KEY",
        ),
        ("kimi", "https://api.moonshot.cn/v1", "MOONSHOT_API_KEY"),
    ] {
        let found = key_at(preset, &|s| s.base_url = Some(url.to_owned()));
        assert_eq!(found, Some(format!("${{{key}}}")), "{preset} {url}");
    }
    // Whoever names the variable has said where it goes.
    let own = written(|s| {
        s.base_url = Some("https://proxy.example/v1".to_owned());
        s.api_key = Some("${OPENAI_API_KEY}".to_owned());
    });
    assert_eq!(filled("openai", &own, &seen).api_key, own.api_key);
}

#[test]
fn the_first_variable_that_is_set_holds_the_key() {
    for (preset, first, second) in [
        ("google", "GEMINI_API_KEY", "GOOGLE_API_KEY"),
        ("kimi", "MOONSHOT_API_KEY", "KIMI_API_KEY"),
    ] {
        let key = |pairs: &[(&str, &str)]| filled(preset, &Settings::default(), pairs).api_key;
        assert_eq!(
            key(&[(first, "k"), (second, "k")]),
            Some(format!("${{{first}}}"))
        );
        assert_eq!(
            key(&[(first, " "), (second, "k")]),
            Some(format!("${{{second}}}"))
        );
        assert_eq!(key(&[]), Some(format!("${{{first}}}")));
    }
}

#[test]
fn the_environment_names_addresses() {
    let url = |name: &str, variable: &str, value: &str| {
        let filled = filled(name, &Settings::default(), &[(variable, value)]);
        filled.base_url.unwrap()
    };
    let gateway = "https://gateway.example/v1";
    assert_eq!(url("openai", "OPENAI_BASE_URL", gateway), gateway);
    assert_eq!(
        url("openai", "OPENAI_BASE_URL", " "),
        "https://api.openai.com/v1"
    );
    assert_eq!(url("anthropic", "ANTHROPIC_BASE_URL", gateway), gateway);
    let resource = "https://ours.openai.azure.com";
    for written in [resource, "https://ours.openai.azure.com/"] {
        assert_eq!(
            url("azure", "AZURE_OPENAI_ENDPOINT", written),
            format!("{resource}/openai/v1")
        );
    }
    let deployment = "https://ours.openai.azure.com/openai/deployments/d?api-version=2024-10-21";
    assert_eq!(
        url("azure", "AZURE_OPENAI_ENDPOINT", deployment),
        deployment
    );
    for (written, wanted) in [
        ("gpu-box", "http://gpu-box:11434"),
        ("gpu-box:8080", "http://gpu-box:8080"),
        ("http://gpu-box", "http://gpu-box"),
        ("https://gpu.example/ollama", "https://gpu.example/ollama"),
        ("0.0.0.0", "http://localhost:11434"),
        ("0.0.0.0:8080", "http://localhost:8080"),
        ("[::]:8080", "http://localhost:8080"),
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
    ] {
        assert_eq!(url("ollama", "OLLAMA_HOST", written), wanted);
    }
}

#[test]
fn an_azure_resource_has_no_address_of_its_own() {
    let error = complete("azure", &Settings::default(), &environment(&[])).unwrap_err();
    assert!(matches!(error, BuildError::NoAddress { .. }), "{error}");
    let message = error.to_string();
    assert!(message.starts_with("[backends.azure]"), "{message}");
    assert!(message.contains("AZURE_OPENAI_ENDPOINT"), "{message}");
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
fn ollama_is_known_by_its_port_or_its_name() {
    let dialect = |name: &str, settings: &Settings| filled(name, settings, &[]).dialect;
    let ollama = Some(DialectName::Ollama);
    assert_eq!(dialect("ollama", &run_by("http://localhost:11434")), ollama);
    assert_eq!(dialect("ollama", &at("https://ollama.example")), ollama);
    assert_eq!(dialect("ollama", &at("http://gpu-box/api")), None);
    assert_eq!(dialect("ollama", &at("http://gpu-box:11434/v1")), None);
    // By the port alone, where the server is built: its identity tells where it is asked.
    for (url, end) in [
        ("http://localhost:11434", "11434/api/chat"),
        ("http://gpu-box:11434/", "11434/api/chat"),
        ("http://localhost:11434/v1", "11434/v1/chat/completions"),
        ("http://localhost:8080", "8080/v1/chat/completions"),
    ] {
        let settings = filled("mine", &run_by(url), &[]);
        let backend = build("mine", &settings, &environment(&[])).unwrap();
        let identity = backend.identity();
        assert!(identity.contains(&format!("{end}\"")), "{url}: {identity}");
    }
}

#[test]
fn known_hosts_speak_their_dialect_without_a_preset() {
    for (url, end) in [
        ("https://api.anthropic.com/v1", "com/v1/messages"),
        (
            "https://generativelanguage.googleapis.com/v1beta",
            "/v1beta/models/m:generateContent",
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "/v1beta/openai/chat/completions",
        ),
        ("https://api.openai.com/v1", "/v1/chat/completions"),
        (
            "https://x.openai.azure.com/openai/v1",
            "/openai/v1/chat/completions",
        ),
    ] {
        let mut settings = at(url);
        settings.model = Some("m".to_owned());
        let backend = build("mine", &settings, &environment(&[])).unwrap();
        let identity = backend.identity();
        assert!(identity.contains(&format!("{end}\"")), "{url}: {identity}");
    }
}

#[test]
fn a_key_does_not_travel_in_the_clear() {
    let built = |url: &str, local: Option<bool>| {
        let settings = written(|s| {
            s.base_url = Some(url.to_owned());
            s.api_key = Some("${THE_KEY}".to_owned());
            s.local = local;
        });
        build("it", &settings, &environment(&[])).map(drop)
    };
    for url in [
        "http://models.example/v1",
        "http://8.8.8.8/v1",
        "http://172.32.0.1/v1",
        "http://[2001:db8::1]/v1",
        "http://localhost.example/v1",
    ] {
        let message = built(url, None).unwrap_err().to_string();
        assert!(message.contains("in the clear"), "{message}");
        assert!(built(url, Some(false)).is_err(), "{url}");
        built(url, Some(true)).unwrap();
    }
    for url in [
        "https://models.example/v1",
        "http://localhost:8000/v1",
        "http://127.0.0.1/v1",
        "http://[::1]:8000/v1",
        "http://10.1.2.3/v1",
        "http://192.168.1.5:8000/v1",
        "http://[fd00::1]/v1",
        "http://vllm:8000/v1",
        "http://gpu.local/v1",
        "http://models.internal/v1",
    ] {
        built(url, None).unwrap();
    }
    // Without a key there is nothing to lose.
    let settings = at("http://models.example/v1");
    build("it", &settings, &environment(&[])).unwrap();
}

#[test]
fn a_server_that_wants_a_model_is_not_asked_without() {
    for name in ["ollama", "requesty"] {
        let pairs = [("REQUESTY_API_KEY", "k")];
        let mut settings = filled(name, &Settings::default(), &pairs);
        let backend = build(name, &settings, &environment(&pairs)).unwrap();
        let why = backend.available().unwrap_err();
        assert!(
            why.contains(&format!("[backends.{name}] says no `model`")),
            "{why}"
        );
        settings.models = vec!["a".to_owned()];
        let backend = build(name, &settings, &environment(&pairs)).unwrap();
        backend.available().unwrap();
    }
    let nobody = build("it", &at("http://localhost:8080/v1"), &environment(&[])).unwrap();
    nobody.available().unwrap();
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
