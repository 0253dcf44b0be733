//! Snapshots of every format; equal outcomes give equal bytes.

use llmux::findings::taxonomy::Taxonomy;
use llmux::gate::{FailOn, Settings, judge};
use llmux::report::{Format, Style, markdown, sarif, terminal};

use super::sample::{self, clean, incomplete, rich};
use super::{bytes, markdown_with, sarif_value, snapshot, text};

#[test]
fn every_format_of_a_rich_outcome() {
    let outcome = rich();
    for format in Format::ALL {
        // SARIF holds metadata of the taxonomy, which has its own life.
        if format != Format::Sarif {
            snapshot(&format!("rich_{format}"), &text(&outcome, format));
        }
    }
}

#[test]
fn every_format_of_a_second_run() {
    let outcome = sample::judged(sample::remembering_run());
    for format in [
        Format::Terminal,
        Format::Markdown,
        Format::Json,
        Format::Html,
    ] {
        snapshot(&format!("second_{format}"), &text(&outcome, format));
    }
    // Scanners' readers know nothing of suppressions: what is suppressed must not be there.
    let results = sarif_value(&outcome)["runs"][0]["results"].clone();
    for title in ["Key in the source", "One query for each row"] {
        assert!(!results.to_string().contains(title), "{results:#}");
        for format in [
            Format::Junit,
            Format::Github,
            Format::Gitlab,
            Format::Rdjsonl,
        ] {
            let report = text(&outcome, format);
            assert!(!report.contains(title), "{format}: {report}");
        }
    }
    assert_eq!(results.as_array().unwrap().len(), 6);
}

#[test]
fn sarif_of_a_rich_outcome() {
    let mut log = sarif_value(&rich());
    let rules = &mut log["runs"][0]["tool"]["driver"]["rules"];
    for rule in rules.as_array_mut().unwrap() {
        if Taxonomy::builtin()
            .get(rule["id"].as_str().unwrap())
            .is_some()
        {
            *rule = serde_json::json!({ "id": rule["id"], "…": "from the taxonomy" });
        }
    }
    snapshot("rich_sarif", &serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn each_rule_of_the_taxonomy_has_what_github_wants() {
    let log = sarif_value(&clean());
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), Taxonomy::builtin().rules().len());
    for rule in rules {
        let known = Taxonomy::builtin()
            .get(rule["id"].as_str().unwrap())
            .unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (key, text, limit) in [
            ("shortDescription", &known.title, 1_024),
            ("fullDescription", &known.description, 1_024),
            ("help", &known.help, usize::MAX),
        ] {
            let shown = rule[key]["text"].as_str().unwrap();
            assert_eq!(words(shown), words(text), "{rule}");
            assert!(
                !shown.is_empty() && shown.chars().count() <= limit,
                "{rule}"
            );
        }
        let security = &rule["properties"]["security-severity"];
        assert_eq!(security.is_string(), known.category == "security", "{rule}");
        let tags = rule["properties"]["tags"].to_string();
        if let Some(cwe) = known.cwe {
            assert!(
                tags.contains(&format!("external/cwe/cwe-{cwe:03}")),
                "{rule}"
            );
        }
        if let Some(name) = rule["name"].as_str() {
            assert!(name.len() <= 255, "{rule}");
            // SARIF1001: a name that is the id again must be left out.
            assert!(!name.eq_ignore_ascii_case(&known.slug), "{rule}");
        }
    }
}

#[test]
fn every_format_of_a_clean_outcome() {
    let outcome = clean();
    for format in Format::ALL {
        // The rules that a SARIF report without findings lists are the whole taxonomy.
        if format != Format::Sarif {
            snapshot(&format!("clean_{format}"), &text(&outcome, format));
        }
    }
}

#[test]
fn every_format_of_an_incomplete_outcome() {
    let outcome = incomplete();
    for format in [
        Format::Terminal,
        Format::Markdown,
        Format::Junit,
        Format::Github,
        Format::Gitlab,
        Format::Rdjsonl,
    ] {
        snapshot(&format!("incomplete_{format}"), &text(&outcome, format));
    }
}

