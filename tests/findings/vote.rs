use llmux::findings::confidence::Model;
use llmux::findings::{Claim, Finding, Location, Severity, Standing, Taxonomy, Voter, vote};
use llmux::units::Threshold;
use proptest::prelude::*;

use super::{added, claim};

fn voter(name: &str, weight: f64, authoritative: bool) -> Voter {
    Voter {
        name: name.to_owned(),
        weight,
        factor: 1.0,
        authoritative,
        silent: false,
    }
}

fn crew(names: &[&str]) -> Vec<Voter> {
    names.iter().map(|name| voter(name, 1.0, false)).collect()
}

fn said(backend: &str, severity: Severity) -> Claim {
    Claim {
        severity,
        ..claim(backend, 10, "logic-error", "Wrong", "It is wrong.")
    }
}

fn hold(groups: Vec<Vec<Claim>>, threshold: Threshold, answered: &[Voter]) -> Vec<Finding> {
    vote(
        groups,
        &|_: &[Claim], _: &str, _: Severity| vec![threshold],
        &|_: &Location, _: &[Claim]| answered.to_vec(),
        &[],
        Taxonomy::builtin(),
        Model::builtin(),
    )
}

fn one(claims: Vec<Claim>, threshold: Threshold, answered: &[Voter]) -> Finding {
    hold(vec![claims], threshold, answered).remove(0)
}

#[test]
fn a_backend_votes_once() {
    let claims = vec![
        said("a", Severity::High),
        said("a", Severity::High),
        said("a", Severity::Low),
    ];
    let finding = one(claims, Threshold::Auto, &crew(&["a", "b", "c"]));
    assert_eq!(finding.vote.voters, ["a"]);
    assert_eq!(finding.vote.answered, ["a", "b", "c"]);
    assert_eq!((finding.vote.weight, finding.vote.threshold), (1.0, 2.0));
    assert_eq!(finding.vote.standing, Standing::Unconfirmed);
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.claims.len(), 3);
}

#[test]
fn quorums() {
    use Standing::{Confirmed, Unconfirmed};
    let all = ["a", "b", "c", "d", "e"];
    for (threshold, answered, voters, needed, standing) in [
        (Threshold::Auto, 1, 1, 1.0, Confirmed),
        (Threshold::Auto, 2, 1, 1.0, Confirmed),
        (Threshold::Auto, 3, 1, 2.0, Unconfirmed),
        (Threshold::Auto, 3, 2, 2.0, Confirmed),
        (Threshold::Auto, 4, 2, 2.0, Confirmed),
        (Threshold::Auto, 5, 2, 3.0, Unconfirmed),
        (Threshold::Share(50.0), 5, 2, 2.5, Unconfirmed),
        (Threshold::Share(40.0), 5, 2, 2.0, Confirmed),
        (Threshold::Share(100.0), 3, 3, 3.0, Confirmed),
        (Threshold::Weight(2.0), 2, 1, 2.0, Unconfirmed),
        (Threshold::Weight(2.0), 5, 2, 2.0, Confirmed),
        (Threshold::Weight(1.0), 5, 1, 1.0, Confirmed),
    ] {
        let claims = all[..voters]
            .iter()
            .map(|name| said(name, Severity::Low))
            .collect();
        let finding = one(claims, threshold, &crew(&all[..answered]));
        assert!(
            (finding.vote.threshold - needed).abs() < 1e-9,
            "{threshold:?} {answered}"
        );
        assert_eq!(
            finding.vote.standing, standing,
            "{threshold:?} {voters} of {answered}"
        );
    }
}

#[test]
fn weights_and_authority() {
    let crew = [
        voter("a", 0.5, false),
        voter("b", 1.0, false),
        voter("c", 1.0, false),
        voter("rules", 1.0, true),
    ];
    let finding = one(
        vec![said("a", Severity::Low), said("b", Severity::Low)],
        Threshold::Auto,
        &crew,
    );
    assert_eq!((finding.vote.weight, finding.vote.threshold), (1.5, 1.25));
    assert_eq!(finding.vote.standing, Standing::Confirmed);
    assert_eq!(
        finding.vote.answered,
        ["a", "b", "c"],
        "silent authorities do not count"
    );
    let finding = one(
        vec![said("rules", Severity::Low)],
        Threshold::Weight(3.0),
        &crew,
    );
    assert_eq!(finding.vote.standing, Standing::Confirmed);
    assert_eq!(finding.vote.answered, ["a", "b", "c", "rules"]);
    // Weightless votes confirm nothing, also where nothing is needed.
    let finding = one(
        vec![said("a", Severity::Low)],
        Threshold::Auto,
        &[voter("a", 0.0, false)],
    );
    assert_eq!(finding.vote.standing, Standing::Unconfirmed);
    // A voter that nobody counted still answered.
    let finding = one(vec![said("z", Severity::Low)], Threshold::Auto, &[]);
    assert_eq!(
        (finding.vote.answered.as_slice(), finding.vote.threshold),
        (["z".to_owned()].as_slice(), 1.0)
    );
}

