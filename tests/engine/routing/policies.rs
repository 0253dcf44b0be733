//! Hard, soft and monitored policies; fallbacks; votes; money; the plan.

use serde_json::{Value, json};

use super::super::{ANALYZE, SMALL_PACKETS, packets, reading, report, run};
use super::{Backend, ON, asked, clears, config, crew, finds, four, priced, route};
use crate::support::model::{Model, says};
use wiremock::ResponseTemplate;

/// A policy that forbids what costs much. A packet of the tests costs a few thousandths a
/// dollar at one dollar for a million tokens.
fn dear(enforce: &str) -> String {
    format!("[routing.policies.dear]\nmax_cost = 0.003\nenforce = \"{enforce}\"\n")
}

fn policy<'j>(json: &'j Value, name: &str) -> &'j Value {
    let policies = json["routing"]["policies"].as_array().unwrap();
    policies
        .iter()
        .find(|policy| policy["name"] == name)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_policy_keeps_who_breaks_it_from_the_packet() {
    let models = four().await;
    let repo = packets(1);
    repo.config(&config(&crew(&models), &dear("hard")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    // Not enabled: all that may read it do.
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "rules"])
    );
    assert_eq!(
        route(&json, "part0/module.py")["steps"][0]["not_asked"][0],
        json!({"backend": "dear", "reason": "barred", "policy": "dear"})
    );
    let told =
        json!({"name": "dear", "enforce": "hard", "packets": 1, "violations": 0, "prevented": 2});
    assert_eq!(*policy(&json, "dear"), told);
    assert_eq!(models[0].calls().await + models[3].calls().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_policy_gives_way_to_the_quorum() {
    let models = four().await;
    let repo = packets(1);
    let with = |threshold: u8| {
        let more = format!("{ON}{}[vote]\nthreshold = {threshold}\n", dear("soft"));
        repo.config(&config(&crew(&models), &more));
        run(&repo, ANALYZE, &[])
    };
    let (code, json, _) = with(2);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "rules"])
    );
    assert_eq!(policy(&json, "dear")["violations"], 0);
    assert_eq!(json["notices"], json!([]));

    let (code, json, _) = with(3);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "middle", "rules"])
    );
    assert_eq!(policy(&json, "dear")["violations"], 1);
    let notices = json["notices"].to_string();
    assert!(
        notices.contains("policy `dear` (soft) is not kept once"),
        "{notices}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitored_policy_counts_and_changes_nothing() {
    let models = four().await;
    let repo = packets(2);
    repo.config(&config(&crew(&models), &dear("monitor")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["status"], "success");
    for model in &models {
        assert_eq!(model.calls().await, 2);
    }
    let told = json!({"name": "dear", "enforce": "monitor", "packets": 2, "violations": 4, "prevented": 0});
    assert_eq!(*policy(&json, "dear"), told);
}

/// What is left cannot confirm anything: that nobody found something says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_hard_policy_that_leaves_too_few_makes_the_run_incomplete() {
    let models = four().await;
    let repo = packets(1);
    let more = format!("{}[vote]\nthreshold = 3\n", dear("hard"));
    repo.config(&config(&crew(&models), &more));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(3), "{json:#}");
    let reasons = json["reasons"].to_string();
    assert!(
        reasons.contains("policy `dear` leaves too few backends for part0/module.py"),
        "{reasons}"
    );
    assert_eq!(json["coverage"][0]["covered"], false);
}

