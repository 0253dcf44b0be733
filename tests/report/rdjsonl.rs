//! reviewdog's diagnostics, held to what its format says of each field.

use llmux::change::Kind;
use llmux::findings::Severity;
use llmux::gate::Outcome;
use llmux::report::Format;
use serde_json::{Value, json};

use super::sample::{self, DB};
use super::text;

/// Each line is one diagnostic with the fields, types and bounds of the format.
pub(super) fn check(outcome: &Outcome) -> Vec<Value> {
    let report = text(outcome, Format::Rdjsonl);
    assert!(report.is_empty() || report.ends_with('\n'));
    let lines = report.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        only(
            &line,
            &[
                "message",
                "location",
                "severity",
                "source",
                "code",
                "suggestions",
            ],
        );
        assert!(!line["message"].as_str().unwrap().is_empty());
        let severity = line["severity"].as_str().unwrap();
        assert!(["ERROR", "WARNING", "INFO"].contains(&severity));
        only(&line["code"], &["value"]);
        let location = &line["location"];
        if !location.is_null() {
            only(location, &["path", "range"]);
            assert!(location["path"].is_string());
            if !location["range"].is_null() {
                check_range(&location["range"]);
            }
        }
        for suggestion in line["suggestions"].as_array().into_iter().flatten() {
            only(suggestion, &["range", "text"]);
            assert!(suggestion["text"].is_string());
            check_range(&suggestion["range"]);
        }
        line
    });
    lines.collect()
}

fn only(object: &Value, keys: &[&str]) {
    for key in object.as_object().unwrap().keys() {
        assert!(keys.contains(&key.as_str()), "{key} in {object}");
    }
}

fn check_range(range: &Value) {
    let at = |which: &str| {
        only(&range[which], &["line", "column"]);
        let line = range[which]["line"].as_u64().unwrap();
        let column = range[which].get("column").map(|it| it.as_u64().unwrap());
        assert!(line > 0 && column != Some(0), "{range}");
        (line, column)
    };
    let (start, end) = (at("start"), at("end"));
    assert!(start <= end, "{range}");
    assert_eq!(start.1.is_some(), end.1.is_some(), "{range}");
}

/// One finding in a file of this text.
fn one(file: &[u8], start: (u32, u32), end: (u32, u32), quote: &str, suggestion: &str) -> Value {
    let mut run = sample::clean_run();
    let mut change = sample::file("a.rs", Kind::Added, "", &[]);
    std::sync::Arc::make_mut(&mut change).new = llmux::change::Text::whole(file);
    run.change = llmux::change::Change {
        files: vec![change],
        ..Default::default()
    }
    .into();
    let place = sample::location("a.rs", start, end);
    let mut finding = sample::finding(place, Severity::Medium, "some-rule", "Title");
    quote.clone_into(&mut finding.quote);
    finding.suggestion = Some(suggestion.to_owned());
    run.findings = vec![finding];
    check(&sample::judged(run)).remove(0)
}

#[test]
fn columns_are_bytes_and_the_end_is_exclusive() {
    // The format's own example: b stands at byte 6.
    let line = one("a𐐀b\n".as_bytes(), (1, 3), (1, 4), "b", "c");
    let range = json!({"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 7}});
    assert_eq!(line["location"]["range"], range);
    assert_eq!(line["suggestions"], json!([{"range": range, "text": "c"}]));
    assert_eq!(line["severity"], "WARNING");
}

#[test]
fn lines_that_are_not_utf_8_have_no_columns_behind_that() {
    let line = one(b"x\xe9\xffyz\n", (1, 4), (1, 5), "y", "c");
    assert_eq!(
        line["location"]["range"],
        json!({"start": {"line": 1}, "end": {"line": 1}})
    );
    assert_eq!(line.get("suggestions"), None);
    // What stands before it is known.
    let line = one(b"x\xe9\xffyz\n", (1, 1), (1, 2), "x", "c");
    assert_eq!(line["location"]["range"]["end"]["column"], 2);
}

#[test]
fn a_suggestion_replaces_what_was_quoted_or_is_left_out() {
    let several = b"one\r\ntwo\r\nthree\r\n";
    let line = one(several, (1, 2), (3, 3), "ne\r\ntwo\r\nth", "x\ny");
    assert_eq!(line["suggestions"][0]["text"], "x\ny");
    assert_eq!(
        line["suggestions"][0]["range"]["end"],
        json!({"line": 3, "column": 3})
    );
    for (quote, text) in [("other", "c"), ("b", "a\u{202e}b"), ("b", "\u{1b}[2J")] {
        let line = one(b"aab\n", (1, 3), (1, 4), quote, text);
        assert_eq!(line.get("suggestions"), None, "{quote} {text}");
    }
}

#[test]
fn a_rich_outcome_has_a_line_for_each_finding_and_each_gap() {
    let lines = check(&sample::rich());
    assert_eq!(lines.len(), 9);
    let unread = json!({"path": "src/unread.py"});
    assert_eq!(lines[0]["location"], unread);
    assert_eq!(lines[0]["severity"], "ERROR");
    assert_eq!(lines[1]["location"]["path"], DB);
    // Mentions and markup of a model notify nobody.
    let all = text(&sample::rich(), Format::Rdjsonl);
    assert!(
        !all.contains("@everyone") && !all.contains("<script"),
        "{all}"
    );
}

#[test]
fn an_incomplete_run_without_a_gap_is_a_diagnostic_all_the_same() {
    let mut run = sample::incomplete().run;
    for file in &mut run.coverage.files {
        file.covered = true;
    }
    let lines = check(&sample::judged(run));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].get("location"), None);
    assert!(lines[0]["message"].as_str().unwrap().contains("time limit"));
}
