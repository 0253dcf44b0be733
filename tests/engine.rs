//! The engine through the binary: the order of steps, who is asked, what limits calls,
//! what counts as a vote. Scripted servers count what reaches them.

mod arbiter;
mod calls;
mod cascades;
mod clock;
mod costs;
mod crews;
mod ends;
mod estimate;
mod limits;
mod pauses;
mod priors;
mod quorum;
mod refutation;
mod routing;
mod samples;
mod steps;
mod votes;

use serde_json::{Value, json};

use crate::support::Repo;

/// A change of `count` files, each of which fills a packet.
fn packets(count: usize) -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    for number in 0..count {
        let lines = (0..60)
            .map(|line| format!("def function_{number}_{line}(value): return value + {line}\n"));
        repo.write(
            &format!("part{number}/module.py"),
            &lines.collect::<String>(),
        );
    }
    repo.commit("after");
    repo
}

/// A packet for each file of [`packets`].
const SMALL_PACKETS: &str = "[packets]\nmax_tokens = 1500\n";

/// One step that asks the analyzers about every packet.
const ANALYZE: &str = "name = \"analyze\"\n[[steps]]\nname = \"analyzer\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n";

/// Two steps of the same analyzers, one after the other.
const TWICE: &str = "name = \"twice\"\n[[steps]]\nname = \"one\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n\
    [[steps]]\nname = \"two\"\nrole = \"analyzer\"\ndepends_on = [\"one\"]\nfor_each = \"packets\"\n\
    produces = \"findings\"\nparallel = true\nprompt = \"Find more bugs.\"\n";

/// Runs a workflow over the last commit; gives exit code, JSON report, standard error.
fn run(repo: &Repo, workflow: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let file = repo.outside("workflow.toml");
    std::fs::write(&file, workflow).unwrap();
    let file = file.display().to_string();
    let mut args = vec!["run", &file, "HEAD~1", "--format", "json"];
    args.extend(more);
    report(repo, &args)
}

fn report(repo: &Repo, args: &[&str]) -> (Option<i32>, Value, String) {
    let output = repo.llmux(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let json =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    (output.status.code(), json, stderr)
}

/// `read`, `failed`, …: what `backend` did with the first file.
fn reading(json: &Value, backend: &str) -> String {
    let readings = json["coverage"][0]["readings"].as_array().unwrap();
    let own = readings.iter().find(|one| one["backend"] == backend);
    own.map_or("nothing", |one| one["state"].as_str().unwrap())
        .to_owned()
}

/// A claim about the first line of the first file of [`packets`].
fn claim(role: Option<&str>) -> Value {
    json!({"role": role, "file": "part0/module.py", "line": 1, "end_line": 1,
           "quote": "def function_0_0(value): return value + 0", "severity": "high",
           "category": "bug", "rule": "off-by-one", "title": "Adds nothing",
           "message": "`function_0_0` returns `value` as it is.", "suggestion": null,
           "confidence": 0.9})
}
