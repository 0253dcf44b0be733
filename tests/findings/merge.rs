use llmux::change::RepoPath;
use llmux::findings::{
    Claim, Judgements, MergeSettings, PAIRS, RawPair, Statement, check_pairs, cluster, doubts,
    in_doubt, merge_judged, pair_schema,
};
use proptest::prelude::*;

use super::claim;

/// With the default settings and no symbols.
fn merge(claims: Vec<Claim>) -> Vec<Vec<Claim>> {
    llmux::findings::merge(claims, &MergeSettings::default(), &|_| None)
}

fn groups(claims: Vec<Claim>) -> Vec<Vec<String>> {
    merge(claims)
        .into_iter()
        .map(|group| group.into_iter().map(|claim| claim.backend).collect())
        .collect()
}

fn sql(backend: &str, line: u32) -> Claim {
    claim(
        backend,
        line,
        "sql-injection",
        "SQL built from user input",
        "`find_user` puts `name` into the query by format!, so a quotation mark in the name changes the statement.",
    )
}

#[test]
fn the_same_in_other_words_is_one() {
    let other = claim(
        "b",
        11,
        "sql-injection",
        "Injection in find_user",
        "The query string is concatenated with the user-supplied name; use bound parameters.",
    );
    assert_eq!(groups(vec![sql("a", 10), other]), [["a", "b"]]);
}

#[test]
fn one_backend_that_repeats_itself_is_one() {
    assert_eq!(
        groups(vec![sql("a", 10), sql("a", 10), sql("b", 12)]),
        [["a", "a", "b"]]
    );
}

#[test]
fn two_problems_on_neighbouring_lines_stay_two() {
    let leak = claim(
        "b",
        11,
        "resource-leak",
        "Connection never closed",
        "When `execute` fails the early return leaves the connection checked out of the pool.",
    );
    assert_eq!(groups(vec![sql("a", 10), leak]).len(), 2);
    // Also on one line.
    let unwrap = claim(
        "b",
        10,
        "panic-on-input",
        "Panics on an empty header",
        "`unwrap` on the missing header ends the worker.",
    );
    assert_eq!(groups(vec![sql("a", 10), unwrap]).len(), 2);
}

#[test]
fn other_places_stay_apart() {
    assert_eq!(groups(vec![sql("a", 10), sql("b", 400)]).len(), 2);
    let mut elsewhere = sql("b", 10);
    elsewhere.location.path = RepoPath::new("src/b.rs");
    assert_eq!(groups(vec![sql("a", 10), elsewhere]).len(), 2);
}

#[test]
fn chains_do_not_form() {
    // Each is like its neighbour; the ends have nothing in common.
    let words = [
        "alpha beta",
        "beta gamma",
        "gamma delta",
        "delta epsilon",
        "epsilon zeta",
        "zeta eta",
    ];
    let claims: Vec<_> = words
        .iter()
        .zip(1..)
        .map(|(words, at)| claim(&format!("b{at}"), at * 4, "bug-other", words, words))
        .collect();
    let merged = merge(claims);
    assert!(merged.len() > 1, "{merged:?}");
}

#[test]
fn nothing_gives_nothing() {
    assert!(merge(Vec::new()).is_empty());
}

#[test]
fn the_better_of_two_pairs_is_taken() {
    // All speak of the same names; what is wrong with them is told apart by few words.
    let about = |backend: &str, line: u32, what: &str| {
        claim(
            backend,
            line,
            "bug-other",
            &format!("`open_session` {what}"),
            &format!(
                "In `open_session` of `SessionStore` the token {what}, so `login` misbehaves."
            ),
        )
    };
    let merged = merge(vec![
        about("a", 10, "is never refreshed after expiry"),
        about("a", 12, "is written to the log in clear text"),
        about("b", 11, "goes to the log as clear text"),
        about("b", 13, "is not refreshed on expiry"),
    ]);
    let lines = |group: &Vec<Claim>| -> Vec<u32> {
        let lines = group.iter().map(|claim| claim.location.start_line);
        lines.collect()
    };
    let merged: Vec<_> = merged.iter().map(lines).collect();
    assert_eq!(merged, [[10, 13], [12, 11]]);
}

