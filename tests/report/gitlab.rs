//! Code Quality reports, held to what GitLab's parser demands.

use std::collections::BTreeSet;

use llmux::findings::Severity;
use llmux::gate::{FailOn, Settings, judge};
use llmux::report::Format;
use serde_json::Value;

use super::sample;
use super::text;

/// Every entry has what GitLab's schema requires, and no fingerprint twice: GitLab stops at the
/// first entry that lacks something, and keeps one entry of each fingerprint.
pub(super) fn check(report: &str) -> Vec<Value> {
    let entries: Vec<Value> = serde_json::from_str(report).unwrap();
    let mut fingerprints = BTreeSet::new();
    for entry in &entries {
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(entry[key].is_string(), "{key}: {entry}");
        }
        let fingerprint = entry["fingerprint"].as_str().unwrap();
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint}");
        let severity = entry["severity"].as_str().unwrap();
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&severity),
            "{severity}"
        );
        let path = entry["location"]["path"].as_str().unwrap();
        assert!(!path.starts_with("./"), "{path}");
        assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() > 0);
    }
    entries
}

#[test]
fn every_severity_has_its_word() {
    let mut run = sample::clean_run();
    let place = || sample::location("src/main.rs", (1, 1), (1, 3));
    run.findings = Severity::ALL
        .into_iter()
        .map(|severity| sample::finding(place(), severity, "some-rule", "Title"))
        .collect();
    let entries = check(&text(&sample::judged(run), Format::Gitlab));
    let words: Vec<&str> = entries
        .iter()
        .map(|entry| entry["severity"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["info", "minor", "major", "critical", "blocker"]);
    // One place and title: the same fingerprint, told apart.
    assert!(entries[1]["fingerprint"].as_str().unwrap().ends_with("-2"));
}

#[test]
fn nothing_found_is_an_empty_list() {
    assert_eq!(text(&sample::clean(), Format::Gitlab), "[]\n");
}

#[test]
fn what_was_not_read_is_no_empty_list() {
    let outcome = sample::incomplete();
    let entries = check(&text(&outcome, Format::Gitlab));
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["check_name"], "llmux-incomplete");
    assert_eq!(entries[0]["location"]["path"], "src/unread.py");
    assert_eq!(entries[0]["severity"], "major");

    // Incomplete for another reason than a file.
    let mut run = outcome.run;
    for file in &mut run.coverage.files {
        file.covered = true;
    }
    let policy = Settings {
        fail_on: FailOn::Medium,
        allow_incomplete: true,
    };
    let entries = check(&text(&judge(run, policy), Format::Gitlab));
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["severity"], "info");
    let description = entries[0]["description"].as_str().unwrap();
    assert!(description.contains("time limit"), "{description}");
}
