//! `llmux stats`, by the real binary on stores whose rows are made up.

mod formats;
mod hostile;
mod sums;

use serde_json::Value;

use crate::support::Repo;
use crate::support::store::{Call, DAY, NOON, Rows};

/// Two projects; in `p` two runs on two days, of two backends and a local one.
async fn fill(rows: &Rows) {
    rows.run("r1", "p", "core", NOON, "success").await;
    rows.run("r2", "p", "", NOON + DAY, "partial").await;
    rows.run("r3", "q", "", NOON, "success").await;
    fill_calls(rows).await;
    fill_findings(rows).await;
}

async fn fill_calls(rows: &Rows) {
    let call = Call {
        team: "core",
        ..Call::default()
    };
    for latency_ms in [900, 1_500, 2_100, 14_000] {
        rows.call(
            "r1",
            &Call {
                latency_ms,
                ..call.clone()
            },
        )
        .await;
    }
    let beta = Call {
        backend: "beta",
        role: "security",
        tokens: [2_000, 0, 100],
        nano_usd: Some(40_000_000),
        ..call
    };
    let failed = Call {
        outcome: "failed",
        tokens: [0; 3],
        nano_usd: None,
        latency_ms: 60_000,
        ..beta.clone()
    };
    let refused = Call {
        outcome: "refused",
        ..beta.clone()
    };
    let unsent = Call {
        outcome: "unsent",
        ..failed.clone()
    };
    let taped = Call {
        taped: true,
        latency_ms: 0,
        ..beta.clone()
    };
    for call in [
        &beta, &beta, &failed, &unsent, &refused, &taped, &taped, &taped,
    ] {
        rows.call("r1", call).await;
    }
    let local = Call {
        backend: "local",
        role: "bugs+security",
        at: NOON + DAY,
        nano_usd: None,
        latency_ms: 250,
        ..Call::default()
    };
    rows.call("r2", &local).await;
    rows.call(
        "r2",
        &Call {
            outcome: "abstained",
            ..local
        },
    )
    .await;
    rows.call(
        "r2",
        &Call {
            at: NOON + DAY,
            ..Call::default()
        },
    )
    .await;
    rows.call(
        "r3",
        &Call {
            nano_usd: Some(5_000_000_000),
            ..Call::default()
        },
    )
    .await;
}

async fn fill_findings(rows: &Rows) {
    let both = [("alpha", "bugs"), ("beta", "security")];
    rows.finding("r1", "f1", "unconfirmed", &both[..1]).await;
    rows.finding("r1", "f2", "refuted", &both[1..]).await;
    rows.finding("r1", "f3", "confirmed", &both).await;
    // Seen again, and confirmed by now.
    rows.finding("r2", "f1", "confirmed", &both[1..]).await;
    rows.finding("r2", "f4", "suppressed", &both[..1]).await;
    rows.finding("r3", "f1", "refuted", &both[..1]).await;
    rows.feedback("p", "f1", true).await;
    rows.feedback("p", "f3", false).await;
    // A word on a finding of the other project only, and on one that no run saw.
    rows.feedback("q", "f1", false).await;
    rows.feedback("p", "f9", false).await;
    for (scope, nano_usd) in [
        ("organisation", 5_181_500_000),
        ("project/p", 181_500_000),
        ("backend/p/alpha", 61_500_000),
        ("backend/p/beta", 120_000_000),
        ("backend/a/b/alpha", 5_000_000_000),
    ] {
        rows.spent(scope, nano_usd).await;
    }
    rows.reservation("r2", 70_000_000).await;
}

/// A repository whose store is filled.
async fn filled() -> Repo {
    let repo = Repo::new();
    let rows = repo.store().await;
    fill(&rows).await;
    rows.close().await;
    repo
}

/// What is asked for in most tests: all of `p`.
const P: [&str; 6] = [
    "stats",
    "--project",
    "p",
    "--since",
    "2026-11-01",
    "--until",
];

/// Standard output of a run that ends well.
fn stats(repo: &Repo, args: &[&str]) -> String {
    let args = [&P[..], &["2026-11-30"], args].concat();
    said(repo, &args)
}

fn said(repo: &Repo, args: &[&str]) -> String {
    let output = repo.llmux(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
    assert_eq!(stderr, "");
    String::from_utf8(output.stdout).unwrap()
}

fn json(repo: &Repo, args: &[&str]) -> Value {
    serde_json::from_str(&said(repo, args)).unwrap()
}
