//! Bad input, streams, signals: what a pipeline meets.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::Duration;

use predicates::prelude::*;
use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::{Model, says_late};

fn two_commits() -> Repo {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("before");
    repo.write("a.py", "x = 2\n");
    repo.commit("after");
    repo
}

/// Exit 2, one message that holds `needles`, nothing on standard output, no file left behind.
fn refused(repo: &Repo, args: &[&str], needles: &[&str]) {
    let before = repo.untracked();
    let output = repo.llmux(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(
        output.stdout.is_empty(),
        "{args:?} wrote to standard output"
    );
    for needle in needles {
        assert!(
            stderr.contains(needle),
            "{args:?}: no {needle:?} in: {stderr}"
        );
    }
    assert_eq!(
        stderr.matches("error").count().max(1),
        stderr.matches("error").count(),
        "{stderr}"
    );
    assert_eq!(repo.untracked(), before, "{args:?} left a file behind");
}

#[test]
fn broken_configuration_is_refused_with_every_place() {
    let repo = two_commits();
    repo.config("[gate]\nfail_onn = \"high\"\n[run]\ntimeout = true\n");
    refused(
        &repo,
        &["diff", "HEAD~1"],
        &[
            "config.toml:2",
            "fail_onn",
            "fail_on",
            "config.toml:4",
            "timeout",
        ],
    );
    repo.config("[gate\nfail_on = \"high\"\n");
    refused(&repo, &["diff", "HEAD~1"], &["config.toml:1"]);
}

#[test]
fn unknown_revision_is_refused() {
    refused(&two_commits(), &["diff", "nowhere..HEAD"], &["nowhere"]);
}

#[test]
fn outside_a_repository_is_refused() {
    let repo = two_commits();
    let elsewhere = repo.outside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    repo.llmux(&["diff"])
        .current_dir(&elsewhere)
        .assert()
        .code(2)
        .stderr(predicate::str::contains("repository").and(predicate::str::contains("--patch")));
}

#[test]
fn a_patch_that_is_none_is_refused() {
    let repo = two_commits();
    let file = repo.outside("no.patch");
    fs::write(&file, "--- a/x\n+++ b/x\n@@ -1,2 +1,9 @@\n-a\n+b\n").unwrap();
    refused(
        &repo,
        &["diff", "--patch", &file.display().to_string()],
        &["no.patch", "3"],
    );
    fs::write(&file, "just a letter\n").unwrap();
    refused(
        &repo,
        &["diff", "--patch", &file.display().to_string()],
        &["no.patch"],
    );
    let missing = repo.outside("missing.patch").display().to_string();
    refused(&repo, &["diff", "--patch", &missing], &["missing.patch"]);
}

#[test]
fn a_workflow_with_a_cycle_is_refused() {
    let repo = two_commits();
    let file = repo.outside("cycle.toml");
    fs::write(
        &file,
        "name = \"c\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nprompt = \"x\"\nproduces = \"text\"\ndepends_on = [\"b\"]\n\
         [[steps]]\nname = \"b\"\nrole = \"analyzer\"\nprompt = \"x\"\nproduces = \"text\"\ndepends_on = [\"a\"]\n",
    )
    .unwrap();
    refused(
        &repo,
        &["run", &file.display().to_string(), "HEAD~1"],
        &["cycle.toml", "a → b → a"],
    );
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let repo = two_commits();
    refused(
        &repo,
        &["diff", "HEAD~1", "--team", "rubby"],
        &["rubby", "ruby"],
    );
    refused(
        &repo,
        &["diff", "HEAD~1", "--backend", "rulez"],
        &["rulez", "rules"],
    );
    refused(
        &repo,
        &["diff", "HEAD~1", "--format", "sariff"],
        &["sariff", "sarif"],
    );
    refused(&repo, &["run", "dif", "HEAD~1"], &["dif", "diff"]);
    refused(
        &repo,
        &["diff", "HEAD~1", "--fail-on", "hihg"],
        &["hihg", "high"],
    );
}

#[test]
fn a_report_into_nowhere_is_refused_before_the_run() {
    let repo = two_commits();
    refused(
        &repo,
        &["diff", "HEAD~1", "--report", "sarif=no/such/folder/r.sarif"],
        &["no/such/folder"],
    );
    refused(
        &repo,
        &["diff", "HEAD~1", "--report", "json", "--report", "sarif"],
        &["standard output"],
    );
}

#[test]
fn a_closed_pipe_is_no_crash() {
    let repo = two_commits();
    let mut child = repo
        .llmux_process(&["diff", "HEAD~1", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panic"));
}

#[test]
fn standard_output_carries_reports_alone() {
    let repo = two_commits();
    let output = repo
        .llmux(&["diff", "HEAD~1", "-vv", "--format", "json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"], "pass");
    let quiet = repo
        .llmux(&["diff", "HEAD~1", "--quiet", "--report", "json=../out.json"])
        .output()
        .unwrap();
    assert!(
        quiet.stdout.is_empty() && quiet.stderr.is_empty(),
        "{quiet:?}"
    );
    assert!(repo.outside("out.json").exists());
}

#[test]
fn config_show_names_the_origin_of_each_value() {
    let repo = two_commits();
    repo.config("[gate]\nfail_on = \"low\"\n");
    repo.llmux(&["config", "show", "--origin"])
        .env("LLMUX_VOTE_THRESHOLD", "2")
        .assert()
        .code(0)
        .stdout(
            predicate::str::is_match(r#"fail_on = "low" .*\.llmux/config\.toml:2"#)
                .unwrap()
                .and(predicate::str::contains("LLMUX_VOTE_THRESHOLD"))
                .and(predicate::str::contains("default")),
        );
}

#[test]
fn config_show_loads_again() {
    let repo = two_commits();
    let shown = repo.llmux(&["config", "show"]).output().unwrap();
    assert!(shown.status.success());
    repo.config(&String::from_utf8(shown.stdout.clone()).unwrap());
    let again = repo.llmux(&["config", "show"]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&shown.stdout),
        String::from_utf8_lossy(&again.stdout)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_makes_no_call() {
    let repo = two_commits();
    let model = Model::finding(json!([])).await;
    repo.config(&model.config("alpha"));
    repo.llmux(&["diff", "HEAD~1", "--dry-run", "--backend", "alpha"])
        .assert()
        .code(0)
        .stdout(predicate::str::contains("a.py").and(predicate::str::contains("alpha")));
    assert_eq!(model.calls().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_never_shown() {
    let repo = two_commits();
    let model = Model::new(|_, _| {
        wiremock::ResponseTemplate::new(401).set_body_string("bad key sk-very-secret-0123456789")
    })
    .await;
    repo.config(&format!(
        "{}api_key = \"${{THE_KEY}}\"\n",
        model.config("alpha")
    ));
    let output = repo
        .llmux(&[
            "diff",
            "HEAD~1",
            "-vvv",
            "--format",
            "json",
            "--backend",
            "alpha",
        ])
        .env("THE_KEY", "sk-very-secret-0123456789")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains("sk-very-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_is_said_and_is_no_pass() {
    let repo = two_commits();
    let model = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}api_key = \"${{THE_KEY}}\"\n",
        model.config("alpha")
    ));
    repo.llmux(&["diff", "HEAD~1", "--backend", "alpha"])
        .assert()
        .code(3)
        .stdout(predicate::str::contains("THE_KEY"));
    assert_eq!(model.calls().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_ends_a_run_as_incomplete() {
    let repo = two_commits();
    let model = Model::new(|_, _| says_late("{\"findings\": []}", Duration::from_mins(1))).await;
    repo.config(&model.config("alpha"));
    let output = repo
        .llmux(&[
            "diff",
            "HEAD~1",
            "--format",
            "json",
            "--backend",
            "alpha",
            "--timeout",
            "1s",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["status"], "timeout");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_writes_what_it_has() {
    let mut signals = vec![("-INT", 130), ("-TERM", 143)];
    // Under `nohup`, which the tests may run under, it stays ignored.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if status
        .lines()
        .any(|line| line.starts_with("SigIgn:") && line.ends_with(['0', '2', '4', '6', '8']))
    {
        signals.push(("-HUP", 143));
    }
    for (signal, code) in signals {
        let repo = two_commits();
        let model =
            Model::new(|_, _| says_late("{\"findings\": []}", Duration::from_mins(1))).await;
        repo.config(&model.config("alpha"));
        let mut child = repo
            .llmux_process(&["diff", "HEAD~1", "--format", "json", "--backend", "alpha"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The first line of progress says that the calls are under way.
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("packet") {
            line.clear();
            assert_ne!(
                stderr.read_line(&mut line).unwrap(),
                0,
                "ended before the calls"
            );
        }
        while model.calls().await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = child.id().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let mut stdout = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let json: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(json["status"], "partial");
        assert_eq!(json["verdict"], "incomplete");
    }
}

#[test]
fn a_runner_that_folds_its_log_gets_groups() {
    let repo = two_commits();
    let plain = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&plain.stderr).contains("::group::"));
    let output = repo
        .llmux(&["diff", "HEAD~1"])
        .env("GITHUB_ACTIONS", "true")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let start = stderr.find("::group::analyzer+reviewer+security: 1 packet");
    let end = stderr.find("::endgroup::");
    assert!(start.is_some() && start < end, "{stderr}");
}

#[test]
fn names_are_checked_on_an_empty_change_too() {
    let repo = two_commits();
    refused(
        &repo,
        &["diff", "HEAD..HEAD", "--backend", "rulez"],
        &["rulez"],
    );
    refused(
        &repo,
        &["diff", "HEAD..HEAD", "--team", "rubby"],
        &["rubby"],
    );
    repo.llmux(&["diff", "HEAD..HEAD", "--dry-run"])
        .assert()
        .code(0)
        .stdout(predicate::str::contains("packets: 0"));
}
