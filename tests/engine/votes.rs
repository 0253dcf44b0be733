//! What confirms a finding: thresholds of roles, unions, weights, authority.

use serde_json::{Value, json};

use super::{ANALYZE, claim, packets, run};
use crate::support::Repo;
use crate::support::model::Model;

/// Runs with one backend that reports a bug and two that do not; `more` is configuration.
/// Gives exit code and the finding's vote.
async fn one_of_three(repo: &Repo, alpha_more: &str, more: &str) -> (Option<i32>, Value) {
    let alpha = Model::finding(json!([claim(None)])).await;
    let beta = Model::finding(json!([])).await;
    let gamma = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}{alpha_more}\n{}{}{more}",
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma")
    ));
    let (code, json, _) = run(repo, ANALYZE, &[]);
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
