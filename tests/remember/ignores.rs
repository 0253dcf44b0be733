//! `llmux:ignore` in the code.

use serde_json::{Value, json};

use super::{QUERY, after, injection, planted, report, run_with};
use crate::support::model::Model;

fn ignored(rule: &str) -> String {
    after().replace(
        QUERY,
        &format!("    # llmux:ignore[{rule}] names come from our own list\n{QUERY}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_a_finding_out_and_says_so() {
    let repo = planted();
    repo.write("src/store.py", &ignored("sql-injection"));
    repo.git(&["commit", "-qam", "excused", "--amend"]);
    let claims = json!([injection("src/store.py")]);
    let (code, json) = run_with(&repo, claims.clone(), &["HEAD~1"]).await;
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["findings"], json!([]));
    assert_eq!(
        json["suppressed"][0]["suppression"],
        json!({"kind": "inline", "reason": "names come from our own list", "author": null,
               "place": "src/store.py:5", "added_by_change": true})
    );
    assert_eq!(json["ignores"][0]["state"], "used");

    let model = Model::finding(claims).await;
    repo.config(&model.config("alpha"));
    let page = |format: &str| {
        let args = ["diff", "HEAD~1", "--backend", "alpha", "--format", format];
        let output = repo.llmux(&args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for format in ["terminal", "markdown"] {
        let page = page(format);
        assert!(
            page.contains("1 of these added by this change itself"),
            "{page}"
        );
    }
    let sarif: Value = serde_json::from_str(&page("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"], json!([]));
    assert!(!page("junit").contains("<failure"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_own_can_be_forbidden() {
    let repo = planted();
    repo.write("src/store.py", &ignored("sql-injection"));
    repo.git(&["commit", "-qam", "excused", "--amend"]);
    let model = Model::finding(json!([injection("src/store.py")])).await;
    repo.config(&format!(
        "{}[suppress]\nallow_new = false\n",
        model.config("alpha")
    ));
    let (code, json) = report(&repo, &["HEAD~1"]);
    assert_eq!(code, Some(15), "{json:#}");
    assert_eq!(json["ignores"][0]["state"], "refused");
    assert!(
        json["notices"].to_string().contains("allow_new"),
        "{json:#}"
    );

    // One that was there before the change counts.
    repo.write(
        "src/store.py",
        &ignored("sql-injection").replace(QUERY, "    query = 1"),
    );
    repo.git(&["commit", "-qam", "older", "--amend"]);
    repo.write("src/store.py", &ignored("sql-injection"));
    repo.commit("newer");
    let (code, json) = report(&repo, &["HEAD~1"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        json["suppressed"][0]["suppression"]["added_by_change"],
        false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_unknown_ones_are_notices() {
    let repo = planted();
    repo.write("src/store.py", &ignored("sql-injektion"));
    repo.git(&["commit", "-qam", "typo", "--amend"]);
    let (code, json) = run_with(&repo, json!([injection("src/store.py")]), &["HEAD~1"]).await;
    assert_eq!(code, Some(15));
    let notices = json["notices"].to_string();
    assert!(notices.contains("src/store.py:5"), "{notices}");
    assert!(
        notices.contains("did you mean `sql-injection`?"),
        "{notices}"
    );
    assert_eq!(
        json["status"], "success",
        "a word in the code is no fault of the run"
    );

    repo.write("src/store.py", &ignored("off-by-one"));
    repo.git(&["commit", "-qam", "idle", "--amend"]);
    let (_, json) = run_with(&repo, json!([injection("src/store.py")]), &["HEAD~1"]).await;
    assert_eq!(json["ignores"][0]["state"], "unused");
    assert!(
        json["notices"].to_string().contains("takes nothing out"),
        "{json:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_names_users_own_slugs_too() {
    let repo = planted();
    repo.write("src/store.py", &ignored("tenant-leak"));
    repo.git(&["commit", "-qam", "excused", "--amend"]);
    let mut claim = injection("src/store.py");
    claim["rule"] = json!("tenant-leak");
    let model = Model::finding(json!([claim])).await;
    let own = "[taxonomy.tenant-leak]\ncategory = \"security\"\n";
    repo.config(&format!("{}{own}", model.config("alpha")));
    let (_, json) = report(&repo, &["HEAD~1"]);
    assert_eq!(json["suppressed"][0]["rule"], "tenant-leak", "{json:#}");
}

/// The summary is written over what counts.
#[tokio::test(flavor = "multi_thread")]
async fn text_steps_do_not_see_what_is_taken_out() {
    let repo = planted();
    repo.write("src/store.py", &ignored("sql-injection"));
    repo.git(&["commit", "-qam", "excused", "--amend"]);
    let model = Model::finding(json!([injection("src/store.py")])).await;
    repo.config(&model.config("alpha"));
    report(&repo, &["HEAD~1"]);
    let questions = model.questions().await;
    let said = "reads every row";
    assert!(
        questions.iter().all(|question| !question.contains(said)),
        "{questions:#?}"
    );
}
