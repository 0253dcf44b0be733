//! The tape: what was answered is not asked again, and what was no answer is.

use std::fs;

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{NOTHING, claim, configured, files, path, review, run, runs, silent, text};
use crate::support::Repo;
use crate::support::model::{Model, says};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_on_the_same_commit_makes_no_call() {
    let repo = files(5);
    let alpha = Model::new(|_, _| says(&json!({"findings": [claim()]}).to_string())).await;
    configured(&repo, &alpha, "price = { input = 1, output = 2 }\n");
    let first = review(&repo, &[]);
    assert_eq!(alpha.calls().await, 5, "{}", first.stderr);
    let second = review(&repo, &[]);
    assert_eq!(alpha.calls().await, 5, "{}", second.stderr);
    assert_eq!(second.code, first.code);
    assert_eq!(second.json["findings"], first.json["findings"]);
    assert_eq!(second.json["coverage"], first.json["coverage"]);
    assert_eq!(first.backend("taped"), 0);
    assert_eq!(second.backend("taped"), 5);
    assert_eq!(second.backend("answered"), 5);
    assert_eq!(second.backend("cost_usd"), 0.0, "nothing is paid twice");
    assert_eq!(runs(&repo).len(), 1, "a run that is over is not run again");
}

/// Packets are the key, not the change.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_push_only_the_packets_that_changed_are_asked() {
    let repo = files(40);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, 40);
    for number in [7, 31] {
        repo.write(&path(number), &text(number, 1));
    }
    repo.commit("a push");
    let second = review(&repo, &[]);
    assert_eq!(alpha.calls().await, 42, "{}", second.stderr);
    assert_eq!(second.backend("taped"), 38);
    let asked = alpha.questions().await;
    for (question, number) in asked[40..].iter().zip([7, 31]) {
        let other = if question.contains(&path(7)) { 7 } else { 31 };
        assert!(question.contains(&path(other)), "{number}");
    }
}