/// A policy alone is in force: a promise does not hang on another key.
#[tokio::test(flavor = "multi_thread")]
async fn the_rules_alone_are_no_crew_where_a_policy_bars_the_models() {
    let model = clears().await;
    let repo = packets(1);
    let one = [Backend {
        name: "away",
        model: &model,
        more: "local = false",
    }];
    repo.config(&config(&one, "[routing.policies.home]\nlocal = true\n"));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(3), "{json:#}");
    assert_eq!(model.calls().await, 0);
    assert_eq!(
        (reading(&json, "rules"), reading(&json, "away")),
        ("read".into(), "not_routed".into())
    );
    let reasons = json["reasons"].to_string();
    assert!(
        reasons.contains("step `analyzer` has no model that it permits"),
        "{reasons}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_asks_the_cheapest_first_and_the_next_where_it_fails() {
    let broken = Model::new(|_, _| ResponseTemplate::new(400)).await;
    let (dear, middle) = (clears().await, clears().await);
    let repo = packets(1);
    let crew = [
        Backend {
            name: "dear",
            model: &dear,
            more: "price = { input = 10, output = 0 }",
        },
        Backend {
            name: "middle",
            model: &middle,
            more: "price = { input = 3, output = 0 }",
        },
        Backend {
            name: "broken",
            model: &broken,
            more: "",
        },
    ];
    let fallback = "[roles.analyzer]\nexecution = \"fallback\"\n";
    repo.config(&config(&crew, &format!("{ON}{fallback}")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["broken", "middle", "dear", "rules"])
    );
    let calls = (
        broken.calls().await,
        middle.calls().await,
        dear.calls().await,
    );
    assert_eq!(calls, (1, 1, 0));
    assert_eq!(json["coverage"][0]["covered"], true);

    // A risky packet has the crew's own order.
    repo.config(&config(
        &crew,
        &format!("{ON}{fallback}[routing.risk]\npaths = [\"*.py\"]\n"),
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["dear", "middle", "broken", "rules"])
    );
    assert_eq!(dear.calls().await, 1);
}

/// Half of two is one; half of the four that read risky packets would be two.
#[tokio::test(flavor = "multi_thread")]
async fn votes_are_counted_among_those_that_were_asked() {
    let (finder, others) = (
        finds().await,
        [clears().await, clears().await, clears().await],
    );
    let repo = packets(1);
    let crew = |models: [&'static str; 4]| {
        let tables = [&finder, &others[0], &others[1], &others[2]];
        let tables = tables.iter().zip(models).zip(["1", "2", "30", "40"]);
        let tables =
            tables.map(|((model, name), price)| format!("{}{}", model.config(name), priced(price)));
        tables.collect::<String>()
    };
    let config = format!(
        "{}{SMALL_PACKETS}[vote]\nrefute = false\n",
        crew(["a", "b", "c", "d"])
    );
    repo.config(&format!("{config}{ON}"));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(14), "{json:#}");
    let vote = &json["findings"][0]["vote"];
    assert_eq!(
        (&vote["answered"], &vote["threshold"]),
        (&json!(["a", "b"]), &json!(1.0))
    );

    repo.config(&format!(
        "{config}{ON}[routing.risk]\npaths = [\"part0/**\"]\n"
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    let vote = &json["unconfirmed"][0]["vote"];
    assert_eq!(
        (&vote["answered"], &vote["threshold"]),
        (&json!(["a", "b", "c", "d"]), &json!(2.0))
    );
}

/// The strongest by weight read what is risky, where not all do.
#[tokio::test(flavor = "multi_thread")]
async fn so_many_of_the_strongest_read_a_risky_packet() {
    let models = four().await;
    let repo = packets(1);
    let mut crew = crew(&models);
    crew[3].more = "weight = 2";
    let more = format!("{ON}risky_voters = 2\n[routing.risk]\npaths = [\"part0/\"]\n");
    repo.config(&config(&crew, &more));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    // The heavy one, and of those of equal weight the dearest.
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["dear", "middle", "rules"])
    );
}

