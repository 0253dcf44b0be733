//! What is counted, and where.

use llmux::store::{Location, nearest_rank};
use proptest::prelude::*;
use serde_json::json;

use super::{P, fill, filled, json, said, stats};
use crate::support::Repo;
use crate::support::model::{Model, says};
use crate::support::store::{Call, DAY, NOON, Rows, new_database};

const JSON: [&str; 2] = ["--format", "json"];

#[tokio::test]
async fn taped_calls_cost_nothing_and_take_no_time() {
    let repo = filled().await;
    let all = json(&repo, &[&P[..], &["2026-11-30"], &JSON].concat());
    let beta = &all["by_backend"][1];
    assert_eq!(beta["name"], "beta");
    let calls = json!({"made": 4, "answered": 2, "abstained": 0, "refused": 1, "failed": 1, "unsent": 1, "taped": 3});
    assert_eq!(beta["calls"], calls);
    assert_eq!(
        beta["tokens"],
        json!({"input": 6_000, "cached_input": 0, "output": 300})
    );
    assert_eq!(beta["cost_usd"], 0.12);
    assert_eq!(beta["unpriced_calls"], 0);
    // Neither the minute after which the failed one gave up, nor the tape's nothing.
    let latency = json!({"count": 3, "sum_ms": 4_500, "median_ms": 1_500, "p95_ms": 1_500});
    assert_eq!(beta["latency"], latency);
    assert_eq!(all["by_backend"][2]["unpriced_calls"], 2);
    assert_eq!(all["by_backend"][2]["cost_usd"], 0.0);
}

/// One that two runs saw is one; it stands as the newer says, and is of the day of the older.
#[tokio::test]
async fn a_finding_counts_once() {
    let repo = filled().await;
    let all = json(&repo, &[&P[..], &["2026-11-30"], &JSON].concat());
    let total = json!({"reported": 4, "confirmed": 2, "unconfirmed": 0, "refuted": 1,
        "suppressed": 1, "real": 1, "dismissed": 1, "precision": 0.5});
    assert_eq!(all["total"]["findings"], total);
    let reported = |group: &str, at: usize| all[group][at]["findings"]["reported"].clone();
    assert_eq!(all["by_day"][0]["name"], "2026-11-01");
    assert_eq!([reported("by_day", 0), reported("by_day", 1)], [3, 1]);
    // Each who reported it has it.
    assert_eq!(
        [reported("by_backend", 0), reported("by_backend", 1)],
        [3, 3]
    );
    // The calls' role that joins two has no finding of its own.
    assert_eq!(all["by_role"][1]["name"], "bugs+security");
    assert_eq!(reported("by_role", 1), 0);
    // On the first day alone it has not been confirmed yet.
    let first = json(&repo, &[&P[..], &["2026-11-01"], &JSON].concat());
    assert_eq!(first["total"]["findings"]["unconfirmed"], 1);
    assert_eq!(first["total"]["findings"]["real"], 1);
}

#[tokio::test]
async fn a_period_has_its_ends() {
    let repo = Repo::new();
    let rows = repo.store().await;
    rows.run("r", "p", "", NOON, "success").await;
    for at in [
        NOON - DAY / 2 - 1,
        NOON - DAY / 2,
        NOON + DAY / 2 - 1,
        NOON + DAY / 2,
    ] {
        rows.call(
            "r",
            &Call {
                at,
                ..Call::default()
            },
        )
        .await;
    }
    rows.close().await;
    let made = |since: &str, until: &str| {
        let args = [
            "stats",
            "--project",
            "p",
            "--since",
            since,
            "--until",
            until,
        ];
        json(&repo, &[&args[..], &JSON].concat())["total"]["calls"]["made"].clone()
    };
    assert_eq!(made("2026-11-01", "2026-11-01"), 2);
    assert_eq!(made("2026-10-31", "2026-11-01"), 3);
    assert_eq!(made("2026-10-31", "2026-11-02"), 4);
    assert_eq!(made("2026-11-02", "2026-11-02"), 1);
}

#[tokio::test]
async fn a_span_of_days_begins_at_midnight() {
    let repo = filled().await;
    let since = |span: &str| {
        let args = ["stats", "--since", span, "--format", "json"];
        json(&repo, &args)["since"].as_str().unwrap().to_owned()
    };
    assert!(since("30d").ends_with("T00:00:00Z"));
    assert!(since("2w").ends_with("T00:00:00Z"));
    assert_eq!(since("2026-11-01"), "2026-11-01T00:00:00Z");
}