#[test]
fn silent_voters_stay_in_the_quorum() {
    let silent = |name| Voter {
        silent: true,
        ..voter(name, 1.0, false)
    };
    let crew = [
        voter("a", 1.0, false),
        voter("b", 1.0, false),
        silent("c"),
        Voter {
            authoritative: true,
            ..silent("rules")
        },
    ];
    let finding = one(vec![said("a", Severity::Low)], Threshold::Auto, &crew);
    assert_eq!(finding.vote.answered, ["a", "b"]);
    assert_eq!(finding.vote.silent, ["c"], "an authority is no voter");
    assert_eq!((finding.vote.weight, finding.vote.threshold), (1.0, 2.0));
    assert_eq!(finding.vote.standing, Standing::Unconfirmed);
    assert!(finding.vote.is_open);
    // Who made a claim is not silent about it, though the rest of its answer was lost.
    let claims = vec![said("a", Severity::Low), said("c", Severity::Low)];
    let finding = one(claims, Threshold::Auto, &crew);
    assert_eq!(finding.vote.answered, ["a", "b", "c"]);
    assert!(finding.vote.silent.is_empty());
    assert_eq!(finding.vote.standing, Standing::Confirmed);
    assert!(!finding.vote.is_open);
    // More is missing than the silent one could have given.
    let finding = one(
        vec![said("a", Severity::Low)],
        Threshold::Share(100.0),
        &crew,
    );
    assert!(!finding.vote.is_open);
}

#[test]
fn severity_is_what_more_than_half_reach() {
    use Severity::{Critical, High, Low, Medium, Note};
    for (said_by, expected) in [
        (&[High][..], High),
        (&[Low, High], Low),
        (&[Low, Medium, Critical], Medium),
        (&[Low, Low, High, Critical], Low),
        (&[Low, High, High, Critical], High),
        (&[Note, Note, Note], Low),
    ] {
        let claims = said_by
            .iter()
            .zip(["a", "b", "c", "d"])
            .map(|(severity, name)| said(name, *severity))
            .collect();
        // `logic-error` is low at least.
        assert_eq!(
            one(claims, Threshold::Auto, &[]).severity,
            expected,
            "{said_by:?}"
        );
    }
}

#[test]
fn rule_words_and_place_of_most() {
    let mut wide = claim(
        "a",
        8,
        "logic-error",
        "Loop",
        "The loop goes past the end of `items`.",
    );
    wide.location.end_line = 14;
    wide.quote = "for at in 0..=items.len() { … }".to_owned();
    let mut tight = claim(
        "b",
        10,
        "off-by-one",
        "One too many",
        "It reads behind the end.",
    );
    tight.quote = "0..=items.len()".to_owned();
    tight.suggestion = Some("0..items.len()".to_owned());
    let mut clear = claim(
        "c",
        10,
        "off-by-one",
        "Reads items past its end",
        "`0..=items.len()` also gives `len`, where `items` has no element.",
    );
    clear.quote = tight.quote.clone();
    let finding = one(vec![wide, tight, clear], Threshold::Auto, &[]);
    assert_eq!(
        (finding.rule.as_str(), finding.category.as_str()),
        ("off-by-one", "bug")
    );
    assert_eq!(finding.title, "Reads items past its end");
    assert_eq!(
        (finding.location.start_line, finding.location.end_line),
        (10, 10)
    );
    assert_eq!(finding.quote, "0..=items.len()");
    assert_eq!(finding.suggestion.as_deref(), Some("0..items.len()"));
    // A specific rule goes before an `other` of the same weight.
    let claims = vec![
        claim(
            "a",
            10,
            "bug-other",
            "Something is wrong here",
            "A long message that names nothing in particular at all.",
        ),
        claim("b", 10, "off-by-one", "One too many", "Short."),
    ];
    assert_eq!(one(claims, Threshold::Auto, &[]).rule, "off-by-one");
}

