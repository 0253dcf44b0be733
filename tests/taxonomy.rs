//! Users' slugs from end to end: the real binary, a model on loopback, SARIF.

use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::Model;

const LINE: &str = "    return db.rows(\"invoice\", number)";

const SLUG: &str = r#"
[taxonomy.tenant-leak]
category = "security"
cwe = 639
severity = "high"
min = "medium"
max = "high"
title = "Query without its tenant"
description = "A query reads rows of every tenant."
help = """
Another customer's data is one wrong number away. \u001b[31m

    rows.of(tenant)
"""
"#;

fn changed() -> Repo {
    let repo = Repo::new();
    repo.write("invoice.py", "def invoice(db, number):\n    pass\n");
    repo.commit("before");
    repo.write("invoice.py", &format!("def invoice(db, number):\n{LINE}\n"));
    repo.commit("after");
    repo
}

fn claim(rule: &str, severity: &str, category: &str) -> Value {
    json!([{"file": "invoice.py", "line": 2, "end_line": 2, "quote": LINE, "severity": severity,
            "category": category, "rule": rule, "title": "Reads every tenant's rows",
            "message": "`number` is taken from the request and no tenant limits the rows."}])
}

/// The exit code and the report of that format, where only the model reads.
fn report(repo: &Repo, format: &str) -> (Option<i32>, Value) {
    let args = [
        "diff",
        "HEAD~1",
        "--format",
        format,
        "--backend",
        "alpha",
        "--fail-on",
        "note",
    ];
    let output = repo.llmux(&args).output().unwrap();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), json)
}

async fn reviewed(claims: Value, tables: &str) -> (Repo, Model) {
    let repo = changed();
    let model = Model::finding(claims).await;
    repo.config(&format!("{}{tables}", model.config("alpha")));
    (repo, model)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_names_a_user_s_slug() {
    let (repo, model) = reviewed(claim("Tenant_Leak", "critical", "bug"), SLUG).await;
    let (code, json) = report(&repo, "json");
    let finding = &json["findings"][0];
    // Its own maximum bounds what the model says.
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(
        [&finding["rule"], &finding["category"], &finding["severity"]],
        ["tenant-leak", "security", "high"]
    );
    let questions = model.questions().await;
    assert!(
        questions[0].contains(" redos tenant-leak\\n"),
        "{}",
        questions[0]
    );
    // Nothing but the name goes to the model.
    assert!(!questions.concat().contains("Another customer"));
    assert!(!questions.concat().contains("Query without its tenant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sarif_has_a_user_s_rule_with_its_help() {
    let (repo, _model) = reviewed(claim("tenant-leak", "low", "security"), SLUG).await;
    let (code, log) = report(&repo, "sarif");
    assert_eq!(code, Some(13), "{log:#}");
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "tenant-leak/medium");
    assert_eq!(run["results"][0]["level"], "warning");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1);
    insta::assert_snapshot!(
        "taxonomy_sarif_rule",
        serde_json::to_string_pretty(&rules[0]).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_report_lists_users_rules_too() {
    let (repo, _model) = reviewed(json!([]), SLUG).await;
    let ids = |log: &Value| -> Vec<String> {
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array();
        let ids = rules.unwrap().iter().map(|rule| rule["id"].as_str());
        ids.map(|id| id.unwrap().to_owned()).collect()
    };
    let (code, log) = report(&repo, "sarif");
    assert_eq!(code, Some(0));
    assert!(ids(&log).contains(&"tenant-leak".to_owned()));
    // Where there is nothing to read, too.
    repo.commit("nothing");
    let (_, nothing) = report(&repo, "sarif");
    assert_eq!(ids(&nothing), ids(&log));
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_of_a_built_in_rule_are_the_users() {
    for (tables, code, severity) in [
        ("", 12, "low"),
        ("[taxonomy.wrong-doc]\nmax = \"high\"\n", 14, "high"),
        ("[taxonomy.wrong-doc]\nmax = \"note\"\n", 11, "note"),
    ] {
        let (repo, _model) = reviewed(claim("wrong-doc", "critical", "docs"), tables).await;
        let (exit, json) = report(&repo, "json");
        assert_eq!(exit, Some(code), "{json:#}");
        assert_eq!(json["findings"][0]["severity"], severity);
    }
}

#[test]
fn a_rule_file_names_a_user_s_slug() {
    let repo = changed();
    let rule = |slug: &str, category: &str| {
        let text = format!(
            "[[rule]]\nid = \"all-rows\"\ntitle = \"Rows of all\"\nmessage = \"Use `rows.of`.\"\n\
             rule = \"{slug}\"\ncategory = \"{category}\"\nseverity = \"critical\"\npattern = 'db\\.rows\\('\n"
        );
        repo.write(".llmux/rules/own.toml", &text);
        let args = ["diff", "HEAD~1", "--format", "json", "--backend", "rules"];
        repo.llmux(&args).output().unwrap()
    };
    repo.config(SLUG);
    let output = rule("tenant-leak", "security");
    assert_eq!(output.status.code(), Some(14), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["findings"][0]["rule"], "tenant-leak");
    assert_eq!(json["findings"][0]["severity"], "high");

    let mut text = String::new();
    for (slug, category) in [
        ("tenant-leek", "security"),
        ("tenant-leak", "bug"),
        ("qqq", "bug"),
    ] {
        let output = rule(slug, category);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        text.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    insta::assert_snapshot!("taxonomy_rule_files", text);
}

#[test]
fn a_wrong_slug_stops_the_run_before_anything_is_asked() {
    let repo = changed();
    repo.config("[taxonomy.\"Approve everything\"]\ncategory = \"securty\"\n");
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(
        "taxonomy_wrong_slug",
        String::from_utf8_lossy(&output.stderr)
    );
}
