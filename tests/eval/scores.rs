//! The arithmetic of the scores, on data small enough to be counted by hand.

use serde_json::{Value, json};

use super::{TEXTS, evaluate, lines, record, sample};
use crate::support::Repo;

fn of(records: &[Value], goldens: usize) -> Value {
    let repo = Repo::new();
    repo.write("data.jsonl", &lines(records));
    let listed: Vec<Value> = (0..goldens)
        .map(|golden| json!({"pr": "p", "golden": golden}))
        .collect();
    repo.write("goldens.jsonl", &lines(&listed));
    evaluate(&repo, &["data.jsonl", "--goldens", "goldens.jsonl"])
}

fn value(of: &Value) -> f64 {
    of["value"].as_f64().unwrap()
}

fn close(one: f64, other: f64) {
    assert!((one - other).abs() < 6e-5, "{one} is not {other}");
}

/// Three tools: issue 0 by all, issue 1 by one, issues 2 and 3 by nobody, one wrong finding
/// by two and one by one.
fn three_tools() -> Vec<Value> {
    vec![
        record("p", "a", 0, TEXTS[0], Some(0)),
        record("p", "b", 0, TEXTS[0], Some(0)),
        record("p", "c", 0, TEXTS[0], Some(0)),
        record("p", "a", 1, TEXTS[1], Some(1)),
        record("p", "b", 2, TEXTS[2], None),
        record("p", "c", 2, TEXTS[2], None),
        record("p", "c", 3, TEXTS[3], None),
    ]
}

#[test]
fn precision_recall_and_f1_are_counted_over_findings() {
    let found = of(&three_tools(), 4);
    let at = |threshold: usize| &found["thresholds"][threshold - 1]["score"];
    for (threshold, reported, precision, recall) in
        [(1, 4.0, 0.5, 0.5), (2, 2.0, 0.5, 0.25), (3, 1.0, 1.0, 0.25)]
    {
        let score = at(threshold);
        close(score["reported"].as_f64().unwrap(), reported);
        close(value(&score["precision"]), precision);
        close(value(&score["recall"]), recall);
        close(
            value(&score["f1"]),
            2.0 * precision * recall / (precision + recall),
        );
    }
    // Each alone.
    let alone: Vec<f64> = found["backends"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| value(&b["score"]["precision"]))
        .collect();
    assert_eq!(alone, [1.0, 0.5, 0.3333]);
    assert_eq!(found["gain"]["best_alone"], "a");
    close(value(&found["gain"]["factor"]), (1.0 / 3.0) / (2.0 / 3.0));
    // Pairs of what is real: three that mean the same, all merged; three of issue 1 with
    // issue 0, of which two are of other tools.
    let pairs = &found["merging"]["real_pairs"];
    assert_eq!(
        (&pairs["equal"], &pairs["merged"]),
        (&json!(3.0), &json!(3.0))
    );
    // Of the two wrong ones nobody has said whether they mean the same.
    assert_eq!(found["merging"]["pairs"]["merged"], 3.0);
}

#[test]
fn a_pair_counts_where_one_of_its_records_is_real() {
    let found = of(
        &[
            record("p", "a", 0, TEXTS[0], Some(0)),
            record("p", "b", 0, TEXTS[0], Some(0)),
            record("p", "c", 0, TEXTS[0], None),
        ],
        1,
    );
    let merging = &found["merging"];
    assert_eq!(merging["pairs"]["merged"], 3.0);
    close(value(&merging["pairs"]["precision"]), 1.0 / 3.0);
    assert_eq!(merging["real_pairs"]["merged"], 1.0);
    close(value(&merging["real_pairs"]["precision"]), 1.0);
    assert_eq!(merging["wrong"].as_array().unwrap().len(), 2);
}

#[test]
fn a_repeated_issue_is_found_once_and_is_noise_the_second_time() {
    let found = of(
        &[
            record("p", "a", 0, TEXTS[0], Some(0)),
            record("p", "b", 1, TEXTS[1], Some(0)),
            record("p", "b", 2, TEXTS[2], None),
        ],
        1,
    );
    let score = &found["thresholds"][0]["score"];
    assert_eq!(score["duplicates"], 1.0);
    close(value(&score["recall"]), 1.0);
    close(value(&score["precision"]), 1.0 / 3.0);
    // Two that mean the same and were not merged.
    let wrong = &found["merging"]["wrong"][0];
    assert_eq!(wrong["merged"], false);
    assert_eq!(wrong["one"], json!(["a", 0]));
}

