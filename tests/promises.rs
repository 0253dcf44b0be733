//! A failure is never a pass: ways to an exit code of 0 although something was not read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::{Model, asks_for_findings, says};

const LINE: &str = "    return items[len(items)]";

fn changed() -> Repo {
    let repo = Repo::new();
    repo.write("last.py", "def last(items):\n    return items[-1]\n");
    repo.commit("before");
    repo.write("last.py", &format!("def last(items):\n{LINE}\n"));
    repo.commit("after");
    repo
}

fn findings(list: &Value) -> String {
    json!({ "findings": list }).to_string()
}

fn past_the_end() -> Value {
    json!([{"file": "last.py", "line": 2, "quote": LINE, "severity": "high", "category": "bug",
            "rule": "off-by-one", "title": "Past the end", "message": "`items[len(items)]` raises."}])
}

/// The exit code and the JSON report, without what only a recording has.
fn report(repo: &Repo, args: &[&str]) -> (Option<i32>, Value) {
    let mut all = vec!["diff", "HEAD~1", "--format", "json"];
    all.extend(args);
    let output = repo.llmux(&all).output().unwrap();
    let mut json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    for backend in json["backends"].as_array_mut().unwrap() {
        backend.as_object_mut().unwrap().remove("taped");
    }
    (output.status.code(), json)
}

/// A port of loopback where nobody listens.
const NOBODY: &str = "base_url = \"http://127.0.0.1:9/v1\"\nretries = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_does_not_forget_who_failed() {
    let repo = changed();
    let up = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}[backends.two]\n{NOBODY}[backends.three]\n{NOBODY}",
        up.config("one")
    ));
    let tape = repo.outside("tape").display().to_string();
    let (code, recorded) = report(&repo, &["--record", &tape]);
    assert_eq!(code, Some(3), "{recorded:#}");
    let (code, replayed) = report(&repo, &["--replay", &tape]);
    assert_eq!(code, Some(3), "{replayed:#}");
    assert_eq!(recorded, replayed);
}

#[test]
fn a_replay_plays_what_was_found_on_another_machine() {
    let repo = changed();
    let bin = repo.outside("bin");
    fs::create_dir(&bin).unwrap();
    let agent = bin.join("claude");
    let answer = json!({
        "type": "result",
        "is_error": false,
        "result": findings(&past_the_end()),
    });
    fs::write(
        &agent,
        format!("#!/bin/sh\ncat >/dev/null\ncat <<'END'\n{answer}\nEND\n"),
    )
    .unwrap();
    fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).unwrap();
    let tape = repo.outside("tape").display().to_string();
    let recorded = repo
        .llmux(&["diff", "HEAD~1", "--quiet", "--record", &tape])
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .output()
        .unwrap();
    assert_eq!(recorded.status.code(), Some(14), "{recorded:?}");
    let replayed = repo
        .llmux(&["diff", "HEAD~1", "--quiet", "--replay", &tape])
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    assert_eq!(replayed.status.code(), Some(14), "{replayed:?}");
    let text = String::from_utf8_lossy(&replayed.stdout);
    assert!(text.contains("claude: 2 calls, 2 from the tape"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_that_ran_out_of_length_is_no_answer() {
    let repo = changed();
    let model = Model::new(|_, question| {
        if !asks_for_findings(question) {
            return says("A summary.");
        }
        let text = findings(&json!([]));
        wiremock::ResponseTemplate::new(200).set_body_json(json!({"choices": [{
            "finish_reason": "length",
            "message": {"content": format!("{text}\nOn a second look, line 2")}
        }]}))
    })
    .await;
    repo.config(&model.config("one"));
    let (code, json) = report(&repo, &[]);
    assert_eq!(code, Some(3), "{json:#}");
    assert!(json.to_string().contains("limit of its length"), "{json:#}");
}

#[test]
fn a_rule_file_that_is_named_must_be_there() {
    let repo = changed();
    repo.config("[rules]\nfiles = [\"ci/rules.toml\"]\n");
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("there is no file ci/rules.toml"),
        "{stderr}"
    );

    // A glob reaches into folders.
    repo.config("[rules]\nfiles = [\"ci/**/*.toml\"]\n");
    repo.write("ci/deep/rules.toml", "=");
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("ci/deep/rules.toml:1"), "{stderr}");
}

#[test]
fn a_conflict_in_the_index_is_not_nothing_to_review() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("a.py", "x = 2\n");
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a.py", "x = 3\n");
    repo.commit("main");
    let merge = std::process::Command::new("git")
        .args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "merge",
            "-q",
            "side",
        ])
        .current_dir(repo.dir())
        .output()
        .unwrap();
    assert!(!merge.status.success());
    let output = repo.llmux(&["diff", "--staged"]).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{stdout}");
    assert!(stdout.contains("a.py was not read"), "{stdout}");
}

/// Which calls were still sent before a broken backend was given up depends on who was
/// faster; the report must not.
#[tokio::test(flavor = "multi_thread")]
async fn every_file_is_told_the_same_about_a_backend_that_is_down() {
    let repo = Repo::new();
    repo.commit("before");
    for number in 0..12 {
        let line = format!("value_{number} = compute({number}, value_{number})\n");
        repo.write(&format!("f{number}.py"), &line.repeat(40));
    }
    repo.commit("after");
    let up = Model::finding(json!([])).await;
    let down = Model::new(|_, _| wiremock::ResponseTemplate::new(503)).await;
    repo.config(&format!(
        "[packets]\nmax_tokens = 600\n{}{}retries = 0\nmax_concurrent = 3\n",
        up.config("up"),
        down.config("down")
    ));
    let (code, json) = report(&repo, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    let mut reasons: Vec<_> = json["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|file| file["readings"].as_array().unwrap())
        .filter(|reading| reading["backend"] == "down")
        .map(|reading| reading["reason"].to_string())
        .collect();
    assert_eq!(reasons.len(), 12);
    reasons.dedup();
    assert_eq!(reasons.len(), 1, "{reasons:#?}");
    assert!(down.calls().await < 12, "it was given up");
}

#[test]
fn a_review_that_looks_for_nothing_is_refused() {
    let repo = changed();
    repo.write(
        ".llmux/workflows/diff.toml",
        "name = \"diff\"\n[[steps]]\nname = \"talk\"\nrole = \"analyzer\"\n\
         produces = \"text\"\nprompt = \"Say hello.\"\n",
    );
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("no step produces findings"), "{stderr}");
}

/// A claim from an answer that was cut has its backend's own weight.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_votes_with_its_weight() {
    let repo = changed();
    let cut = Model::new(|_, question| {
        if !asks_for_findings(question) {
            return says("A summary.");
        }
        let mut list = past_the_end();
        let first = list[0].clone();
        list.as_array_mut().unwrap().push(first);
        let text = findings(&list);
        says(&text[..text.len() - 60])
    })
    .await;
    let whole = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}weight = 0.25\n{}",
        cut.config("cut"),
        whole.config("whole")
    ));
    let (code, json) = report(&repo, &["--threshold", "1"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["unconfirmed"][0]["vote"]["weight"], 0.25, "{json:#}");
}
