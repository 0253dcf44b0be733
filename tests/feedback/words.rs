//! `real`, `false`, `list`, `remove`.

use super::{list, said, shop};
use crate::support::feedback_rows::{Row, Rows};

const ONE: &str = "aaaaaaaa000000000000000000000001";
const OTHER: &str = "aaaaaaaa000000000000000000000002";
const UNKNOWN: &str = "cccccccc000000000000000000000003";

async fn two_findings(rows: &Rows) {
    rows.run("run-1", 1).await;
    for (fingerprint, line) in [(ONE, 10), (OTHER, 20)] {
        rows.finding(&Row {
            fingerprint,
            place: ("src/a.py", line),
            ..Row::default()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_recorded_changed_and_taken_back() {
    let repo = shop();
    let rows = Rows::of(&repo).await;
    two_findings(&rows).await;
    let args = [
        "feedback",
        "false",
        "--fingerprint",
        ONE,
        "--reason",
        "the input is a constant",
        "--author",
        "ada",
    ];
    let (code, out, err) = said(&repo, &args);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(
        out,
        "not real: aaaaaaaa0000  src/a.py:10: Statement from user input [sql-injection]\n"
    );
    let recorded = list(&repo);
    assert_eq!(recorded.len(), 1);
    let entry = &recorded[0];
    assert_eq!(entry["fingerprint"], ONE);
    assert_eq!(entry["real"], false);
    assert_eq!(entry["reason"], "the input is a constant");
    assert_eq!(entry["author"], "ada");
    assert_eq!(entry["source"], "user");
    assert_eq!(entry["finding"]["line"], 10);
    // The newest word counts.
    let (code, ..) = said(&repo, &["feedback", "real", "--fingerprint", ONE]);
    assert_eq!(code, Some(0));
    let recorded = list(&repo);
    assert_eq!((recorded.len(), &recorded[0]["real"]), (1, &true.into()));
    let (code, out, _) = said(&repo, &["feedback", "list"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("shop: 1 judgement\nreal      aaaaaaaa0000  src/a.py:10"),
        "{out}"
    );
    let (code, out, _) = said(&repo, &["feedback", "remove", "--fingerprint", ONE]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("removed: aaaaaaaa0000"), "{out}");
    assert!(list(&repo).is_empty());
    let (code, _, err) = said(&repo, &["feedback", "remove", "--fingerprint", ONE]);
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing is recorded"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_is_enough_where_it_is_one_findings() {
    let repo = shop();
    let rows = Rows::of(&repo).await;
    two_findings(&rows).await;
    let word = |name: &str| said(&repo, &["feedback", "real", "--fingerprint", name]);
    let (code, _, err) = word("aaaaaaaa");
    assert_eq!(code, Some(2));
    assert!(
        err.contains("2 findings begin so") && err.contains(ONE) && err.contains(OTHER),
        "{err}"
    );
    for (name, why) in [
        ("aaaaaaa", "first 8 or more"),
        ("zzzzzzzzzz", "hexadecimal"),
        ("aaaaaaaa%", "hexadecimal"),
        ("bbbbbbbb", "no finding of the project shop begins so"),
        (&format!("{ONE}0"), "has 32 hexadecimal digits"),
    ] {
        let (code, _, err) = word(name);
        assert_eq!(code, Some(2), "{name}");
        assert!(err.contains(why), "{name}: {err}");
    }
    assert!(list(&repo).is_empty());
    let (code, ..) = word("AAAAAAAA000000000000000000000002");
    assert_eq!(code, Some(0));
    assert_eq!(list(&repo)[0]["fingerprint"], OTHER);
    // A whole one that nothing is known of is recorded, and said.
    let (code, out, err) = word(UNKNOWN);
    assert_eq!(code, Some(0));
    assert_eq!(out, "real: cccccccc0000\n");
    assert!(
        err.contains("no run in this store has reported cccccccc"),
        "{err}"
    );
    assert_eq!(list(&repo).len(), 2);
    // By then its beginning is known.
    let (code, ..) = said(&repo, &["feedback", "remove", "--fingerprint", "cccccccc"]);
    assert_eq!(code, Some(0));
}

/// Several at once: all or none.
#[tokio::test(flavor = "multi_thread")]
async fn where_one_is_wrong_none_is_recorded() {
    let repo = shop();
    let rows = Rows::of(&repo).await;
    two_findings(&rows).await;
    let args = [
        "feedback",
        "real",
        "--fingerprint",
        ONE,
        "--fingerprint",
        "dddddddd",
    ];
    assert_eq!(said(&repo, &args).0, Some(2));
    assert!(list(&repo).is_empty());
    let args = [
        "feedback",
        "real",
        "--fingerprint",
        ONE,
        "--fingerprint",
        OTHER,
    ];
    assert_eq!(said(&repo, &args).0, Some(0));
    assert_eq!(list(&repo).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_do_not_steer_the_terminal() {
    let repo = shop();
    let rows = Rows::of(&repo).await;
    rows.run("run-1", 1).await;
    rows.finding(&Row {
        fingerprint: ONE,
        title: "Red \u{1b}[31m\nalert",
        place: ("src/\u{202e}a.py", 1),
        ..Row::default()
    })
    .await;
    let args = [
        "feedback",
        "real",
        "--fingerprint",
        ONE,
        "--reason",
        "a\u{1b}]0;b\u{7}",
    ];
    let (code, out, _) = said(&repo, &args);
    assert_eq!(code, Some(0));
    let (_, listed, _) = said(&repo, &["feedback", "list"]);
    let (_, json, _) = said(&repo, &["feedback", "list", "--format", "json"]);
    for text in [out, listed, json] {
        let is_bad = |sign: char| (sign.is_control() && sign != '\n') || sign == '\u{202e}';
        assert!(!text.contains(is_bad), "{text:?}");
    }
}

#[test]
fn without_a_store_there_is_no_feedback() {
    let repo = shop();
    repo.config("[store]\nenabled = false\n");
    let (code, _, err) = said(&repo, &["feedback", "list"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("`store.enabled` is false"), "{err}");
}
