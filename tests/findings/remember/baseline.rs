//! The baseline's file.

use llmux::findings::Severity;
use llmux::findings::remember::{Baseline, Note, Record, read_report};
use serde_json::{Value, json};

use super::super::added;
use super::record;

fn two() -> Vec<Record> {
    let file = added("src/a.py", "def f():\n    save(x)\n    load(y)\n");
    vec![
        record(&file, 3, "off-by-one", "Past the end"),
        record(&file, 2, "sql-injection", "Concatenated"),
    ]
}

/// A finding as a JSON report has it.
fn reported(record: &Record) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    value["location"] = json!({"path": record.path, "start_line": 7});
    value["vote"] = json!({"voters": record.voters});
    value
}

fn report(counted: &[Record], known: &[Record], gone: &[&str]) -> String {
    let list = |records: &[Record]| records.iter().map(reported).collect::<Vec<_>>();
    let known: Vec<_> = list(known)
        .into_iter()
        .map(|mut found| {
            found["suppression"] = json!({"kind": "baseline"});
            found
        })
        .collect();
    json!({
        "schema_version": 1, "findings": list(counted), "unconfirmed": [], "suppressed": known,
        "baseline": {"gone": gone}, "field_of_tomorrow": 1
    })
    .to_string()
}

fn baseline(records: &[Record]) -> Baseline {
    let note = Note {
        reason: "Known since 2024.",
        author: Some("Ada"),
        unconfirmed: false,
    };
    Baseline::create(read_report(&report(records, &[], &[])).unwrap(), &note)
}

#[test]
fn the_file_is_the_same_whatever_the_order_and_reads_back() {
    let mut records = two();
    let text = baseline(&records).to_json().unwrap();
    records.reverse();
    assert_eq!(text, baseline(&records).to_json().unwrap());
    assert_eq!(Baseline::parse(&text).unwrap(), baseline(&records));
    insta::assert_snapshot!("baseline_file", text);
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, wanted) in [
        ("", "1:0: this is no baseline of llmux"),
        ("{\n  \"llmux_baseline\": 1,\n  \"entrys\": []\n}", "3:10: "),
        ("{\"llmux_baseline\": 9, \"entries\": []}", "version 9"),
        ("[]", "1:"),
    ] {
        let problem = Baseline::parse(text).unwrap_err();
        assert!(problem.contains(wanted), "{text}: {problem}");
    }
    let text = baseline(&two()).to_json().unwrap();
    let typo = text.replace("\"reason\"", "\"raeson\"");
    let problem = Baseline::parse(&typo).unwrap_err();
    assert!(problem.contains("raeson"), "{problem}");
    assert!(read_report("{\"schema_version\": 1}").is_err());
    assert!(read_report(&report(&[], &[], &[]).replace(":1,", ":2,")).is_err());
}

#[test]
fn an_update_keeps_words_adds_and_drops_only_what_is_said_to_be_fixed() {
    let records = two();
    let mut old = baseline(&records);
    old.entries[0].reason = "By hand.".to_owned();
    let kept = old.entries[0].clone();
    // The same finding, moved to another file and said in other words.
    let mut moved = kept.record.clone();
    moved.path = "lib/b.py".to_owned();
    moved.title = "Chatter".to_owned();
    let file = added("src/c.py", "def g():\n    drop(z)\n");
    let fresh = record(&file, 2, "bug-other", "New");
    let gone = old.entries[1].record.fingerprint.clone();
    let text = report(std::slice::from_ref(&fresh), &[moved], &[&gone]);
    let done = old.update(read_report(&text).unwrap(), &Note::default());
    assert_eq!((done.kept, done.added, done.dropped), (1, 1, 1));
    assert_eq!(old.entries.len(), 2);
    let entry = &old.entries[0];
    assert_eq!(entry.record.path, "lib/b.py");
    assert_eq!(entry.record.title, kept.record.title);
    assert_eq!(
        (entry.reason.as_str(), entry.author.as_deref()),
        ("By hand.", Some("Ada"))
    );
    assert_eq!(old.entries[1].record, fresh);
    // A run that saw nothing takes nothing away.
    let before = old.clone();
    let done = old.update(
        read_report(&report(&[], &[], &[])).unwrap(),
        &Note::default(),
    );
    assert_eq!((done.kept, done.added, done.dropped), (2, 0, 0));
    assert_eq!(old, before);
}

#[test]
fn a_run_that_did_not_know_the_baseline_adds_nothing_twice() {
    let mut old = baseline(&two());
    let before = old.clone();
    let text = report(&two(), &[], &[]);
    let done = old.update(read_report(&text).unwrap(), &Note::default());
    assert_eq!((done.kept, done.added, done.dropped), (2, 0, 0));
    assert_eq!(old, before);
    assert_eq!(old.entries[0].record.severity, Severity::Medium);
}