/// Steps of one backend that are asked about different packets share calls where both are.
#[tokio::test(flavor = "multi_thread")]
async fn the_plan_counts_what_the_run_then_asks() {
    let models = four().await;
    let repo = packets(3);
    let more = format!("{ON}[routing.risk]\npaths = [\"part1/\"]\n");
    repo.config(&config(&crew(&models), &more));
    let output = repo
        .llmux(&["diff", "HEAD~1", "--dry-run"])
        .output()
        .unwrap();
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(plan.contains("\ncheap: 3 calls,"), "{plan}");
    assert!(plan.contains("\ndear: 2 calls,"), "{plan}");
    assert!(
        plan.contains("Routing: 2 packets by cheap, free, rules; 1 risky packet by dear, cheap, free, middle, rules (part1/module.py: touched path)"),
        "{plan}"
    );
    let (code, json, _) = report(&repo, &["diff", "HEAD~1", "--format", "json"]);
    assert_eq!(code, Some(0), "{json:#}");
    // The three steps fold; the summary is one call of the first of its crew.
    let mut calls = Vec::new();
    for model in &models {
        calls.push(model.calls().await);
    }
    assert_eq!(calls, [2, 3, 3, 1], "the first writes the summary");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_in_every_report() {
    let models = four().await;
    let repo = packets(2);
    let more = format!(
        "{ON}[routing.risk]\npaths = [\"part1/\"]\n{}",
        dear("monitor")
    );
    repo.config(&config(&crew(&models), &more));
    let file = repo.outside("workflow.toml");
    std::fs::write(&file, ANALYZE).unwrap();
    let text = |format: &str| {
        let file = file.display().to_string();
        let output = repo
            .llmux(&["run", &file, "HEAD~1", "--format", format])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false }, {
        for format in ["terminal", "markdown"] {
            let text = text(format);
            let from = text.find("Routing").unwrap_or_else(|| panic!("{text}"));
            let told: Vec<_> = text[from..].lines().take(5).collect();
            insta::assert_snapshot!(format!("routing_{format}"), told.join("\n"));
        }
        let json: Value = serde_json::from_str(&text("json")).unwrap();
        insta::assert_snapshot!("routing_json", format!("{:#}", json["routing"]));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_policies_are_told_with_their_place() {
    let model = Model::new(|_, _| says("{\"findings\": []}")).await;
    let repo = packets(1);
    let wrong = "[routing.policies.nothing]\nlocal = false\n\
        [routing.policies.word]\nlocal = true\nenforce = \"strict\"\n\
        [routing.policies.nowhere]\nlocal = true\npaths = []\n\
        [routing.policies.empty]\nlocal = true\npaths = [\"\"]\n";
    let one = [Backend {
        name: "a",
        model: &model,
        more: "",
    }];
    repo.config(&config(&one, wrong));
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for wanted in [
        "wants nothing",
        "one of \"hard\", \"soft\", \"monitor\"",
        "is empty, so that the policy covers nothing",
        "has an empty glob",
        ".llmux/config.toml:",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert_eq!(model.calls().await, 0);
}

/// Another threshold asks nobody who was not asked: what was not read is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_the_ways_of_its_run() {
    let models = four().await;
    let repo = packets(1);
    repo.config(&config(&crew(&models), ON));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    let runs = repo.llmux(&["runs"]).output().unwrap();
    let runs = String::from_utf8_lossy(&runs.stdout).into_owned();
    let is_id = |word: &&str| word.len() > 6 && word.chars().all(|c| c.is_ascii_hexdigit());
    let id = runs
        .split_whitespace()
        .find(is_id)
        .unwrap_or_else(|| panic!("{runs}"));
    let (code, again, _) = report(&repo, &["replay", id, "--format", "json"]);
    assert_eq!(code, Some(0), "{again:#}");
    assert_eq!(again["routing"], json["routing"]);
    let (code, again, _) = report(
        &repo,
        &["replay", id, "--format", "json", "--threshold", "3"],
    );
    assert_eq!(
        code,
        Some(3),
        "two cannot confirm what needs three: {again:#}"
    );
    assert_eq!(again["routing"], json["routing"]);

    // Other ways are another run.
    repo.config(&config(&crew(&models), &format!("{ON}voters = 3\n")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "middle", "rules"])
    );
    assert_eq!(models[3].calls().await, 1);
}
