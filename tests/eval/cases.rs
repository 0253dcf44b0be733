//! Cases: a diff, the tape of its review, and what should have been found.

use std::fs;

use predicates::prelude::*;
use serde_json::{Value, json};

use super::evaluate;
use crate::support::Repo;
use crate::support::model::Model;

const DIFF: &str = "diff --git a/src/store.py b/src/store.py
--- a/src/store.py
+++ b/src/store.py
@@ -1,2 +1,8 @@
 def find_user(db, name):
-    return None
+    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"
+    rows = db.run(query)
+    return rows[0]
+
+
+def last(items):
+    return items[len(items)]
";

fn claim(line: u32, quote: &str, category: &str, rule: &str, title: &str, message: &str) -> Value {
    json!({"file": "src/store.py", "line": line, "end_line": line, "quote": quote,
           "severity": "high", "category": category, "rule": rule, "title": title,
           "message": message, "suggestion": null, "confidence": 0.9})
}

fn injection(title: &str, message: &str) -> Value {
    let quote = "    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"";
    claim(2, quote, "security", "sql-injection", title, message)
}

/// A folder of one case, its tape recorded from two models: both see the injection, one
/// invents a problem, nobody sees the index past the end.
async fn recorded() -> Repo {
    let repo = Repo::new();
    repo.write("cases/store/change.diff", DIFF);
    let expected = [
        json!({"path": "src/store.py", "line": 2, "rules": ["sql-injection"], "text": "injection"}),
        json!({"path": "src/store.py", "line": 8, "categories": ["bug"], "text": "past the end"}),
    ];
    repo.write("cases/store/expected.jsonl", &super::lines(&expected));
    let alpha = Model::finding(json!([injection(
        "SQL injection",
        "`name` is concatenated into the SQL query, which allows injection."
    )]))
    .await;
    let beta = Model::finding(json!([
        injection(
            "Injection into the SQL query",
            "The SQL query is concatenated with `name`: injection."
        ),
        claim(
            4,
            "    return rows[0]",
            "performance",
            "performance-other",
            "All rows are fetched",
            "Only the first row is needed, so the statement should have a limit."
        )
    ]))
    .await;
    repo.config(&[alpha.config("alpha"), beta.config("beta")].concat());
    repo.llmux(&[
        "diff",
        "--patch",
        "cases/store/change.diff",
        "--record",
        "cases/store/tape",
        "--quiet",
    ])
    .assert()
    .code(14);
    repo
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_replayed_and_scored() {
    let repo = recorded().await;
    let found = evaluate(&repo, &["cases"]);
    assert_eq!(found["counted"]["pull_requests"], 1);
    assert_eq!(found["counted"]["records"], 3, "{found:#}");
    assert_eq!(found["counted"]["real"], 2);
    assert_eq!(found["counted"]["known_issues"], 2);
    let two = &found["thresholds"][1]["score"];
    assert_eq!(two["precision"]["value"], 1.0);
    assert_eq!(two["recall"]["value"], 0.5);
    let backends = found["backends"].as_array().unwrap();
    let names: Vec<_> = backends.iter().map(|backend| &backend["name"]).collect();
    assert_eq!(
        names,
        ["alpha", "beta", "rules"],
        "the scanner answered too"
    );
    // The case itself can be named as well.
    assert_eq!(
        evaluate(&repo, &["cases/store"])["counted"],
        found["counted"]
    );
    let output = repo
        .llmux(&["eval", "cases", "--clusters", "-"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3);
}

/// What a tape lacks is no answer: never an empty one.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_tape_lacks_is_said_and_not_scored_as_silence() {
    let repo = recorded().await;
    let config = fs::read_to_string(repo.dir().join(".llmux/config.toml")).unwrap();
    let gamma = Model::finding(json!([])).await;
    repo.config(&format!("{config}{}", gamma.config("gamma")));
    let output = repo
        .llmux(&["eval", "cases", "--report", "json"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("store: gamma gave no whole answer"),
        "{stderr}"
    );
    assert_eq!(gamma.calls().await, 0, "a replay asks nobody");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(found["notes"].to_string().contains("gamma"));
    let names = found["backends"].to_string();
    assert!(!names.contains("gamma"), "{names}");

    fs::remove_dir_all(repo.dir().join("cases/store/tape")).unwrap();
    fs::create_dir(repo.dir().join("cases/store/tape")).unwrap();
    repo.llmux(&["eval", "cases", "--report", "json"])
        .assert()
        .code(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_without_expectations_is_an_error() {
    let repo = recorded().await;
    let expected = repo.dir().join("cases/store/expected.jsonl");
    fs::write(&expected, "{\"path\":\"a\",\"line\":\"two\"}\n").unwrap();
    repo.llmux(&["eval", "cases"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("expected.jsonl:1:"));
    fs::remove_file(&expected).unwrap();
    repo.llmux(&["eval", "cases"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("expected.json"));
    // A list does as well; nothing at all may be expected.
    repo.write("cases/store/expected.json", "[]");
    let found = evaluate(&repo, &["cases"]);
    assert_eq!(found["counted"]["real"], 0);
    assert_eq!(found["counted"]["wrong"], 3);
}
