//! An alert on GitHub shows the severity that the terminal shows, as far as GitHub has a word.

use llmux::findings::Severity;
use serde_json::Value;

use super::sample;
use super::sarif_value;

/// The word that GitHub shows: that of the rule's number where there is one, else that of the
/// result's level, else of the rule's.
fn shown(run: &Value, result: &Value) -> String {
    let rules = &run["tool"]["driver"]["rules"];
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    let rule = &rules[index];
    assert_eq!(rule["id"], result["ruleId"]);
    if let Some(number) = rule["properties"]["security-severity"].as_str() {
        let number: f64 = number.parse().unwrap();
        let words = [
            (9.05, "critical"),
            (7.0, "high"),
            (4.0, "medium"),
            (0.1, "low"),
        ];
        return words
            .iter()
            .find(|(least, _)| number >= *least)
            .unwrap()
            .1
            .into();
    }
    let level = result["level"].as_str();
    let level = level.or_else(|| rule["defaultConfiguration"]["level"].as_str());
    level.unwrap().to_owned()
}

fn log(rule: &str, severities: &[Severity]) -> Value {
    let mut run = sample::clean_run();
    run.findings = severities
        .iter()
        .zip(1..)
        .map(|(severity, line)| {
            let place = sample::location("src/main.rs", (line, 1), (line, 3));
            sample::finding(place, *severity, rule, "Title")
        })
        .collect();
    sarif_value(&sample::judged(run))["runs"][0].clone()
}

#[test]
fn security_alerts_of_one_rule_show_each_its_own_severity() {
    for rule in ["sql-injection", "acme-sql-injection"] {
        let run = log(rule, &Severity::ALL);
        for result in run["results"].as_array().unwrap() {
            let own = result["properties"]["severity"].as_str().unwrap();
            assert_eq!(shown(&run, result), own, "{result:#}");
        }
    }
}

#[test]
fn other_alerts_show_the_level_of_their_severity() {
    let run = log("off-by-one", &Severity::ALL);
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    for result in run["results"].as_array().unwrap() {
        let own = match result["properties"]["severity"].as_str().unwrap() {
            "critical" | "high" => "error",
            "medium" => "warning",
            _ => "note",
        };
        assert_eq!(shown(&run, result), own, "{result:#}");
    }
}

#[test]
fn an_alerts_id_does_not_depend_on_what_else_is_found() {
    let alone = log("sql-injection", &[Severity::Low]);
    let beside = log("sql-injection", &[Severity::Critical, Severity::Low]);
    let id = |run: &Value, at: usize| run["results"][at]["ruleId"].clone();
    assert_eq!(id(&alone, 0), "sql-injection/low");
    assert_eq!(id(&beside, 1), "sql-injection/low");
    // The severity that the rule usually has goes without saying.
    assert_eq!(
        id(&log("sql-injection", &[Severity::High]), 0),
        "sql-injection"
    );
}