#[test]
fn the_terminal_in_colour_and_narrow() {
    let style = Style {
        color: true,
        width: 60,
    };
    let mut out = Vec::new();
    terminal::write(&rich(), style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    snapshot("rich_terminal_colour", &text.replace('\u{1b}', "ESC"));
}

#[test]
fn equal_outcomes_give_equal_bytes() {
    for format in Format::ALL {
        assert_eq!(bytes(&rich(), format), bytes(&rich(), format), "{format}");
    }
}

#[test]
fn a_sarif_report_without_findings_lists_all_rules_and_no_result() {
    let log = sarif_value(&clean());
    let run = &log["runs"][0];
    assert_eq!(run["results"], serde_json::json!([]));
    assert!(
        !run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run["automationDetails"]["id"], "llmux/");
}

#[test]
fn an_incomplete_run_is_no_successful_execution() {
    let log = sarif_value(&incomplete());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].to_string();
    assert!(notifications.contains("src/unread.py"), "{notifications}");
    assert!(notifications.contains("time limit"), "{notifications}");
}

#[test]
fn a_category_names_the_upload() {
    let mut out = Vec::new();
    sarif::write(&clean(), Some("nightly"), &mut out).unwrap();
    let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "llmux/nightly/");
}

#[test]
fn sarif_keeps_what_github_keeps_highest_first() {
    let mut run = sample::clean_run();
    let place = || sample::location("src/main.rs", (1, 1), (1, 3));
    run.findings = (0..6_000)
        .map(|index| {
            let severity = if index % 2 == 0 {
                llmux::findings::Severity::Low
            } else {
                llmux::findings::Severity::High
            };
            sample::finding(place(), severity, "some-rule", "Title")
        })
        .collect();
    let log = sarif_value(&sample::judged(run));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    let errors = results.iter().filter(|result| result["level"] == "error");
    assert_eq!(errors.count(), 3_000);
    let notice = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert!(
        notice["message"]["text"]
            .as_str()
            .unwrap()
            .starts_with("1000 findings")
    );
}

#[test]
fn markdown_is_cut_between_blocks_and_says_so() {
    let options = markdown::Options {
        max_bytes: 6_000,
        ..markdown::Options::default()
    };
    let report = markdown_with(&rich(), &options);
    assert!(report.len() <= 6_000, "{} bytes", report.len());
    assert!(
        report.starts_with("## llmux\n\n**blocked: 1 critical"),
        "{report}"
    );
    assert!(report.contains("This report is cut: it"), "{report}");
}

#[test]
fn markdown_links_places_where_files_can_be_read() {
    let options = markdown::Options {
        source_url: Some("https://git.example/o/r/blob/abc/".to_owned()),
        ..markdown::Options::default()
    };
    let report = markdown_with(&rich(), &options);
    assert!(report.contains("[`src/db.rs:4`](https://git.example/o/r/blob/abc/src/db.rs#L4-L4)"));
    assert!(
        report.contains("/src/caf%E9%7C%60x%60%09.c#L1-L1"),
        "{report}"
    );
}

#[test]
fn what_is_allowed_to_be_incomplete_is_no_junit_error() {
    let mut run = sample::rich_run();
    run.findings.clear();
    let policy = Settings {
        fail_on: FailOn::High,
        allow_incomplete: true,
    };
    let report = text(&judge(run, policy), Format::Junit);
    assert!(report.contains("errors=\"0\""), "{report}");
    assert!(
        report.contains("warning: not read by enough backends"),
        "{report}"
    );
}

#[test]
fn findings_below_fail_on_pass_in_junit() {
    let policy = Settings {
        fail_on: FailOn::Never,
        allow_incomplete: false,
    };
    let report = text(&judge(sample::rich_run(), policy), Format::Junit);
    assert!(report.contains("failures=\"0\""), "{report}");
}

/// The keys of all objects in a value.
fn keys(value: &serde_json::Value, into: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, into)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_json_report_is_documented() {
    let documentation = include_str!("../../docs/json-report.md");
    let report = serde_json::from_slice(&bytes(&rich(), Format::Json)).unwrap();
    let mut all = std::collections::BTreeSet::new();
    keys(&report, &mut all);
    all.retain(|key| !documentation.contains(&format!("`{key}`")));
    assert!(all.is_empty(), "not in docs/json-report.md: {all:?}");
}
