use llmux::change::RepoPath;
use llmux::findings::{Claim, MergeSettings};
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
