//! What limits calls: slots, retries, the breaker. Counted by the servers.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{ANALYZE, SMALL_PACKETS, packets, run};
use crate::support::crowd::Crowd;
use crate::support::model::{Model, says};

const NOTHING: &str = "{\"findings\": []}";

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_has_no_more_calls_in_flight_than_it_may() {
    let repo = packets(8);
    let crowd = Crowd::of(2);
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 2\n",
        crowd.server("alpha").await
    ));
    let (code, _, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    let count = crowd.count();
    assert_eq!((count.peak, count.total), (2, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_backends_together_have_no_more_calls_in_flight_than_the_run_may() {
    let repo = packets(6);
    let crowd = Crowd::of(3);
    repo.config(&format!(
        "[run]\nmax_in_flight = 3\n{SMALL_PACKETS}{}{}",
        crowd.server("alpha").await,
        crowd.server("beta").await
    ));
    let args = ["--backend", "alpha", "--backend", "beta"];
    let (code, _, stderr) = run(&repo, ANALYZE, &args);
    assert_eq!(code, Some(0), "{stderr}");
    let count = crowd.count();
    assert_eq!((count.peak, count.total), (3, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_failures_in_a_row_no_call_is_made() {
    let repo = packets(6);
    let alpha = Model::new(|_, _| ResponseTemplate::new(500)).await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 1\nretries = 0\n",
        alpha.config("alpha")
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(alpha.calls().await, 3);
    assert_eq!(json["backends"][0]["failed"], 6);
    let error = json["backends"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("500") && !error.contains("not asked"),
        "{error}"
    );
}

/// Eight in flight that fail together are the first of three; the other two come alone.
#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_cost_no_more_than_those_in_flight() {
    let repo = packets(30);
    let alpha = Model::new(|_, _| ResponseTemplate::new(500)).await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 8\nretries = 2\n",
        alpha.config("alpha")
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    let calls = alpha.calls().await;
    assert!((3..=10).contains(&calls), "{calls}");
    assert_eq!(json["backends"][0]["failed"], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_count_among_the_three() {
    let repo = packets(1);
    let alpha = Model::new(|_, _| ResponseTemplate::new(503)).await;
    repo.config(&format!("{}retries = 9\n", alpha.config("alpha")));
    let (code, _, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(alpha.calls().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_starts_the_row_anew() {
    let repo = packets(6);
    // Two failures, an answer, and so on: never three in a row.
    let alpha = Model::new(|call, _| {
        if call % 3 == 2 {
            says(NOTHING)
        } else {
            ResponseTemplate::new(500)
        }
    })
    .await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 1\nretries = 0\n",
        alpha.config("alpha")
    ));
    run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(alpha.calls().await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_permanent_failure_is_enough() {
    let repo = packets(6);
    let alpha = Model::new(|_, _| ResponseTemplate::new(401)).await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 1\n",
        alpha.config("alpha")
    ));
    let (code, _, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(alpha.calls().await, 1);
}

/// Calls that fail together are one failure of the row, and all of them are tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_hiccup_of_many_calls_at_once_loses_none() {
    let repo = packets(5);
    let crowd = Crowd::that_hiccups(5);
    repo.config(&format!(
        "{SMALL_PACKETS}{}retries = 2\n",
        crowd.server("alpha").await
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "success");
    assert_eq!(crowd.count().total, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_obeyed() {
    let repo = packets(1);
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let alpha = Model::new({
        let arrivals = Arc::clone(&arrivals);
        move |call, _| {
            arrivals.lock().unwrap().push(Instant::now());
            if call == 0 {
                ResponseTemplate::new(429).insert_header("Retry-After", "2")
            } else {
                says(NOTHING)
            }
        }
    })
    .await;
    repo.config(&alpha.config("alpha"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "success");
    let arrivals = arrivals.lock().unwrap();
    assert_eq!(arrivals.len(), 2);
    // Without the header it would have come within half a second; there is no upper bound.
    assert!(arrivals[1] - arrivals[0] >= Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_to_come_back_at_is_obeyed() {
    let repo = packets(1);
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let alpha = Model::new({
        let arrivals = Arc::clone(&arrivals);
        move |call, _| {
            arrivals.lock().unwrap().push(SystemTime::now());
            if call == 0 {
                // A date has whole seconds; this one is more than one ahead.
                let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
                ResponseTemplate::new(429).insert_header("Retry-After", date.as_str())
            } else {
                says(NOTHING)
            }
        }
    })
    .await;
    repo.config(&alpha.config("alpha"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "success");
    let arrivals = arrivals.lock().unwrap();
    let paused = arrivals[1].duration_since(arrivals[0]).unwrap();
    assert!(paused >= Duration::from_millis(900), "{paused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_no_failure() {
    for status in [500, 529] {
        let repo = packets(1);
        let alpha = Model::new(move |call, _| match call {
            0 => ResponseTemplate::new(status),
            _ => says(NOTHING),
        })
        .await;
        repo.config(&alpha.config("alpha"));
        let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
        assert_eq!(code, Some(0), "{status}: {stderr}");
        assert_eq!(json["status"], "success", "{status}");
        assert_eq!(alpha.calls().await, 2, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_minute_are_spread() {
    let repo = packets(8);
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let alpha = Model::new({
        let arrivals = Arc::clone(&arrivals);
        move |_, _| {
            arrivals.lock().unwrap().push(Instant::now());
            says(NOTHING)
        }
    })
    .await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}requests_per_minute = 60\n",
        alpha.config("alpha")
    ));
    let (code, _, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    let arrivals = arrivals.lock().unwrap();
    // Six come at once, the seventh and the eighth each a second later.
    assert!(arrivals[7] - arrivals[0] >= Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_an_hour_is_not_asked_before() {
    let repo = packets(1);
    let alpha =
        Model::new(|_, _| ResponseTemplate::new(429).insert_header("Retry-After", "3600")).await;
    repo.config(&alpha.config("alpha"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(alpha.calls().await, 1);
    assert_eq!(json["status"], "system_failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_opens_no_breaker() {
    let repo = packets(5);
    let alpha = Model::new(|call, _| {
        if call < 5 {
            ResponseTemplate::new(429).insert_header("Retry-After", "0")
        } else {
            says(NOTHING)
        }
    })
    .await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 1\nretries = 5\n",
        alpha.config("alpha")
    ));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["backends"][0]["failed"], 0);
    assert_eq!(alpha.calls().await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn spending_is_the_sum_of_calls() {
    let repo = packets(3);
    let alpha = Model::finding(json!([])).await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}[backends.alpha.price]\ninput = 10.0\noutput = 100.0\n",
        alpha.config("alpha")
    ));
    let (_, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    let backend = &json["backends"][0];
    assert_eq!(backend["answered"], 3, "{stderr}");
    assert_eq!(backend["tokens"]["input"], 300);
    // Each call reads 100 tokens and writes 10: 0.001 and 0.001 dollars.
    assert_eq!(backend["cost_usd"], 0.006);
}

#[cfg(unix)]
#[test]
fn a_file_name_gives_ci_no_command_in_the_log() {
    let repo = packets(0);
    repo.write("##[error]a.py", "x = 1\n");
    repo.write("b\n::add-mask::c.py", "x = 1\n");
    repo.commit("names");
    for args in [&["diff", "HEAD~1"][..], &["diff", "HEAD~1", "--dry-run"]] {
        let output = repo.llmux(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("a.py"), "{said}");
        assert!(!said.contains("##["), "{said}");
        let obeyed = said.lines().any(|line| line.trim_start().starts_with("::"));
        assert!(!obeyed, "{said}");
    }
}
