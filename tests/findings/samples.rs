//! What samples of one backend weigh together, and how many of them confirm.

use llmux::findings::confidence::Model;
use llmux::findings::{
    Claim, Finding, Location, Measure, Severity, Standing, Taxonomy, Turnout, VoteSettings, Voter,
    joint_weight, vote,
};
use llmux::units::Threshold;
use proptest::prelude::*;

use super::claim;

/// The voters of backends with so many samples each, all of one weight.
fn crew(backends: &[(&str, u32, f64)]) -> Vec<Voter> {
    let voters = backends.iter().flat_map(|(name, samples, weight)| {
        (1..=*samples).map(move |number| Voter {
            name: match samples {
                1 => (*name).to_owned(),
                _ => format!("{name}#{number}"),
            },
            weight: *weight,
            factor: 1.0,
            authoritative: false,
            silent: false,
        })
    });
    voters.collect()
}

fn finding(said_by: &[&str], thresholds: &[Threshold], asked: &[Voter]) -> Finding {
    let claims = said_by
        .iter()
        .map(|name| claim(name, 10, "logic-error", "Wrong", "It is wrong."))
        .collect();
    let findings = vote(
        vec![claims],
        &|_: &[Claim], _: &str, _: Severity| thresholds.to_vec(),
        &|_: &Location, _: &[Claim]| asked.to_vec(),
        &[],
        Taxonomy::builtin(),
        Model::builtin(),
    );
    findings.into_iter().next().unwrap()
}

