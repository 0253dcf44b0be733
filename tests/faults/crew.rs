//! One backend fails and the other does not: the file is read, the finding stands, and the
//! report says who failed and why.

use std::time::Duration;

use serde_json::json;

use super::kind::{Kind, NOTHING, kinds};
use super::scene::{Ended, LINE, Scene, at_once};
use crate::support::raw::{Act, Raw, Seen};

fn finds() -> String {
    let claim = json!({
        "file": "last.py", "line": 2, "end_line": 2, "quote": LINE, "severity": "high",
        "category": "bug", "rule": "off-by-one", "title": "Past the end",
        "message": "`items[len(items)]` raises for every list.", "suggestion": null, "confidence": 0.9
    });
    json!({ "findings": [claim] }).to_string()
}

fn asks_for_findings(seen: &Seen) -> bool {
    seen.text().contains("\\\"findings\\\"")
}

/// Runs both with `answer` from the good one.
fn both(
    kind: Kind,
    answer: String,
    args: &[&str],
    fault: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static,
) -> Ended {
    let good = Raw::new(move |seen| {
        let text = if asks_for_findings(seen) {
            &answer
        } else {
            "A summary."
        };
        vec![Act::Send(kind.says(text))]
    });
    let bad = Raw::new(fault);
    let config = format!(
        "[run]\nretries = 0\ncall_timeout = \"2s\"\n{}{}",
        kind.config("good", &good.uri()),
        kind.config("bad", &bad.uri())
    );
    let mut all = vec!["diff", "HEAD~1"];
    all.extend(args);
    Scene::new().llmux(&config, &all)
}

type Fault = fn(Kind) -> Vec<Act>;

const FAULTS: [(&str, Fault); 6] = [
    ("529", |kind| {
        vec![Act::Send(kind.fails("529 Overloaded", &[], "busy"))]
    }),
    ("401", |kind| {
        vec![Act::Send(kind.fails("401 Unauthorized", &[], "no"))]
    }),
    ("within 2s", |_| vec![Act::Hang]),
    ("", |_| vec![Act::Reset]),
    ("", |kind| {
        vec![Act::Send(kind.says("I could not find any problem."))]
    }),
    ("", |kind| vec![Act::Send(kind.with_body(b"\xff\xfe{"))]),
];

#[test]
fn a_finding_of_the_other_stands() {
    let cases = kinds().into_iter().zip(FAULTS.into_iter().cycle());
    at_once(cases, |(kind, (words, fault))| {
        let ended = both(kind, finds(), &["--format", "json"], move |_| fault(kind));
        let name = kind.name();
        assert_eq!(ended.code, Some(14), "{name} {words}: {:#}", ended.json);
        assert_eq!(ended.json["status"], "degraded", "{name}");
        assert_eq!(ended.json["coverage"][0]["covered"], true, "{name}");
        assert_eq!(ended.json["findings"][0]["vote"]["voters"], json!(["good"]));
        assert_eq!(
            ended.json["findings"][0]["vote"]["answered"],
            json!(["good"])
        );
        assert_eq!(ended.reading("good").0, "read");
        ended.assert_not_read("bad", &[words]);
    });
}

#[test]
fn nothing_found_by_the_other_is_a_degraded_pass() {
    at_once(FAULTS, |(words, fault)| {
        let kind = kinds()[0];
        let ended = both(kind, NOTHING.to_owned(), &["--format", "json"], move |_| {
            fault(kind)
        });
        assert_eq!(ended.code, Some(0), "{words}: {}", ended.stderr);
        assert_eq!(ended.json["verdict"], "pass");
        assert_eq!(ended.json["status"], "degraded");
        ended.assert_not_read("bad", &[words]);
    });
}

#[test]
fn people_are_told_who_failed_and_why() {
    for kind in kinds() {
        let ended = both(kind, finds(), &[], move |_| {
            vec![Act::Send(kind.fails(
                "401 Unauthorized",
                &[],
                "not for you",
            ))]
        });
        let line = ended.stdout.lines().find(|line| line.contains("bad"));
        let name = kind.name();
        assert!(line.is_some(), "{name}: {}", ended.stdout);
        for words in ["401", "not for you", "FAULT_KEY", "Past the end"] {
            assert!(
                ended.stdout.contains(words),
                "{name} {words}: {}",
                ended.stdout
            );
        }
    }
}

/// The quick one does not wait for the slow one longer than the call's limit.
#[test]
fn a_slow_one_costs_its_limit_and_no_more() {
    at_once(kinds(), |kind| {
        let ended = both(kind, finds(), &["--format", "json"], move |_| {
            vec![Act::Drip(kind.says(NOTHING), Duration::from_millis(500))]
        });
        assert_eq!(ended.code, Some(14), "{}", ended.stderr);
        ended.assert_took_at_most(Duration::from_secs(2));
        ended.assert_not_read("bad", &["within 2s"]);
    });
}
