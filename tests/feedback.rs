//! `llmux feedback` through the binary, and what runs learn from it.

mod import;
mod learning;
mod server;
mod words;

use serde_json::Value;

use crate::support::Repo;
use crate::support::feedback_rows::PROJECT;

/// A repository whose project has a name in the store.
fn shop() -> Repo {
    let repo = Repo::new();
    repo.config(&config());
    repo
}

fn config() -> String {
    format!("[store]\nproject = \"{PROJECT}\"\ncontent = false\n")
}

/// Exit code, standard output, standard error.
fn said(repo: &Repo, args: &[&str]) -> (Option<i32>, String, String) {
    let output = repo.llmux(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// What is recorded, by the JSON list.
fn list(repo: &Repo) -> Vec<Value> {
    let (code, out, err) = said(repo, &["feedback", "list", "--format", "json"]);
    assert_eq!(code, Some(0), "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["project"], PROJECT);
    json["feedback"].as_array().unwrap().clone()
}

fn snapshot(name: &str, text: &str) {
    insta::assert_snapshot!(name, text);
}