#[test]
fn one_rule_told_twice_of_the_same_lines_is_one() {
    let again = claim(
        "a",
        10,
        "sql-injection",
        "Bind the parameter",
        "Whoever chooses the name can end the string early.",
    );
    assert_eq!(groups(vec![sql("a", 10), again.clone()]), [["a", "a"]]);
    // And does not stand between it and what others say.
    assert_eq!(
        groups(vec![sql("a", 10), again, sql("b", 10)]),
        [["a", "a", "b"]]
    );
    // Elsewhere it is something else.
    assert_eq!(groups(vec![sql("a", 10), leak("a", 10)]).len(), 2);
}

fn leak(backend: &str, line: u32) -> Claim {
    claim(
        backend,
        line,
        "resource-leak",
        "Connection never closed",
        "When `execute` fails the early return leaves the connection checked out of the pool.",
    )
}

/// What a voter said of a pull request, where nobody wrote down where.
fn said<'a>(backend: &'a str, text: &'a str) -> Statement<'a> {
    Statement {
        place: None,
        backend,
        text,
        quote: "",
        rule: "",
        category: "",
        symbol: None,
    }
}

const RACE: &str = "The cache is read and written by two threads without a lock: a race.";
const RACE_TOO: &str = "Race: both threads write the cache, and no lock guards it.";
const TYPO: &str = "The greeting is misspelled in the Lithuanian translation.";

#[test]
fn what_has_no_place_is_told_by_its_words() {
    let statements = [said("a", RACE), said("a", TYPO), said("b", RACE_TOO)];
    let merged = cluster(&statements, &MergeSettings::default());
    assert_eq!(merged, [vec![0, 2], vec![1]]);
    assert!(cluster(&[], &MergeSettings::default()).is_empty());
}

#[test]
fn the_threshold_decides_how_much_is_one() {
    let statements = [said("a", RACE), said("b", RACE_TOO), said("c", TYPO)];
    let with = |threshold| {
        let settings = MergeSettings {
            threshold,
            ..MergeSettings::default()
        };
        cluster(&statements, &settings).len()
    };
    assert_eq!((with(0.01), with(1.0)), (2, 3));
}

#[test]
fn pairs_in_doubt_are_named_by_their_indices() {
    let statements = [said("c", TYPO), said("b", RACE_TOO), said("a", RACE)];
    let [(1, 2, probability)] = in_doubt(&statements, 0.02..=1.0)[..] else {
        panic!("{:?}", in_doubt(&statements, 0.02..=1.0));
    };
    assert_eq!(in_doubt(&statements, probability..=probability).len(), 1);
    assert!(in_doubt(&statements, 0.999..=1.0).is_empty());
}

#[test]
fn large_runs_are_merged_as_small_ones() {
    // Past the number up to which all pairs are compared. Each subject has words of its own.
    let subjects = 200_usize;
    let texts: Vec<String> = (0..subjects)
        // A number of one digit is no word.
        .map(|at| at + 100)
        .map(|at| format!("The handler{at} drops the header{at} and answers with status{at}."))
        .collect();
    let statements: Vec<Statement<'_>> = ["a", "b", "c"]
        .iter()
        .flat_map(|backend| texts.iter().map(|text| said(backend, text)))
        .collect();
    let merged = cluster(&statements, &MergeSettings::default());
    let expected: Vec<Vec<usize>> = (0..subjects)
        .map(|at| vec![at, at + subjects, at + 2 * subjects])
        .collect();
    assert_eq!(merged, expected);
}

fn any_claim() -> impl Strategy<Value = Claim> {
    (
        "[abc]",
        1_u32..60,
        prop::sample::select(vec![
            "sql-injection",
            "resource-leak",
            "bug-other",
            "no-rule",
        ]),
        "(query|user|leak|pool|close|file|panic|unwrap| ){1,6}",
        "(query|user|leak|pool|close|file|panic|unwrap|the_name| ){1,12}",
    )
        .prop_map(|(backend, line, rule, title, message)| {
            claim(&backend, line, rule, &title, &message)
        })
}

proptest! {
    #[test]
    fn order_does_not_matter((claims, shuffled) in prop::collection::vec(any_claim(), 0..14).prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle()))) {
        let count = claims.len();
        let merged = merge(claims);
        prop_assert_eq!(merged.iter().map(Vec::len).sum::<usize>(), count);
        prop_assert!(merged.iter().all(|group| !group.is_empty()));
        prop_assert_eq!(merged, merge(shuffled));
    }
}

/// Two claims that merging leaves apart, and the group sizes once they were judged.
fn judged(claims: Vec<Claim>, judgements: &Judgements) -> Vec<usize> {
    let groups = merge_judged(claims, &MergeSettings::default(), &|_| None, judgements);
    groups.iter().map(Vec::len).collect()
}

