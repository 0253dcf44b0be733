//! What panels of each size reach, and what a vote gains over the best backend alone.

use super::recommend::bars;
use super::result::{Gain, OfPanels};
use super::study::{Alone, Bar, Seen, Study, panels};
use super::tally::{Draws, Tally, ratio, round};

/// Merges what the panels of each size said; in order of size.
pub(super) fn look(study: &Study<'_>, backends: &[String]) -> Vec<Seen> {
    let all: Vec<Vec<String>> = (1..=backends.len())
        .flat_map(|size| panels(backends, size))
        .collect();
    study.see_all(&all)
}

/// For each size and number of votes: the mean over the panels, and the best of them.
pub(super) fn summary(study: &Study<'_>, looked_at: &[Seen]) -> Vec<OfPanels> {
    let sizes = looked_at.last().map_or(0, |seen| seen.panel.len());
    let mut out = Vec::new();
    for size in 1..=sizes {
        let of_size: Vec<&Seen> = looked_at
            .iter()
            .filter(|seen| seen.panel.len() == size)
            .collect();
        for bar in bars(size) {
            let sums: Vec<Tally> = of_size
                .iter()
                .map(|seen| Tally::sum(study.tallies(seen, bar)))
                .collect();
            #[expect(clippy::cast_precision_loss, reason = "few panels")]
            let mean = |number: fn(&Tally) -> f64| {
                round(sums.iter().map(number).sum::<f64>() / sums.len().max(1) as f64)
            };
            // The first of equals.
            let best = (0..sums.len())
                .rev()
                .max_by(|one, other| sums[*one].f1().total_cmp(&sums[*other].f1()));
            let Some(best) = best else { continue };
            out.push(OfPanels {
                size,
                threshold: bar.to_toml(),
                panels: sums.len(),
                precision: mean(Tally::precision),
                recall: mean(Tally::recall),
                f1: mean(Tally::f1),
                best: of_size[best].panel.clone(),
                best_f1: round(sums[best].f1()),
            });
        }
    }
    out
}

/// What two votes of the whole panel gain over the best backend alone, draw by draw.
pub(super) fn gain(
    study: &Study<'_>,
    singles: &[Alone],
    everyone: &Seen,
    draws: &Draws,
) -> Option<Gain> {
    if singles.len() < 2 {
        return None;
    }
    let f1 = |tallies: &[Tally]| Tally::sum(tallies.iter().copied()).f1();
    // The first of equals.
    let best = singles
        .iter()
        .rev()
        .max_by(|one, other| f1(&one.tallies).total_cmp(&f1(&other.tallies)))?;
    let two = study.tallies(everyone, Bar::Votes(2.0));
    let both: Vec<(Tally, Tally)> = two
        .iter()
        .copied()
        .zip(best.tallies.iter().copied())
        .collect();
    let factor = |f1: fn(&Tally) -> f64| {
        draws.measure(
            &both,
            |one, other| (one.0.and(other.0), one.1.and(other.1)),
            (Tally::default(), Tally::default()),
            |(two, one)| ratio(f1(two), f1(one)),
        )
    };
    Some(Gain {
        two_votes_f1: round(f1(&two)),
        best_alone: best.backend.clone(),
        best_alone_f1: round(f1(&best.tallies)),
        factor: factor(Tally::f1),
        factor_with_repeats: factor(Tally::f1_with_repeats),
    })
}
