//! Each format: complete, equal every time, in its place.

use std::fs;

use predicates::prelude::*;

use super::{P, filled, json, said, stats};
use crate::support::Repo;
use crate::support::store::{Call, DAY, NOON};

fn snapshot(name: &str, text: &str) {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text.replace(&version, "\"VERSION\""));
    });
}

#[tokio::test]
async fn the_terminal() {
    snapshot("stats_terminal", &stats(&filled().await, &[]));
}

#[tokio::test]
async fn the_json() {
    let repo = filled().await;
    snapshot(
        "stats_json",
        &stats(&repo, &["--format", "json", "--by", "backend"]),
    );
}

#[tokio::test]
async fn the_page() {
    let repo = filled().await;
    let page = stats(&repo, &["--format", "html"]);
    // The frame is every page's.
    let body = page.split_once("</head>").unwrap().1;
    snapshot("stats_html", body);
    assert_eq!(page, stats(&repo, &["--format", "html"]));
}

#[tokio::test]
async fn the_counters() {
    let repo = filled().await;
    let file = repo.outside("llmux.prom");
    fs::write(&file, "old").unwrap();
    let path = file.display().to_string();
    // Of the whole store, whatever period is asked for; nothing else is written then.
    let text = said(
        &repo,
        &["stats", "--since", "2026-11-02", "--prometheus", &path],
    );
    assert_eq!(text, "");
    let counters = fs::read_to_string(&file).unwrap();
    snapshot("stats_prometheus", &counters);
    let beside = fs::read_dir(repo.outside("")).unwrap().count();
    assert_eq!(beside, 3, "a temporary file was left");
    // Asked for as well, the tables come too.
    let text = said(&repo, &["stats", "--prometheus", &path, "--format", "json"]);
    assert!(text.starts_with('{'));
}

#[tokio::test]
async fn groups_are_those_that_are_asked_for() {
    let repo = filled().await;
    let text = stats(&repo, &["--by", "day", "--by", "team"]);
    let at = |title: &str| text.find(title);
    assert!(at("Calls by team").unwrap() < at("Calls by day").unwrap());
    assert_eq!(at("by backend").or(at("by role")), None);
    let all = json(
        &repo,
        &[&P[..], &["2026-11-30", "--format", "json", "--by", "day"]].concat(),
    );
    assert!(all["by_backend"].is_null() && all["by_day"].is_array());
}

#[tokio::test]
async fn colours_are_for_terminals() {
    let repo = filled().await;
    let text = stats(&repo, &["--color", "always"]);
    // Failures stand out; columns stay where they are.
    assert!(text.contains("\u{1b}[33m1\u{1b}[0m"), "{text}");
    let file = repo.outside("out.txt");
    let path = file.display().to_string();
    assert_eq!(stats(&repo, &["--color", "always", "--output", &path]), "");
    assert_eq!(fs::read_to_string(&file).unwrap(), stats(&repo, &[]));
}

#[test]
fn an_empty_store_says_so() {
    let repo = Repo::new();
    repo.llmux(&["stats"])
        .assert()
        .code(0)
        .stdout(predicate::str::contains(
            "The store holds no run, no call and no finding",
        ));
    let page = said(&repo, &["stats", "--format", "html"]);
    assert!(page.contains("The store holds no run") && !page.contains("<svg"));
    let all = json(&repo, &["stats", "--format", "json"]);
    assert_eq!(all["total"]["calls"]["made"], 0);
    assert!(all["total"]["latency"].is_null());
    let counters = said(&repo, &["stats", "--prometheus", "/dev/stdout"]);
    assert!(counters.ends_with("llmux_unsettled_usd 0\n"), "{counters}");
}

/// Numbers of all sizes and names of all lengths leave the tables within 100 columns.
#[tokio::test]
async fn tables_fit_the_terminal() {
    let repo = Repo::new();
    let rows = repo.store().await;
    rows.run(
        "r",
        "p",
        "a team of many words that goes on and on",
        NOON,
        "success",
    )
    .await;
    let call = Call {
        backend: "a backend with a name as long as any that anybody would give to one",
        role: "界界界界界界界界界界界界界界界界界界界界界界界界界",
        tokens: [999_600_000, 1, 99_999],
        nano_usd: Some(12_345_678_900_000),
        latency_ms: 3_599_000,
        ..Call::default()
    };
    for at in [0, 1, 2] {
        rows.call(
            "r",
            &Call {
                at: NOON + at * DAY,
                ..call.clone()
            },
        )
        .await;
    }
    rows.call(
        "r",
        &Call {
            outcome: "failed",
            nano_usd: None,
            ..Call::default()
        },
    )
    .await;
    rows.call(
        "r",
        &Call {
            nano_usd: None,
            ..Call::default()
        },
    )
    .await;
    rows.finding("r", "f", "confirmed", &[(call.backend, call.role)])
        .await;
    rows.close().await;
    let text = stats(&repo, &[]);
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 100, "{line}");
    }
    assert!(
        text.contains("3.00G") && text.contains("  a backend w…"),
        "{text}"
    );
    assert!(text.contains("$37,037.0367+"), "{text}");
}

/// Many backends, and more days than a picture has room for.
#[tokio::test]
async fn a_long_period_is_drawn_by_month() {
    let repo = Repo::new();
    let rows = repo.store().await;
    rows.run("r", "p", "", NOON, "success").await;
    let names: Vec<&'static str> = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].into();
    for (at, backend) in (0..).zip(names) {
        let at = NOON + 20 * DAY * at;
        rows.call(
            "r",
            &Call {
                backend,
                at,
                ..Call::default()
            },
        )
        .await;
    }
    rows.close().await;
    let args = [
        "stats",
        "--project",
        "p",
        "--since",
        "2026-11-01",
        "--format",
        "html",
    ];
    let page = said(&repo, &[&args[..], &["--until", "2027-12-31"]].concat());
    assert!(page.contains("<h2>Cost per month</h2>"));
    assert!(page.contains("3 others") && page.contains("class=\"c7\""));
    assert!(
        page.contains("<title>2026-12, c: $0.0123</title>"),
        "{page}"
    );
    assert!(page.contains(">2027-04</text>"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let repo = Repo::new();
    for (args, needle) in [
        (&["--since", "yesterday"][..], "neither a span of time"),
        (&["--since", "2026-02-30"], "neither a span of time"),
        (
            &["--since", "2026-11-02", "--until", "2026-11-01"],
            "--until is not after --since",
        ),
        (&["--output", "no/such/file"], "no/such/file"),
        (&["--prometheus", "."], "folder"),
        (&["--output", "x", "--prometheus", "x"], "one file"),
        (&["--by", "weekday"], "weekday"),
        (&["--format", "xml"], "xml"),
        (&["--project", "p", "--all-projects"], "cannot be used with"),
    ] {
        let args = [&["stats"], args].concat();
        repo.llmux(&args)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(needle));
    }
    assert!(!repo.outside("home/.cache").exists(), "a store was made");
    repo.config("[store]\nenabled = false\n");
    repo.llmux(&["stats"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("store.enabled"));
}
