//! The same on `PostgreSQL`, where `LLMUX_TEST_POSTGRES` names a server.

use serde_json::Value;

use crate::support::Repo;
use crate::support::feedback_rows::{Row, Rows};
use crate::support::model::Model;

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_shared_through_a_server() {
    let Ok(url) = std::env::var("LLMUX_TEST_POSTGRES") else {
        return;
    };
    let project = format!("feedback-{}", std::process::id());
    let beta = Model::finding(serde_json::json!([])).await;
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    repo.write("m.py", "x = 1\n");
    repo.commit("after");
    repo.config(&format!(
        "[store]\nproject = \"{project}\"\nurl = \"${{SHOP_STORE}}\"\n{}",
        beta.config("beta")
    ));
    let said = |args: &[&str]| {
        let mut command = repo.llmux(args);
        let output = command.env("SHOP_STORE", &url).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {err}");
        String::from_utf8(output.stdout).unwrap()
    };
    said(&["feedback", "list"]);
    let rows = Rows::at(&url, &project).await;
    let run = format!("{project}-1");
    rows.run(&run, 1).await;
    let fingerprint = format!("{:032x}", std::process::id());
    rows.finding(&Row {
        run: &run,
        fingerprint: &fingerprint,
        reporters: &["beta"],
        ..Row::default()
    })
    .await;
    // Twice, with another word: ON CONFLICT is PostgreSQL's too.
    said(&["feedback", "real", "--fingerprint", &fingerprint]);
    said(&["feedback", "false", "--fingerprint", &fingerprint[..32]]);
    let list: Value =
        serde_json::from_str(&said(&["feedback", "list", "--format", "json"])).unwrap();
    assert_eq!(list["feedback"].as_array().unwrap().len(), 1);
    assert_eq!(list["feedback"][0]["real"], false);
    let report = said(&["diff", "HEAD~1", "--format", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["learned"]["judgements"], 1);
    assert_eq!(report["learned"]["backends"][0]["name"], "beta");
    said(&["feedback", "remove", "--fingerprint", &fingerprint]);
    let list: Value =
        serde_json::from_str(&said(&["feedback", "list", "--format", "json"])).unwrap();
    assert!(list["feedback"].as_array().unwrap().is_empty());
}
