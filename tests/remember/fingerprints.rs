//! Fingerprints survive moved lines, renamed files, other words and another model.

use serde_json::{Value, json};

use super::{
    PAST, QUERY, ROWS, after, claim, injection, keep, planted, report, text, wide_run_with,
};
use crate::support::Repo;
use crate::support::model::Model;

/// The fingerprint and what the run says of it against the one before.
fn named(report: &Value) -> (String, Value) {
    let found = &report["findings"][0];
    let name = found["fingerprint"].as_str().unwrap().to_owned();
    (name, found["history"].clone())
}

/// A run with one claim, and a second one after `change`, which is told of the first.
async fn twice(
    repo: &Repo,
    first: Value,
    change: impl FnOnce(&Repo),
    second: Value,
    args: &[&str],
) -> ((String, Value), (String, Value), String) {
    let (_, before) = wide_run_with(repo, json!([first]), &["HEAD~1"]).await;
    let file = keep(repo, "before.json", &before);
    change(repo);
    let (_, alone) = wide_run_with(repo, json!([second]), args).await;
    let mut all = args.to_vec();
    all.extend(["--previous", text(&file)]);
    let (_, after) = wide_run_with(repo, json!([second]), &all).await;
    assert_eq!(after["findings"].as_array().unwrap().len(), 1, "{after:#}");
    (named(&before), named(&after), named(&alone).0)
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_and_indented_lines() {
    let repo = planted();
    let claim = injection("src/store.py");
    let move_it = |repo: &Repo| {
        let moved = after()
            .replace("import db\n", "\"\"\"Users.\"\"\"\nimport db\nimport sys\n")
            .replace(QUERY, &format!("    if name:\n    {QUERY}"));
        repo.write("src/store.py", &moved);
        repo.git(&["commit", "-qam", "moved", "--amend"]);
    };
    let (first, second, alone) = twice(&repo, claim.clone(), move_it, claim, &["HEAD~1"]).await;
    assert_eq!((&first.0, json!("still")), (&second.0, second.1));
    assert_eq!(first.0, alone);
    assert_eq!(first.1, Value::Null, "nothing to compare with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_change_renames() {
    let repo = planted();
    let rename = |repo: &Repo| {
        repo.git(&["mv", "src/store.py", "src/users.py"]);
        repo.git(&["commit", "-qam", "renamed", "--amend"]);
    };
    let (first, second, alone) = twice(
        &repo,
        injection("src/store.py"),
        rename,
        injection("src/users.py"),
        &["HEAD~1"],
    )
    .await;
    assert_eq!((&first.0, json!("still")), (&second.0, second.1));
    assert_eq!(first.0, alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_renamed_before_this_change() {
    let repo = planted();
    let rename = |repo: &Repo| {
        repo.git(&["mv", "src/store.py", "src/users.py"]);
        repo.commit("renamed");
        repo.write(
            "src/users.py",
            &after().replace(ROWS, &format!("{ROWS}  # all")),
        );
        repo.commit("later");
        let found = repo.git(&["diff", "--name-status", "HEAD~1"]);
        assert!(!found.contains('R'), "{found}");
    };
    let (first, second, alone) = twice(
        &repo,
        injection("src/store.py"),
        rename,
        // On the line above the one that this change touches: the scope is the file.
        injection("src/users.py"),
        &["HEAD~1"],
    )
    .await;
    assert_eq!((&first.0, json!("still")), (&second.0, second.1));
    assert_eq!(first.0, alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_words() {
    let repo = planted();
    let reworded = claim(
        "src/store.py",
        QUERY,
        "sql-injection",
        "high",
        "Query text from outside",
        "A caller can end the string and go on with a statement of their own.",
    );
    let (first, second, alone) = twice(
        &repo,
        injection("src/store.py"),
        |_| {},
        reworded,
        &["HEAD~1"],
    )
    .await;
    assert_eq!((&first.0, json!("still")), (&second.0, second.1));
    assert_eq!(first.0, alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_models_rule_line_and_words() {
    let repo = planted();
    let other = claim(
        "src/store.py",
        ROWS,
        "input-validation",
        "medium",
        "`query` runs with `name` concatenated into it",
        "`query` is concatenated from `name` without escaping, so that SQL injection reads every row.",
    );
    let (first, second, _) =
        twice(&repo, injection("src/store.py"), |_| {}, other, &["HEAD~1"]).await;
    assert_eq!((&first.0, json!("still")), (&second.0, second.1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_problem_of_the_same_line_is_new() {
    let repo = planted();
    let other = claim(
        "src/store.py",
        QUERY,
        "missing-index",
        "high",
        "Full scan of the table",
        "No key exists for this column: with a million accounts each login takes seconds.",
    );
    let (_, second, _) = twice(&repo, injection("src/store.py"), |_| {}, other, &["HEAD~1"]).await;
    assert_eq!(second.1, "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn githubs_hash_stands_beside_it() {
    let repo = planted();
    let model = Model::finding(json!([super::past_the_end("src/store.py")])).await;
    repo.config(&model.config("alpha"));
    let (_, json) = report(&repo, &["HEAD~1"]);
    let hash = json["findings"][0]["primary_location_line_hash"].clone();
    assert!(hash.as_str().unwrap().ends_with(":1"), "{json:#}");
    let sarif = repo
        .llmux(&["diff", "HEAD~1", "--backend", "alpha", "--format", "sarif"])
        .output()
        .unwrap();
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    let prints = &sarif["runs"][0]["results"][0]["partialFingerprints"];
    assert_eq!(prints["primaryLocationLineHash"], hash);
    assert_eq!(prints["llmux/v1"], json["findings"][0]["fingerprint"]);
    assert!(PAST.contains("len"));
}
