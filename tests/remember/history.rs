//! A second run tells new, still there and fixed; a failure is not a fix.

use serde_json::{Value, json};

use super::{
    BEFORE, PAST, after, claim, injection, keep, past_the_end, planted, report, run_with, text,
    titles,
};
use crate::support::Repo;
use crate::support::model::{Model, says};

/// A run with both bugs, kept.
async fn first(repo: &Repo) -> std::path::PathBuf {
    let both = json!([injection("src/store.py"), past_the_end("src/store.py")]);
    let (code, before) = run_with(repo, both, &["HEAD~1"]).await;
    assert_eq!(code, Some(15));
    assert_eq!(before["history"], Value::Null);
    keep(repo, "before.json", &before)
}

fn other() -> Value {
    claim(
        "src/store.py",
        "    return rows[0]",
        "null-dereference",
        "high",
        "No row is not handled",
        "`rows[0]` raises where nobody has that name.",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn new_still_and_fixed() {
    let repo = planted();
    let before = first(&repo).await;
    repo.write(
        "src/store.py",
        &after().replace(PAST, "    return items[-1]"),
    );
    repo.git(&["commit", "-qam", "fixed", "--amend"]);
    let claims = json!([injection("src/store.py"), other()]);
    let args = ["HEAD~1", "--previous", text(&before)];
    // `last` stands as it did before, so its line is in no hunk; a line beside it is.
    repo.write(
        "src/store.py",
        &after().replace(PAST, "    return items[len(items) - 1]"),
    );
    repo.git(&["commit", "-qam", "fixed", "--amend"]);
    let (_, json) = run_with(&repo, claims.clone(), &args).await;
    let history = &json["history"];
    assert_eq!(
        (&history["new"], &history["still"]),
        (&json!(1), &json!(1)),
        "{json:#}"
    );
    assert_eq!(titles(&history["fixed"]), ["Index past the end"]);
    assert_eq!(history["fixed"][0]["why"], "gone");
    assert_eq!(history["not_seen"], json!([]));
    let model = Model::finding(claims).await;
    repo.config(&model.config("alpha"));
    for (format, wanted) in [
        (
            "terminal",
            "Since the run before: 1 new, 1 still there, 1 fixed",
        ),
        ("markdown", "1 new, 1 still there, 1 fixed"),
    ] {
        let output = repo
            .llmux(&[
                "diff",
                "--backend",
                "alpha",
                "--format",
                format,
                "HEAD~1",
                "--previous",
                text(&before),
            ])
            .output()
            .unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        assert!(page.contains(wanted), "{page}");
        assert!(page.contains("Fixed since the run before"), "{page}");
        assert!(
            page.contains("still there") && page.contains("new"),
            "{page}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reports_again_was_looked_for() {
    let repo = planted();
    let before = first(&repo).await;
    let args = ["HEAD~1", "--previous", text(&before)];
    let (_, json) = run_with(&repo, json!([]), &args).await;
    let fixed = json["history"]["fixed"].as_array().unwrap();
    assert_eq!(fixed.len(), 2, "{json:#}");
    assert!(fixed.iter().all(|found| found["why"] == "not_reported"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_not_a_fix() {
    let repo = planted();
    let before = first(&repo).await;
    let args = ["HEAD~1", "--previous", text(&before)];
    let prose = Model::new(|_, _| says("Looks good to me!")).await;
    repo.config(&prose.config("alpha"));
    let (code, json) = report(&repo, &args);
    assert_eq!(code, Some(3));
    let history = &json["history"];
    assert_eq!(history["fixed"], json!([]), "{json:#}");
    let lost = history["not_seen"].as_array().unwrap();
    assert_eq!(lost.len(), 2);
    assert!(lost.iter().all(|found| found["why"] == "not_read"));

    // One of two gives no answer: the other one's silence is not enough.
    let empty = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}{}[vote]\nthreshold = 1\n",
        empty.config("alpha"),
        prose.config("beta")
    ));
    let (_, json) = report(
        &repo,
        &["HEAD~1", "--previous", text(&before), "--backend", "beta"],
    );
    assert_eq!(json["history"]["fixed"], json!([]), "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_run_does_not_look_at_is_not_fixed() {
    let repo = planted();
    let before = first(&repo).await;
    // A later change of another file.
    repo.write("src/other.py", BEFORE);
    repo.commit("other");
    let args = ["HEAD~1", "--previous", text(&before)];
    let (_, json) = run_with(&repo, json!([]), &args).await;
    let history = &json["history"];
    assert_eq!(history["fixed"], json!([]));
    assert_eq!(history["not_seen"].as_array().unwrap().len(), 2, "{json:#}");
    assert_eq!(history["not_seen"][0]["why"], "out_of_scope");

    // The third run still knows them from the second.
    let second = keep(&repo, "second.json", &json);
    let both = json!([injection("src/store.py"), past_the_end("src/store.py")]);
    let args = ["HEAD~2..HEAD", "--previous", text(&second)];
    let (_, json) = run_with(&repo, both, &args).await;
    assert_eq!(json["history"]["still"], 2, "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_crew_says_nothing_of_what_it_did_not_report() {
    let repo = planted();
    let before = first(&repo).await;
    let model = Model::finding(json!([])).await;
    repo.config(&model.config("beta"));
    let output = repo
        .llmux(&[
            "diff",
            "HEAD~1",
            "--backend",
            "beta",
            "--format",
            "json",
            "--previous",
            text(&before),
        ])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["history"]["fixed"], json!([]), "{json:#}");
    assert_eq!(json["history"]["not_seen"][0]["why"], "not_asked");
}

#[test]
fn a_report_that_is_none_is_told_with_its_place() {
    let repo = planted();
    let broken = repo.outside("broken.json");
    std::fs::write(&broken, "{\n  \"schema_version\": x\n}").unwrap();
    let missing = repo.outside("missing.json");
    for (file, wanted) in [
        (&broken, "broken.json:2:21: "),
        (&missing, "missing.json cannot be read"),
    ] {
        let output = repo
            .llmux(&["diff", "HEAD~1", "--previous", text(file)])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(wanted), "{stderr}");
    }
}
