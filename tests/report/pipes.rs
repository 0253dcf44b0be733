//! Reports in a shell's pipe: the exit code with and without `pipefail`, a reader that leaves.

#![cfg(unix)]

use std::process::{Command, Output};

use crate::support::Repo;

/// A change whose finding blocks: a key, in parts, so that no scanner finds one here.
fn planted() -> Repo {
    let repo = Repo::new();
    repo.write("a.rs", "fn main() {}\n");
    repo.commit("base");
    let key = ["AKIA", "Z7Q2XN4LP3VWT5RK"].concat();
    repo.write("a.rs", &format!("const KEY: &str = \"{key}\";\n"));
    repo.commit("change");
    repo
}

/// Runs a script with the program as `$llmux`, in the repository, with the tests' environment.
fn bash(repo: &Repo, script: &str) -> Output {
    let llmux = repo.llmux(&[]);
    let mut bash = Command::new("bash");
    bash.args(["-c", script])
        .current_dir(llmux.get_current_dir().unwrap())
        .env_clear();
    for (name, value) in llmux.get_envs() {
        bash.envs(value.map(|value| (name, value)));
    }
    bash.env("llmux", llmux.get_program())
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap()
}

const SARIF: &str = "\"$llmux\" diff HEAD~1 --backend rules --quiet --format sarif";

#[test]
fn a_pipe_hands_on_the_whole_report() {
    let repo = planted();
    let output = bash(&repo, &format!("{SARIF} | cat"));
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert!(output.stderr.is_empty(), "{output:?}");
    // Without pipefail a shell knows the last program's code alone.
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn with_pipefail_the_verdict_is_the_pipes() {
    let repo = planted();
    let code = |script: String| bash(&repo, &script).status.code();
    let alone = code(SARIF.to_owned());
    assert_eq!(alone, Some(15));
    assert_eq!(
        code(format!("set -o pipefail; {SARIF} | cat >/dev/null")),
        alone
    );
    assert_eq!(
        code(format!("{SARIF} | cat >/dev/null; exit ${{PIPESTATUS[0]}}")),
        alone
    );
    // A report in a file leaves the exit code alone, and standard output to people.
    let script = "\"$llmux\" diff HEAD~1 --backend rules --quiet --report sarif=out.sarif \
                  --report terminal; code=$?; test -s out.sarif && exit $code";
    assert_eq!(code(script.to_owned()), alone);
}

#[test]
fn a_failure_before_the_report_fails_the_pipe() {
    let repo = planted();
    let script = "set -o pipefail; \"$llmux\" diff nothing-like-that --format sarif | cat";
    let output = bash(&repo, script);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty() && !output.stderr.is_empty());
}

#[test]
fn a_reader_that_leaves_early_changes_no_verdict() {
    let repo = planted();
    // More than a pipe holds, so that the writer notices.
    let page = SARIF.replace("sarif", "html");
    for (script, reader) in [
        (SARIF, "true"),
        (SARIF, "head -c 1 >/dev/null"),
        (&*page, "exec <&-; sleep 0.2"),
    ] {
        let script = format!("{script} | {{ {reader}; }}; echo ${{PIPESTATUS[0]}}");
        let output = bash(&repo, &script);
        let code = String::from_utf8(output.stdout).unwrap();
        assert_eq!(code.trim(), "15", "{reader}");
        assert!(output.stderr.is_empty(), "{reader}: {:?}", output.stderr);
    }
}
