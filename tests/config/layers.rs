use std::time::Duration;

use llmux::backends::BackendKind;
use llmux::config::{self, DEFAULTS, Inputs, Layer, Origin, keys};
use llmux::findings::Scope;
use llmux::gate::FailOn;
use llmux::units::Threshold;
use llmux::workflow::Execution;

use super::{flag, inputs, load, project, snapshot, with_env, write};

/// As the README and the design show it.
const EXAMPLE: &str = r#"[backends.claude]
command = "claude"
[backends.codex]
command = "codex"
args = ["exec", "--json", "-s", "read-only"]
[backends.ollama]
command = "http://localhost:11434"
model = "qwen3-coder-next"
[roles.analyzer]
description = "Find bugs, patterns, code smells"
backends = ["codex", "claude"]
[teams.rust]
description = "Rust development"
detect = ["Cargo.toml"]
verify = "cargo clippy && cargo test"
[teams.rust.roles]
analyzer = ["codex", "ollama"]
"#;

#[test]
fn the_example_loads_as_it_stands() {
    let loaded = load(EXAMPLE).unwrap();
    let settings = &loaded.settings;
    assert_eq!(
        settings.backend_order,
        ["claude", "codex", "ollama", "rules"]
    );
    assert_eq!(settings.backends["codex"].args[3], "read-only");
    assert_eq!(
        settings.roles["analyzer"].backends.as_deref(),
        Some(&["codex".to_owned(), "claude".to_owned()][..])
    );
    let rust = &settings.teams["rust"];
    assert_eq!(rust.verify.as_deref(), Some("cargo clippy && cargo test"));
    assert_eq!(rust.roles["analyzer"], ["codex", "ollama"]);
    assert!(rust.focus.is_some(), "the built-in focus stays");
    assert_eq!(loaded.notices(), [""; 0]);
}

#[test]
fn defaults_are_what_the_reference_says() {
    let settings = config::load(&Inputs::default()).unwrap().settings;
    assert_eq!(settings.gate.fail_on, FailOn::High);
    assert!(!settings.gate.allow_incomplete);
    assert_eq!(settings.vote.threshold, Threshold::Auto);
    assert_eq!(settings.anchor.scope, Scope::Diff);
    assert_eq!(settings.packets.max_tokens, 12_000);
    assert_eq!(settings.packets.context_lines, 3);
    assert_eq!(settings.packets.max_enclosing_lines, 12);
    assert_eq!(settings.change.max_file_size, 1 << 20);
    assert_eq!(settings.run.timeout, Duration::from_mins(30));
    assert_eq!(settings.run.call_timeout, Duration::from_mins(5));
    assert_eq!((settings.run.max_in_flight, settings.run.retries), (20, 3));
    assert_eq!(settings.rules.files, [".llmux/rules/*.toml"]);
    assert_eq!(settings.backends["rules"].kind, Some(BackendKind::Rules));
    assert_eq!(settings.backend_order, ["rules"]);
    assert_eq!(
        settings.roles["synthesizer"].execution,
        Some(Execution::Fallback)
    );
}

#[test]
fn each_layer_stands_over_the_one_before() {
    let dir =
        project("[run]\nretries = 2\nmax_in_flight = 2\ntimeout = '2m'\n[change]\nexclude = ['b']");
    let user = tempfile::tempdir().unwrap();
    write(
        &user.path().join("config.toml"),
        "[run]\nretries = 1\nmax_in_flight = 1\ntimeout = '1m'\ncall_timeout = '1m'\n[change]\nexclude = ['a', 'z']",
    );
    let inputs = Inputs {
        user_dir: Some(user.path().to_owned()),
        env: vec![
            ("LLMUX_RUN_RETRIES".to_owned(), "3".to_owned()),
            ("LLMUX_RUN_MAX_IN_FLIGHT".to_owned(), "3".to_owned()),
            ("LLMUX_GATE_FAIL_ON".to_owned(), String::new()),
        ],
        flags: vec![flag("run.retries", 4, "--retries")],
        ..inputs(&dir)
    };
    let loaded = config::load(&inputs).unwrap();
    let run = &loaded.settings.run;
    assert_eq!((run.retries, run.max_in_flight), (4, 3));
    assert_eq!(run.timeout, Duration::from_mins(2));
    assert_eq!(run.call_timeout, Duration::from_mins(1));
    assert_eq!(loaded.settings.change.exclude, ["b"], "lists replace");
    let origin = |key| loaded.origin(&["run", key]).unwrap();
    assert_eq!(origin("retries").to_string(), "flag --retries");
    assert_eq!(
        origin("max_in_flight").to_string(),
        "environment LLMUX_RUN_MAX_IN_FLIGHT"
    );
    assert_eq!(
        origin("timeout"),
        Origin {
            layer: Layer::Project,
            name: ".llmux/config.toml".to_owned(),
            line: 4,
            column: 1
        }
    );
    assert_eq!(origin("call_timeout").layer, Layer::User);
    assert_eq!(
        loaded.origin(&["gate", "fail_on"]).unwrap().layer,
        Layer::Default
    );
    assert_eq!(loaded.origin(&["gate", "none"]), None);
    assert_eq!(loaded.files().count(), 2);
}

