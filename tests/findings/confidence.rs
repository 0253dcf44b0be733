//! The probability that a finding is real.

use llmux::findings::confidence::{Evidence, Example, Model, Records, backend_of, calibration};
use proptest::prelude::*;

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn probability(model: &Model, reporters: &[&str], answered: &[&str]) -> f64 {
    model.probability(&Evidence {
        reporters: &names(reporters),
        answered: &names(answered),
        category: None,
    })
}

const UNKNOWN: [&str; 3] = ["alpha", "beta", "gamma"];

/// `rules/priors.toml` says where these shares come from.
#[test]
fn unknown_backends_get_what_is_known_of_backends() {
    let shares = [1, 2, 3].map(|votes| probability(Model::builtin(), &UNKNOWN[..votes], &UNKNOWN));
    for (share, expected) in shares.into_iter().zip([0.28, 0.58, 0.83]) {
        assert!((share - expected).abs() < 0.04, "{shares:?}");
    }
    // One backend that nobody stands beside is no better than a coin.
    assert!(probability(Model::builtin(), &["alpha"], &["alpha"]) < 0.5);
}

#[test]
fn samples_of_one_backend_are_worth_less_than_backends() {
    let model = Model::builtin();
    let of = |reporters: &[&str]| probability(model, reporters, reporters);
    let (one, samples, backends) = (
        of(&["alpha"]),
        of(&["alpha#1", "alpha#2", "alpha#3"]),
        of(&UNKNOWN),
    );
    assert!(
        one < samples && samples < backends,
        "{one} {samples} {backends}"
    );
    // Four samples weigh twice what one does, in log-odds over what nobody's word gives.
    let odds = |p: f64| (p / (1.0 - p)).ln();
    let base = odds(of(&[]));
    let four = odds(of(&["alpha#1", "alpha#2", "alpha#3", "alpha#4"])) - base;
    assert!((four - 2.0 * (odds(one) - base)).abs() < 1e-9);
}

#[test]
fn the_number_of_a_sample_is_not_its_backend() {
    assert_eq!(backend_of("claude#2"), "claude");
    assert_eq!(backend_of("c#"), "c#");
    assert_eq!(backend_of("#1"), "#1");
    assert_eq!(backend_of("c#/claude"), "c#/claude");
    assert_eq!(backend_of("a#b#12"), "a#b");
}

#[test]
fn numbers_that_are_no_probabilities_are_refused_with_their_place() {
    let error = Model::parse(
        "intercept = 0.0\ntemper = 1.0\nsilence = 1.0\ndefault = { real = 1.0, unreal = 0.1 }",
    )
    .unwrap_err()
    .to_string();
    assert!(
        error.starts_with("4:11: ") && error.contains("between 0 and 1"),
        "{error}"
    );
    for wrong in [
        "intercept = nan\ntemper = 1.0\nsilence = 1.0\ndefault = { real = 0.4, unreal = 0.1 }",
        "intercept = 0.0\ntemper = -1.0\nsilence = 1.0\ndefault = { real = 0.4, unreal = 0.1 }",
        "intercept = 0.0\ntemper = 1.0\nsilence = 1.0\ndefault = { real = 0.4, unreal = 0.1 }\nother = 1",
        "intercept = 0.0\ntemper = 1.0",
    ] {
        assert!(Model::parse(wrong).is_err(), "{wrong}");
    }
}

/// Two hundred pull requests with a real issue each and forty wrong things that could be
/// said, `good` reporting most of the one and few of the others, `poor` reporting both alike.
fn world(seed: u64) -> Vec<Example> {
    let mut random = fastrand::Rng::with_seed(seed);
    let answered = names(&["fair", "good", "poor"]);
    let mut examples = Vec::new();
    for pr in 0..200 {
        for thing in 0..41 {
            let real = thing == 0;
            let chances = if real {
                [0.4, 0.7, 0.1]
            } else {
                [0.03, 0.01, 0.1]
            };
            let reporters: Vec<String> = answered
                .iter()
                .zip(chances)
                .filter(|(_, chance)| random.f64() < *chance)
                .map(|(name, _)| name.clone())
                .collect();
            // Wrong things that nobody says are seen by nobody.
            if real || !reporters.is_empty() {
                examples.push(Example {
                    pr: format!("pr-{pr}"),
                    reporters,
                    answered: answered.clone(),
                    category: None,
                    real,
                });
            }
        }
    }
    examples
}

#[test]
fn what_is_learned_holds_for_what_was_not_seen() {
    let model = Model::learn(&world(1), Records::Each).unwrap();
    let crew = ["fair", "good", "poor"];
    let of = |reporters: &[&str]| probability(&model, reporters, &crew);
    assert!(of(&["good"]) > of(&["fair"]) + 0.1);
    // By the numbers of that world 9 % and 0.5 %.
    assert!((0.04..0.18).contains(&of(&["fair"])), "{}", of(&["fair"]));
    assert!(of(&["poor"]) < 0.02, "{}", of(&["poor"]));
    let judged: Vec<_> = world(2)
        .iter()
        .filter(|example| !example.reporters.is_empty())
        .map(|example| (model.probability(&example.evidence()), example.real))
        .collect();
    let quality = calibration(&judged).unwrap();
    assert!(quality.error < 0.05, "{quality:?}");
    assert!(quality.brier < 0.75 * quality.uninformed, "{quality:?}");
}

