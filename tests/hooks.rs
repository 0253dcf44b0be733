//! `--staged` and `--pre-push` in the environment of a hook; tests/pre-commit.sh runs real ones.

use std::time::Instant;

use predicates::prelude::*;
use serde_json::Value;

use crate::support::Repo;

const BAD: &str = "import os\n\n\ndef run(name):\n    os.system(\"ls \" + name)\n";
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// Three commits, the last with something bad; the remote has the first.
fn pushed() -> Repo {
    let repo = Repo::new();
    repo.write("one.py", "one = 1\n");
    repo.commit("one");
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.write("two.py", "two = 2\n");
    repo.commit("two");
    repo.write("three.py", BAD);
    repo.commit("three");
    repo
}

/// Exit code and reviewed paths of a push that these variables tell of.
fn review(repo: &Repo, variables: &[(&str, &str)]) -> (Option<i32>, Vec<String>) {
    let args = [
        "diff",
        "--pre-push",
        "--backend",
        "rules",
        "--report",
        "json=out.json",
    ];
    let mut command = repo.llmux(&args);
    command.envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = std::fs::read_to_string(repo.dir().join("out.json")).unwrap_or_default();
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    });
    let files = report["coverage"].as_array().unwrap();
    let path = |file: &Value| file["path"].as_str().unwrap().to_owned();
    (output.status.code(), files.iter().map(path).collect())
}

#[test]
fn a_push_is_reviewed_as_the_variables_say() {
    let repo = pushed();
    let rev = |rev: &str| repo.git(&["rev-parse", rev]).trim().to_owned();
    let (one, two, three) = (rev("HEAD~2"), rev("HEAD~1"), rev("HEAD"));
    let (from, to) = ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF");
    let branch = ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main");
    for (variables, code, files) in [
        (vec![(from, &*two), (to, &*three)], 14, vec!["three.py"]),
        (vec![(from, &one), (to, &two)], 0, vec!["two.py"]),
        (vec![(from, ZEROS), (to, &two)], 0, vec!["two.py"]),
        (vec![(to, &three)], 14, vec!["three.py", "two.py"]),
        // Pushed with its first commit, where no range is told.
        (vec![branch], 14, vec!["three.py", "two.py"]),
        (
            vec![(from, ""), (to, ""), branch],
            14,
            vec!["three.py", "two.py"],
        ),
        (vec![(from, &three), (to, ZEROS)], 0, vec![]),
        // By hand, outside of a push: what HEAD adds to the default branch.
        (vec![], 14, vec!["three.py", "two.py"]),
    ] {
        let found = review(&repo, &variables);
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        assert_eq!(found, (Some(code), files), "{variables:?}");
    }
}

#[test]
fn a_push_and_another_change_do_not_go_together() {
    let repo = pushed();
    for other in ["--staged", "--worktree", "--patch=x", "HEAD~1"] {
        repo.llmux(&["diff", "--pre-push", other])
            .assert()
            .code(2)
            .stderr(predicate::str::contains("cannot be used with"));
    }
}

/// A mistake in the runner's configuration must not pass for an empty push.
#[test]
fn a_push_of_what_is_not_there_is_refused() {
    let repo = pushed();
    repo.llmux(&["diff", "--pre-push"])
        .env("PRE_COMMIT_FROM_REF", "no-such")
        .env("PRE_COMMIT_TO_REF", "HEAD")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("unknown revision `no-such`"));
}

/// The limit holds, and who is missing is named with the file.
#[cfg(unix)]
#[test]
fn at_its_time_limit_a_hook_says_what_is_missing() {
    let repo = Repo::new();
    let slow = "[backends.slow]\ncommand = \"sleep\"\nargs = [\"30\"]\ninput = \"argument\"\n";
    for (flag, code) in [("--quiet", 3), ("--allow-incomplete", 0)] {
        repo.config(slow);
        repo.write("late.py", "late = 1\n");
        repo.git(&["add", "late.py"]);
        let start = Instant::now();
        repo.llmux(&["diff", "--staged", "--timeout=1s", flag])
            .assert()
            .code(code)
            .stdout(
                predicate::str::contains("late.py")
                    .and(predicate::str::contains("slow"))
                    .and(predicate::str::contains("incomplete")),
            );
        assert!(start.elapsed().as_secs() < 20);
    }
}