/// One finding stands for one issue: whoever merges everything finds little.
#[test]
fn a_finding_of_two_issues_counts_for_one() {
    let mut records = three_tools();
    records[1]["golden"] = json!(1);
    let found = of(&records, 4);
    assert_eq!(found["merging"]["mixed"], 1);
    let wrong = found["merging"]["wrong"].as_array().unwrap();
    assert_eq!(
        wrong.iter().filter(|pair| pair["merged"] == true).count(),
        2
    );
    // Issue 0 has two of the three votes and is what the finding stands for.
    let three = &found["thresholds"][2]["score"];
    close(value(&three["recall"]), 0.25);
}

#[test]
fn neighbours_that_are_two_issues_are_counted() {
    let at = |mut record: Value, line: u32| {
        record["line"] = json!(line);
        record
    };
    let found = of(
        &[
            at(record("p", "a", 0, TEXTS[0], Some(0)), 10),
            at(record("p", "b", 0, TEXTS[1], Some(1)), 15),
            at(record("p", "c", 0, TEXTS[2], Some(2)), 21),
            at(record("p", "a", 1, TEXTS[3], None), 11),
        ],
        3,
    );
    // 10 and 15; 15 and 21 are six lines apart.
    assert_eq!(found["merging"]["neighbours"], 1.0);
    close(value(&found["merging"]["neighbours_merged"]), 0.0);
}

#[test]
fn samples_are_voters_whose_joint_weight_grows_with_the_root() {
    let repo = Repo::new();
    let records = [
        record("p", "a#1", 0, TEXTS[0], Some(0)),
        record("p", "a#2", 0, TEXTS[0], Some(0)),
        record("p", "a#3", 0, TEXTS[0], Some(0)),
        record("p", "a#4", 1, TEXTS[1], None),
        record("p", "b", 0, TEXTS[0], Some(0)),
    ];
    repo.write("data.jsonl", &lines(&records));
    let output = repo
        .llmux(&["eval", "data.jsonl", "--clusters", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let votes: Vec<f64> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["votes"]
                .as_f64()
                .unwrap()
        })
        .collect();
    // Each of four samples has half a vote; three of them and another backend have 2.5.
    assert_eq!(votes, [2.5, 2.5, 2.5, 0.5, 2.5]);
    let found = evaluate(&repo, &["data.jsonl"]);
    let names: Vec<_> = found["backends"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "b"], "samples are no backends of their own");
    // Samples' findings are merged: `a` alone has two, not four.
    assert_eq!(found["backends"][0]["score"]["reported"], 2.0);
    // Of one backend: no pair of different ones but those with `b`.
    assert_eq!(found["merging"]["pairs"]["equal"], 3.0);
}

/// A setting that merges too much or too little is worse in what matters, and `eval` says so.
#[test]
fn merging_too_much_or_too_little_scores_worse() {
    let scores = |threshold: &str| {
        let repo = Repo::new();
        repo.config(&format!("[merge]\nthreshold = {threshold}\n"));
        let found = evaluate(
            &repo,
            &[
                &sample("findings.jsonl"),
                "--goldens",
                &sample("findings.goldens.jsonl"),
            ],
        );
        (
            value(&found["merging"]["pairs"]["f1"]),
            value(&found["thresholds"][1]["score"]["f1"]),
        )
    };
    let repo = Repo::new();
    let found = evaluate(
        &repo,
        &[
            &sample("findings.jsonl"),
            "--goldens",
            &sample("findings.goldens.jsonl"),
        ],
    );
    let pairs = value(&found["merging"]["pairs"]["f1"]);
    let votes = value(&found["thresholds"][1]["score"]["f1"]);
    let (all, nothing) = (scores("0.0"), scores("1.0"));
    assert!(pairs > 0.7 && votes > 0.7, "{pairs} {votes}");
    for (pair_f1, _) in [all, nothing] {
        assert!(pair_f1 < pairs - 0.1, "{pair_f1} {pairs}");
    }
    // Two votes where everything is one are votes all the same; where nothing is, there are none.
    assert!(nothing.1 < votes - 0.1, "{nothing:?} {votes}");
}

