//! Looks: what is there, what is missing, what hangs, what lies.

use std::time::Duration;

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{Answer, ask, asked, at, doctor, ok, repository, server, serving};

/// Assembled, so that no scanner takes this file for a leak.
fn secret() -> String {
    format!("sk-{}", "Zq7x".repeat(8))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_its_models_and_no_model_is_asked() {
    let repo = repository();
    let alpha = server(&["alpha-1", "alpha-2"], ok()).await;
    repo.config(&at("alpha", &alpha));
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let backend = answer.backend("alpha");
    assert_eq!(backend["state"], "ready");
    assert_eq!(backend["origin"], "configured");
    assert_eq!(backend["kind"], "http");
    assert_eq!(backend["place"], format!("{}/v1", alpha.uri()));
    assert_eq!(backend["model"], "alpha-1");
    assert_eq!(backend["model_listed"], true);
    assert_eq!(backend["models"], json!(["alpha-1", "alpha-2"]));
    assert_eq!(backend["probe"], json!(null));
    assert_eq!(asked(&alpha, "POST").await, 0, "a model was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_listed_is_said_and_is_no_failure() {
    let repo = repository();
    let alpha = server(&["alpha-2", "other"], ok()).await;
    repo.config(&at("alpha", &alpha));
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let backend = answer.backend("alpha");
    assert_eq!(backend["state"], "ready");
    assert_eq!(backend["model_listed"], false);
    let hint = backend["hint"].as_str().unwrap();
    assert!(
        hint.contains("alpha-1") && hint.contains("alpha-2"),
        "{hint}"
    );
    let far = server(&["something-else"], ok()).await;
    repo.config(&at("alpha", &far));
    let answer = ask(&repo, &[]);
    let hint = answer.backend("alpha")["hint"].to_string();
    assert!(hint.contains("does not list the model `alpha-1`"), "{hint}");
    assert!(!hint.contains("nearest"), "{hint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_present_or_not_and_never_shown() {
    let repo = repository();
    let key = secret();
    // Repeats the key, as servers do.
    let told = ResponseTemplate::new(401).set_body_string(format!("no such key: {key}"));
    let alpha = serving(told.clone(), told).await;
    let beta = server(&["beta-1"], ok()).await;
    repo.config(&format!(
        "{}api_key = \"${{ALPHA_KEY}}\"\n{}api_key = \"${{BETA_KEY}}\"\n",
        at("alpha", &alpha),
        at("beta", &beta)
    ));
    for args in [
        &["--format", "json"][..],
        &["--probe", "-vvv"],
        &["--probe", "--format", "json"],
    ] {
        let output = doctor(&repo, args).env("ALPHA_KEY", &key).output().unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains(&key[..12]), "{args:?}: {said}");
        assert!(!said.contains(&key[key.len() - 8..]), "{args:?}: {said}");
        assert!(
            said.contains("ALPHA_KEY") && said.contains("BETA_KEY"),
            "{said}"
        );
        assert_eq!(output.status.code(), Some(3), "{said}");
    }
    let output = doctor(&repo, &["--format", "json"])
        .env("ALPHA_KEY", &key)
        .output();
    let answer = Answer::of(&output.unwrap());
    assert_eq!(
        answer.backend("alpha")["keys"],
        json!([{"variable": "ALPHA_KEY", "present": true}])
    );
    assert_eq!(answer.state("alpha"), "not_usable");
    assert_eq!(
        answer.backend("beta")["keys"],
        json!([{"variable": "BETA_KEY", "present": false}])
    );
    assert_eq!(answer.state("beta"), "not_usable");
    assert_eq!(
        asked(&beta, "GET").await,
        0,
        "nothing is sent without the key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_holds_nobody_back() {
    let repo = repository();
    let late = ok().set_delay(Duration::from_mins(2));
    let alpha = serving(late.clone(), late).await;
    let beta = server(&["beta-1"], ok()).await;
    repo.config(&[at("alpha", &alpha), at("beta", &beta)].concat());
    let answer = ask(&repo, &["--timeout", "2s"]);
    assert_eq!(answer.state("alpha"), "not_usable");
    assert_eq!(answer.state("beta"), "ready");
    let trouble = answer.backend("alpha")["trouble"].to_string();
    assert!(trouble.contains("--timeout"), "{trouble}");
    // Without a limit of the user's the look has its own.
    let answer = ask(&repo, &["--backend", "alpha"]);
    assert_eq!(answer.code, Some(3));
    assert_eq!(answer.state("alpha"), "not_usable");
    let took = answer.backend("alpha")["look_ms"].as_u64().unwrap();
    assert!((4_000..60_000).contains(&took), "{took} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_from_a_server_steer_no_terminal_and_no_runner() {
    let repo = repository();
    let hostile = [
        "\u{1b}[2Jwiped\u{1b}]0;title\u{7}",
        "two\n::error::lines ::error::and ##[command]x",
        "\u{202e}turned",
    ];
    let alpha = server(&hostile, ok()).await;
    repo.config(&at("alpha", &alpha));
    for args in [
        &[][..],
        &["--format", "json"],
        &["--color", "never", "--probe"],
    ] {
        let output = doctor(&repo, args).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("wiped"),
            "{args:?}: the names are shown: {said}"
        );
        for steering in ['\u{1b}', '\u{7}', '\u{202e}'] {
            assert!(!said.contains(steering), "{args:?}: {said:?}");
        }
        let obeyed = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
        assert!(!said.lines().any(obeyed), "{args:?}: {said}");
    }
    let json = ask(&repo, &[]);
    let models = json.backend("alpha")["models"].to_string();
    assert!(models.contains("wiped"), "{models}");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_contacts_no_server_elsewhere() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(&["beta-1"], ok()).await;
    // A server on this machine that counts as elsewhere.
    repo.config(&format!(
        "{}{}local = false\n",
        at("alpha", &alpha),
        at("beta", &beta)
    ));
    let answer = ask(&repo, &["--offline", "--probe"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert_eq!(answer.state("alpha"), "answered");
    assert_eq!(answer.state("beta"), "left_out");
    assert_eq!(asked(&beta, "GET").await + asked(&beta, "POST").await, 0);
    let members = answer.crew("analyzer")["members"].to_string();
    assert!(
        members.contains("alpha") && !members.contains("beta"),
        "{members}"
    );
}

#[test]
fn a_name_that_may_stand_in_a_broken_file_hides_no_mistake() {
    let repo = repository();
    repo.config("[backends.alpha\ncommand = \"x\"\n");
    let answer = ask(&repo, &["--backend", "alpha", "--team", "mine"]);
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    let problems = answer.json["problems"].to_string();
    for needle in ["config.toml:1", "alpha", "mine"] {
        assert!(problems.contains(needle), "no {needle} in {problems}");
    }
}

#[test]
fn what_cannot_be_built_hides_nothing_else() {
    let repo = repository();
    repo.config(
        "[backends.alpha]\ncommand = \"sh\"\nargs = [\"{model}\"]\n[backends.beta]\ncommand = \"no-such-program\"\n",
    );
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    assert_eq!(answer.json["verdict"], "misconfigured");
    assert_eq!(answer.state("alpha"), "broken");
    assert!(
        answer.backend("alpha")["trouble"]
            .to_string()
            .contains("no `model`")
    );
    assert_eq!(answer.state("beta"), "not_usable");
    let trouble = answer.backend("beta")["trouble"].to_string();
    assert!(trouble.contains("no-such-program"), "{trouble}");
    assert_eq!(answer.state("rules"), "ready");
}

#[cfg(unix)]
mod scripted {
    use serde_json::json;

    use super::super::{Answer, doctor, program, programs, repository, with};

    #[test]
    fn programs_tell_their_version() {
        let repo = repository();
        let bin = programs(&repo);
        program(&bin, "claude", "echo '2.1.42 (Claude Code)'");
        program(
            &bin,
            "codex",
            "printf '\\033[31mcodex-cli\\033[0m 0.169\\033]0;x\\007\\n'",
        );
        program(&bin, "gemini", "echo no node here >&2; exit 127");
        repo.config(
            "[backends.claude]\ncommand = \"claude\"\n[backends.codex]\ncommand = \"codex\"\n\
             [backends.gemini]\ncommand = \"gemini\"\n[backends.missing]\ncommand = \"opencode-is-not-here\"\n",
        );
        let output = doctor(&repo, &["--format", "json"])
            .env("PATH", with(&bin))
            .output();
        let answer = Answer::of(&output.unwrap());
        assert_eq!(answer.state("claude"), "ready");
        let claude = answer.backend("claude");
        assert_eq!(claude["version"], "2.1.42 (Claude Code)");
        assert_eq!(claude["preset"], "claude");
        assert_eq!(claude["place"], bin.join("claude").display().to_string());
        assert_eq!(answer.backend("codex")["version"], "codex-cli 0.169");
        assert_eq!(answer.state("gemini"), "not_usable");
        let trouble = answer.backend("gemini")["trouble"].to_string();
        assert!(trouble.contains("no node here"), "{trouble}");
        assert_eq!(answer.state("missing"), "not_usable");
        // Two of the three that can be started are there; a third may fail.
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    }

    #[test]
    fn a_program_that_hangs_is_gone_afterwards() {
        let repo = repository();
        let bin = programs(&repo);
        let mark = repo.outside("alive");
        let script = format!("echo $$ > {}; sleep 300", mark.display());
        program(&bin, "claude", &script);
        repo.config("[backends.claude]\ncommand = \"claude\"\n");
        let output = doctor(&repo, &["--format", "json"])
            .env("PATH", with(&bin))
            .output();
        let answer = Answer::of(&output.unwrap());
        assert_eq!(answer.code, Some(3), "{}", answer.stderr);
        assert_eq!(answer.state("claude"), "not_usable");
        let pid = std::fs::read_to_string(mark).unwrap();
        let pid = nix::unistd::Pid::from_raw(pid.trim().parse().unwrap());
        let is_alive = || nix::sys::signal::kill(pid, None).is_ok();
        let mut waited = 0;
        while is_alive() && waited < 100 {
            std::thread::sleep(std::time::Duration::from_millis(50));
            waited += 1;
        }
        assert!(!is_alive(), "the program was left behind");
    }

    #[test]
    fn without_configuration_it_says_what_was_found_and_which_crews_that_makes() {
        let repo = repository();
        let bin = programs(&repo);
        program(&bin, "claude", "echo '2.1.42 (Claude Code)'");
        let command = |args: &[&str]| {
            let mut command = doctor(&repo, args);
            command
                .env("PATH", with(&bin))
                .env("OPENAI_API_KEY", "x".repeat(20));
            command.output().unwrap()
        };
        let answer = Answer::of(&command(&["--format", "json"]));
        assert_eq!(answer.backend("claude")["origin"], "found");
        assert_eq!(answer.backend("openai")["origin"], "found");
        assert_eq!(answer.backend("rules")["origin"], "configured");
        assert_eq!(
            answer.json["formation"],
            "no backend is configured; found claude, openai (OPENAI_API_KEY) \u{2014} every role \
             is done by claude, openai, rules"
        );
        // One of two is enough, and openai is behind a proxy that is not there.
        assert_eq!(answer.state("claude"), "ready");
        assert_eq!(answer.state("openai"), "not_usable");
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        let text = command(&["--color", "never"]);
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        assert!(
            text.contains("no backend is configured; found claude"),
            "{text}"
        );

        // A review says it once, in one line, and not where it is to be quiet.
        let review = |args: &[&str]| {
            let mut command = repo.llmux(&["diff", "HEAD~1", "--dry-run"]);
            command
                .args(args)
                .env("PATH", with(&bin))
                .env("OPENAI_API_KEY", "x".repeat(20));
            String::from_utf8_lossy(&command.output().unwrap().stderr).into_owned()
        };
        let said = review(&[]);
        let note = "note: no backend is configured; found claude, openai (OPENAI_API_KEY)";
        assert_eq!(said.matches(note).count(), 1, "{said}");
        assert!(said.contains("see `llmux doctor`"), "{said}");
        assert_eq!(review(&["--quiet"]), "");
        let chosen = review(&["--backend", "claude"]);
        assert!(!chosen.contains("no backend is configured"), "{chosen}");
    }

    #[test]
    fn nothing_at_all_passes_as_a_review_does_and_says_that_no_model_reads() {
        let repo = repository();
        let answer = super::ask(&repo, &[]);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        assert_eq!(answer.json["formation"], json!(null));
        assert!(
            answer.advice().contains("no model reads"),
            "{}",
            answer.advice()
        );
        repo.llmux(&["diff", "HEAD~1"]).assert().code(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_backends_alone_are_looked_at() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(&["beta-1"], ok()).await;
    repo.config(&[at("alpha", &alpha), at("beta", &beta)].concat());
    let answer = ask(&repo, &["--backend", "beta"]);
    assert_eq!(answer.json["backends"].as_array().unwrap().len(), 1);
    assert_eq!(answer.state("beta"), "ready");
    assert_eq!(asked(&alpha, "GET").await, 0);
    doctor(&repo, &["--backend", "gama"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains("--backend gama"));
}
