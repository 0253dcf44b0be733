//! Who is asked, and whether it is enough for a verdict.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{ANALYZE, packets, reading, run};
use crate::support::model::Model;

async fn down() -> Model {
    Model::new(|_, _| ResponseTemplate::new(403)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn first_asks_the_first_alone() {
    let repo = packets(1);
    let (alpha, beta) = (Model::finding(json!([])).await, down().await);
    repo.config(&format!(
        "{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\"]\nexecution = \"first\"\n",
        alpha.config("alpha"),
        beta.config("beta")
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!((alpha.calls().await, beta.calls().await), (1, 0));
    assert_eq!(reading(&json, "alpha"), "read");
    assert_eq!(reading(&json, "beta"), "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn fallback_asks_the_next_where_one_fails() {
    let repo = packets(1);
    let (alpha, beta) = (down().await, Model::finding(json!([])).await);
    let gamma = down().await;
    repo.config(&format!(
        "{}{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\", \"gamma\"]\n\
         execution = \"fallback\"\n",
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma")
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "degraded");
    assert_eq!((alpha.calls().await, beta.calls().await), (1, 1));
    assert_eq!(gamma.calls().await, 0);
    assert_eq!(reading(&json, "alpha"), "failed");
    assert_eq!(reading(&json, "beta"), "read");
}

/// The rules are in every crew that is not named; they must not make up for the models.
#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_no_fallback_for_a_model() {
    for execution in ["first", "fallback", "parallel"] {
        let repo = packets(1);
        let alpha = down().await;
        repo.config(&format!(
            "{}[roles.analyzer]\nexecution = \"{execution}\"\n",
            alpha.config("alpha")
        ));
        let (code, json, stderr) = run(&repo, ANALYZE, &[]);
        assert_eq!(code, Some(3), "{execution}: {stderr}");
        assert_eq!(alpha.calls().await, 1, "{execution}");
        assert_eq!(reading(&json, "rules"), "read", "{execution}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_left_over_from_a_crew_without_its_key_are_no_pass() {
    let repo = packets(1);
    repo.config("[backends.alpha]\nbase_url = \"https://127.0.0.2/v1\"\napi_key = \"${NO_KEY}\"\n");
    let (code, json, stderr) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(reading(&json, "alpha"), "skipped");
    // Whoever asks for no network gets what the rules say.
    repo.config("[backends.alpha]\nbase_url = \"https://192.0.2.1/v1\"\napi_key = \"${NO_KEY}\"\n");
    let (code, _, stderr) = run(&repo, ANALYZE, &["--offline"]);
    assert_eq!(code, Some(0), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_that_cannot_be_reached_is_incomplete() {
    let repo = packets(1);
    let (alpha, beta) = (
        Model::finding(json!([])).await,
        Model::finding(json!([])).await,
    );
    for (execution, threshold, code) in [
        ("first", "1", 0),
        ("first", "2", 3),
        ("parallel", "2", 0),
        ("parallel", "3", 3),
    ] {
        repo.config(&format!(
            "{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\"]\nexecution = \"{execution}\"\n",
            alpha.config("alpha"),
            beta.config("beta")
        ));
        let (got, _, stderr) = run(&repo, ANALYZE, &["--threshold", threshold]);
        assert_eq!(got, Some(code), "{execution}, {threshold}: {stderr}");
    }
}

#[test]
fn a_rule_file_that_is_not_there_is_refused() {
    let repo = packets(1);
    repo.config("[rules]\nfiles = [\".llmux/rules/*.toml\", \"rulez/own.toml\"]\n");
    repo.llmux(&["diff", "HEAD~1"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains("rulez/own.toml"));
}
