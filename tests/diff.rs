//! `llmux diff` from end to end: real repositories, models on loopback, the real binary.

use std::fs;

use predicates::prelude::*;
use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::{Model, asks_for_findings, says};

const BEFORE: &str =
    "def find_user(db, name):\n    return None\n\n\ndef last(items):\n    return items[-1]\n";
const AFTER: &str = "def find_user(db, name):\n    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"\n    rows = db.run(query)\n    return rows[0]\n\n\ndef last(items):\n    return items[len(items)]\n";

/// A change with two planted bugs: an injection and an index past the end.
fn planted() -> Repo {
    let repo = Repo::new();
    repo.write("src/store.py", BEFORE);
    repo.commit("before");
    repo.write("src/store.py", AFTER);
    repo.commit("after");
    repo
}

fn claim(line: u32, quote: &str, rule: &str, severity: &str, title: &str, message: &str) -> Value {
    json!({"file": "src/store.py", "line": line, "end_line": line, "quote": quote,
           "severity": severity, "category": "security", "rule": rule, "title": title,
           "message": message, "suggestion": null, "confidence": 0.9})
}

fn injection(title: &str, message: &str) -> Value {
    claim(
        2,
        "    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"",
        "sql-injection",
        "critical",
        title,
        message,
    )
}

fn past_the_end() -> Value {
    let mut claim = claim(
        8,
        "    return items[len(items)]",
        "off-by-one",
        "high",
        "Index past the end",
        "`items[len(items)]` always raises IndexError; the last index is `len(items) - 1`.",
    );
    claim["category"] = json!("bug");
    claim
}

fn report(repo: &Repo, args: &[&str]) -> (Option<i32>, Value, String) {
    let output = repo.llmux(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{error}: {}\n{stderr}",
            String::from_utf8_lossy(&output.stdout)
        )
    });
    (output.status.code(), json, stderr)
}

const ALL_MODELS: &[&str] = &[
    "diff",
    "HEAD~1..HEAD",
    "--format",
    "json",
    "--backend",
    "alpha",
    "--backend",
    "beta",
    "--backend",
    "gamma",
];

const ALL_FOUR: &[&str] = &[
    "diff",
    "HEAD~1..HEAD",
    "--format",
    "json",
    "--backend",
    "alpha",
    "--backend",
    "beta",
    "--backend",
    "gamma",
    "--backend",
    "script",
];