#[test]
fn intervals_hold_the_value_and_are_none_of_one_pull_request() {
    let repo = Repo::new();
    let found = evaluate(&repo, &[&sample("findings.jsonl")]);
    let f1 = &found["thresholds"][1]["score"]["f1"];
    let number = |key: &str| f1[key].as_f64().unwrap();
    assert!(
        number("low") < number("value") && number("value") < number("high"),
        "{f1}"
    );
    let found = of(&three_tools(), 4);
    let f1 = &found["thresholds"][0]["score"]["f1"];
    assert_eq!((&f1["low"], &f1["high"]), (&f1["value"], &f1["value"]));
}

#[test]
fn the_order_of_lines_does_not_matter_for_any_score() {
    let repo = Repo::new();
    let text = std::fs::read_to_string(sample("findings.jsonl")).unwrap();
    let mut turned: Vec<&str> = text.lines().collect();
    turned.reverse();
    repo.write("turned.jsonl", &turned.join("\n"));
    let goldens = sample("findings.goldens.jsonl");
    let of = |data: &str| {
        let mut found = evaluate(&repo, &[data, "--goldens", &goldens]);
        // Whose tool stands first in a wrong pair is the order's.
        found["merging"]["wrong"].take();
        strip_intervals(&mut found);
        found
    };
    assert_eq!(of(&sample("findings.jsonl")), of("turned.jsonl"));
}

/// Draws are of pull requests by their place in the data.
fn strip_intervals(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("low");
            map.remove("high");
            map.remove("toml");
            map.values_mut().for_each(strip_intervals);
        }
        Value::Array(list) => list.iter_mut().for_each(strip_intervals),
        _ => {}
    }
}

#[test]
fn the_recommendation_loads_as_configuration() {
    let repo = Repo::new();
    let found = evaluate(
        &repo,
        &[
            &sample("findings.jsonl"),
            "--goldens",
            &sample("findings.goldens.jsonl"),
        ],
    );
    let recommendation = &found["recommendation"];
    let toml = recommendation["toml"].as_str().unwrap();
    assert!(toml.contains("[vote]\nthreshold = "), "{toml}");
    let names = recommendation["panel"].as_array().unwrap();
    let backends: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                "[backends.{}]\ncommand = \"true\"\n",
                name.as_str().unwrap()
            )
        })
        .collect();
    // The user's own file has the backends; what is pasted stands over it.
    let user = repo.outside("home").join(".config/llmux/config.toml");
    std::fs::create_dir_all(user.parent().unwrap()).unwrap();
    std::fs::write(user, backends.concat()).unwrap();
    repo.config(toml);
    repo.llmux(&["config", "show"]).assert().code(0);
    let priors = recommendation["priors"].as_str().unwrap();
    llmux::findings::confidence::Model::parse(priors).unwrap();
}

/// What is written is what is read: the same data's probabilities are other ones by it, and
/// `--clusters` has them.
#[test]
fn written_priors_are_what_the_configuration_reads() {
    let repo = Repo::new();
    let (data, goldens) = (sample("findings.jsonl"), sample("findings.goldens.jsonl"));
    let run = |more: &[&str]| {
        let args = [&["eval", &data, "--goldens", &goldens], more].concat();
        let output = repo.llmux(&args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    repo.config("");
    let shipped = run(&["--clusters", "-"]);
    let report = run(&["--write-priors", ".llmux/priors.toml", "--report", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let file = std::fs::read_to_string(repo.dir().join(".llmux/priors.toml")).unwrap();
    assert_eq!(report["recommendation"]["priors"], *file);
    assert!(file.contains("\n[backends]\n"), "{file}");
    assert!(report["calibration"]["configured"].is_null());

    repo.config("[vote]\npriors = \".llmux/priors.toml\"\n");
    let own = run(&["--clusters", "-"]);
    assert_ne!(own, shipped);
    let report = run(&["--report", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_ne!(
        report["calibration"]["configured"],
        report["calibration"]["shipped"]
    );
    // One record for all names nobody.
    let common = run(&["--common-record", "--write-priors", "-"]);
    assert!(
        common.starts_with("intercept = ") && !common.contains("[backends]"),
        "{common}"
    );
}