/// With the built-in workflow and its summary, which is about the findings.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_asks_again_for_its_packets_alone_in_the_built_in_review() {
    let repo = files(6);
    let alpha = Model::finding(json!([])).await;
    configured(&repo, &alpha, "");
    let first = run(&repo, &["diff", "main", "--format", "json"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let before = alpha.calls().await;
    repo.write(&path(2), &text(2, 1));
    repo.commit("a push");
    run(&repo, &["diff", "main", "--format", "json"]);
    let asked = alpha.questions().await.split_off(before);
    let packets = asked.iter().filter(|one| one.contains("function_"));
    assert_eq!(packets.count(), 1, "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_asked_again() {
    for (kind, reply) in [
        ("a failure", ResponseTemplate::new(500)),
        ("a refusal", {
            let body = json!({"model": "scripted", "choices": [{"index": 0,
                "finish_reason": "content_filter",
                "message": {"role": "assistant", "content": ""}}]});
            ResponseTemplate::new(200).set_body_json(body)
        }),
        ("an abstention", says("I like this code.")),
    ] {
        let repo = files(1);
        let bad = reply.clone();
        let alpha = Model::new(move |call, _| match call {
            // A question and its repair.
            0 | 1 => bad.clone(),
            _ => says(NOTHING),
        })
        .await;
        configured(&repo, &alpha, "retries = 0\n");
        let first = review(&repo, &[]);
        assert_eq!(first.code, Some(3), "{kind}: {}", first.stderr);
        let asked = alpha.calls().await;
        let second = review(&repo, &[]);
        assert!(
            alpha.calls().await > asked,
            "{kind} was served as an answer"
        );
        // A failure and a refusal have no repair: the next bad reply is still to come.
        let third = review(&repo, &[]);
        let good = if second.code == Some(0) {
            second
        } else {
            third
        };
        assert_eq!(good.code, Some(0), "{kind}: {}", good.stderr);
        let calls = alpha.calls().await;
        let last = review(&repo, &[]);
        assert_eq!(alpha.calls().await, calls, "{kind}: {}", last.stderr);
    }
}

/// A repair that brought an answer is served with the answer that it repaired.
#[tokio::test(flavor = "multi_thread")]
async fn a_repaired_answer_is_served_whole() {
    let repo = files(1);
    let alpha = Model::new(|call, _| says(if call == 0 { "Hm." } else { NOTHING })).await;
    configured(&repo, &alpha, "");
    assert_eq!(review(&repo, &[]).code, Some(0));
    let second = review(&repo, &[]);
    assert_eq!(alpha.calls().await, 2);
    assert_eq!(second.backend("taped"), 2);
}

/// Complete, though one of three failed: over, until somebody wants to know better.
#[tokio::test(flavor = "multi_thread")]
async fn a_degraded_run_is_not_run_again_by_itself() {
    let repo = files(2);
    let (alpha, beta) = (silent().await, silent().await);
    let gamma = Model::new(|call, _| match call {
        0 | 1 => ResponseTemplate::new(400),
        _ => says(NOTHING),
    })
    .await;
    repo.config(&format!(
        "{}{}{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\", \"gamma\"]\n",
        super::SMALL_PACKETS,
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma")
    ));
    let first = review(&repo, &[]);
    assert_eq!(first.json["status"], "degraded", "{}", first.stderr);
    assert_eq!(first.code, Some(0));
    let asked = gamma.calls().await;

    let second = review(&repo, &[]);
    assert_eq!(gamma.calls().await, asked, "{}", second.stderr);
    assert_eq!(second.json["status"], "degraded");
    assert_eq!(second.json["notices"], first.json["notices"]);
    assert!(
        second.stderr.contains("--refresh=failed"),
        "{}",
        second.stderr
    );

    review(&repo, &["--refresh=failed"]);
    assert!(gamma.calls().await > asked);
    assert_eq!(alpha.calls().await, 2, "what was answered stays");

    review(&repo, &["--refresh"]);
    assert_eq!(alpha.calls().await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_old_counts_no_more() {
    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "[store]\nttl = \"1s\"\n");
    review(&repo, &[]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, 2);
}

/// As `actions/cache` does between runners.
#[tokio::test(flavor = "multi_thread")]
async fn the_tape_is_one_folder_that_can_be_carried_elsewhere() {
    let repo = files(3);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    let (from, to) = (repo.outside("home/.cache/llmux"), repo.outside("restored"));
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(&from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        assert!(
            ["llmux.db", "llmux.lock"].contains(&name.to_str().unwrap()),
            "{name:?}: nothing is left in a log"
        );
        fs::copy(entry.path(), to.join(name)).unwrap();
    }
    fs::remove_dir_all(&from).unwrap();
    let mut command = repo.llmux(&[]);
    command.args(super::arguments(&repo));
    let output = command.env("LLMUX_CACHE_DIR", &to).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(alpha.calls().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_can_be_kept_out() {
    let repo = files(1);
    let secret = "the reply that nobody else may read";
    let alpha = Model::new(move |_, _| says(&format!("{secret} {NOTHING}"))).await;
    configured(&repo, &alpha, "[store]\ncontent = false\n");
    review(&repo, &[]);
    review(&repo, &[]);
    assert_eq!(
        alpha.calls().await,
        2,
        "nothing can be answered from the tape"
    );
    let file = fs::read(repo.outside("home/.cache/llmux/llmux.db")).unwrap();
    for text in [secret, "function_0_0"] {
        assert!(!contains(&file, text), "{text}");
    }
    assert_eq!(runs(&repo).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_and_keys_are_never_kept() {
    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "api_key = \"${ALPHA_KEY}\"\n");
    let mut command = repo.llmux(&[]);
    command.args(super::arguments(&repo));
    let output = command
        .env("ALPHA_KEY", "sk-do-not-keep-1234567890")
        .output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    let file = fs::read(repo.outside("home/.cache/llmux/llmux.db")).unwrap();
    assert!(contains(&file, "findings"), "the reply is there");
    for text in ["sk-do-not-keep", "function_0_0"] {
        assert!(!contains(&file, text), "{text}");
    }
}

/// The oldest replies go first.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_stays_within_its_size() {
    let repo = files(1);
    let long = format!("{}{NOTHING}", "x".repeat(20_000));
    let alpha = Model::new(move |_, _| says(&long)).await;
    configured(&repo, &alpha, "[store]\nmax_size = \"300KB\"\n");
    for round in 1..=30 {
        repo.write(&path(0), &text(0, round));
        repo.commit("a push");
        review(&repo, &[]);
    }
    let size = fs::metadata(repo.outside("home/.cache/llmux/llmux.db"))
        .unwrap()
        .len();
    assert!((100_000..400_000).contains(&size), "{size}");
    let calls = alpha.calls().await;
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, calls, "the newest is still there");
    repo.git(&["checkout", "-q", "HEAD~25"]);
    let workflow = repo.outside("workflow.toml").display().to_string();
    run(&repo, &["run", &workflow, "main", "--format", "json"]);
    assert_eq!(alpha.calls().await, calls + 1, "the oldest is gone");
}

/// `--record` and `--replay` mean the folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_run_asks_all_there_is() {
    let repo = files(2);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    let tape = repo.outside("tape").display().to_string();
    review(&repo, &["--record", &tape]);
    assert_eq!(alpha.calls().await, 4);
    let replayed = review(&repo, &["--replay", &tape]);
    assert_eq!(alpha.calls().await, 4);
    assert_eq!(replayed.code, Some(0));
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Samples are questions of their own; so are other models and other temperatures.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_the_answer_changes_the_question() {
    let repo: Repo = files(1);
    let alpha = silent().await;
    let asked_with = async |more: &str| {
        configured(&repo, &alpha, more);
        let before = alpha.calls().await;
        review(&repo, &[]);
        alpha.calls().await - before
    };
    assert_eq!(asked_with("").await, 1);
    assert_eq!(asked_with("temperature = 0.5\n").await, 1);
    assert_eq!(asked_with("max_output_tokens = 900\n").await, 1);
    assert_eq!(
        asked_with("weight = 2\n").await,
        0,
        "what a vote weighs is not asked"
    );
    assert_eq!(asked_with("timeout = \"9s\"\n").await, 0);
}

/// To tell a run once more is not to judge it again: what the store says of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_told_again_stays_as_it_ended() {
    let repo = files(1);
    let alpha = Model::new(|_, _| says(&json!({"findings": [claim()]}).to_string())).await;
    repo.config(&format!(
        "{}{}[roles.analyzer]\nbackends = [\"alpha\", \"rules\"]\n",
        super::SMALL_PACKETS,
        alpha.config("alpha"),
    ));
    assert_eq!(review(&repo, &[]).code, Some(14));
    let before = runs(&repo);
    assert_eq!(review(&repo, &["--fail-on", "never"]).code, Some(0));
    assert_eq!(alpha.calls().await, 1);
    assert_eq!(runs(&repo), before);
}
