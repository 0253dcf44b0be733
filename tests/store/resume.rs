//! A run that was broken off goes on: what was answered is not asked again, and the report is the
//! one of an unbroken run.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{arguments, claim, configured, files, review, runs};
use crate::support::Repo;
use crate::support::model::{Model, says_late};

const PAUSE: Duration = Duration::from_millis(60);

async fn slow() -> Model {
    Model::new(|_, _| says_late(&json!({"findings": [claim()]}).to_string(), PAUSE)).await
}

fn start(repo: &Repo) -> Child {
    let mut command = repo.llmux_process(&[]);
    command
        .args(arguments(repo))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

async fn until_asked(model: &Model, calls: usize) {
    for _ in 0..2000 {
        if model.calls().await >= calls {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{calls} calls never came");
}

/// The report of a run that nothing broke.
async fn unbroken(count: usize, more: &str) -> Value {
    let repo = files(count);
    let alpha = slow().await;
    configured(&repo, &alpha, more);
    review(&repo, &[]).json
}

/// Killed after so many questions, again and again, and then left alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_at_any_moment_goes_on() {
    let more = "max_concurrent = 2\nprice = { input = 1, output = 2 }\n";
    let whole = unbroken(12, more).await;
    let repo = files(12);
    let alpha = slow().await;
    configured(&repo, &alpha, more);
    let mut kills = 0;
    for asked in [1, 2, 3, 4, 6, 9] {
        let mut child = start(&repo);
        until_asked(&alpha, asked + kills).await;
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    let last = review(&repo, &[]);
    let calls = alpha.calls().await;
    assert!(
        calls <= 12 + 4 * kills,
        "{calls} calls: more than 12 and, at each of {kills} kills, the two in flight and two \
         whose answers were being written down"
    );
    assert_eq!(last.json, whole, "{}", last.stderr);
    assert_eq!(runs(&repo).len(), 1, "it is one run");
    // Over now.
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_interrupted_goes_on() {
    let whole = unbroken(6, "max_concurrent = 1\n").await;
    let repo = files(6);
    let alpha = slow().await;
    configured(&repo, &alpha, "max_concurrent = 1\n");
    let mut child = start(&repo);
    until_asked(&alpha, 3).await;
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap()),
        nix::sys::signal::Signal::SIGINT,
    )
    .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(runs(&repo)[0]["status"], "partial");
    let last = review(&repo, &[]);
    assert!(last.stderr.contains("was not finished"), "{}", last.stderr);
    assert_eq!(last.json, whole);
    assert!(alpha.calls().await <= 7);
}

/// Who works on a run is not disturbed: a second one has a run of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_somebody_works_on_is_left_to_them() {
    let repo = files(4);
    let pause = Duration::from_secs(2);
    let answer = move || says_late(&json!({"findings": [claim()]}).to_string(), pause);
    let alpha = Model::new(move |_, _| answer()).await;
    configured(&repo, &alpha, "max_concurrent = 1\n");
    let mut child = start(&repo);
    until_asked(&alpha, 2).await;
    let second = review(&repo, &[]);
    assert_eq!(second.code, Some(14), "{}", second.stderr);
    child.wait().unwrap();
    assert_eq!(runs(&repo).len(), 2);
}