#[test]
fn a_named_file_stands_in_place_of_the_projects() {
    let dir = project("[run]\nretries = 1");
    let file = dir.path().join("other.toml");
    write(&file, "\u{feff}[gate]\r\nfail_on = \"low\"\r\n");
    let loaded = config::load(&Inputs {
        config_file: Some(file.clone()),
        ..inputs(&dir)
    })
    .unwrap();
    assert_eq!(loaded.settings.run.retries, 3);
    assert_eq!(
        loaded.origin(&["gate", "fail_on"]).unwrap().to_string(),
        format!("file {}:2:1", file.display())
    );
}

#[test]
fn backends_keep_the_order_of_writing_and_the_built_in_one_is_last() {
    let dir = project("[backends.beta]\ntimeout = 9\n[backends.alpha]\ncommand = 'a'");
    let user = tempfile::tempdir().unwrap();
    write(
        &user.path().join("config.toml"),
        "[backends.zeta]\ncommand = 'z'\n[backends.beta]\ncommand = 'b'",
    );
    let loaded = config::load(&Inputs {
        user_dir: Some(user.path().to_owned()),
        ..inputs(&dir)
    })
    .unwrap();
    assert_eq!(
        loaded.settings.backend_order,
        ["zeta", "beta", "alpha", "rules"]
    );
    assert_eq!(
        loaded.settings.backends["beta"].timeout,
        Some(Duration::from_secs(9))
    );
}

