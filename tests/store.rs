//! What outlives a run, through the binary: nothing is paid twice, nothing overspent, no run lost.
//!
//! What a shared database must do as well is tried with a file and, where `LLMUX_TEST_POSTGRES`
//! names a server (`tests/with-postgres.sh` starts one), with PostgreSQL.

mod budget;
mod postgres;
mod processes;
mod replay;
mod resume;
mod tape;
mod trouble;

use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::{Model, says};

/// One step that asks the analyzers about every packet.
const ANALYZE: &str = "name = \"analyze\"\n[[steps]]\nname = \"analyzer\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n";

/// A packet for each file of [`files`].
const SMALL_PACKETS: &str = "[packets]\nmax_tokens = 1500\n";

const NOTHING: &str = "{\"findings\": []}";

/// One call costs 100 input tokens and 10 output tokens at this price: 1.2 cents; at most, with
/// 1,000 output tokens, over a dollar.
const PRICE: &str = "price = { input = 100, output = 200 }\n";

/// A change of `count` files, each of which fills a packet. Its store is a folder beside it.
fn files(count: usize) -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    for number in 0..count {
        repo.write(&path(number), &text(number, 0));
    }
    repo.commit("after");
    let workflow = repo.outside("workflow.toml");
    std::fs::write(workflow, ANALYZE).unwrap();
    // The configuration is no part of the change.
    std::fs::write(repo.dir().join(".git/info/exclude"), ".llmux\n").unwrap();
    repo
}

fn path(number: usize) -> String {
    format!("part{number:02}/module.py")
}

fn text(number: usize, round: usize) -> String {
    let lines = (0..60).map(|line| {
        format!("def function_{number}_{line}(value): return value + {line} + {round}\n")
    });
    lines.collect()
}

/// A claim about the first line of the first of [`files`].
fn claim() -> Value {
    json!({"file": path(0), "line": 1, "end_line": 1,
           "quote": "def function_0_0(value): return value + 0 + 0", "severity": "high",
           "category": "bug", "rule": "off-by-one", "title": "Adds nothing",
           "message": "`function_0_0` returns `value` as it is.", "suggestion": null,
           "confidence": 0.9})
}

/// What came of a run.
struct Ended {
    code: Option<i32>,
    json: Value,
    stderr: String,
}

impl Ended {
    fn backend(&self, key: &str) -> &Value {
        &self.json["backends"][0][key]
    }
}

/// The arguments that review [`files`] by [`ANALYZE`] alone.
fn arguments(repo: &Repo) -> Vec<String> {
    let workflow = repo.outside("workflow.toml").display().to_string();
    ["run", &workflow, "main", "--format", "json"]
        .map(str::to_owned)
        .to_vec()
}

/// Reviews the branch.
fn review(repo: &Repo, more: &[&str]) -> Ended {
    let own = arguments(repo);
    let mut args: Vec<&str> = own.iter().map(String::as_str).collect();
    args.extend(more);
    run(repo, &args)
}

fn run(repo: &Repo, args: &[&str]) -> Ended {
    let output = repo.llmux(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ended {
        code: output.status.code(),
        json: serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {stderr}")),
        stderr,
    }
}

/// A model that finds nothing.
async fn silent() -> Model {
    Model::new(|_, _| says(NOTHING)).await
}

/// `alpha` alone, one small packet a file.
fn configured(repo: &Repo, model: &Model, more: &str) {
    repo.config(&format!(
        "{SMALL_PACKETS}{}{more}[roles.analyzer]\nbackends = [\"alpha\"]\n",
        model.config("alpha")
    ));
}

/// The lines of `llmux runs --format json`.
fn runs(repo: &Repo) -> Vec<Value> {
    let listing = run(repo, &["runs", "--format", "json"]);
    assert_eq!(listing.code, Some(0), "{}", listing.stderr);
    listing.json["runs"].as_array().unwrap().clone()
}
