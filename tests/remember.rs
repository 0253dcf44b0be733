//! What llmux remembers from run to run: fingerprints, the baseline, ignores, the run before.

mod baseline;
mod fingerprints;
mod history;
mod ignores;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::Model;

const BEFORE: &str = "\
import db


def find_user(name):
    return None


def last(items):
    return items[-1]
";

const QUERY: &str = "    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"";
const ROWS: &str = "    rows = db.run(query)";
const PAST: &str = "    return items[len(items)]";

fn after() -> String {
    format!(
        "import db\n\n\ndef find_user(name):\n{QUERY}\n{ROWS}\n    return rows[0]\n\n\ndef last(items):\n{PAST}\n"
    )
}

/// A change with two planted bugs.
fn planted() -> Repo {
    let repo = Repo::new();
    repo.write("src/store.py", BEFORE);
    repo.commit("before");
    repo.write("src/store.py", &after());
    repo.commit("after");
    repo
}

fn claim(file: &str, quote: &str, rule: &str, severity: &str, title: &str, message: &str) -> Value {
    json!({"file": file, "quote": quote, "severity": severity, "category": "", "rule": rule,
           "title": title, "message": message})
}

fn injection(file: &str) -> Value {
    claim(
        file,
        QUERY,
        "sql-injection",
        "critical",
        "SQL injection",
        "`name` is concatenated into `query`, so whoever chooses it reads every row.",
    )
}

fn past_the_end(file: &str) -> Value {
    claim(
        file,
        PAST,
        "off-by-one",
        "high",
        "Index past the end",
        "`items[len(items)]` always raises IndexError; the last index is `len(items) - 1`.",
    )
}

/// The report of a run with one backend that makes these claims.
async fn run_with(repo: &Repo, claims: Value, args: &[&str]) -> (Option<i32>, Value) {
    let model = Model::finding(claims).await;
    repo.config(&model.config("alpha"));
    report(repo, args)
}

/// The same with findings anywhere in the changed files.
async fn wide_run_with(repo: &Repo, claims: Value, args: &[&str]) -> (Option<i32>, Value) {
    let model = Model::finding(claims).await;
    repo.config(&format!(
        "{}[anchor]\nscope = \"files\"\n",
        model.config("alpha")
    ));
    report(repo, args)
}

/// Only `alpha`, so that the built-in rules say nothing.
fn report(repo: &Repo, args: &[&str]) -> (Option<i32>, Value) {
    let mut all = vec!["diff", "--backend", "alpha", "--format", "json"];
    all.extend(args);
    let output = repo.llmux(&all).output().unwrap();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), json)
}

/// Keeps a report outside of the repository.
fn keep(repo: &Repo, name: &str, report: &Value) -> PathBuf {
    let path = repo.outside(name);
    fs::write(&path, report.to_string()).unwrap();
    path
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

fn titles(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|found| found["title"].as_str().unwrap()).collect()
}
