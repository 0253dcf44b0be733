//! `llmux feedback import`: GitHub's alerts. `tests/fixtures/alerts/alerts.json` has the form of
//! `GET /repos/{owner}/{repo}/code-scanning/alerts`, with the members that GitHub documents.

use std::path::Path;

use serde_json::{Value, json};

use super::{list, said, shop, snapshot};
use crate::support::Repo;
use crate::support::feedback_rows::{Row, Rows};

const FIXTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/alerts/alerts.json"
);

fn fingerprint(number: u32) -> String {
    format!("{number:032x}")
}

/// Findings that the fixture's alerts are about.
async fn findings(repo: &Repo) -> Rows {
    let rows = Rows::of(repo).await;
    rows.run("run-0", 1).await;
    rows.run("run-1", 2).await;
    let places = [
        (
            1,
            "src/db/query.py",
            12,
            "sql-injection",
            "Statement from user input",
        ),
        // It stood elsewhere when the alert was written.
        (
            2,
            "src/db/query.py",
            45,
            "missing-timeout",
            "Call without a timeout",
        ),
        // Two on one line: words tell.
        (
            3,
            "src/views.py",
            7,
            "logic-error",
            "The condition is turned round",
        ),
        (
            4,
            "src/views.py",
            7,
            "logic-error",
            "The last page is left out",
        ),
        // Far away.
        (5, "src/far.py", 100, "off-by-one", "One too many"),
        // Two of one rule, and the alert stands on none of them.
        (6, "src/two.py", 10, "off-by-one", "One too few"),
        (7, "src/two.py", 30, "off-by-one", "One too many"),
        (8, "src/a b.py", 3, "hardcoded-secret", "Key in the code"),
        (
            9,
            "tests/test_db.py",
            3,
            "hardcoded-secret",
            "Key in the code",
        ),
        (10, "src/gone.py", 5, "resource-leak", "File left open"),
    ];
    for (number, path, line, rule, title) in places {
        rows.finding(&Row {
            run: "run-1",
            fingerprint: &fingerprint(number),
            place: (path, line),
            rule,
            title,
            ..Row::default()
        })
        .await;
    }
    // Where it was before: the newest row counts.
    rows.finding(&Row {
        run: "run-0",
        fingerprint: &fingerprint(1),
        place: ("src/db/query.py", 99),
        ..Row::default()
    })
    .await;
    rows
}

fn recorded(repo: &Repo) -> Vec<(String, bool)> {
    let mut words: Vec<(String, bool)> = list(repo)
        .iter()
        .map(|entry| {
            let fingerprint = entry["fingerprint"].as_str().unwrap();
            (fingerprint.to_owned(), entry["real"].as_bool().unwrap())
        })
        .collect();
    words.sort();
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_matched_by_rule_file_line_and_words() {
    let repo = shop();
    findings(&repo).await;
    let (code, out, err) = said(&repo, &["feedback", "import", FIXTURE]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    snapshot("import", &out);
    let expected = [(1, false), (2, true), (4, false), (8, false)];
    let expected = expected.map(|(number, real)| (fingerprint(number), real));
    assert_eq!(recorded(&repo), expected);
    let all = list(&repo);
    let first = all
        .iter()
        .find(|entry| entry["fingerprint"] == fingerprint(1));
    let first = first.unwrap();
    assert_eq!(first["source"], "github");
    assert_eq!(first["author"], "octocat");
    assert_eq!(first["at"], "2026-02-14T12:29:18Z");
    assert_eq!(
        first["reason"],
        "This alert is not actually correct, because there's a sanitizer included in the library."
    );
    // Without a comment, GitHub's own reason.
    let second = all
        .iter()
        .find(|entry| entry["fingerprint"] == fingerprint(2));
    assert_eq!(second.unwrap()["reason"], "won't fix");
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed_alerts_are_real_where_the_user_says_so() {
    let repo = shop();
    findings(&repo).await;
    let (code, ..) = said(&repo, &["feedback", "import", "--fixed-is-real", FIXTURE]);
    assert_eq!(code, Some(0));
    assert!(recorded(&repo).contains(&(fingerprint(10), true)));
    assert_eq!(recorded(&repo).len(), 5);
}

/// What a user said after an alert was dismissed stands; what was said before does not.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_word_counts_wherever_it_was_said() {
    let repo = shop();
    findings(&repo).await;
    let (code, ..) = said(
        &repo,
        &["feedback", "real", "--fingerprint", &fingerprint(1)],
    );
    assert_eq!(code, Some(0));
    let (_, out, _) = said(&repo, &["feedback", "import", FIXTURE]);
    assert!(out.contains("of these 1 changed nothing"), "{out}");
    assert!(recorded(&repo).contains(&(fingerprint(1), true)));
    let mut alerts: Value =
        serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    alerts[0]["dismissed_at"] = json!("2199-01-01T00:00:00Z");
    repo.write("later.json", &alerts.to_string());
    let (_, out, _) = said(&repo, &["feedback", "import", "later.json"]);
    assert!(!out.contains("changed nothing"), "{out}");
    assert!(recorded(&repo).contains(&(fingerprint(1), false)));
}

/// `gh api --paginate` may write one list a page.
#[tokio::test(flavor = "multi_thread")]
async fn pages_one_behind_the_other_are_read_from_standard_input() {
    let repo = shop();
    findings(&repo).await;
    let text = std::fs::read_to_string(FIXTURE).unwrap();
    let pages = format!("[]\n{text}{text}\n[]");
    let mut command = repo.llmux(&["feedback", "import", "-"]);
    let output = command.write_stdin(pages).output().unwrap();
    assert!(output.status.success());
    assert_eq!(recorded(&repo).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_is_told_with_its_place_and_nothing_is_recorded() {
    let repo = shop();
    findings(&repo).await;
    let good: Value = serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    let mut text = good.clone();
    text[3]["most_recent_instance"]["location"]["start_line"] = json!("12");
    let mut nameless = good.clone();
    nameless[0].as_object_mut().unwrap().remove("number");
    let whole = serde_json::to_string_pretty(&good).unwrap();
    let cut = &whole[..whole.len() / 2];
    for (text, why) in [
        (String::new(), "is empty"),
        (
            serde_json::to_string_pretty(&text).unwrap(),
            "expected i64 at line",
        ),
        (
            nameless.to_string(),
            "missing field `number` at line 1 column",
        ),
        (cut.to_owned(), "EOF while parsing"),
        (format!("{good} and"), "at line 1 column"),
        (
            r#"{"message": "Not Found", "status": "404"}"#.to_owned(),
            "at line 1 column 0",
        ),
    ] {
        repo.write("alerts.json", &text);
        let (code, _, err) = said(&repo, &["feedback", "import", "alerts.json"]);
        assert_eq!(code, Some(2), "{err}");
        assert!(
            err.contains("alerts.json") && err.contains(why),
            "{why}: {err}"
        );
        assert!(list(&repo).is_empty(), "{why}");
    }
    let (code, _, err) = said(&repo, &["feedback", "import", "none.json"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("none.json cannot be read"), "{err}");
    assert!(!Path::new("none.json").exists());
}
