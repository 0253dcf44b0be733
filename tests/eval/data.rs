//! What is no data is refused with its place; what has no answers is merged and not scored.

use std::fs;

use predicates::prelude::*;
use serde_json::{Value, json};

use super::{TEXTS, evaluate, lines, record, sample};
use crate::support::Repo;

#[test]
fn malformed_lines_are_named_with_file_line_and_column() {
    let repo = Repo::new();
    let good = record("p", "a", 0, TEXTS[0], Some(0)).to_string();
    let cases = [
        ("{\"pr\": \"p\", \"tool\": }", 1, 21, "expected value"),
        (
            "{\"pr\": \"p\", \"idx\": 0, \"text\": \"x\"}",
            1,
            34,
            "missing field `tool`",
        ),
        (
            r#"{"pr":"p","tool":"a","idx":0,"text":"x","label":"maybe"}"#,
            1,
            55,
            "unknown variant `maybe`",
        ),
        (
            r#"{"pr":"p","tool":"a","idx":0,"text":"x","line":0}"#,
            1,
            49,
            "lines count from 1",
        ),
        (
            r#"{"pr":"p","tool":" ","idx":0,"text":"x"}"#,
            1,
            20,
            "an empty name",
        ),
        (
            "{\"pr\":\"p\",\"tool\":\"a\\u202eb\",\"idx\":0,\"text\":\"x\"}",
            1,
            27,
            "cannot be seen",
        ),
        (
            r#"{"pr":"p","tool":"a","idx":0,"text":"  "}"#,
            1,
            1,
            "`text` is empty",
        ),
        (r#"{"pr":"p","tool":"a","text":"x"}"#, 1, 1, "no `idx`"),
        (r#"{"pr":"p","tool":"a","idx":0}"#, 1, 1, "no `text`"),
        (
            r#"{"pr":"p","tool":"a","idx":0,"text":"x","golden":3}"#,
            1,
            1,
            "`golden` without",
        ),
        ("[1]", 1, 2, "invalid"),
    ];
    for (line, at, column, what) in cases {
        // A blank line and a good one before it.
        repo.write("data.jsonl", &format!("\n{good}\n{line}\n"));
        let place = format!("data.jsonl:{}:{column}: ", at + 2);
        repo.llmux(&["eval", "data.jsonl"])
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(&place).and(predicate::str::contains(what)))
            .stderr(predicate::str::contains("docs/eval.md"));
    }
}

#[test]
fn many_flaws_are_counted_and_ten_are_listed() {
    let repo = Repo::new();
    repo.write("data.jsonl", &"{\n".repeat(25));
    repo.llmux(&["eval", "data.jsonl"]).assert().code(2).stderr(
        predicate::str::contains("data.jsonl:10:")
            .and(predicate::str::contains("data.jsonl:11:").not())
            .and(predicate::str::contains("… and 15 more")),
    );
}

#[test]
fn no_data_is_an_error_and_no_perfect_score() {
    let repo = Repo::new();
    repo.write("empty.jsonl", "\n");
    repo.write("folder/notes.txt", "nothing");
    repo.write("folder/x.goldens.jsonl", "{\"pr\":\"p\",\"golden\":0}\n");
    repo.write("mixed/case/change.diff", "");
    repo.write("mixed/data.jsonl", "");
    for (data, what) in [
        ("empty.jsonl", "no recorded finding"),
        ("folder", "no recorded finding"),
        ("mixed", "name one of them"),
        ("nowhere", "nowhere"),
    ] {
        repo.llmux(&["eval", data])
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(what));
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let repo = Repo::new();
    let data = sample("findings.jsonl");
    repo.write("goldens.jsonl", "{\"pr\":\"shop/cart#101\",\"golden\":0}\n");
    let refused = |args: &[&str], what: &str| {
        repo.llmux(&[&["eval", &data], args].concat())
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(what));
    };
    refused(
        &["--goldens", "goldens.jsonl"],
        "known issue 1, which is not listed",
    );
    refused(
        &["--tools", "amber,nobody"],
        "no tool `nobody` in the data: it has amber, birch",
    );
    refused(&["--report", "pdf"], "use json, markdown or html");
    refused(
        &["--report", "json", "--report", "html"],
        "both go to standard output",
    );
    refused(&["--report", "json=x", "--clusters", "x"], "both go to x");
    refused(
        &["--report", "json=no/where"],
        "no file can be written there",
    );
    refused(&["--report", "json="], "names no file");
    refused(&["--folds", "1"], "1 is not in 2..");
}

