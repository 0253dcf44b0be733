//! What feedback teaches: how precise backends are, and so their records and weights.

use std::collections::BTreeSet;
use std::sync::Arc;

use llmux::findings::confidence::{Evidence, Example, Learned, Model};
use llmux::findings::{Standing, Turnout, Voter};
use llmux::units::Threshold;
use proptest::prelude::*;

const CREW: [&str; 3] = ["a", "b", "c"];

fn crew() -> BTreeSet<&'static str> {
    CREW.into_iter().collect()
}

/// `reporters` of the crew of three reported it, the others kept silent.
fn judged(reporters: &[&str], real: bool) -> Example {
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Example {
        pr: "1".to_owned(),
        reporters: names(reporters),
        answered: names(&CREW),
        category: Some("bug".to_owned()),
        real,
    }
}

fn times(count: usize, reporters: &[&str], real: bool) -> Vec<Example> {
    vec![judged(reporters, real); count]
}

fn learned(examples: &[Example]) -> Learned {
    Learned::of(Model::builtin(), examples, &crew()).unwrap()
}

fn factor(learned: &Learned, name: &str) -> f64 {
    learned
        .backends
        .get(name)
        .map_or(1.0, |lesson| lesson.factor)
}

fn alone(model: &Model, name: &str) -> f64 {
    let answered = CREW.map(str::to_owned);
    model.probability(&Evidence {
        reporters: &[name.to_owned()],
        answered: &answered,
        category: Some("bug"),
    })
}

#[test]
fn nothing_is_learned_from_nothing() {
    let model = Arc::new(Model::clone(Model::builtin()));
    assert_eq!(Learned::of(&model, &[], &crew()), None);
    // Nor from what only strangers reported, or nobody.
    let strangers = [judged(&["rules"], false), judged(&[], true)];
    assert_eq!(Learned::of(&model, &strangers, &crew()), None);
}

#[test]
fn one_word_moves_little_and_a_hundred_move_much() {
    let before = alone(Model::builtin(), "b");
    let one = learned(&times(1, &["b"], false));
    assert!((alone(&one.model, "b") - before).abs() < 0.02);
    assert!((factor(&one, "b") - 1.0).abs() < f64::EPSILON);
    let hundred = learned(&times(100, &["b"], false));
    assert!(alone(&hundred.model, "b") < before / 1.8);
    assert!((factor(&hundred, "b") - 0.5).abs() < f64::EPSILON);
    let hundred = learned(&times(100, &["b"], true));
    assert!(alone(&hundred.model, "b") > 0.6);
    assert!((factor(&hundred, "b") - 1.5).abs() < f64::EPSILON);
    // Who was not judged weighs and counts what it did.
    assert_eq!(hundred.backends.len(), 1);
    assert_eq!(hundred.judgements, 100);
    assert!(
        alone(&hundred.model, "a") < before + 1e-9,
        "b's silence tells more now"
    );
}

/// Where people find what the model expected, it was right.
#[test]
fn what_was_expected_teaches_nothing() {
    let expected = alone(Model::builtin(), "b");
    let real = (expected * 1000.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1000"
    )]
    let real = real as usize;
    let mut examples = times(real, &["b"], true);
    examples.extend(times(1000 - real, &["b"], false));
    let after = alone(&learned(&examples).model, "b");
    assert!((after - expected).abs() < 0.002, "{after} {expected}");
}

#[test]
fn samples_are_their_backend() {
    let sampled = |number| Example {
        reporters: vec![format!("b#{number}")],
        answered: vec!["b#1".to_owned(), "b#2".to_owned()],
        ..judged(&["b"], false)
    };
    let learned = learned(&[sampled(1), sampled(2), sampled(2)]);
    assert_eq!(learned.backends["b"].judged, 3);
    let both = Example {
        reporters: vec!["b#1".to_owned(), "b#2".to_owned()],
        ..sampled(1)
    };
    let learned = Learned::of(Model::builtin(), &[both], &crew()).unwrap();
    assert_eq!(learned.backends["b"].judged, 1, "one finding, said twice");
}

fn voter(name: &str, factor: f64) -> Voter {
    Voter {
        name: name.to_owned(),
        weight: 1.0,
        factor,
        authoritative: false,
        silent: false,
    }
}

/// `a` counts 1.3 and `b` 0.7 of a vote.
fn vote_of(reporter: &str, threshold: Threshold) -> (f64, f64, bool) {
    let asked = [voter("a", 1.3), voter("b", 0.7)];
    let claims = vec![super::claim(
        reporter,
        10,
        "logic-error",
        "Wrong",
        "It is wrong.",
    )];
    let findings = llmux::findings::vote(
        vec![claims],
        &|_: &[llmux::findings::Claim], _: &str, _: llmux::findings::Severity| vec![threshold],
        &|_: &llmux::findings::Location, _: &[llmux::findings::Claim]| asked.to_vec(),
        &[],
        llmux::findings::Taxonomy::builtin(),
        Model::builtin(),
    );
    let vote = &findings[0].vote;
    let is_confirmed = vote.standing == Standing::Confirmed;
    (vote.weight, vote.threshold, is_confirmed)
}

