//! Who reads which packet: cheap first, strong on risk, within policies.

mod policies;
mod properties;
mod residency;

use serde_json::{Value, json};

use super::{ANALYZE, SMALL_PACKETS, claim, packets, run};
use crate::support::model::{Model, UNSURE, asks_for_verdicts, says};

/// A backend's settings beside its address.
struct Backend<'m> {
    name: &'static str,
    model: &'m Model,
    more: &'static str,
}

/// Dollars for a million tokens read; nothing for those written, so that sums are easy.
fn priced(price: &str) -> String {
    format!("price = {{ input = {price}, output = 0 }}\n")
}

fn config(backends: &[Backend<'_>], more: &str) -> String {
    let tables = backends.iter().map(|backend| {
        let table = backend.model.config(backend.name);
        format!("{table}{}\n", backend.more)
    });
    let tables: String = tables.collect();
    format!("{tables}{SMALL_PACKETS}{more}")
}

/// Finds nothing.
async fn clears() -> Model {
    Model::finding(json!([])).await
}

/// Reports the bug in the first file of [`packets`].
async fn finds() -> Model {
    Model::finding(json!([claim(None)])).await
}

/// On: two read an ordinary packet.
const ON: &str = "[routing]\nenabled = true\n";

/// The packet of a file in the report.
fn route<'j>(json: &'j Value, file: &str) -> &'j Value {
    let packets = json["routing"]["packets"].as_array().unwrap();
    let shows = |packet: &&Value| {
        let files = packet["files"].as_array().unwrap();
        files.iter().any(|name| name == file)
    };
    packets
        .iter()
        .find(shows)
        .unwrap_or_else(|| panic!("{file}: {json:#}"))
}

/// Whom its first step asks about it.
fn asked(json: &Value, file: &str) -> Value {
    route(json, file)["steps"][0]["asked"].clone()
}

/// Four backends at these prices; the third costs nothing.
async fn four() -> [Model; 4] {
    [
        clears().await,
        clears().await,
        clears().await,
        clears().await,
    ]
}

fn crew(models: &[Model; 4]) -> [Backend<'_>; 4] {
    let [dear, cheap, free, middle] = models;
    let of = |name, model, more| Backend { name, model, more };
    [
        of("dear", dear, "price = { input = 10, output = 0 }"),
        of("cheap", cheap, "price = { input = 1, output = 0 }"),
        of("free", free, ""),
        of("middle", middle, "price = { input = 3, output = 0 }"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_routed_where_nobody_asks_for_it() {
    let models = four().await;
    let repo = packets(2);
    repo.config(&config(&crew(&models), ""));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert!(json.get("routing").is_none());
    for model in &models {
        assert_eq!(model.calls().await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cheapest_that_make_a_quorum_read_an_ordinary_packet() {
    let models = four().await;
    let repo = packets(2);
    repo.config(&config(&crew(&models), ON));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    // Without a price on this machine: free.
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "rules"])
    );
    let calls = [&models[0], &models[1], &models[2], &models[3]];
    for (model, wanted) in calls.into_iter().zip([0, 2, 2, 0]) {
        assert_eq!(model.calls().await, wanted);
    }
    // An ordinary packet that its two have read is covered, and who was spared failed nobody.
    assert_eq!(json["coverage"][0]["covered"], true);
    assert_eq!(json["status"], "success");
    assert_eq!(super::reading(&json, "dear"), "not_routed");
    let spared = &route(&json, "part0/module.py")["steps"][0]["not_asked"];
    assert_eq!(
        *spared,
        json!([
            {"backend": "dear", "reason": "not_needed", "policy": null},
            {"backend": "middle", "reason": "not_needed", "policy": null},
        ])
    );
}

/// One model alone could confirm nothing, nor the two cheapest: a third is asked.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_are_asked_as_the_threshold_needs() {
    let models = four().await;
    let repo = packets(1);
    let more = format!("{ON}voters = 1\n[vote]\nthreshold = 3\n");
    repo.config(&config(&crew(&models), &more));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        asked(&json, "part0/module.py"),
        json!(["cheap", "free", "middle", "rules"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_risk_calls_the_whole_crew() {
    let models = four().await;
    let repo = packets(1);
    repo.write("src/auth/token.py", "def answer():\n    return 42\n");
    repo.write("db.py", "rows = run(\"SELECT name FROM users\")\n");
    repo.write("plain.py", "def plain():\n    return 1\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    // One packet a file, the first of which is by far the longest.
    let more = format!("{ON}[routing.risk]\ntokens = 1000\n");
    let config = config(&crew(&models), &more).replace("max_tokens = 1500", "max_tokens = 512");
    repo.config(&config.replace("tokens = 1000", "tokens = 400"));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{json:#}");
    let all = json!(["dear", "cheap", "free", "middle", "rules"]);
    let risks = |file: &str| {
        let risks = route(&json, file)["risks"].as_array().unwrap().clone();
        let kinds = risks
            .iter()
            .map(|risk| risk["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    for (file, kind) in [
        ("part0/module.py", "size"),
        ("src/auth/token.py", "path"),
        ("db.py", "security"),
    ] {
        assert!(risks(file).contains(&kind.to_owned()), "{file}: {json:#}");
        assert_eq!(asked(&json, file), all, "{file}");
    }
}