fn is_confirmed(said_by: &[&str], asked: &[Voter]) -> bool {
    let finding = finding(said_by, &[Threshold::Auto], asked);
    finding.vote.standing == Standing::Confirmed
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

/// `docs/voting.md` shows this table.
#[test]
fn auto_by_crew() {
    let root = f64::sqrt;
    for (backends, needed, confirming, not_enough) in [
        // One backend alone: half of its samples, rounded up.
        (&[("a", 1, 1.0)][..], 1.0, &["a"][..], &[][..]),
        (&[("a", 2, 1.0)], 1.0, &["a#2"], &[]),
        (&[("a", 3, 1.0)], root(2.0), &["a#1", "a#3"], &["a#2"]),
        (&[("a", 4, 1.0)], root(2.0), &["a#1", "a#4"], &["a#4"]),
        (
            &[("a", 5, 1.0)],
            root(3.0),
            &["a#1", "a#2", "a#5"],
            &["a#1", "a#2"],
        ),
        (&[("a", 3, 2.5)], 2.5 * root(2.0), &["a#1", "a#2"], &["a#1"]),
        // Nobody has samples: half, whole votes where all weigh 1.
        (&[("a", 1, 1.0), ("b", 1, 1.0)], 1.0, &["b"], &[]),
        (
            &[("a", 1, 1.0), ("b", 1, 1.0), ("c", 1, 1.0)],
            2.0,
            &["a", "c"],
            &["b"],
        ),
        (
            &[("a", 1, 0.5), ("b", 1, 1.0), ("c", 1, 1.0)],
            1.25,
            &["a", "c"],
            &["b"],
        ),
        (&[("a", 1, 3.0), ("b", 1, 1.0)], 2.0, &["a"], &["b"]),
        // Mixed: half of the joint weight, and of who outweighs the others half of the samples.
        (
            &[("a", 3, 1.0), ("b", 1, 1.0)],
            root(2.0),
            &["a#1", "a#2"],
            &["b"],
        ),
        (
            &[("a", 3, 1.0), ("b", 1, 1.0)],
            root(2.0),
            &["a#1", "b"],
            &["a#1"],
        ),
        (
            &[("a", 3, 1.0), ("b", 1, 0.1)],
            root(2.0),
            &["a#1", "a#2"],
            &["a#1", "b"],
        ),
        (
            &[("a", 5, 1.0), ("b", 1, 0.1)],
            root(3.0),
            &["a#1", "a#2", "a#3"],
            &["a#1", "a#2"],
        ),
        (
            &[("a", 3, 1.0), ("b", 3, 1.0)],
            root(3.0),
            &["a#1", "b#1"],
            &["a#1", "a#2"],
        ),
        (
            &[("a", 3, 1.0), ("b", 3, 1.0)],
            root(3.0),
            &["b#1", "b#2", "b#3"],
            &["b#1"],
        ),
        (
            &[("a", 3, 1.0), ("b", 1, 1.0), ("c", 1, 1.0)],
            f64::midpoint(root(3.0), 2.0),
            &["b", "c"],
            &["a#1", "a#2", "a#3"],
        ),
    ] {
        let crew = crew(backends);
        let told = finding(confirming, &[Threshold::Auto], &crew).vote;
        assert!(
            close(told.threshold, needed),
            "{backends:?}: {}",
            told.threshold
        );
        assert!(
            is_confirmed(confirming, &crew),
            "{backends:?} {confirming:?}"
        );
        if !not_enough.is_empty() {
            assert!(
                !is_confirmed(not_enough, &crew),
                "{backends:?} {not_enough:?}"
            );
        }
    }
}

#[test]
fn shares_numbers_and_silence_count_joint_weight() {
    let crew = crew(&[("a", 4, 1.0), ("b", 1, 1.0)]);
    assert!(close(joint_weight(&crew), 3.0));
    let share = finding(&["a#1"], &[Threshold::Share(50.0)], &crew).vote;
    assert!(close(share.threshold, 1.5) && close(share.weight, 1.0));
    let number = finding(&["a#1", "a#2"], &[Threshold::Weight(2.0)], &crew).vote;
    assert_eq!(number.standing, Standing::Unconfirmed);
    assert_eq!(number.voters, ["a#1", "a#2"]);
    assert_eq!(number.answered, ["a#1", "a#2", "a#3", "a#4", "b"]);
    // Two of three samples; the third is silent: its vote would add √2 - 1, and not 1.
    let with_silent = |last: &str| -> Vec<Voter> {
        let mut crew = super::samples::crew(&[("a", 2, 1.0), ("b", 1, 1.0)]);
        for voter in &mut crew {
            voter.silent = voter.name == last;
        }
        crew
    };
    let open = |said: &str, silent: &str, needed: f64| {
        let threshold = [Threshold::Weight(needed)];
        finding(&[said], &threshold, &with_silent(silent))
            .vote
            .is_open
    };
    assert!(open("a#1", "a#2", 1.4));
    assert!(!open("a#1", "a#2", 2.0));
    assert!(open("a#1", "b", 2.0));
}

#[test]
fn any_of_several_thresholds_is_enough_and_the_one_that_was_is_told() {
    use Threshold::{Probability, Weight};
    let crew = crew(&[("a", 1, 1.0), ("b", 1, 1.0), ("c", 1, 1.0)]);
    let told = |said: &[&str], thresholds: &[Threshold]| {
        let vote = finding(said, thresholds, &crew).vote;
        (
            vote.measure,
            vote.threshold,
            vote.standing == Standing::Confirmed,
        )
    };
    let (weight, chance) = (Measure::Weight, Measure::Probability);
    assert_eq!(
        told(&["a", "b"], &[Weight(3.0), Weight(2.0)]),
        (weight, 2.0, true)
    );
    assert_eq!(
        told(&["a"], &[Weight(3.0), Weight(2.0)]),
        (weight, 2.0, false)
    );
    assert_eq!(
        told(&["a"], &[Weight(3.0), Probability(0.01)]),
        (chance, 0.01, true)
    );
    assert_eq!(
        told(&["a"], &[Probability(0.99), Weight(3.0)]),
        (weight, 3.0, false)
    );
    assert_eq!(told(&["a"], &[Probability(0.99)]), (chance, 0.99, false));
}

#[test]
fn confidence_follows_the_votes() {
    let three = crew(&[("x", 1, 1.0), ("y", 1, 1.0), ("z", 1, 1.0)]);
    let of = |said: &[&str]| finding(said, &[Threshold::Auto], &three).confidence;
    let (one, two, all) = (of(&["x"]), of(&["x", "y"]), of(&["x", "y", "z"]));
    assert!(
        0.0 < one && one < two && two < all && all < 1.0,
        "{one} {two} {all}"
    );
    assert!(
        close(two * 1e4, (two * 1e4).round()),
        "four decimals: {two}"
    );
    // Exactly what was reached is enough.
    let vote = finding(&["x", "y"], &[Threshold::Probability(two)], &three).vote;
    assert_eq!(vote.standing, Standing::Confirmed);
    assert_eq!((vote.measure, vote.threshold), (Measure::Probability, two));
    let vote = finding(&["x", "y"], &[Threshold::Probability(two + 1e-3)], &three).vote;
    assert_eq!(vote.standing, Standing::Unconfirmed);
    // Samples of one are worth less than as many backends.
    let samples = crew(&[("x", 3, 1.0)]);
    let same = finding(&["x#1", "x#2", "x#3"], &[Threshold::Auto], &samples).confidence;
    assert!(of(&["x"]) < same && same < all, "{same}");
}

#[test]
fn who_is_silent_leaves_a_probability_open_and_who_has_authority_settles_it() {
    let mut three = crew(&[("x", 1, 1.0), ("y", 1, 1.0), ("z", 1, 1.0)]);
    let two = finding(&["x", "y"], &[Threshold::Auto], &three).confidence;
    let threshold = [Threshold::Probability(two)];
    assert!(
        !finding(&["x"], &threshold, &three).vote.is_open,
        "y and z deny it"
    );
    three[1].silent = true;
    let open = finding(&["x"], &threshold, &three);
    assert!(open.vote.is_open);
    let denied = crew(&[("x", 1, 1.0), ("z", 1, 1.0)]);
    let denied = finding(&["x"], &threshold, &denied);
    assert!(
        close(open.confidence, denied.confidence),
        "the silent say nothing"
    );
    three[0].authoritative = true;
    let finding = finding(&["x"], &[Threshold::Probability(1.0)], &three);
    assert_eq!(finding.vote.standing, Standing::Confirmed);
    assert!(close(finding.confidence, 1.0));
}

#[test]
fn a_category_and_a_severity_have_thresholds_of_their_own() {
    let settings = VoteSettings::of(Threshold::Auto)
        .with("security", Threshold::Weight(1.0))
        .with("critical", Threshold::Weight(2.0));
    let of = |category, severity| settings.thresholds(category, severity);
    assert_eq!(of("bug", Severity::High), [Threshold::Auto]);
    assert_eq!(of("security", Severity::Low), [Threshold::Weight(1.0)]);
    assert_eq!(of("bug", Severity::Critical), [Threshold::Weight(2.0)]);
    assert_eq!(
        of("security", Severity::Critical),
        [Threshold::Weight(1.0), Threshold::Weight(2.0)]
    );
}

#[test]
fn thresholds_as_people_write_them() {
    for (written, threshold) in [
        ("2", Threshold::Weight(2.0)),
        ("1.5", Threshold::Weight(1.5)),
        ("50%", Threshold::Share(50.0)),
        ("auto", Threshold::Auto),
        ("p>=0.5", Threshold::Probability(0.5)),
        ("p >= 0.25", Threshold::Probability(0.25)),
        ("p>=1", Threshold::Probability(1.0)),
    ] {
        let read: Threshold = toml::Value::from(written).try_into().unwrap();
        assert_eq!(read, threshold, "{written}");
        let again: Threshold = toml::Value::from(threshold.to_string()).try_into().unwrap();
        assert_eq!(
            again, threshold,
            "{written} is written so that it reads the same"
        );
    }
    for wrong in [
        "p > .5", "p>0.5", "p>=.5", "p=0.5", "p", "P>=0.5", "p>=0", "p>=1.5", "p>=50%", "p>=nan",
        "p>=-0.5", "p<=0.5", "p>=0.5%",
    ] {
        let read: Result<Threshold, _> = toml::Value::from(wrong).try_into();
        let message = read.unwrap_err().to_string();
        assert!(
            message.contains(wrong) && message.contains("\"p>=0.5\""),
            "{message}"
        );
    }
    for wrong in ["most", "0", "-1", "0%", "101%", "nan", "inf", ""] {
        let read: Result<Threshold, _> = toml::Value::from(wrong).try_into();
        assert!(
            read.unwrap_err().to_string().contains("is no threshold"),
            "{wrong}"
        );
    }
}

proptest! {
    /// A minority of one backend's samples never confirms alone; a majority does where there is
    /// nobody else.
    #[test]
    fn a_minority_of_samples_never_confirms_alone(
        samples in 1_u32..9,
        others in prop::collection::vec((1_u32..4, 0.1_f64..3.0), 0..4),
        weight in 0.1_f64..3.0,
    ) {
        let names = ["b", "c", "d", "e"];
        let mut backends = vec![("a", samples, weight)];
        backends.extend(others.iter().zip(names).map(|((samples, weight), name)| (name, *samples, *weight)));
        let crew = crew(&backends);
        let own: Vec<_> = crew.iter().filter(|voter| voter.name.starts_with('a')).collect();
        let of = |count: usize| -> Vec<&str> { own.iter().take(count).map(|voter| voter.name.as_str()).collect() };
        let majority = own.len().div_ceil(2);
        if majority > 1 {
            prop_assert!(!is_confirmed(&of(majority - 1), &crew));
        }
        if others.is_empty() {
            prop_assert!(is_confirmed(&of(majority), &crew));
        }
        // And what all say is always enough.
        let all: Vec<&str> = crew.iter().map(|voter| voter.name.as_str()).collect();
        prop_assert!(is_confirmed(&all, &crew));
        prop_assert!(Turnout::can_confirm(&crew, "bug", &[Threshold::Auto], Model::builtin()));
    }

    /// A further vote never takes a confirmation away, whatever the threshold.
    #[test]
    fn votes_of_samples_are_monotone(
        counts in prop::collection::vec((1_u32..5, 0.1_f64..3.0), 1..4),
        voted in prop::collection::vec(any::<bool>(), 16),
        further in 0_usize..16,
        amount in 0.01_f64..1.0,
        kind in 0..4,
    ) {
        let backends: Vec<_> = counts.iter().zip(["a", "b", "c"]).map(|((samples, weight), name)| (name, *samples, *weight)).collect();
        let crew = crew(&backends);
        let further = further % crew.len();
        let threshold = match kind {
            0 => Threshold::Auto,
            1 => Threshold::Share(amount * 100.0),
            2 => Threshold::Weight(amount * 5.0),
            _ => Threshold::Probability(amount),
        };
        let said = |more: bool| -> Vec<&str> {
            let voters = crew.iter().enumerate();
            let voters = voters.filter(|(at, _)| voted[*at] || (more && *at == further));
            voters.map(|(_, voter)| voter.name.as_str()).collect()
        };
        prop_assume!(!said(false).is_empty());
        let before = finding(&said(false), &[threshold], &crew);
        let after = finding(&said(true), &[threshold], &crew);
        prop_assert!(before.confidence <= after.confidence);
        prop_assert!(before.vote.weight <= after.vote.weight + 1e-9);
        if before.vote.standing == Standing::Confirmed {
            prop_assert_eq!(after.vote.standing, Standing::Confirmed);
        }
    }
}