#[tokio::test]
async fn projects_are_apart_or_together() {
    let repo = filled().await;
    let cost = |args: &[&str]| {
        let args = [
            &["stats", "--since", "2026-11-01", "--until", "2026-11-30"],
            args,
            &JSON,
        ];
        json(&repo, &args.concat())["total"]["cost_usd"].clone()
    };
    assert_eq!(cost(&["--project", "q"]), 5.0);
    assert_eq!(cost(&["--project", "p"]), 0.1815);
    assert_eq!(cost(&["--all-projects"]), 5.1815);
    assert_eq!(cost(&[]), 0.0);
    // The present one, by its remote.
    repo.git(&["remote", "add", "origin", "git@example.org:me/it.git"]);
    let rows = repo.store().await;
    rows.run("own", "example.org/me/it", "", NOON, "success")
        .await;
    rows.call(
        "own",
        &Call {
            nano_usd: Some(1_000_000_000),
            ..Call::default()
        },
    )
    .await;
    rows.close().await;
    assert_eq!(cost(&[]), 1.0);
}

#[tokio::test]
async fn what_is_promised_and_not_settled_is_shown() {
    let repo = filled().await;
    let text = stats(&repo, &["--by", "team"]);
    assert!(
        text.contains("$0.0700 promised to 1 call and not settled"),
        "{text}"
    );
    // Of this project only.
    let args = ["stats", "--project", "q", "--since", "2026-11-01"];
    assert!(!said(&repo, &args).contains("promised"));
}

/// What a review writes down is what is counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_counted() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("before");
    repo.write("a.py", "x = 2\n");
    repo.commit("after");
    let model = Model::new(|_, _| says("{\"findings\": []}")).await;
    repo.config(&model.config("alpha"));
    let review = ["diff", "HEAD~1", "--backend", "alpha", "--quiet"];
    repo.llmux(&review).assert().code(0);
    let calls = u64::try_from(model.calls().await).unwrap();
    assert!(calls > 0);
    let all = json(&repo, &["stats", "--format", "json"]);
    let alpha = &all["by_backend"][0];
    assert_eq!(alpha["name"], "alpha");
    assert_eq!(all["runs"]["by_status"], json!({"success": 1}));
    assert_eq!(alpha["calls"]["answered"], calls);
    assert_eq!(alpha["latency"]["count"], calls);
    assert_eq!(all["by_day"].as_array().unwrap().len(), 1);
}

/// The same rows give the same bytes from a server.
#[tokio::test]
async fn postgres_tells_the_same() {
    let Some(url) = new_database().await else {
        return;
    };
    let repo = filled().await;
    let by_file = stats(&repo, &JSON);
    let rows = Rows::open(&Location::Url(url.clone())).await;
    fill(&rows).await;
    rows.close().await;
    repo.config("[store]\nurl = \"${TEST_STORE_URL}\"\n");
    for (args, expected) in [
        ([&P[..], &["2026-11-30"], &JSON].concat(), by_file),
        (
            vec!["stats", "--prometheus", "/dev/stdout"],
            prometheus_by_file().await,
        ),
    ] {
        let mut command = repo.llmux(&args);
        let output = command.env("TEST_STORE_URL", &url).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
}

async fn prometheus_by_file() -> String {
    said(&filled().await, &["stats", "--prometheus", "/dev/stdout"])
}

proptest! {
    /// The smallest value that enough of them do not exceed.
    #[test]
    fn a_percentile_is_by_nearest_rank(mut values in prop::collection::vec(0_u64..50, 1..60), percent in 1_u8..=100) {
        values.sort_unstable();
        let value = nearest_rank(&values, percent).unwrap();
        prop_assert!(values.contains(&value));
        let share = |count: usize| count * 100;
        let wanted = usize::from(percent) * values.len();
        prop_assert!(share(values.iter().filter(|it| **it <= value).count()) >= wanted);
        prop_assert!(share(values.iter().filter(|it| **it < value).count()) < wanted);
    }
}

#[test]
fn no_value_has_no_percentile() {
    assert_eq!(nearest_rank(&[], 50), None);
    assert_eq!(nearest_rank(&[7], 0), Some(7));
    assert_eq!(nearest_rank(&[1, 2, 3, 4], 50), Some(2));
    assert_eq!(nearest_rank(&(1..=100).collect::<Vec<_>>(), 95), Some(95));
}
