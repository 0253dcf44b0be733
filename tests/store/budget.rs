//! What may be spent: reserved before a call, settled after it, never overdrawn.

use std::process::Stdio;

use serde_json::json;
use wiremock::ResponseTemplate;

use super::postgres::places;
use super::{NOTHING, PRICE, arguments, configured, files, review, runs};
use crate::support::Repo;
use crate::support::model::{Model, says};

/// An answer that costs 35 cents at [`PRICE`], close to the most that it can.
fn dear() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "id": "c", "object": "chat.completion", "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": NOTHING}}],
        "usage": {"prompt_tokens": 1500, "completion_tokens": 1000, "total_tokens": 2500}
    }))
}

const COST: f64 = 0.35;

async fn expensive() -> Model {
    Model::new(|_, _| dear()).await
}

fn priced(more: &str) -> String {
    format!("{PRICE}max_output_tokens = 1000\n{more}")
}

#[expect(clippy::cast_precision_loss, reason = "few calls")]
fn spent(calls: usize) -> f64 {
    calls as f64 * COST
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_before_it_spends_more_than_its_budget() {
    let repo = files(12);
    let alpha = expensive().await;
    configured(&repo, &alpha, &priced(""));
    let ended = review(&repo, &["--budget", "1.5"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.json["status"], "budget_exhausted");
    assert_eq!(ended.json["verdict"], "incomplete");
    let reasons = ended.json["reasons"].to_string();
    assert!(reasons.contains("budget.run is $1.5000"), "{reasons}");
    let calls = alpha.calls().await;
    assert!((2..=4).contains(&calls), "{calls}");
    assert!(spent(calls) <= 1.5);
    assert_eq!(
        ended.backend("failed"),
        0,
        "no money is no fault of the backend"
    );
    let read = ended.json["coverage"].as_array().unwrap().iter();
    let read = read.filter(|file| file["covered"] == true).count();
    assert_eq!(read, calls, "what was paid for is in the report");
    assert_eq!(runs(&repo)[0]["status"], "budget_exhausted");

    // Nothing of it is paid again; with more money the run goes on.
    let again = review(&repo, &["--budget", "1.5"]);
    assert_eq!(alpha.calls().await, calls, "{}", again.stderr);
    assert_eq!(again.code, Some(3));
    let more = review(&repo, &["--budget", "50"]);
    assert_eq!(more.code, Some(0), "{}", more.stderr);
    assert_eq!(alpha.calls().await, 12);
}

/// What calls in flight hold is waited for: their answers cost less than they could.
#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_only_promised_stops_no_run() {
    let repo = files(12);
    let alpha = Model::new(|_, _| says(NOTHING)).await;
    configured(&repo, &alpha, &priced("max_concurrent = 8\n"));
    // Of eight calls in flight the first two take all of it.
    let ended = review(&repo, &["--budget", "1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(alpha.calls().await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_costs_nothing() {
    let repo = files(6);
    let alpha = Model::new(|call, _| match call % 2 {
        0 => ResponseTemplate::new(413),
        _ => says(NOTHING),
    })
    .await;
    configured(&repo, &alpha, &priced("max_concurrent = 1\n"));
    let ended = review(&repo, &["--budget", "1.0"]);
    assert_eq!(ended.json["status"], "degraded", "{}", ended.stderr);
    assert_eq!(alpha.calls().await, 6, "the money for failures came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_has_a_budget_of_its_own() {
    let repo = files(6);
    let (alpha, beta) = (expensive().await, Model::new(|_, _| says(NOTHING)).await);
    repo.config(&format!(
        "{}{}{}{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\"]\n\
         [budget.per_backend.alpha]\nrun = 1.0\n",
        super::SMALL_PACKETS,
        alpha.config("alpha"),
        priced(""),
        beta.config("beta"),
        priced(""),
    ));
    let ended = review(&repo, &[]);
    let calls = alpha.calls().await;
    assert!(spent(calls) <= 1.0 && calls > 0, "{calls}");
    assert_eq!(beta.calls().await, 6, "the others go on");
    assert_eq!(ended.json["status"], "degraded", "{}", ended.stderr);
    let notices = ended.json["notices"].to_string();
    assert!(
        notices.contains("budget.per_backend.alpha.run"),
        "{notices}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_has_a_budget_over_all_its_runs() {
    for (name, table) in [
        ("budget.day", "[budget]\nday = 1.5\n"),
        ("budget.month", "[budget]\nmonth = 1.5\n"),
        (
            "budget.per_backend.alpha.day",
            "[budget.per_backend.alpha]\nday = 1.5\n",
        ),
        (
            "budget.teams.python.day",
            "[budget.teams.python]\nday = 1.5\n",
        ),
        (
            "budget.organisation.month",
            "[budget.organisation]\nmonth = 1.5\n",
        ),
    ] {
        let repo = files(2);
        repo.write("pyproject.toml", "");
        let alpha = expensive().await;
        configured(&repo, &alpha, &priced(table));
        for round in 1..=4 {
            repo.write(&super::path(0), &super::text(0, round));
            repo.write(&super::path(1), &super::text(1, round));
            repo.commit("a push");
            let ended = review(&repo, &[]);
            let calls = alpha.calls().await;
            assert!(spent(calls) <= 1.5, "{name}: {calls} calls");
            let told = ended.json["reasons"].to_string() + &ended.json["notices"].to_string();
            assert_eq!(
                told.contains(name),
                round > 1,
                "{name}, {round}: {}",
                ended.stderr
            );
            assert_eq!(ended.code, Some(if round > 1 { 3 } else { 0 }), "{name}");
        }
    }
}

/// A cap that nobody keeps is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_cannot_be_kept_without_a_store() {
    let repo = files(2);
    let alpha = expensive().await;
    configured(&repo, &alpha, &priced("[budget]\nday = 100\n"));
    std::fs::create_dir_all(repo.outside("home/.cache")).unwrap();
    std::fs::write(repo.outside("home/.cache/llmux"), "").unwrap();
    let ended = review(&repo, &[]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.json["status"], "budget_exhausted");
    assert_eq!(alpha.calls().await, 0);
    let reasons = ended.json["reasons"].to_string();
    assert!(reasons.contains("needs the store"), "{reasons}");
}

/// A budget is kept only where each price is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_backend_without_a_price_is_refused_where_a_budget_is_set() {
    let repo = files(1);
    let alpha = expensive().await;
    configured(&repo, &alpha, "local = false\n");
    let mut args = arguments(&repo);
    args.extend(["--budget", "1"].map(str::to_owned));
    let output = repo.llmux(&[]).args(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "alpha",
        "no known price",
        "price = { input = ",
        "[backends.alpha]",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    assert_eq!(alpha.calls().await, 0);
    assert_eq!(
        review(&repo, &[]).code,
        Some(0),
        "without a budget it is asked"
    );
}

/// Crews are picked by what the store knows: how long a backend takes, what is left to spend.
#[tokio::test(flavor = "multi_thread")]
async fn routing_knows_latencies_and_what_is_left() {
    let repo = files(2);
    let pause = std::time::Duration::from_millis(400);
    let slow = Model::new(move |_, _| says(NOTHING).set_delay(pause)).await;
    let quick = Model::new(|_, _| says(NOTHING)).await;
    let configure = |more: &str| {
        repo.config(&format!(
            "{}{}{}{}{}[roles.analyzer]\nbackends = [\"alpha\", \"beta\"]\n{more}",
            super::SMALL_PACKETS,
            slow.config("alpha"),
            priced(""),
            quick.config("beta"),
            priced(""),
        ));
    };
    configure("");
    review(&repo, &[]);
    assert_eq!((slow.calls().await, quick.calls().await), (2, 2));

    let policy = "[routing.policies.fast]\nmax_latency = \"200ms\"\nenforce = \"hard\"\n";
    configure(policy);
    for file in 0..2 {
        repo.write(&super::path(file), &super::text(file, 1));
    }
    repo.commit("a push");
    review(&repo, &[]);
    assert_eq!(
        (slow.calls().await, quick.calls().await),
        (2, 4),
        "the slow one is not asked"
    );

    // All is risky, so both read all; what a day leaves is enough for one of them.
    let risky = "[routing]\nenabled = true\nvoters = 1\n[routing.risk]\ntokens = 1\n\
                 [budget]\nday = 1.2\n";
    configure(risky);
    for file in 0..2 {
        repo.write(&super::path(file), &super::text(file, 2));
    }
    repo.commit("another push");
    let ended = review(&repo, &[]);
    assert_eq!(
        slow.calls().await + quick.calls().await,
        8,
        "{}",
        ended.stderr
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// Eight processes, one cap: not a cent more, in a file and in a database.
#[tokio::test(flavor = "multi_thread")]
async fn processes_on_one_store_cannot_overspend_together() {
    for place in places().await {
        let alpha = expensive().await;
        let repos: Vec<Repo> = (0..8).map(|_| files(3)).collect();
        let table = format!("[budget.organisation]\nday = 3.0\n{}", place.table);
        for (number, repo) in repos.iter().enumerate() {
            // Questions of their own: nobody answers for another one.
            for file in 0..3 {
                repo.write(&super::path(file), &super::text(file, number + 1));
            }
            repo.commit("other text");
            configured(repo, &alpha, &priced(&table));
        }
        let start = |repo: &Repo| {
            let mut command = repo.llmux_process(&[]);
            command
                .args(arguments(repo))
                .envs(place.environment.clone());
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let children: Vec<_> = repos.iter().map(start).collect();
        let mut exhausted = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            let code = output.status.code();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(matches!(code, Some(0 | 3)), "{}: {stderr}", place.name);
            exhausted += usize::from(code == Some(3));
        }
        let calls = alpha.calls().await;
        assert!(spent(calls) <= 3.0, "{}: {calls} calls", place.name);
        // What is left is less than a call can cost.
        assert!(spent(calls) > 3.0 - 0.8, "{}: {calls} calls", place.name);
        assert!(exhausted > 0, "{}", place.name);
        let (store, _) = llmux::store::Store::open(&place.location).await.unwrap();
        let day = llmux::store::day(llmux::store::now());
        let (booked, reserved) = store.standing("organisation", &day).await.unwrap();
        assert_eq!(reserved, 0, "{}: everything is settled", place.name);
        #[expect(clippy::cast_possible_truncation, reason = "a few dollars")]
        let expected = (spent(calls) * 1e9).round() as i64;
        assert_eq!(booked, expected, "{}", place.name);
        store.close().await;
    }
}