/// Three HTTP backends and a program: agreement in other words, an invented quote, a
/// repetition, prose that a repair turns into an answer, and a program that is down.
#[tokio::test(flavor = "multi_thread")]
async fn four_backends_review_planted_bugs() {
    let repo = planted();
    let alpha = Model::finding(json!([
        injection(
            "SQL injection",
            "`name` is concatenated into the query text."
        ),
        claim(
            3,
            "    rows = db.execute_unchecked(query, trust=True)",
            "sql-injection",
            "critical",
            "Invented",
            "This line does not exist."
        ),
    ]))
    .await;
    let beta = Model::finding(json!([
        injection(
            "User input reaches the database",
            "The query is built by joining strings, so whoever chooses `name` can inject SQL."
        ),
        injection(
            "Query built from user input",
            "Concatenating `name` into the query allows SQL injection."
        ),
        past_the_end(),
    ]))
    .await;
    let gamma = Model::new(|call, question| {
        if !asks_for_findings(question) {
            says("A summary.")
        } else if call == 0 {
            says("I had a look and the last function seems to read past the end of the list.")
        } else {
            says(&json!({"findings": [past_the_end()]}).to_string())
        }
    })
    .await;
    repo.config(&format!(
        "{}{}{}[backends.script]\ncommand = \"false\"\nretries = 0\n",
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma")
    ));

    let (code, json, stderr) = report(&repo, ALL_FOUR);
    assert_eq!(code, Some(15), "{stderr}");
    assert_eq!(json["verdict"], "blocked");
    assert_eq!(json["status"], "degraded");
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{json:#}");
    assert_eq!(findings[0]["rule"], "sql-injection");
    assert_eq!(findings[0]["vote"]["voters"], json!(["alpha", "beta"]));
    assert_eq!(
        findings[0]["vote"]["weight"], 2.0,
        "a repetition is no second vote"
    );
    assert_eq!(findings[0]["claims"].as_array().unwrap().len(), 3);
    assert_eq!(findings[1]["location"]["start_line"], 8);
    assert_eq!(findings[1]["location"]["start_column"], 5);
    assert_eq!(findings[1]["location"]["end_column"], 29);
    assert_eq!(findings[1]["vote"]["voters"], json!(["beta", "gamma"]));
    assert_eq!(json["dropped"]["quote_not_found"], 1);
    assert!(
        json.to_string().contains("script"),
        "the failed backend is named"
    );
    assert!(gamma.calls().await >= 2, "prose was asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vote_of_three_is_listed_apart_and_does_not_block() {
    let repo = planted();
    let alpha = Model::finding(json!([past_the_end()])).await;
    let beta = Model::finding(json!([])).await;
    let gamma = Model::finding(json!([])).await;
    repo.config(
        &[
            alpha.config("alpha"),
            beta.config("beta"),
            gamma.config("gamma"),
        ]
        .concat(),
    );
    let (code, json, stderr) = report(&repo, ALL_MODELS);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["findings"], json!([]));
    assert_eq!(json["unconfirmed"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_keeps_to_prose_abstains() {
    let repo = planted();
    let alpha = Model::finding(json!([])).await;
    let beta = Model::finding(json!([])).await;
    let gamma = Model::new(|_, _| says("Looks good to me!")).await;
    repo.config(
        &[
            alpha.config("alpha"),
            beta.config("beta"),
            gamma.config("gamma"),
        ]
        .concat(),
    );
    let (code, json, stderr) = report(&repo, ALL_MODELS);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "degraded");
    assert!(
        json["coverage"].to_string().contains("abstained"),
        "{json:#}"
    );
    assert_eq!(gamma.calls().await, 2, "asked once more, then no further");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_down_is_incomplete_and_never_a_pass() {
    let repo = planted();
    let down = || Model::new(|_, _| wiremock::ResponseTemplate::new(401));
    let (alpha, beta) = (down().await, down().await);
    repo.config(&format!(
        "{}{}[backends.script]\ncommand = \"false\"\nretries = 0\n",
        alpha.config("alpha"),
        beta.config("beta")
    ));
    let args = [
        "diff",
        "HEAD~1..HEAD",
        "--format",
        "json",
        "--backend",
        "alpha",
        "--backend",
        "beta",
        "--backend",
        "script",
    ];
    let (code, json, stderr) = report(&repo, &args);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(json["verdict"], "incomplete");
    assert_eq!(json["status"], "system_failure");
    let mut allowed = args.to_vec();
    allowed.push("--allow-incomplete");
    let (code, json, stderr) = report(&repo, &allowed);
    assert_eq!(code, Some(0));
    assert_eq!(json["verdict"], "incomplete");
    assert!(stderr.contains("incomplete"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_down_is_incomplete() {
    let repo = planted();
    let alpha = Model::finding(json!([])).await;
    let down = || Model::new(|_, _| wiremock::ResponseTemplate::new(403));
    let (beta, gamma) = (down().await, down().await);
    repo.config(
        &[
            alpha.config("alpha"),
            beta.config("beta"),
            gamma.config("gamma"),
        ]
        .concat(),
    );
    let (code, json, stderr) = report(&repo, ALL_MODELS);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(json["verdict"], "incomplete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_in_three_roles_reads_a_packet_once() {
    let repo = planted();
    let alpha = Model::finding(json!([])).await;
    repo.config(&alpha.config("alpha"));
    let (code, _, stderr) = report(
        &repo,
        &["diff", "HEAD~1", "--format", "json", "--backend", "alpha"],
    );
    assert_eq!(code, Some(0), "{stderr}");
    let questions = alpha.questions().await;
    let for_findings: Vec<_> = questions
        .iter()
        .filter(|text| text.contains("Role: analyzer"))
        .collect();
    assert_eq!(for_findings.len(), 1, "{questions:#?}");
    assert!(
        for_findings[0].contains("Role: security") && for_findings[0].contains("Role: reviewer")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_input_gives_byte_equal_reports() {
    let repo = planted();
    let alpha = Model::finding(json!([
        injection("One", "`name` is concatenated."),
        past_the_end()
    ]))
    .await;
    let beta = Model::finding(json!([injection("Two", "The query joins `name`.")])).await;
    repo.config(&[alpha.config("alpha"), beta.config("beta")].concat());
    let mut seen = Vec::new();
    for round in ["one", "two"] {
        let dir = repo.outside(round);
        fs::create_dir(&dir).unwrap();
        // The second from the tape would say so.
        let mut args = vec![
            "diff".to_owned(),
            "HEAD~1".to_owned(),
            "--refresh".to_owned(),
        ];
        for (format, name) in [
            ("json", "r.json"),
            ("sarif", "r.sarif"),
            ("junit", "r.xml"),
            ("markdown", "r.md"),
            ("terminal", "r.txt"),
        ] {
            args.push(format!("--report={format}={}", dir.join(name).display()));
        }
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        repo.llmux(&args).assert().code(15);
        let mut files: Vec<_> = fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), 5);
        seen.push(
            files
                .iter()
                .map(|file| fs::read(file).unwrap())
                .collect::<Vec<_>>(),
        );
    }
    assert!(seen[0].iter().all(|report| !report.is_empty()));
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_run_replays_without_a_call() {
    let repo = planted();
    let alpha = Model::finding(json!([past_the_end()])).await;
    repo.config(&alpha.config("alpha"));
    let tape = repo.outside("tape").display().to_string();
    let args = |mode: &'static str| {
        vec![
            "diff",
            "HEAD~1",
            "--format",
            "json",
            "--backend",
            "alpha",
            mode,
        ]
    };
    let mut record = args("--record");
    record.push(&tape);
    let (code, recorded, stderr) = report(&repo, &record);
    assert_eq!(code, Some(14), "{stderr}");
    let calls = alpha.calls().await;
    let mut replay = args("--replay");
    replay.push(&tape);
    let (code, replayed, stderr) = report(&repo, &replay);
    assert_eq!(code, Some(14), "{stderr}");
    assert_eq!(alpha.calls().await, calls, "no call was made");
    assert_eq!(recorded["findings"], replayed["findings"]);

    let empty = repo.outside("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.display().to_string();
    let mut missing = args("--replay");
    missing.push(&empty);
    let (code, json, _) = report(&repo, &missing);
    assert_eq!(code, Some(3));
    assert_eq!(json["verdict"], "incomplete");
}

/// Assembled, so that no scanner takes this file for a leak.
fn planted_key() -> String {
    ["AKIA", "Z7XQ", "M3PV", "L9RT", "2KWB"].concat()
}

#[test]
fn rules_alone_find_a_planted_key() {
    let repo = Repo::new();
    repo.write("README.md", "# x\n");
    repo.commit("before");
    repo.write(
        "src/settings.py",
        &format!("AWS_ACCESS_KEY_ID = \"{}\"\n", planted_key()),
    );
    repo.commit("after");
    let code = repo
        .llmux(&["diff", "HEAD~1"])
        .output()
        .unwrap()
        .status
        .code();
    assert!(matches!(code, Some(14 | 15)), "{code:?}");
    repo.llmux(&["diff", "HEAD~1", "--fail-on", "never"])
        .assert()
        .code(0);
}

#[test]
fn a_clean_change_passes_with_rules_alone_and_says_so() {
    let repo = Repo::new();
    repo.write("a.txt", "one\n");
    repo.commit("before");
    repo.write("a.txt", "two\n");
    repo.commit("after");
    repo.llmux(&["diff", "HEAD~1"])
        .assert()
        .code(0)
        .stdout(predicate::str::contains("passed"))
        .stderr(predicate::str::contains("no model"));
}

#[test]
fn staged_key_blocks_as_a_hook_sees_it() {
    let repo = Repo::new();
    repo.write("a.txt", "one\n");
    repo.commit("before");
    repo.write("a.py", &format!("KEY = \"{}\"\n", planted_key()));
    repo.git(&["add", "a.py"]);
    let code = repo
        .llmux(&["diff", "--staged"])
        .output()
        .unwrap()
        .status
        .code();
    assert!(matches!(code, Some(14 | 15)), "{code:?}");
    repo.git(&["reset", "-q"]);
    repo.llmux(&["diff", "--staged"]).assert().code(0);
}

#[test]
fn a_program_is_a_backend() {
    let repo = planted();
    let answer = json!({"findings": [past_the_end()]}).to_string();
    let script = repo.outside("model.sh");
    fs::write(
        &script,
        format!(
            "#!/bin/sh\ncat >/dev/null\ncat <<'END'\nHere it is:\n```json\n{answer}\n```\nEND\n"
        ),
    )
    .unwrap();
    let config = format!(
        "[backends.script]\ncommand = \"sh\"\nargs = [\"{}\"]\n",
        script.display()
    );
    repo.config(&config);
    let (code, json, stderr) = report(
        &repo,
        &["diff", "HEAD~1", "--format", "json", "--backend", "script"],
    );
    assert_eq!(code, Some(14), "{stderr}");
    assert_eq!(json["findings"][0]["rule"], "off-by-one");
}

/// Comparing thousands of claims with each other would take longer than any review.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_measure_is_no_whole_answer() {
    let repo = planted();
    let many = vec![past_the_end(); 3000];
    let alpha = Model::finding(json!(many)).await;
    repo.config(&alpha.config("alpha"));
    let args = ["diff", "HEAD~1", "--format", "json", "--backend", "alpha"];
    let (code, json, stderr) = report(&repo, &args);
    // The finding is there and blocks; that the answer was not read whole is said beside it.
    assert_eq!(code, Some(14), "{stderr}");
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
    assert!(
        json["coverage"].to_string().contains("3000 claims"),
        "{json:#}"
    );
}
