//! Git, CI, files, network.

use std::fs;

use serde_json::{Value, json};

use super::{Answer, ask, doctor, repository};

#[test]
fn git_says_what_would_be_reviewed() {
    let repo = repository();
    repo.git(&["switch", "-q", "-c", "work"]);
    repo.write("a.py", "x = 3\n");
    repo.commit("work");
    let git = &ask(&repo, &[]).json["git"];
    assert_eq!(git["branch"], "work");
    assert_eq!(git["default_branch"], "main");
    assert_eq!(git["range"], "main...HEAD");
    assert_eq!(git["base"], repo.git(&["rev-parse", "main"]).trim());
    assert_eq!(git["head"], repo.git(&["rev-parse", "HEAD"]).trim());
    assert_eq!(git["shallow"], false);
    assert_eq!(git["trouble"], json!(null));
}

#[test]
fn a_shallow_clone_is_warned_of() {
    let repo = repository();
    let clone = repo.outside("clone");
    let from = format!("file://{}", repo.dir().display());
    let to = clone.display().to_string();
    repo.git(&["clone", "-q", "--depth", "1", &from, &to]);
    let output = doctor(&repo, &["--format", "json"])
        .current_dir(&clone)
        .output();
    let answer = Answer::of(&output.unwrap());
    assert_eq!(answer.json["git"]["shallow"], true);
    let trouble = answer.json["git"]["trouble"].to_string();
    assert!(trouble.contains("fetch-depth: 0"), "{trouble}");
}

#[test]
fn outside_of_a_repository_the_rest_is_shown() {
    let repo = repository();
    let elsewhere = repo.outside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let output = doctor(&repo, &["--format", "json"])
        .current_dir(&elsewhere)
        .output();
    let answer = Answer::of(&output.unwrap());
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert_eq!(answer.json["git"]["root"], json!(null));
    assert!(
        answer.json["git"]["trouble"]
            .to_string()
            .contains("repository")
    );
    assert!(answer.advice().contains("--patch"), "{}", answer.advice());
}

fn in_ci(variables: &[(&str, &str)]) -> Value {
    let repo = repository();
    let output = doctor(&repo, &["--format", "json"])
        .envs(variables.iter().copied())
        .output();
    Answer::of(&output.unwrap()).json
}

#[test]
fn runners_tell_of_requests_and_forks() {
    assert_eq!(in_ci(&[])["ci"], json!(null));
    assert_eq!(in_ci(&[("CI", "true")])["ci"]["runner"], "other");

    let gitlab = in_ci(&[
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "stranger/x"),
        ("CI_MERGE_REQUEST_PROJECT_PATH", "us/x"),
    ]);
    assert_eq!(
        gitlab["ci"],
        json!({"runner": "gitlab", "event": "merge_request_event", "pull_request": "7",
               "target": "main", "fork": true, "base": null})
    );

    let buildkite = in_ci(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_PULL_REQUEST", "12"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        (
            "BUILDKITE_PULL_REQUEST_REPO",
            "https://example.org/us/x.git",
        ),
        ("BUILDKITE_REPO", "git@example.org:us/x.git"),
    ]);
    assert_eq!(buildkite["ci"]["pull_request"], "12");
    assert_eq!(buildkite["ci"]["fork"], false);
}

#[test]
fn a_pull_request_from_a_fork_has_no_keys() {
    let repo = repository();
    let event = repo.outside("event.json");
    let sha = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let request = |head: Value| {
        json!({"pull_request": {"number": 5, "head": {"repo": head},
                                "base": {"sha": sha, "repo": {"full_name": "us/x"}}}})
    };
    let github = |head: Value, name: &str, base: &str| {
        fs::write(&event, request(head).to_string()).unwrap();
        let mut command = doctor(&repo, &["--format", "json"]);
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", name)
            .env("GITHUB_SHA", &sha)
            .env("GITHUB_BASE_REF", base)
            .env("GITHUB_EVENT_PATH", &event);
        Answer::of(&command.output().unwrap())
    };
    repo.git(&["switch", "-q", "-c", "work"]);
    let own = github(json!({"full_name": "us/x"}), "pull_request", "main");
    assert_eq!(own.json["ci"]["fork"], false);
    assert_eq!(own.json["ci"]["pull_request"], "5");
    assert!(!own.advice().contains("fork"), "{}", own.advice());
    let fork = github(json!({"full_name": "them/x"}), "pull_request", "main");
    assert_eq!(fork.json["ci"]["fork"], true);
    assert!(fork.advice().contains("fork"), "{}", fork.advice());
    // The fork was deleted.
    assert_eq!(
        github(Value::Null, "pull_request", "main").json["ci"]["fork"],
        true
    );
    let target = github(
        json!({"full_name": "them/x"}),
        "pull_request_target",
        "main",
    );
    assert!(
        target.advice().contains("pull_request_target"),
        "{}",
        target.advice()
    );
    let other = github(json!({"full_name": "us/x"}), "pull_request", "release/2");
    assert!(
        other
            .advice()
            .contains("llmux diff origin/release/2...HEAD"),
        "{}",
        other.advice()
    );
    let hostile = github(json!({"full_name": "us/x"}), "pull_request", "a`b;$(c)");
    assert!(!hostile.advice().contains("$(c)"), "{}", hostile.advice());
}

#[test]
fn files_and_network_are_named_and_nothing_is_left_behind() {
    let repo = repository();
    repo.write("Cargo.toml", "");
    repo.write("AGENTS.md", "be kind\n");
    repo.write(".llmux/workflows/w.toml", "nothing");
    let cache = repo.outside("cache");
    let output = doctor(&repo, &["--format", "json"])
        .env("LLMUX_CACHE_DIR", &cache)
        .env("LLMUX_GATE_FAIL_ON", "low")
        .env("HTTPS_PROXY", "http://user:pass-word@127.0.0.1:9")
        .env("SSL_CERT_FILE", "/no/such/file.pem")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("pass-word"));
    let answer = Answer::of(&output);
    let json = &answer.json;
    assert_eq!(json["cache"]["path"], cache.display().to_string());
    assert_eq!(json["cache"]["exists"], false);
    assert_eq!(json["cache"]["writable"], true);
    assert!(!cache.exists());
    assert_eq!(
        json["configuration"]["variables"],
        json!(["LLMUX_CACHE_DIR", "LLMUX_GATE_FAIL_ON"])
    );
    assert_eq!(
        json["network"]["proxies"],
        json!(["HTTPS_PROXY", "HTTP_PROXY"])
    );
    assert_eq!(json["network"]["certificates"][0]["readable"], false);
    assert!(answer.advice().contains("SSL_CERT_FILE"));
    assert_eq!(json["team"]["name"], "rust");
    let agents = json!({"path": "AGENTS.md", "present": true});
    assert!(
        json["team"]["context"]
            .as_array()
            .unwrap()
            .contains(&agents)
    );
    let names: Vec<_> = json["workflows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["diff", "w"]);
    assert_eq!(json["workflows"][0]["trouble"], json!(null));
    assert!(json["workflows"][1]["trouble"].is_string());
    assert!(json["rules"]["built_in"].as_u64().unwrap() > 100);

    fs::create_dir(&cache).unwrap();
    fs::write(cache.join("x"), "12345").unwrap();
    let output = doctor(&repo, &["--format", "json"])
        .env("LLMUX_CACHE_DIR", &cache)
        .output();
    let json = Answer::of(&output.unwrap()).json;
    assert_eq!(json["cache"]["bytes"], 5);
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
}
