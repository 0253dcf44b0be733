//! `llmux eval`: recorded findings with answers, scored by the real binary and by hand.

mod cases;
mod data;
mod reports;
mod scores;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::Repo;

/// The committed sample: invented findings of five tools on five pull requests.
fn sample(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/eval/sample");
    path.join(name).display().to_string()
}

/// A line of a data file.
fn record(pr: &str, tool: &str, idx: u64, text: &str, golden: Option<i64>) -> Value {
    let label = if golden.is_some() { "tp" } else { "fp" };
    json!({"pr": pr, "tool": tool, "idx": idx, "path": "a.rs", "line": 10 * idx + 1,
           "text": text, "label": label, "golden": golden})
}

fn lines(records: &[Value]) -> String {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// Texts that share nothing: merging tells them apart, and knows each again.
const TEXTS: [&str; 6] = [
    "`parse_header` reads past the end of the buffer when the length field is zero",
    "The session cookie is sent without the Secure attribute, so it leaks over plain HTTP",
    "Two workers can both claim the same queued job since the claim is not atomic",
    "Totals are rounded before the tax is added and invoices differ by a cent",
    "`ORDER BY` takes its column from the query string, which allows injection",
    "The temporary directory stays behind when unpacking an archive fails",
];

/// The evaluation of data in a file, as JSON.
fn evaluate(repo: &Repo, args: &[&str]) -> Value {
    let args = [&["eval"], args, &["--report", "json"]].concat();
    let output = repo.llmux(&args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}
