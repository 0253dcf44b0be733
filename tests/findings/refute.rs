//! What critics say: reading it, checking it, counting it.

use llmux::findings::confidence::Model;
use std::sync::Arc;

use llmux::change::FileChange;
use llmux::findings::{
    Ballot, Claim, Finding, Opinion, RawOpinion, Standing, Taxonomy, Voter, backend_of,
    check_opinions, is_refuted, parse_verdicts, parse_verdicts_lenient, recount, verdict_schema,
    vote,
};
use llmux::units::Threshold;
use proptest::prelude::*;
use serde_json::json;

use super::{added, claim};

fn raw(id: u64, opinion: Opinion, quote: &str) -> RawOpinion {
    RawOpinion {
        id,
        opinion,
        quote: quote.to_owned(),
        reason: "so".to_owned(),
    }
}

#[test]
fn answers_are_read_as_models_write_them() {
    let one = json!({"id": 1, "verdict": "refute", "quote": "let a = 1;", "reason": "so"});
    let wanted = vec![raw(1, Opinion::Refute, "let a = 1;")];
    let object = json!({ "verdicts": [one] }).to_string();
    for text in [
        object.clone(),
        format!("I looked at it.\n```json\n{object}\n```\nThat is all."),
        json!([one]).to_string(),
        json!({"result": {"verdicts": [one]}}).to_string(),
        json!({"type": "result", "result": object}).to_string(),
        object.replace("]}", ",]}"),
        object.replace("\"id\":1", "\"id\":\"#1\""),
        object.replace("\"refute\"", "\" Refuted \""),
    ] {
        assert_eq!(parse_verdicts(&text).unwrap(), wanted, "{text}");
    }
    assert_eq!(parse_verdicts("{\"verdicts\": []}").unwrap(), []);
}

#[test]
fn what_cannot_be_read_is_complained_about() {
    for (text, why) in [
        ("", "held no JSON object with `verdicts`"),
        ("{\"findings\": []}", "held no JSON object"),
        ("{\"verdicts\": \"none\"}", "held no JSON object"),
        (
            "{\"verdicts\": [{\"id\": 1, \"verdict\": \"refute\"",
            "cut off",
        ),
        (
            "{\"verdicts\": [{\"verdict\": \"refute\"}]}",
            "element 1 of `verdicts` has no `id`",
        ),
        (
            "{\"verdicts\": [{\"id\": 1.5, \"verdict\": \"refute\"}]}",
            "has no `id`",
        ),
        ("{\"verdicts\": [{\"id\": 1}]}", "has no `verdict`"),
        (
            "{\"verdicts\": [{\"id\": 1, \"verdict\": \"maybe\"}]}",
            "none of confirm, refute, unsure",
        ),
        ("{\"verdicts\": [1]}", "is no JSON object"),
    ] {
        let complaint = parse_verdicts(text).unwrap_err();
        assert!(complaint.reason().contains(why), "{text}: {complaint}");
        assert!(complaint.to_string().contains("{\"verdicts\": [ … ]}"));
        assert!(parse_verdicts_lenient(text).is_err(), "{text}");
    }
    let half = "{\"verdicts\": [{\"id\": 1, \"verdict\": \"maybe\"}, {\"id\": 2, \"verdict\": \"unsure\"}]}";
    assert_eq!(parse_verdicts_lenient(half).unwrap().len(), 1);
}

/// A draft that is taken back contradicts what comes after it.
#[test]
fn all_objects_of_an_answer_count() {
    let object = |word: &str| {
        format!("{{\"verdicts\":[{{\"id\":1,\"verdict\":\"{word}\",\"quote\":\"x\"}}]}}")
    };
    let text = format!(
        "First: {}\nBut then: {}",
        object("confirm"),
        object("refute")
    );
    assert_eq!(parse_verdicts(&text).unwrap().len(), 2);
}

#[test]
fn the_schema_is_strict() {
    let item = &verdict_schema()["properties"]["verdicts"]["items"];
    let mut required: Vec<_> = item["required"].as_array().unwrap().clone();
    required.sort_by_key(ToString::to_string);
    let names: Vec<_> = item["properties"].as_object().unwrap().keys().collect();
    assert_eq!(required.len(), names.len());
    assert_eq!(item["additionalProperties"], false);
}

fn files() -> Vec<Arc<FileChange>> {
    vec![
        added(
            "src/a.rs",
            "fn total() -> u32 {\n    let sum = 1 + 1;\n    sum\n}\n",
        ),
        added("src/b.rs", "fn caller() {\n    assert!(total() > 0);\n}\n"),
    ]
}

