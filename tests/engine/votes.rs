//! What confirms a finding: thresholds of roles, unions, weights, authority.

use serde_json::{Value, json};

use super::{ANALYZE, claim, packets, run};
use crate::support::Repo;
use crate::support::model::Model;

/// Runs with one backend that reports a bug and two that do not; `more` is configuration.
/// Gives exit code and the finding's vote.
async fn one_of_three(repo: &Repo, alpha_more: &str, more: &str) -> (Option<i32>, Value) {
    one_of_three_by(repo, ANALYZE, alpha_more, more).await
}

async fn one_of_three_by(
    repo: &Repo,
    workflow: &str,
    alpha_more: &str,
    more: &str,
) -> (Option<i32>, Value) {
    let alpha = Model::finding(json!([claim(None)])).await;
    let beta = Model::finding(json!([])).await;
    let gamma = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}{alpha_more}\n{}{}{more}",
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma")
    ));
    let (code, json, _) = run(repo, workflow, &[]);
    let lists = ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap());
    let finding = lists.into_iter().flatten().next().unwrap();
    (code, finding["vote"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_needs_a_reason_to_be_confirmed() {
    let repo = packets(1);
    let (code, vote) = one_of_three(&repo, "", "").await;
    assert_eq!(code, Some(0));
    assert_eq!(vote["standing"], "unconfirmed");
    assert_eq!(vote["answered"], json!(["alpha", "beta", "gamma"]));
    assert_eq!(vote["threshold"], 2.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_has_its_own_threshold() {
    let repo = packets(1);
    let (code, vote) = one_of_three(&repo, "", "[roles.analyzer]\nthreshold = 1\n").await;
    assert_eq!(code, Some(14));
    assert_eq!(vote["threshold"], 1.0);
    let (code, _) = one_of_three(&repo, "", "[roles.reviewer]\nthreshold = 1\n").await;
    assert_eq!(code, Some(0), "another role's is no help");
}

/// The model says `bug` and `high`.
#[tokio::test(flavor = "multi_thread")]
async fn categories_and_severities_have_their_own() {
    let repo = packets(1);
    let step = |config: &'static str| (config, ANALYZE.to_owned());
    let own = ANALYZE.replace("parallel = true", "parallel = true\nthreshold = 2");
    for ((config, workflow), code, needed) in [
        (step("[vote.bug]\nthreshold = 1\n"), 14, 1.0),
        (step("[vote.high]\nthreshold = 1\n"), 14, 1.0),
        (
            step("[vote.security]\nthreshold = 1\n[vote.low]\nthreshold = 1\n"),
            0,
            2.0,
        ),
        // Of two, either is enough; and they come before the common one, also where they ask for more.
        (
            step("[vote.bug]\nthreshold = 3\n[vote.high]\nthreshold = 1\n"),
            14,
            1.0,
        ),
        (
            step("[vote]\nthreshold = 1\n[vote.bug]\nthreshold = 3\n"),
            0,
            3.0,
        ),
        // The role's comes before them, the step's before the role's.
        (
            step("[vote.bug]\nthreshold = 1\n[roles.analyzer]\nthreshold = 3\n"),
            0,
            3.0,
        ),
        (
            (
                "[vote.bug]\nthreshold = 1\n[roles.analyzer]\nthreshold = 3\n",
                own,
            ),
            0,
            2.0,
        ),
    ] {
        let (got, vote) = one_of_three_by(&repo, &workflow, "", config).await;
        assert_eq!(
            (got, &vote["threshold"]),
            (Some(code), &json!(needed)),
            "{config}"
        );
        assert_eq!(vote["measure"], "weight");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probability_confirms_and_gates() {
    let repo = packets(1);
    for (threshold, code) in [("p>=0.01", 14), ("p>=0.5", 0)] {
        let config = format!("[vote]\nthreshold = \"{threshold}\"\n");
        let (got, vote) = one_of_three(&repo, "", &config).await;
        assert_eq!(got, Some(code), "{threshold}: {vote}");
        assert_eq!(vote["measure"], "probability");
    }
    // The flag sets what the configuration calls the common one.
    let alpha = Model::finding(json!([claim(None)])).await;
    repo.config(&alpha.config("alpha"));
    let (code, json, _) = run(&repo, ANALYZE, &["--threshold", "p>=0.01"]);
    assert_eq!(code, Some(14));
    let finding = &json["findings"][0];
    let confidence = finding["confidence"].as_f64().unwrap();
    assert!(confidence > 0.01 && confidence < 1.0, "{confidence}");
    assert_eq!(
        finding["claims"][0]["confidence"], 0.9,
        "the model's own word is another thing"
    );
    // One voice alone never makes it that probable: nobody could say that there is nothing.
    let (code, json, _) = run(&repo, ANALYZE, &["--threshold", "p>=0.99"]);
    assert_eq!(code, Some(3), "{json:#}");
    assert_eq!(json["coverage"][0]["covered"], false);
    let reasons = json["reasons"].to_string();
    assert!(
        reasons.contains("it takes p>=0.99 to confirm a finding"),
        "{reasons}"
    );
    let output = repo
        .llmux(&["diff", "HEAD~1", "--threshold", "p > .5"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("p > .5") && stderr.contains("p>=0.5"),
        "{stderr}"
    );
}

/// Who lists what is special must be able to confirm what is not.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_crew_could_not_confirm_leaves_a_file_uncovered() {
    let repo = packets(1);
    let alpha = Model::finding(json!([])).await;
    for (config, code) in [
        ("[vote.style]\nthreshold = 2\n", 3),
        ("[vote]\nthreshold = 2\n[vote.security]\nthreshold = 1\n", 3),
        (
            "[vote]\nthreshold = 1\n[vote.security]\nthreshold = \"50%\"\n",
            0,
        ),
        ("samples = 4\n[vote.style]\nthreshold = 2\n", 0),
    ] {
        repo.config(&format!("{}{config}", alpha.config("alpha")));
        let (got, json, _) = run(&repo, ANALYZE, &[]);
        assert_eq!(got, Some(code), "{config}: {json:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_union_takes_any_vote() {
    let repo = packets(1);
    let union = "[roles.analyzer]\ncombine = \"union\"\n";
    let (code, vote) = one_of_three(&repo, "", union).await;
    assert_eq!(code, Some(14));
    assert_eq!(vote["threshold"], 1.0);
    let (code, vote) = one_of_three(&repo, "weight = 0.5", union).await;
    assert_eq!(code, Some(14));
    assert_eq!(vote["threshold"], 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_decide() {
    let repo = packets(1);
    let (code, vote) = one_of_three(&repo, "weight = 2", "").await;
    assert_eq!(code, Some(14));
    assert_eq!(
        (&vote["weight"], &vote["threshold"]),
        (&json!(2.0), &json!(2.0))
    );
    let (code, _) = one_of_three(&repo, "weight = 1.5", "").await;
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authoritative_backend_needs_no_second_voice_and_raises_no_threshold() {
    let repo = packets(1);
    let (code, vote) = one_of_three(&repo, "authoritative = true", "").await;
    assert_eq!(code, Some(14));
    assert_eq!(vote["voters"], json!(["alpha"]));
    assert_eq!(vote["threshold"], 1.0, "half of the two others");
    // The rules read as well, say nothing, and count for nothing.
    let (_, vote) = one_of_three(&repo, "", "").await;
    assert_eq!(vote["answered"], json!(["alpha", "beta", "gamma"]));
}