#[test]
fn variables_reach_keys_under_names_that_files_define() {
    let loaded = with_env(
        "[backends.my-gpt]\nbase_url = 'https://example.org/v1'\napi_key = '${LLMUX_TEST_KEY}'",
        &[
            ("LLMUX_BACKENDS_MY_GPT_MODEL", "gpt-5"),
            ("LLMUX_BACKENDS_MY_GPT_TIMEOUT", "90"),
            ("LLMUX_BACKENDS_MY_GPT_TEMPERATURE", "0.5"),
            ("LLMUX_BACKENDS_MY_GPT_PRICE_INPUT", "1"),
            ("LLMUX_BACKENDS_MY_GPT_PRICE_OUTPUT", "2"),
            ("LLMUX_VOTE_THRESHOLD", "50%"),
            ("LLMUX_GATE_ALLOW_INCOMPLETE", "true"),
            ("LLMUX_TEST_KEY", "anything"),
            ("LLMUX_CACHE_DIR", "/tmp"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    let backend = &loaded.settings.backends["my-gpt"];
    assert_eq!(backend.model.as_deref(), Some("gpt-5"));
    assert_eq!(backend.timeout, Some(Duration::from_secs(90)));
    assert_eq!(backend.temperature, Some(0.5));
    assert_eq!(loaded.settings.vote.threshold, Threshold::Share(50.0));
    assert!(loaded.settings.gate.allow_incomplete);
}

#[test]
fn what_is_shown_loads_again_to_the_same() {
    let loaded = load(format!(
        "{EXAMPLE}[backends.'odd name']\nbase_url = 'http://localhost/v1'\ntemperature = 1\n\
         price = {{ output = 1e3, input = 0.5 }}\n[teams.mine]\nfocus = \"a\\n\\\"b\\\" \\\\ \\u007f ü\"\n\
         [roles.reviewer]\nthreshold = 1.5\n[roles.own]\n"
    ))
    .unwrap();
    for origin in [false, true] {
        let again = load(loaded.show(origin)).unwrap();
        assert_eq!(again.settings, loaded.settings);
        assert_eq!(again.show(false), loaded.show(false));
    }
}

#[test]
fn own_thresholds_merge_show_and_come_from_the_environment() {
    let dir = project("[vote.security]\nthreshold = 1\n[vote.style]\nthreshold = \"p>=0.8\"\n");
    let loaded = config::load(&Inputs {
        env: vec![(
            "LLMUX_VOTE_ERROR_HANDLING_THRESHOLD".to_owned(),
            "60%".to_owned(),
        )],
        flags: vec![flag("vote.threshold", "p>=0.5", "--threshold")],
        ..inputs(&dir)
    })
    .unwrap();
    let own: Vec<_> = loaded.settings.vote.own().collect();
    assert_eq!(
        own,
        [
            ("error-handling", Threshold::Share(60.0)),
            ("security", Threshold::Weight(1.0)),
            ("style", Threshold::Probability(0.8)),
        ]
    );
    assert_eq!(loaded.settings.vote.threshold, Threshold::Probability(0.5));
    let again = load(loaded.show(false)).unwrap();
    assert_eq!(again.settings.vote, loaded.settings.vote);
}

#[test]
fn shown_with_origins() {
    let dir = project(
        "[backends.gpt]\nbase_url = 'https://api.openai.com/v1'\napi_key = '${OPENAI_API_KEY}'\n\
         args = ['--token=x', 'sk-abcdefghijklmnopqrstuv']\n",
    );
    let loaded = config::load(&Inputs {
        env: vec![("LLMUX_BACKENDS_GPT_MODEL".to_owned(), "gpt-5".to_owned())],
        flags: vec![flag("gate.fail_on", "medium", "--fail-on")],
        ..inputs(&dir)
    })
    .unwrap();
    let shown = loaded.show(true);
    let part = shown.split("\n[roles.").next().unwrap();
    snapshot("show_origin", part);
}

#[test]
fn keys_without_effect_are_told() {
    let loaded = load(
        "[backends.a]\ncommand = 'a'\nsamples = 3\nrequests_per_minute = 1\ntokens_per_minute = 1\n\
         [roles.reviewer]\ncombine = 'synthesize'\n[roles.analyzer]\ncombine = 'union'",
    )
    .unwrap();
    snapshot("notices", loaded.notices().join("\n"));
}

/// Lines such as `#model = "x"` are keys without a default; with the `#` taken away they load.
#[test]
fn the_reference_names_every_key_and_all_its_examples_load() {
    let plain: Vec<_> = DEFAULTS
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => rest,
            _ => line,
        })
        .collect();
    // One backend cannot be both program and server, nor have both a model and a cascade.
    let plain = plain.join("\n").replace("\nbase_url = ", "\n#base_url = ");
    let plain = plain.replace("\nmodels = ", "\n#models = ");
    let loaded = load(plain).unwrap();
    assert_eq!(
        loaded.settings.roles["example"].execution,
        Some(Execution::Parallel)
    );

    let keys::Kind::Table(sections) = keys::ROOT else {
        panic!("the top is a table");
    };
    let mut missing = Vec::new();
    for section in sections {
        let (table, head) = match &section.kind {
            keys::Kind::Named(inner) => (*inner, format!("[{}.example]", section.name)),
            own => (own, format!("[{}]", section.name)),
        };
        let text = DEFAULTS.split(&head).nth(1).unwrap_or_default();
        let text = text.split("\n\n").next().unwrap_or_default();
        let keys::Kind::Table(keys) = table else {
            panic!("{head} is a table");
        };
        for key in *keys {
            let given = |line: &str| {
                let line = line.trim_start_matches('#');
                line.starts_with(&format!("{} =", key.name))
                    || line.ends_with(&format!(".{}]", key.name))
                    || line.contains(&format!(".{}]  ", key.name))
                    || line.starts_with(&format!("[{}.{}.", section.name, key.name))
            };
            if !text.lines().any(given) {
                missing.push(format!("{head} {}", key.name));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

/// The embedded layer is not checked in every run, so it is here: as a file like any other.
#[test]
fn the_defaults_pass_the_checks_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, DEFAULTS).unwrap();
    let inputs = Inputs {
        config_file: Some(file),
        ..Inputs::default()
    };
    if let Err(errors) = config::load(&inputs) {
        panic!("{errors}");
    }
}