/// The same records, their answers taken out: merged as before, and not scored.
#[test]
fn without_answers_records_are_merged_for_clusters_alone() {
    let repo = Repo::new();
    let labelled = fs::read_to_string(sample("findings.jsonl")).unwrap();
    let records: Vec<Value> = labelled
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            record.as_object_mut().unwrap().remove("label");
            record.as_object_mut().unwrap().remove("golden");
            record
        })
        .collect();
    repo.write("bare.jsonl", &lines(&records));
    repo.llmux(&["eval", "bare.jsonl", "--clusters", "bare.out"])
        .assert()
        .code(0)
        .stdout("")
        .stderr(predicate::str::contains("nothing was scored"));
    repo.llmux(&[
        "eval",
        &sample("findings.jsonl"),
        "--clusters",
        "labelled.out",
    ])
    .assert()
    .code(0);
    let read = |name| fs::read_to_string(repo.dir().join(name)).unwrap();
    let clusters = read("bare.out");
    assert_eq!(clusters, read("labelled.out"));

    // One line a record, in the order of the records.
    let clusters: Vec<Value> = clusters
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(clusters.len(), records.len());
    let mut highest = std::collections::BTreeMap::new();
    for (cluster, record) in clusters.iter().zip(&records) {
        for key in ["pr", "tool", "idx"] {
            assert_eq!(cluster[key], record[key]);
        }
        // Numbered by first record.
        let number = cluster["cluster"].as_u64().unwrap();
        let next = highest.entry(record["pr"].clone().to_string()).or_insert(0);
        assert!(number <= *next, "{cluster}");
        *next = (*next).max(number + 1);
        let p = cluster["p"].as_f64().unwrap();
        assert!(p > 0.0 && p < 1.0);
        assert!(cluster["votes"].is_u64(), "{cluster}");
    }
    assert!(clusters.iter().any(|cluster| cluster["votes"] == 3));

    for args in [
        &["--report", "json"][..],
        &[],
        &["--report", "json", "--clusters", "x"],
    ] {
        repo.llmux(&[&["eval", "bare.jsonl"], args].concat())
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains("nothing to score"));
    }
}

/// Who gave no answer is not silent about what others found.
#[test]
fn a_tool_that_did_not_answer_is_not_silent() {
    let repo = Repo::new();
    let said = [
        record("p", "a", 0, TEXTS[0], Some(0)),
        record("q", "b", 0, TEXTS[1], Some(0)),
    ];
    let p_of_first = |data: &[Value]| {
        repo.write("data.jsonl", &lines(data));
        let output = repo
            .llmux(&["eval", "data.jsonl", "--clusters", "-"])
            .output()
            .unwrap();
        assert!(output.status.success());
        let first = String::from_utf8(output.stdout).unwrap();
        let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
        first["p"].as_f64().unwrap()
    };
    let silent = p_of_first(&said);
    let missing = json!({"pr": "p", "tool": "b", "answered": false});
    let absent = p_of_first(&[said[0].clone(), said[1].clone(), missing]);
    assert!(absent > silent, "{absent} {silent}");
}

#[test]
fn a_folder_is_read_file_by_file() {
    let repo = Repo::new();
    let one = [
        record("p", "a", 0, TEXTS[0], Some(0)),
        record("p", "b", 0, TEXTS[1], None),
    ];
    let other = [
        record("q", "c", 0, TEXTS[2], Some(0)),
        record("q", "d", 0, TEXTS[3], None),
    ];
    repo.write("data/one.jsonl", &lines(&one));
    repo.write("data/other.jsonl", &lines(&other));
    repo.write("data/one.goldens.jsonl", "this is no record");
    let found = evaluate(&repo, &["data"]);
    assert_eq!(found["counted"]["pull_requests"], 2);
    assert_eq!(found["counted"]["records"], 4);
    // Tools of one file were not asked about the pull requests of the other: of two known
    // issues each backend can only have found its own file's.
    let names: Vec<_> = found["backends"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| &b["name"])
        .collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn issues_of_pull_requests_without_a_record_count_as_not_found() {
    let repo = Repo::new();
    repo.write(
        "data.jsonl",
        &lines(&[
            record("p", "a", 0, TEXTS[0], Some(0)),
            record("p", "b", 1, TEXTS[1], None),
        ]),
    );
    repo.write(
        "goldens.jsonl",
        "{\"pr\":\"p\",\"golden\":0}\n{\"pr\":\"unseen\",\"golden\":0,\"text\":\"x\"}\n",
    );
    let found = evaluate(&repo, &["data.jsonl", "--goldens", "goldens.jsonl"]);
    assert_eq!(found["counted"]["known_issues"], 2);
    assert_eq!(found["thresholds"][0]["score"]["recall"]["value"], 0.5);
    assert!(
        found["notes"][0]
            .as_str()
            .unwrap()
            .contains("count as not found")
    );
}

/// Two files may number the issues of one pull request differently.
#[test]
fn a_list_of_issues_belongs_to_the_file_of_its_name() {
    let repo = Repo::new();
    let one = [
        record("p", "a", 0, TEXTS[0], Some(0)),
        record("p", "b", 1, TEXTS[1], None),
    ];
    let other = [
        record("p", "c", 0, TEXTS[2], Some(7)),
        record("p", "d", 1, TEXTS[3], None),
    ];
    repo.write("data/one.labelled.jsonl", &lines(&one));
    repo.write("data/other.labelled.jsonl", &lines(&other));
    repo.write(
        "data/one.goldens.jsonl",
        "{\"pr\":\"p\",\"golden\":0}\n{\"pr\":\"p\",\"golden\":1}\n",
    );
    repo.write("data/other.goldens.jsonl", "{\"pr\":\"p\",\"golden\":7}\n");
    let args = [
        "data",
        "--goldens",
        "data/one.goldens.jsonl",
        "--goldens",
        "data/other.goldens.jsonl",
    ];
    let found = evaluate(&repo, &args);
    assert_eq!(found["counted"]["known_issues"], 3);
    assert_eq!(found["counted"]["pull_requests"], 2);
}
