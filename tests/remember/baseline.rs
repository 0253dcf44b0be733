//! `llmux baseline`, `--baseline` and `--baseline-rev`.

use std::fs;

use serde_json::{Value, json};

use super::{
    BEFORE, PAST, QUERY, after, claim, injection, keep, past_the_end, planted, report, run_with,
    text, titles,
};
use crate::support::Repo;

const FILE: &str = ".llmux/baseline.json";

/// Makes a baseline of a report; `more` are further arguments.
fn create(repo: &Repo, report: &Value, more: &[&str]) {
    let file = keep(repo, "report.json", report);
    let mut args = vec!["baseline", "create", text(&file)];
    args.extend(more);
    let output = repo.llmux(&args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn read(repo: &Repo) -> Value {
    serde_json::from_str(&fs::read_to_string(repo.dir().join(FILE)).unwrap()).unwrap()
}

fn both() -> Value {
    json!([injection("src/store.py"), past_the_end("src/store.py")])
}

/// A project that lives with the injection, and a later change of its lines.
async fn grown() -> Repo {
    let repo = planted();
    let claims = json!([injection("src/store.py")]);
    let (_, json) = run_with(&repo, claims, &["HEAD~1"]).await;
    create(
        &repo,
        &json,
        &["--reason", "Names come from a list.", "--author", "Ada"],
    );
    repo.git(&["add", "-f", FILE]);
    repo.git(&["commit", "-qm", "baseline"]);
    repo.write(
        "src/store.py",
        &after().replace(QUERY, &format!("  {QUERY}")),
    );
    repo.git(&["commit", "-qm", "later", "src/store.py"]);
    repo
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_has_does_not_count_and_is_listed_with_who_and_why() {
    let repo = grown().await;
    repo.write(
        "src/store.py",
        &after()
            .replace(QUERY, &format!("   {QUERY}"))
            .replace(PAST, &format!(" {PAST}")),
    );
    repo.git(&["commit", "-qam", "later", "--amend"]);
    let (code, json) = run_with(&repo, both(), &["HEAD~1"]).await;
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(titles(&json["findings"]), ["Index past the end"]);
    assert_eq!(json["findings"][0]["history"], "new");
    let known = &json["suppressed"][0];
    assert_eq!(known["history"], "known");
    assert_eq!(
        known["fingerprint"],
        read(&repo)["entries"][0]["fingerprint"]
    );
    let suppression = &known["suppression"];
    assert_eq!(suppression["kind"], "baseline");
    assert_eq!(suppression["reason"], "Names come from a list.");
    assert_eq!(suppression["author"], "Ada");
    assert!(
        suppression["place"]
            .as_str()
            .unwrap()
            .starts_with(".llmux/baseline.json at ")
    );
    assert_eq!(json["baseline"]["matched"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_cannot_excuse_itself() {
    let repo = planted();
    let (_, json) = run_with(&repo, both(), &["HEAD~1"]).await;
    create(&repo, &json, &[]);
    repo.git(&["add", "-f", FILE]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    // It is part of the change, in the commit and in the work tree.
    let (code, json) = run_with(&repo, both(), &["HEAD~1"]).await;
    assert_eq!(code, Some(15), "{json:#}");
    assert_eq!(json["suppressed"], json!([]));
    assert_eq!(json["baseline"], Value::Null);
    // Whoever runs it may say so.
    let (code, json) = report(&repo, &["HEAD~1", "--baseline", FILE]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["suppressed"].as_array().unwrap().len(), 2);
    // Staged changes start from HEAD, which has it.
    repo.write(
        "src/store.py",
        &after().replace(QUERY, &format!(" {QUERY}")),
    );
    repo.git(&["add", "src/store.py"]);
    let (code, json) = run_with(&repo, json!([injection("src/store.py")]), &["--staged"]).await;
    assert_eq!(code, Some(0), "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_has_no_commit_to_start_from_so_the_disk_counts() {
    let repo = planted();
    let claims = json!([injection("src/store.py")]);
    let (_, json) = run_with(&repo, claims.clone(), &["HEAD~1"]).await;
    create(&repo, &json, &[]);
    let patch = repo.outside("a.patch");
    fs::write(&patch, repo.git(&["diff", "HEAD~1", "HEAD", "--", "src"])).unwrap();
    let (code, json) = run_with(&repo, claims, &["--patch", text(&patch)]).await;
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["baseline"]["source"], FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_a_file_that_was_renamed_long_ago() {
    let repo = grown().await;
    repo.git(&["mv", "src/store.py", "src/users.py"]);
    repo.git(&["commit", "-qm", "renamed"]);
    repo.write(
        "src/users.py",
        &after().replace(QUERY, &format!("   {QUERY}")),
    );
    repo.git(&["commit", "-qam", "touched"]);
    let (code, json) = run_with(&repo, json!([injection("src/users.py")]), &["HEAD~1"]).await;
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["suppressed"][0]["location"]["path"], "src/users.py");
}

#[tokio::test(flavor = "multi_thread")]
async fn create_update_and_show() {
    let repo = planted();
    let (_, json) = run_with(&repo, json!([injection("src/store.py")]), &["HEAD~1"]).await;
    let output = repo
        .llmux(&["baseline", "create", "-", "--reason", "Known."])
        .write_stdin(json.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let again = repo
        .llmux(&["baseline", "create", "-"])
        .write_stdin(json.to_string())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(2), "its reasons would be lost");

    // The next run knows it, finds a second bug, and the first one is fixed.
    repo.write(
        "src/store.py",
        &after().replace(QUERY, "    query = safe(name)"),
    );
    repo.git(&["commit", "-qam", "fixed", "--amend"]);
    let args = ["HEAD~1", "--baseline", FILE];
    let (_, json) = run_with(&repo, json!([past_the_end("src/store.py")]), &args).await;
    assert_eq!(
        json["baseline"]["gone"].as_array().unwrap().len(),
        1,
        "{json:#}"
    );
    let file = keep(&repo, "report.json", &json);
    let update = |file: &std::path::Path| {
        let output = repo
            .llmux(&["baseline", "update", text(file)])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = update(&file);
    assert!(said.contains("0 kept, 1 added, 1 dropped"), "{said}");
    let said = update(&file);
    assert!(said.contains("1 kept, 0 added, 0 dropped"), "{said}");

    // A run in which the model failed takes nothing away.
    repo.config("[backends.alpha]\ncommand = \"false\"\nretries = 0\n");
    let (_, json) = report(&repo, &args);
    assert_eq!(json["baseline"]["gone"], json!([]), "{json:#}");
    let said = update(&keep(&repo, "report.json", &json));
    assert!(said.contains("1 kept, 0 added, 0 dropped"), "{said}");

    let shown = repo.llmux(&["baseline", "show"]).output().unwrap();
    let page = String::from_utf8(shown.stdout).unwrap();
    for wanted in [
        "1 entry",
        "src/store.py",
        "Index past the end [off-by-one]",
        "no reason given",
    ] {
        assert!(page.contains(wanted), "{page}");
    }
    let shown = repo
        .llmux(&["baseline", "show", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(shown.stdout, fs::read(repo.dir().join(FILE)).unwrap());
}

#[test]
fn a_file_that_is_named_must_be_a_baseline() {
    let repo = planted();
    let broken = repo.outside("broken.json");
    fs::write(
        &broken,
        "{\n  \"llmux_baseline\": 1,\n  \"entries\": [{}]\n}",
    )
    .unwrap();
    let missing = repo.outside("missing.json");
    for (file, wanted) in [
        (&broken, "broken.json:3:"),
        (&missing, "missing.json cannot be read"),
    ] {
        for args in [
            vec!["diff", "HEAD~1", "--baseline", text(file)],
            vec!["baseline", "show", text(file)],
        ] {
            let output = repo.llmux(&args).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains(wanted), "{stderr}");
        }
    }
    // None by default is fine; a broken one is not.
    repo.write(FILE, "[");
    repo.commit("broken");
    repo.write("src/store.py", BEFORE);
    repo.commit("later");
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("baseline.json at "), "{stderr}");
}

/// What stands at a revision is not new: no model is asked about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_revision_stands_for_a_baseline() {
    let repo = planted();
    // The second change touches `find_user` alone; the review looks at the whole file.
    repo.write(
        "src/store.py",
        &after().replace(QUERY, &format!("{QUERY}  # all")),
    );
    repo.commit("second");
    let commented = format!("{QUERY}  # all");
    let claims = json!([
        claim(
            "src/store.py",
            &commented,
            "sql-injection",
            "critical",
            "SQL injection",
            "`name` is concatenated."
        ),
        past_the_end("src/store.py"),
    ]);
    let args = ["HEAD~2..HEAD", "--baseline-rev", "HEAD~1"];
    let (code, json) = run_with(&repo, claims.clone(), &args).await;
    assert_eq!(code, Some(15), "{json:#}");
    assert_eq!(titles(&json["findings"]), ["SQL injection"]);
    let known = &json["suppressed"][0];
    assert_eq!(known["title"], "Index past the end");
    assert!(
        known["suppression"]["reason"]
            .as_str()
            .unwrap()
            .starts_with("HEAD~1 ("),
        "{json:#}"
    );
    // Without it both are new; from a revision before both, too.
    for args in [
        &["HEAD~2..HEAD"][..],
        &["HEAD~2..HEAD", "--baseline-rev", "HEAD~2"],
    ] {
        let (_, json) = run_with(&repo, claims.clone(), args).await;
        assert_eq!(json["findings"].as_array().unwrap().len(), 2, "{json:#}");
    }
    let output = repo
        .llmux(&["diff", "--baseline-rev", "no-such"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

/// The built-in rules speak for the revision, also where the line moved within the change.
#[test]
fn the_rules_find_at_the_revision_what_they_find_now() {
    let repo = Repo::new();
    let call = "data = pickle.loads(body)";
    let more =
        "\n\ndef other():\n    return [1, 2, 3]\n\n\ndef further():\n    return {\"a\": 1}\n";
    repo.write("run.py", "import pickle\n");
    repo.commit("start");
    repo.write(
        "run.py",
        &format!("import pickle\n\ndef run(body):\n    {call}\n{more}"),
    );
    repo.commit("with a call");
    repo.git(&["mv", "run.py", "job.py"]);
    repo.write(
        "job.py",
        &format!("import pickle\n\ndef run(body):\n    if body:\n        {call}\n{more}"),
    );
    repo.commit("moved and indented");
    let rules = |args: &[&str]| -> Value {
        let mut all = vec!["diff", "--backend", "rules", "--format", "json"];
        all.extend(args);
        let output = repo.llmux(&all).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let json = rules(&["HEAD~1..HEAD"]);
    assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{json:#}");
    let json = rules(&["HEAD~1..HEAD", "--baseline-rev", "HEAD~1"]);
    assert_eq!(json["findings"], json!([]), "{json:#}");
    assert_eq!(json["suppressed"].as_array().unwrap().len(), 1);
    let json = rules(&["HEAD~1..HEAD", "--baseline-rev", "HEAD~2"]);
    assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{json:#}");
}
