//! `llmux replay`: a run told once more, with no call.

use serde_json::json;

use super::{arguments, claim, configured, files, review, run, runs};
use crate::support::Repo;
use crate::support::model::{Model, says};

async fn reporting() -> Model {
    Model::new(|_, _| says(&json!({"findings": [claim()]}).to_string())).await
}

fn id(repo: &Repo) -> String {
    runs(repo)[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_told_again_byte_for_byte() {
    let repo = files(3);
    let alpha = reporting().await;
    configured(&repo, &alpha, "price = { input = 1, output = 2 }\n");
    let first = repo.llmux(&[]).args(arguments(&repo)).output().unwrap();
    let run = id(&repo);
    let again = repo.llmux(&["replay", &run[..8], "--format", "json"]);
    let again = { again }.output().unwrap();
    assert_eq!(again.status.code(), first.status.code());
    assert_eq!(
        String::from_utf8_lossy(&again.stdout),
        String::from_utf8_lossy(&first.stdout)
    );
    assert_eq!(alpha.calls().await, 3);
}

/// Nothing of today has a say: neither the work tree nor its configuration, nor the key.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_makes_no_difference() {
    let repo = files(2);
    let alpha = reporting().await;
    configured(&repo, &alpha, "api_key = \"${ALPHA_KEY}\"\n");
    let mut command = repo.llmux(&[]);
    command.args(arguments(&repo)).env("ALPHA_KEY", "k");
    let first = command.output().unwrap();
    assert_eq!(first.status.code(), Some(14));
    let run = id(&repo);
    repo.config("[gate]\nfail_on = \"never\"\n[backends.other]\ncommand = \"other\"\n");
    repo.write(&super::path(0), "nothing = 1\n");
    repo.commit("later");
    std::fs::remove_file(repo.outside("workflow.toml")).unwrap();
    let again = repo.llmux(&["replay", &run, "--format", "json"]).output();
    let again = again.unwrap();
    let stderr = String::from_utf8_lossy(&again.stderr);
    assert_eq!(again.status.code(), Some(14), "{stderr}");
    assert_eq!(again.stdout, first.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_thresholds_and_formats_need_no_call() {
    let repo = files(1);
    let (alpha, beta) = (reporting().await, super::silent().await);
    repo.config(&format!(
        "{}{}{}[vote]\nrefute = false\n[roles.analyzer]\nbackends = [\"alpha\", \"beta\"]\n",
        super::SMALL_PACKETS,
        alpha.config("alpha"),
        beta.config("beta")
    ));
    assert_eq!(review(&repo, &[]).code, Some(14), "one of two is half");
    let run_id = id(&repo);
    let strict = run(
        &repo,
        &["replay", &run_id, "--threshold", "2", "--format", "json"],
    );
    assert_eq!(strict.code, Some(0), "{}", strict.stderr);
    assert_eq!(strict.json["unconfirmed"].as_array().unwrap().len(), 1);
    let never = run(
        &repo,
        &["replay", &run_id, "--fail-on", "never", "--format", "json"],
    );
    assert_eq!(never.code, Some(0));
    let sarif = run(&repo, &["replay", &run_id, "--format", "sarif"]);
    assert_eq!(sarif.json["version"], "2.1.0");
    assert_eq!((alpha.calls().await, beta.calls().await), (1, 1));
    assert_eq!(runs(&repo).len(), 1, "to tell is no run");
}

/// What no commit has is kept with the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_staged_change_can_be_replayed_after_it_is_gone() {
    let repo = files(1);
    let alpha = reporting().await;
    configured(&repo, &alpha, "");
    repo.git(&["checkout", "-q", "main"]);
    repo.write(&super::path(0), &super::text(0, 0));
    repo.git(&["add", "."]);
    let workflow = repo.outside("workflow.toml").display().to_string();
    let args = ["run", &workflow, "--staged", "--format", "json"];
    let first = run(&repo, &args);
    assert_eq!(first.code, Some(14), "{}", first.stderr);
    repo.git(&["reset", "-q", "--hard"]);
    configured(&repo, &alpha, "");
    let again = run(&repo, &["replay", &id(&repo), "--format", "json"]);
    assert_eq!(again.json, first.json, "{}", again.stderr);
    assert_eq!(alpha.calls().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_again_as_they_were() {
    let repo = files(2);
    let alpha = Model::new(|call, _| match call {
        0 => wiremock::ResponseTemplate::new(400),
        1 => says("no answer"),
        2 => says("still none"),
        _ => says(super::NOTHING),
    })
    .await;
    configured(&repo, &alpha, "max_concurrent = 1\nretries = 0\n");
    let first = review(&repo, &[]);
    assert_eq!(first.code, Some(3), "{}", first.stderr);
    let calls = alpha.calls().await;
    let again = run(&repo, &["replay", &id(&repo), "--format", "json"]);
    assert_eq!(again.json, first.json, "{}", again.stderr);
    assert_eq!(alpha.calls().await, calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_knows_is_named() {
    let repo = files(1);
    let alpha = super::silent().await;
    configured(&repo, &alpha, "[store]\ncontent = false\n");
    let unknown = repo.llmux(&["replay", "abc"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&unknown.stderr);
    assert!(stderr.contains("no run begins with `abc`"), "{stderr}");
    review(&repo, &[]);
    let empty = repo.llmux(&["replay", &id(&repo)]).output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&empty.stderr);
    assert!(stderr.contains("store.content"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_for_people_and_programs() {
    let repo = files(2);
    let alpha = super::silent().await;
    configured(&repo, &alpha, "price = { input = 1, output = 2 }\n");
    let none = repo.llmux(&["runs"]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&none.stdout),
        "no run is kept here\n"
    );
    review(&repo, &[]);
    let listed = repo.llmux(&["runs"]).output().unwrap();
    let text = String::from_utf8_lossy(&listed.stdout);
    for part in [
        "success, pass",
        "2 calls",
        "$0.0002",
        "analyze",
        "main...HEAD",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let row = &runs(&repo)[0];
    assert_eq!(row["cost_usd"], 0.000_24);
    assert_eq!(row["verdict"], "pass");
}