#[test]
fn learning_does_not_depend_on_order_and_survives_being_written() {
    let examples = world(3);
    let model = Model::learn(&examples, Records::Each).unwrap();
    let mut turned = examples.clone();
    turned.reverse();
    let turned = Model::learn(&turned, Records::Each).unwrap();
    assert_eq!(model.to_toml(), turned.to_toml());
    let read = Model::parse(&model.to_toml()).unwrap();
    assert_eq!(read.to_toml(), model.to_toml());
    for example in &examples {
        let (one, other) = (
            model.probability(&example.evidence()),
            read.probability(&example.evidence()),
        );
        assert!((one - other).abs() < 0.002, "{one} {other}");
    }
}

/// Backends that report the more, the less real a thing is: the likeliest tempers lie below 0
/// and are held there.
#[test]
fn what_is_learned_never_turns_a_vote_round() {
    let mut examples = world(6);
    for example in &mut examples {
        example.real = !example.real;
    }
    for records in [Records::Each, Records::Common] {
        let model = Model::learn(&examples, records).unwrap();
        let of = |votes: usize| probability(&model, &UNKNOWN[..votes], &UNKNOWN);
        assert!(of(1) <= of(2) && of(2) <= of(3), "{}", model.to_toml());
        let (alone, beside) = (&UNKNOWN[..1], &UNKNOWN[..2]);
        let silenced = probability(&model, alone, beside);
        assert!(silenced <= probability(&model, alone, alone));
    }
}

/// What silence says is learned apart from what reports say: here it says nothing, since
/// those that are silent were not looking.
#[test]
fn silence_has_a_temper_of_its_own() {
    let seen = Model::learn(&world(7), Records::Common).unwrap();
    let mut examples = world(7);
    for example in &mut examples {
        example
            .answered
            .extend((0..6).map(|at| format!("blind-{at}")));
    }
    let blind = Model::learn(&examples, Records::Common).unwrap();
    let lost = |model: &Model| {
        let odds = |answered: &[&str]| {
            let p = probability(model, &["x"], answered);
            (p / (1.0 - p)).ln()
        };
        odds(&["x"]) - odds(&["x", "y"])
    };
    assert!(
        lost(&blind) < 0.7 * lost(&seen),
        "{} {}",
        lost(&blind),
        lost(&seen)
    );
}

#[test]
fn nothing_is_learned_from_one_kind_alone() {
    let mut examples = world(4);
    assert!(Model::learn(&[], Records::Each).is_none());
    examples.retain(|example| example.real);
    assert!(Model::learn(&examples, Records::Each).is_none());
}

#[test]
fn a_category_counts_where_it_is_known() {
    let mut examples = world(5);
    for (at, example) in examples.iter_mut().enumerate() {
        let word = if example.real || at % 10 == 0 {
            "bug"
        } else {
            "style"
        };
        example.category = Some(word.to_owned());
    }
    let model = Model::learn(&examples, Records::Each).unwrap();
    let of = |category| {
        model.probability(&Evidence {
            reporters: &names(&["fair"]),
            answered: &names(&["fair", "good", "poor"]),
            category,
        })
    };
    assert!(of(Some("bug")) > of(None) && of(None) > of(Some("style")));
    assert!((of(Some("unheard of")) - of(None)).abs() < 1e-12);
}

#[test]
fn calibration_of_a_liar_is_bad() {
    let truthful = calibration(&[(0.75, true), (0.75, true), (0.75, true), (0.75, false)]).unwrap();
    assert!(truthful.error < 1e-9, "{truthful:?}");
    assert!((truthful.brier - truthful.uninformed).abs() < 1e-9);
    let liar = calibration(&[(1.0, false), (0.0, true)]).unwrap();
    assert!((liar.error - 1.0).abs() < 1e-9 && (liar.brier - 1.0).abs() < 1e-9);
    assert!(calibration(&[]).is_none());
}

fn model() -> impl Strategy<Value = Model> {
    let record = (0.01..0.99, 0.01..0.99);
    (-5.0..5.0, 0.0..2.0, 0.0..2.0, record.clone(), record.clone(), record).prop_map(
        |(intercept, temper, silence, default, a, b)| {
            let inline = |(real, unreal): (f64, f64)| format!("{{ real = {real:?}, unreal = {unreal:?} }}");
            Model::parse(&format!(
                "intercept = {intercept:?}\ntemper = {temper:?}\nsilence = {silence:?}\ndefault = {}\n[backends]\na = {}\nb = {}\n",
                inline(default),
                inline(a),
                inline(b)
            ))
            .unwrap()
        },
    )
}

proptest! {
    /// Whatever the records: a reporter never lowers, a silent one never raises, and who
    /// turns from silence to a report never lowers.
    #[test]
    fn votes_only_help(
        model in model(),
        reporters in prop::collection::btree_set("[abc](#[1-3])?", 0..5),
        answered in prop::collection::btree_set("[abc](#[1-3])?", 0..5),
        other in "[abc](#[1-3])?",
    ) {
        let reporters: Vec<String> = reporters.into_iter().collect();
        let answered: Vec<String> = answered.into_iter().collect();
        let of = |reporters: &[String], answered: &[String]| {
            model.probability(&Evidence { reporters, answered, category: None })
        };
        let before = of(&reporters, &answered);
        prop_assert!(before > 0.0 && before < 1.0);
        let more = [reporters.clone(), vec![other.clone()]].concat();
        prop_assert!(of(&more, &answered) >= before - 1e-12);
        if !reporters.contains(&other) {
            let silent = [answered.clone(), vec![other]].concat();
            prop_assert!(of(&reporters, &silent) <= before + 1e-12);
        }
        let mut turned = answered.clone();
        turned.reverse();
        prop_assert!((of(&reporters, &turned) - before).abs() < 1e-15);
    }
}