#[test]
fn report_order() {
    let at = |line: u32, name: &str, severity: Severity| Claim {
        severity,
        ..claim(name, line, "logic-error", "t", "m")
    };
    let groups = vec![
        vec![at(1, "a", Severity::Critical)],
        vec![at(9, "a", Severity::Low), at(9, "b", Severity::Low)],
        vec![at(5, "a", Severity::High), at(5, "b", Severity::High)],
        vec![at(3, "a", Severity::High), at(3, "b", Severity::High)],
        Vec::new(),
    ];
    let findings = hold(groups, Threshold::Weight(2.0), &[]);
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| finding.location.start_line)
        .collect();
    assert_eq!(lines, [3, 5, 9, 1]);
}

#[test]
fn fingerprints_do_not_depend_on_words_or_voters() {
    let file = added("src/a.rs", &"line();\n".repeat(12));
    let files = [file];
    let print = |claims: Vec<Claim>| {
        let mut findings = vote(
            vec![claims],
            &|_: &[Claim], _: &str, _: Severity| vec![Threshold::Auto],
            &|_: &Location, _: &[Claim]| Vec::new(),
            &files,
            Taxonomy::builtin(),
            Model::builtin(),
        );
        findings.remove(0).fingerprint
    };
    let first = print(vec![claim("a", 10, "logic-error", "Wrong", "It is wrong.")]);
    let second = print(vec![
        claim("b", 10, "off-by-one", "Bad", "Other words."),
        claim("c", 10, "off-by-one", "x", "y"),
    ]);
    assert_eq!(first, second);
    // Two findings of one place and category are told apart.
    let groups = vec![
        vec![claim("a", 10, "logic-error", "Wrong", "It is wrong.")],
        vec![claim("a", 10, "off-by-one", "Bad", "Other words.")],
    ];
    let findings = vote(
        groups,
        &|_: &[Claim], _: &str, _: Severity| vec![Threshold::Auto],
        &|_: &Location, _: &[Claim]| Vec::new(),
        &files,
        Taxonomy::builtin(),
        Model::builtin(),
    );
    assert_ne!(findings[0].fingerprint, findings[1].fingerprint);
}

proptest! {
    /// A further vote never takes a finding's confirmation away, and never helps another place.
    #[test]
    fn votes_are_monotone(
        weights in prop::collection::vec(0.1_f64..3.0, 1..7),
        voted in prop::collection::vec(any::<bool>(), 7),
        further in 0_usize..7,
        percent in 1.0_f64..100.0,
        kind in 0..3,
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let crew: Vec<_> = weights.iter().zip(names).map(|(weight, name)| voter(name, *weight, false)).collect();
        let further = further % crew.len();
        let threshold = match kind {
            0 => Threshold::Auto,
            1 => Threshold::Share(percent),
            _ => Threshold::Weight(percent / 20.0),
        };
        let claims = |more: bool| -> Vec<Claim> {
            (0..crew.len())
                .filter(|at| voted[*at] || (more && *at == further))
                .map(|at| said(names[at], Severity::Medium))
                .collect()
        };
        let standing = |claims: Vec<Claim>| hold(vec![claims], threshold, &crew).first().map(|finding| finding.vote.standing);
        if standing(claims(false)) == Some(Standing::Confirmed) {
            prop_assert_eq!(standing(claims(true)), Some(Standing::Confirmed));
        }
    }

    #[test]
    fn order_of_claims_does_not_matter(
        (groups, shuffled) in prop::collection::vec(
            ("[abc]", 1_u32..6, prop::sample::select(vec!["logic-error", "off-by-one", "bug-other"]), "[xyz ]{1,4}"),
            1..8,
        ).prop_flat_map(|claims| {
            let claims: Vec<_> = claims.into_iter().map(|(name, line, rule, words)| claim(&name, line, rule, &words, &words)).collect();
            (Just(claims.clone()), Just(claims).prop_shuffle())
        })
    ) {
        prop_assert_eq!(one(groups, Threshold::Auto, &[]), one(shuffled, Threshold::Auto, &[]));
    }
}