#[test]
fn a_quote_must_stand_in_one_of_the_files() {
    let files = files();
    let said = |quote: &str| {
        let raw = [raw(1, Opinion::Confirm, quote)];
        check_opinions(&raw, 1, &files).remove(0)
    };
    for (quote, found) in [
        ("    let sum = 1 + 1;", "let sum = 1 + 1;"),
        ("2|+    let sum = 1 + 1;", "let sum = 1 + 1;"),
        ("assert!(total() > 0);", "assert!(total() > 0);"),
    ] {
        assert_eq!(said(quote).0, Opinion::Confirm, "{quote}");
        assert_eq!(said(quote).1.as_deref(), Some(found));
    }
    for quote in ["", "}", "let product = 2 * 3 * 7;", "\u{0}"] {
        assert_eq!(
            said(quote),
            (
                Opinion::Unsure,
                None,
                "its quote is not in the files that it was shown".to_owned()
            )
        );
    }
    // Who is unsure need not quote.
    let unsure = check_opinions(&[raw(1, Opinion::Unsure, "")], 1, &files);
    assert_eq!(unsure, [(Opinion::Unsure, None, "so".to_owned())]);
}

#[test]
fn samples_belong_to_their_backend() {
    for (voter, backend) in [
        ("a", "a"),
        ("a#1", "a"),
        ("a#12", "a"),
        ("a#", "a#"),
        ("a#b", "a#b"),
        ("a#b#2", "a#b"),
    ] {
        assert_eq!(backend_of(voter), backend);
    }
}

fn voter(name: &str, silent: bool) -> Voter {
    Voter {
        name: name.to_owned(),
        weight: 1.0,
        factor: 1.0,
        authoritative: false,
        silent,
    }
}

fn ballot(critic: &str, opinion: Opinion) -> Ballot {
    Ballot {
        critic: critic.to_owned(),
        weight: 1.0,
        authoritative: false,
        opinion,
        quote: None,
        reason: String::new(),
    }
}

/// A finding by these voters.
fn finding(by: &[&str]) -> Finding {
    let claims: Vec<Claim> = by
        .iter()
        .map(|name| claim(name, 2, "logic-error", "Wrong", "It is wrong."))
        .collect();
    vote(
        vec![claims],
        &|_, _, _| vec![Threshold::Weight(2.0)],
        &|_, _| Vec::new(),
        &files(),
        Taxonomy::builtin(),
        Model::builtin(),
    )
    .remove(0)
}

fn counted(by: &[&str], asked: &[Voter], needed: f64, ballots: &[Ballot]) -> llmux::findings::Vote {
    recount(
        &finding(by),
        asked.to_vec(),
        &[Threshold::Weight(needed)],
        ballots,
        Model::builtin(),
    )
    .0
}

#[test]
fn a_confirmation_is_a_vote_of_whoever_did_not_report() {
    use Opinion::{Confirm, Refute, Silent, Unsure};
    let asked = [voter("a", false), voter("b", false), voter("c", true)];
    let vote = counted(&["a"], &asked, 2.0, &[ballot("b", Confirm)]);
    assert_eq!((vote.standing, vote.weight), (Standing::Confirmed, 2.0));
    assert_eq!(vote.voters, ["a", "b"]);
    assert_eq!(
        (vote.answered.as_slice(), vote.silent.as_slice()),
        (&["a".to_owned(), "b".to_owned()][..], &["c".to_owned()][..])
    );
    // Not of the author, nor of a sample of it.
    for by in ["a", "a#2"] {
        let vote = counted(&[by], &[voter(by, false)], 2.0, &[ballot("a", Confirm)]);
        assert_eq!((vote.standing, vote.weight), (Standing::Unconfirmed, 1.0));
        let vote = counted(&[by], &[voter(by, false)], 2.0, &[ballot("a", Refute)]);
        assert_eq!((vote.weight, vote.voters.len()), (0.0, 0), "taken back");
    }
    // From outside of the crew, without raising what is needed.
    let asked = [voter("a", false), voter("b", false), voter("c", false)];
    let (vote, _) = recount(
        &finding(&["a"]),
        asked.to_vec(),
        &[Threshold::Auto],
        &[ballot("x", Confirm), ballot("y", Unsure)],
        Model::builtin(),
    );
    assert_eq!((vote.standing, vote.threshold), (Standing::Confirmed, 2.0));
    assert_eq!(vote.answered, ["a", "b", "c", "x", "y"]);
    // A silent critic is missed once, one that answers is missed no more.
    let vote = counted(
        &["a"],
        &[voter("a", false), voter("b", true)],
        2.0,
        &[ballot("b", Silent)],
    );
    assert!(vote.is_open);
    assert_eq!(vote.silent, ["b"]);
    let vote = counted(
        &["a"],
        &[voter("a", false), voter("b", true)],
        3.0,
        &[ballot("b", Silent)],
    );
    assert!(!vote.is_open, "it has one vote, not two");
    let vote = counted(
        &["a"],
        &[voter("a", false), voter("b", true)],
        2.0,
        &[ballot("b", Unsure)],
    );
    assert!(!vote.is_open);
    assert_eq!((vote.answered.len(), vote.silent.len()), (2, 0));
    // One with authority needs no other.
    let authority = Ballot {
        authoritative: true,
        ..ballot("x", Confirm)
    };
    let vote = counted(&["a"], &[voter("a", false)], 9.0, &[authority]);
    assert_eq!(vote.standing, Standing::Confirmed);
}

