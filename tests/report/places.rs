//! Where SARIF results stand: clamped to added lines, with paths as URIs.

use llmux::change::{Kind, Text};
use llmux::findings::Severity;
use serde_json::{Value, json};

use super::sample::{self, DB, QUOTED};
use super::sarif_value;

/// The results of one finding in a file of six lines, of which some are added.
fn result(added: &[std::ops::RangeInclusive<u32>], start: (u32, u32), end: (u32, u32)) -> Value {
    let mut run = sample::clean_run();
    let text = "line one\nline two\nline 3\n\nline five\nline six\n";
    let change = llmux::change::Change {
        base: Some("1".repeat(40)),
        files: vec![sample::file("a.rs", Kind::Modified, text, added)],
        ..Default::default()
    };
    run.change = change.into();
    run.findings = vec![sample::finding(
        sample::location("a.rs", start, end),
        Severity::High,
        "some-rule",
        "Title",
    )];
    sarif_value(&sample::judged(run))["runs"][0]["results"][0].clone()
}

fn region(result: &Value) -> [Value; 4] {
    let region = &result["locations"][0]["physicalLocation"]["region"];
    ["startLine", "startColumn", "endLine", "endColumn"].map(|key| region[key].clone())
}

#[test]
fn regions_are_clamped_to_the_first_run_of_added_lines() {
    let cases = [
        // All added: as it is.
        (vec![1..=6], (2, 3), (5, 5), [2, 3, 5, 5]),
        // The start stands before, the end behind the added run.
        (vec![2..=3], (1, 6), (5, 5), [2, 1, 3, 7]),
        // Two runs: the first.
        (vec![2..=2, 5..=6], (1, 1), (6, 4), [2, 1, 2, 9]),
        // The start is added, its column stays.
        (vec![1..=2], (1, 6), (4, 1), [1, 6, 2, 9]),
        // An empty line.
        (vec![4..=4], (3, 1), (5, 2), [4, 1, 4, 1]),
        // Nothing added: the first line.
        (vec![6..=6], (1, 6), (3, 2), [1, 6, 1, 9]),
        (vec![6..=6], (5, 1), (5, 5), [5, 1, 5, 5]),
        // Behind the end of a line that is not added.
        (vec![6..=6], (1, 60), (3, 2), [1, 60, 1, 60]),
    ];
    for (added, start, end, expected) in cases {
        let result = result(&added, start, end);
        assert_eq!(region(&result), expected.map(|n| json!(n)), "{added:?}");
    }
}

#[test]
fn the_snippet_is_the_regions_text() {
    let result = result(&[2..=3], (1, 6), (5, 5));
    let snippet = &result["locations"][0]["physicalLocation"]["region"]["snippet"]["text"];
    assert_eq!(snippet, "line two\nline 3");
}

#[test]
fn the_line_hash_is_that_of_the_regions_first_line() {
    let result = result(&[2..=3], (1, 6), (5, 5));
    let hashes =
        llmux::report::line_hash::hashes("line one\nline two\nline 3\n\nline five\nline six\n");
    let fingerprints = &result["partialFingerprints"];
    assert_eq!(fingerprints["primaryLocationLineHash"], *hashes[1]);
    assert!(fingerprints["llmux/v1"].is_string(), "{fingerprints}");
}

#[test]
fn no_line_hash_where_the_file_is_known_in_parts() {
    let mut run = sample::clean_run();
    let text = "line one\nline two\n";
    let change = llmux::change::Change {
        // A patch: neither commit is known.
        files: vec![sample::file("a.rs", Kind::Modified, text, &[1..=2])],
        ..Default::default()
    };
    assert_eq!(
        change.files[0].new.line(2),
        Text::whole(text.as_bytes()).line(2)
    );
    run.change = change.into();
    run.findings = vec![sample::finding(
        sample::location("a.rs", (1, 1), (1, 5)),
        Severity::High,
        "some-rule",
        "Title",
    )];
    let log = sarif_value(&sample::judged(run));
    let fingerprints = &log["runs"][0]["results"][0]["partialFingerprints"];
    assert_eq!(fingerprints.as_object().unwrap().len(), 1, "{fingerprints}");
}

#[test]
fn paths_are_relative_uris() {
    let log = sarif_value(&sample::rich());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let uris: Vec<&str> = results
        .iter()
        .map(|result| {
            let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            assert_eq!(artifact["uriBaseId"], "%SRCROOT%");
            artifact["uri"].as_str().unwrap()
        })
        .collect();
    assert!(uris.contains(&DB), "{uris:?}");
    assert!(
        uris.contains(&"src/it%27s%20a%20%22file%22%20%231.rs"),
        "{QUOTED}: {uris:?}"
    );
    assert!(uris.contains(&"src/caf%E9%7C%60x%60%09.c"), "{uris:?}");
    assert!(
        uris.contains(&"%3Aodd/%3A%3Aerror%3A%3A%5Ba%5D%28b%29.sh"),
        "{uris:?}"
    );
}

#[test]
fn a_security_rule_is_as_severe_as_its_findings_and_another_as_its_worst() {
    let log = sarif_value(&sample::rich());
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let rule = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    // One finding is high, as secrets usually are, one medium.
    for (id, number, level) in [
        ("hardcoded-secret", "8.6", "error"),
        ("hardcoded-secret/medium", "6.4", "warning"),
    ] {
        assert_eq!(rule(id)["properties"]["security-severity"], number);
        assert_eq!(rule(id)["defaultConfiguration"]["level"], level);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let own = results.iter().filter(|result| result["ruleId"] == id);
        let levels: Vec<&Value> = own.map(|result| &result["level"]).collect();
        assert_eq!(levels, [level]);
    }
    let bug = rule("acme-n-plus-one");
    assert!(bug["properties"]["security-severity"].is_null(), "{bug}");
}