#[test]
fn factors_count_in_shares_and_not_in_numbers_of_votes() {
    for (reporter, threshold, expected) in [
        ("a", Threshold::Auto, (1.3, 1.0, true)),
        ("b", Threshold::Auto, (0.7, 1.0, false)),
        ("a", Threshold::Share(65.0), (1.3, 1.3, true)),
        ("b", Threshold::Share(50.0), (0.7, 1.0, false)),
        ("a", Threshold::Weight(1.0), (1.0, 1.0, true)),
        ("b", Threshold::Weight(1.0), (1.0, 1.0, true)),
    ] {
        let (weight, needed, is_confirmed) = vote_of(reporter, threshold);
        let (own, all, confirmed) = expected;
        let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
        assert!(
            close(weight, own) && close(needed, all) && is_confirmed == confirmed,
            "{reporter} {threshold}: {weight} of {needed}, {is_confirmed}"
        );
    }
}

prop_compose! {
    fn any_example()(said in proptest::sample::subsequence(&CREW[..], 1..=3), real: bool) -> Example {
        judged(&said, real)
    }
}

proptest! {
    #[test]
    fn order_does_not_matter(
        examples in proptest::collection::vec(any_example(), 1..60), seed: u64,
    ) {
        let mut shuffled = examples.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let (one, other) = (learned(&examples), learned(&shuffled));
        prop_assert_eq!(one.model.to_toml(), other.model.to_toml());
        prop_assert_eq!(one, other);
    }

    /// A finding that it reported alone and that is real never lowers a backend's weight or
    /// probability; one that is not never raises them. The others' weights go the other way.
    #[test]
    fn more_real_ones_never_lower(examples in proptest::collection::vec(any_example(), 1..60)) {
        let before = learned(&examples);
        for real in [true, false] {
            let mut more = examples.clone();
            more.push(judged(&["b"], real));
            let after = learned(&more);
            let (less, greater) = if real { (&before, &after) } else { (&after, &before) };
            prop_assert!(factor(less, "b") <= factor(greater, "b"));
            prop_assert!(factor(less, "a") >= factor(greater, "a") || !before.backends.contains_key("a"));
            prop_assert!(more.len() == after.judgements);
        }
        // Of one finding: who calls it real instead of wrong raises.
        let mut real = examples.clone();
        real.push(judged(&["b"], true));
        let mut wrong = examples;
        wrong.push(judged(&["b"], false));
        let (real, wrong) = (learned(&real), learned(&wrong));
        prop_assert!(alone(&real.model, "b") >= alone(&wrong.model, "b"));
    }

    #[test]
    fn factors_and_records_stay_in_bounds(
        examples in proptest::collection::vec(any_example(), 1..300), all: Option<bool>,
    ) {
        let mut examples = examples;
        if let Some(all) = all {
            for example in &mut examples {
                example.real = all;
            }
        }
        let learned = learned(&examples);
        for lesson in learned.backends.values() {
            prop_assert!((0.5..=1.5).contains(&lesson.factor));
            prop_assert!(lesson.real <= lesson.judged);
        }
        // What is written can be read: every share lies between 0 and 1.
        prop_assert!(Model::parse(&learned.model.to_toml()).is_ok());
    }

    /// Whatever was learned, a crew that could confirm by a weight or a share still can.
    #[test]
    fn nothing_gets_out_of_reach(factors in proptest::collection::vec(5..=15_u8, 1..6), needed in 1..6_u8) {
        let crew = |learned: bool| -> Vec<Voter> {
            let names = ('a'..).zip(&factors);
            let voters = names.map(|(name, tenths)| {
                voter(&name.to_string(), if learned { f64::from(*tenths) / 10.0 } else { 1.0 })
            });
            voters.collect()
        };
        for threshold in [
            Threshold::Weight(f64::from(needed)), Threshold::Share(100.0), Threshold::Auto,
        ] {
            let can = |learned| Turnout::can_confirm(&crew(learned), "bug", &[threshold], Model::builtin());
            prop_assert_eq!(can(true), can(false));
        }
    }
}

/// `docs/feedback.md` shows this table.
#[test]
fn the_documented_table() {
    let alone = |model: &Model| {
        let b = ["b".to_owned()];
        model.probability(&Evidence {
            reporters: &b,
            answered: &b,
            category: None,
        })
    };
    let documentation = include_str!("../../docs/feedback.md");
    let row = |said: &str, confidence: f64, factor: f64| {
        let row = format!("| {said} | {confidence:.2} | {factor} |");
        assert!(documentation.contains(&row), "{row}");
    };
    row("never", alone(Model::builtin()), 1.0);
    for (said, count, real) in [
        ("once, not real", 1, false),
        ("10 times, all real", 10, true),
        ("100 times, all real", 100, true),
        ("100 times, none real", 100, false),
    ] {
        let example = Example {
            reporters: vec!["b".to_owned()],
            answered: vec!["b".to_owned()],
            category: None,
            ..judged(&[], real)
        };
        let learned = learned(&vec![example; count]);
        row(said, alone(&learned.model), factor(&learned, "b"));
    }
}