#[test]
fn what_refutes() {
    use Opinion::{Confirm, Refute, Silent, Unsure};
    let refuted = |by: &[&str], needed: f64, opinions: &[Opinion]| {
        let ballots: Vec<_> = ["v", "w", "x", "y"]
            .iter()
            .zip(opinions)
            .map(|(name, it)| ballot(name, *it))
            .collect();
        is_refuted(&counted(by, &[], needed, &ballots), &ballots)
    };
    assert!(refuted(&["a"], 2.0, &[Refute]));
    assert!(refuted(&["a"], 2.0, &[Refute, Refute]));
    assert!(
        refuted(&["a"], 2.0, &[Unsure, Refute, Refute]),
        "two against one"
    );
    assert!(!refuted(&["a"], 2.0, &[Refute, Unsure]), "one against one");
    assert!(!refuted(&["a"], 2.0, &[Unsure]));
    assert!(!refuted(&["a"], 2.0, &[]));
    assert!(!refuted(&["a", "b"], 3.0, &[Refute]), "one against two");
    assert!(refuted(&["a", "b"], 3.0, &[Refute, Refute]));
    assert!(
        !refuted(&["a"], 2.0, &[Refute, Refute, Refute, Confirm]),
        "a quorum"
    );
    assert!(
        !refuted(&["a"], 2.0, &[Refute, Refute, Silent]),
        "the silent one could confirm"
    );
    assert!(
        refuted(&["a"], 3.0, &[Refute, Refute, Silent]),
        "it could not"
    );
}

proptest! {
    /// Whatever a model writes is read in bounded time, without a panic.
    #[test]
    fn any_text_is_read(text in "[\\[\\]{}\":,verdictsid1 a-z\\n]{0,200}") {
        let _ = parse_verdicts(&text);
        let _ = parse_verdicts_lenient(&text);
    }

    /// A refutation never confirms, a confirmation never refutes, and more silence never
    /// decides.
    #[test]
    fn words_count_in_their_direction(opinions in prop::collection::vec(0..4_usize, 0..5), needed in 1..6_u8) {
        let all = [Opinion::Confirm, Opinion::Refute, Opinion::Unsure, Opinion::Silent];
        let names = ["v", "w", "x", "y", "z"];
        let ballots: Vec<_> = opinions.iter().zip(names).map(|(at, name)| ballot(name, all[*at])).collect();
        let needed = f64::from(needed);
        let before = counted(&["a"], &[], needed, &ballots);
        let with = |opinion| {
            let mut more = ballots.clone();
            more.push(ballot("last", opinion));
            (counted(&["a"], &[], needed, &more), more)
        };
        let (refuted, ballots_refuted) = with(Opinion::Refute);
        prop_assert_eq!(refuted.standing, before.standing);
        let (confirmed, ballots_confirmed) = with(Opinion::Confirm);
        prop_assert!(confirmed.weight > before.weight);
        prop_assert!(!is_refuted(&confirmed, &ballots_confirmed) || is_refuted(&before, &ballots));
        let (silent, ballots_silent) = with(Opinion::Silent);
        prop_assert_eq!(silent.standing, before.standing);
        prop_assert!(!is_refuted(&silent, &ballots_silent) || is_refuted(&before, &ballots));
        prop_assert!(!(refuted.is_open && is_refuted(&refuted, &ballots_refuted)));
    }
}