#[test]
fn a_judgement_goes_before_what_claims_look_like() {
    let far = claim(
        "b",
        10,
        "resource-leak",
        "Never closed",
        "The handle leaks.",
    );
    let claims = vec![sql("a", 10), far.clone()];
    assert_eq!(judged(claims.clone(), &Judgements::default()), [1, 1]);
    let mut judgements = Judgements::default();
    judgements.record(&far, &sql("z", 10), Some(true));
    assert_eq!(judged(claims.clone(), &judgements), [2]);
    // It is about what is claimed: whoever claims it, and whatever is claimed beside it.
    let mut more = claims.clone();
    more.insert(
        0,
        claim("a", 10, "resource-leak", "Not closed", "The handle leaks."),
    );
    more.push(sql("c", 90));
    assert_eq!(judged(more, &judgements).iter().sum::<usize>(), 4);
    // No answer is none.
    judgements.record(&far, &sql("z", 10), None);
    assert_eq!(judged(claims, &judgements), [1, 1]);

    let same = vec![sql("a", 10), sql("b", 11)];
    assert_eq!(judged(same.clone(), &Judgements::default()), [2]);
    let mut judgements = Judgements::default();
    judgements.record(&same[1], &same[0], Some(false));
    assert_eq!(judged(same, &judgements), [1, 1]);
}

#[test]
fn doubts_are_those_that_nobody_was_asked_about() {
    let settings = MergeSettings::default();
    let one = claim(
        "a",
        10,
        "off-by-one",
        "Adds nothing",
        "The sum is the value as it came in.",
    );
    let other = claim(
        "b",
        10,
        "off-by-one",
        "Handed back",
        "Callers get the value they passed.",
    );
    let mut claims = vec![one, other.clone(), sql("c", 500)];
    let mut judgements = Judgements::default();
    let found = doubts(&claims, &settings, &|_| None, &judgements);
    let [(left, right)] = &found[..] else {
        panic!("{found:?}");
    };
    claims.reverse();
    assert_eq!(doubts(&claims, &settings, &|_| None, &judgements), found);
    judgements.record(right, left, None);
    assert!(doubts(&claims, &settings, &|_| None, &judgements).is_empty());
    // Another voter that claims the same asks nothing new.
    claims.push(Claim {
        backend: "d".to_owned(),
        ..other
    });
    let again = doubts(&claims, &settings, &|_| None, &judgements);
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn an_arbiters_answer_is_read() {
    let pair = |id, same| RawPair { id, same };
    for (text, read) in [
        (
            r#"{"pairs": [{"id": 1, "same": true}]}"#,
            vec![pair(1, true)],
        ),
        (
            "Sure:\n```json\n{\"pairs\": [{\"id\": \"2\", \"same\": \"False\"}]}\n```",
            vec![pair(2, false)],
        ),
        (r#"[{"id": 1, "same": false}]"#, vec![pair(1, false)]),
        (r#"{"pairs": []}"#, vec![]),
    ] {
        assert_eq!(PAIRS.parse(text).as_ref(), Ok(&read), "{text}");
    }
    for (text, why) in [
        ("They are one.", "held no JSON object with `pairs`"),
        (r#"{"verdicts": []}"#, "held no JSON object with `pairs`"),
        (
            r#"{"pairs": [{"id": 1, "same": "maybe"}]}"#,
            "has no `same`",
        ),
        (r#"{"pairs": [{"same": true}]}"#, "has no `id`"),
        (r#"{"pairs": [{"id": 1, "same": true}"#, "was cut off"),
    ] {
        let complaint = PAIRS.parse(text).unwrap_err();
        assert!(complaint.reason().contains(why), "{complaint}");
        assert!(complaint.to_string().contains("one entry for each pair"));
    }
    let half = r#"{"pairs": [{"id": 1, "same": true}, {"id": 2}]}"#;
    assert_eq!(PAIRS.parse_lenient(half), Ok(vec![pair(1, true)]));
    let said = [
        pair(1, true),
        pair(2, true),
        pair(2, false),
        pair(3, false),
        pair(3, false),
        pair(9, true),
    ];
    assert_eq!(check_pairs(&said, 4), [Some(true), None, Some(false), None]);
    let item = &pair_schema()["properties"]["pairs"]["items"];
    assert_eq!(item["required"], serde_json::json!(["id", "same"]));
}
