//! Who was asked and gave no answer is not forgotten: the survivors do not vote alone.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{ANALYZE, claim, packets, run};
use crate::support::model::{Model, UNSURE, asks_for_verdicts, says};

/// What a backend of the crew does.
#[derive(Clone, Copy)]
enum Does {
    /// Reports the bug.
    Finds,
    /// Answers that there is none.
    Clears,
    Fails,
    Abstains,
}
use Does::{Abstains, Clears, Fails, Finds};

async fn model(does: Does) -> Model {
    Model::new(move |_, question| match does {
        Finds | Clears if asks_for_verdicts(question) => says(UNSURE),
        Finds => says(&json!({"findings": [claim(None)]}).to_string()),
        Clears => says("{\"findings\": []}"),
        Fails => ResponseTemplate::new(400),
        Abstains => says("I would rather talk about something else."),
    })
    .await
}

/// Runs a crew named a, b, c …; `more` is configuration. Gives exit code and report.
async fn crew(does: &[Does], more: &str, args: &[&str]) -> (Option<i32>, Value) {
    let repo = packets(1);
    let mut models = Vec::new();
    let mut config = String::new();
    for (does, name) in does.iter().zip(["a", "b", "c", "d", "e"]) {
        let model = model(*does).await;
        config += &model.config(name);
        models.push(model);
    }
    repo.config(&format!("{config}{more}"));
    let (code, json, _) = run(&repo, ANALYZE, args);
    (code, json)
}

fn vote(json: &Value) -> &Value {
    let lists = ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap());
    let finding = lists.into_iter().flatten().next().unwrap();
    &finding["vote"]
}

/// One of three said it, one is silent: the two that are left do not become a crew of two.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_voter_is_missed_and_the_finding_is_open() {
    for silent in [Fails, Abstains] {
        let (code, json) = crew(&[Finds, Clears, silent], "", &[]).await;
        assert_eq!(code, Some(3), "{json:#}");
        let vote = vote(&json);
        assert_eq!(vote["standing"], "unconfirmed");
        assert_eq!(
            (&vote["weight"], &vote["threshold"]),
            (&json!(1.0), &json!(2.0))
        );
        assert_eq!(vote["answered"], json!(["a", "b"]));
        assert_eq!(vote["silent"], json!(["c"]));
        assert_eq!(vote["open"], true);
        let reasons = json["reasons"].to_string();
        assert!(
            reasons.contains("part0/module.py:1: a finding (high) has 1 of 2 votes"),
            "{reasons}"
        );
        assert!(reasons.contains("c gave no answer"), "{reasons}");
        assert_eq!(json["coverage"][0]["covered"], true, "two of three read it");
        assert_eq!(json["status"], "degraded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_that_is_there_anyway_confirms() {
    let (code, json) = crew(&[Finds, Finds, Fails], "", &[]).await;
    assert_eq!(code, Some(14));
    let vote = vote(&json);
    assert_eq!(vote["standing"], "confirmed");
    assert_eq!(
        (&vote["silent"], &vote["open"]),
        (&json!(["c"]), &json!(false))
    );
    // Half of a crew of two is one.
    let (code, json) = crew(&[Finds, Fails], "", &[]).await;
    assert_eq!(code, Some(14), "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_that_the_silent_could_not_have_given_are_not_missed() {
    // Four more would be needed, and one is silent.
    let (code, json) = crew(&[Finds, Clears, Clears, Clears, Fails], "", &[]).await;
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(vote(&json)["open"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_not_block_need_not_be_decided() {
    let (code, json) = crew(&[Finds, Clears, Fails], "", &["--fail-on", "critical"]).await;
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(vote(&json)["open"], true);
    let (code, _) = crew(&[Finds, Clears, Fails], "", &["--fail-on", "never"]).await;
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_and_thresholds_of_silent_voters() {
    for (threshold, code, open) in [
        ("1", 14, false),
        ("2", 3, true),
        ("\"30%\"", 14, false),
        ("\"60%\"", 3, true),
        // Nobody's silence is the reason: two of three must say it, and one has cleared it.
        ("\"100%\"", 0, false),
    ] {
        let more = format!("[roles.analyzer]\nthreshold = {threshold}\n");
        let (got, json) = crew(&[Finds, Clears, Fails], &more, &[]).await;
        assert_eq!(got, Some(code), "{threshold}: {json:#}");
        assert_eq!(vote(&json)["open"], open, "{threshold}");
    }
    // The heavy one is silent: it alone could have decided.
    let (code, json) = crew(&[Finds, Clears, Clears, Fails], "weight = 3\n", &[]).await;
    assert_eq!(code, Some(3), "{json:#}");
    assert_eq!(vote(&json)["threshold"], 3.0);
}

/// A fallback is one voice, that of whoever answers.
#[tokio::test(flavor = "multi_thread")]
async fn whom_another_stands_in_for_is_not_missed() {
    let fallback = "[roles.analyzer]\nexecution = \"fallback\"\n";
    let (code, json) = crew(&[Fails, Finds, Clears], fallback, &[]).await;
    assert_eq!(code, Some(14), "{json:#}");
    let vote = vote(&json);
    assert_eq!(
        (&vote["answered"], &vote["silent"]),
        (&json!(["b"]), &json!([]))
    );
    // The first alone is asked, and says it alone.
    let first = "[roles.analyzer]\nexecution = \"first\"\n";
    let (code, json) = crew(&[Finds, Fails, Clears], first, &[]).await;
    assert_eq!(code, Some(14), "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_asked_is_listed_and_has_no_vote() {
    let no_key = "[backends.c]\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key = \"${NO_KEY}\"\n";
    let (code, json) = crew(&[Finds, Clears], no_key, &[]).await;
    assert_eq!(code, Some(14), "half of the two that were asked: {json:#}");
    assert_eq!(vote(&json)["silent"], json!([]));
    assert!(json["notices"].to_string().contains("`c` was not asked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_authority_is_no_voter() {
    let authority = "authoritative = true\n";
    let (code, json) = crew(&[Finds, Clears, Clears, Fails], authority, &[]).await;
    assert_eq!(code, Some(0), "one of three: {json:#}");
    assert_eq!(vote(&json)["silent"], json!([]));
    assert_eq!(vote(&json)["threshold"], 2.0);
}

/// The terminal says it where it shows the votes.
#[tokio::test(flavor = "multi_thread")]
async fn people_see_who_was_silent() {
    let repo = packets(1);
    let models = [model(Finds).await, model(Clears).await, model(Fails).await];
    let config: String = models
        .iter()
        .zip(["a", "b", "c"])
        .map(|(m, n)| m.config(n))
        .collect();
    repo.config(&config);
    repo.llmux(&["diff", "HEAD~1"])
        .assert()
        .code(3)
        .stdout(predicates::str::contains("1 of 3: a; no answer from c"));
}
