//! Which panel, which threshold, which weights.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::study::{Bar, Seen, Study};
use super::tally::{Draws, Measure, Tally, round};
use crate::findings::confidence::Model;

/// By how much F1 must be better, on pull requests not seen, for weights to be worth a line.
const GAIN: f64 = 0.005;

/// Where a project would keep what its data teach.
const PRIORS: &str = ".llmux/priors.toml";

/// What the data speak for.
#[derive(Clone, Debug, Serialize)]
pub struct Recommendation {
    /// The backends, sorted.
    pub panel: Vec<String>,
    /// As `vote.threshold` takes it.
    pub threshold: toml::Value,
    /// What each vote counts, where weights are better than none.
    pub weights: BTreeMap<String, f64>,
    /// F1 on the data that it was chosen by, which flatters it.
    pub f1: Measure,
    /// F1 of what is chosen in the same way, on pull requests that the choice has not seen.
    pub cross_validated_f1: f64,
    /// Ready to paste into a configuration.
    pub toml: String,
    /// Numbers of the probability model learned from the data, as `rules/priors.toml` has them.
    pub priors: Option<String>,
}

/// A choice: index of the panel, bar.
type Choice = (usize, Bar);

/// Recommends the panel and the bar of highest F1, of equals the smaller panel and the
/// lower bar. `seen` is in order of size.
pub(super) fn recommend(study: &Study<'_>, seen: &[Seen], draws: &Draws) -> Option<Recommendation> {
    let candidates: Vec<(Choice, Vec<Tally>)> = seen
        .iter()
        .enumerate()
        .flat_map(|(at, panel)| {
            bars(panel.panel.len()).map(move |bar| ((at, bar), study.tallies(panel, bar)))
        })
        .collect();
    let ((panel, bar), tallies) = best(&candidates, |_| true)?;
    // What is chosen without a part, and then counted on it.
    let of_others = |fold| best(&candidates, |unit| !study.is_in(unit, fold));
    let mut cross_validated_f1 = across(study, |fold| {
        of_others(fold).map(|(_, tallies)| tallies.clone())
    })
    .f1();
    let cross_validated_weights = across(study, |fold| {
        let ((panel, _), _) = of_others(fold)?;
        let model = study.model_of(fold);
        let weighted = weighted(study, &seen[*panel], model, |unit| !study.is_in(unit, fold));
        weighted.map(|weighted| weighted.tallies)
    })
    .f1();
    let measure =
        |tallies: &[Tally]| draws.measure(tallies, Tally::and, Tally::default(), Tally::f1);
    let mut f1 = measure(tallies);
    let panel = &seen[*panel];
    let mut threshold = bar.to_toml();
    let mut weights = BTreeMap::new();
    if cross_validated_weights > cross_validated_f1 + GAIN
        && let Some(learned) = &study.learned
        && let Some(weighted) = weighted(study, panel, learned, |_| true)
    {
        f1 = measure(&weighted.tallies);
        cross_validated_f1 = cross_validated_weights;
        threshold = weighted.threshold.into();
        weights = weighted.weights;
    }
    let mut recommendation = Recommendation {
        panel: panel.panel.clone(),
        threshold,
        weights,
        f1,
        cross_validated_f1: round(cross_validated_f1),
        toml: String::new(),
        priors: study.learned.as_ref().map(Model::to_toml),
    };
    recommendation.toml = written(&recommendation);
    Some(recommendation)
}

impl Bar {
    /// As `vote.threshold` takes it.
    pub(super) fn to_toml(self) -> toml::Value {
        match self {
            Self::Votes(votes) => votes.into(),
            Self::Probability(least) => format!("p>={least}").into(),
        }
    }
}

/// The bars that a panel of so many can meet.
pub(super) fn bars(panel: usize) -> impl Iterator<Item = Bar> {
    let votes = (1..=u32::try_from(panel).unwrap_or(u32::MAX)).map(|k| Bar::Votes(f64::from(k)));
    let probabilities = (1..=9_u32).map(|tenth| Bar::Probability(f64::from(tenth) / 10.0));
    votes.chain(probabilities)
}

fn best(
    candidates: &[(Choice, Vec<Tally>)],
    is_wanted: impl Fn(usize) -> bool,
) -> Option<&(Choice, Vec<Tally>)> {
    let mut best = None;
    let mut highest = 0.0;
    for candidate in candidates {
        let f1 = sum(&candidate.1, &is_wanted).f1();
        if f1 > highest + 1e-12 {
            (best, highest) = (Some(candidate), f1);
        }
    }
    best
}

fn sum(tallies: &[Tally], is_wanted: impl Fn(usize) -> bool) -> Tally {
    let wanted = tallies.iter().enumerate().filter(|(at, _)| is_wanted(*at));
    Tally::sum(wanted.map(|(_, tally)| *tally))
}

/// Sums what `chosen` on the other parts gives on each part.
fn across(study: &Study<'_>, chosen: impl Fn(usize) -> Option<Vec<Tally>>) -> Tally {
    Tally::sum((0..study.folds()).map(|fold| {
        let tallies = chosen(fold).unwrap_or_default();
        sum(&tallies, |unit| study.is_in(unit, fold))
    }))
}

struct Weighted {
    weights: BTreeMap<String, f64>,
    threshold: f64,
    tallies: Vec<Tally>,
}

/// Weights by a model's records, and the best threshold for them.
fn weighted(
    study: &Study<'_>,
    panel: &Seen,
    model: &Model,
    is_wanted: impl Fn(usize) -> bool,
) -> Option<Weighted> {
    let weights = model.weights(&panel.panel);
    let weight = |name: &str| weights.get(name).copied().unwrap_or(1.0);
    let steps = u32::try_from(panel.panel.len() * 4).unwrap_or(u32::MAX);
    let mut best: Option<(f64, f64, Vec<Tally>)> = None;
    for step in 1..=steps {
        let threshold = f64::from(step) / 4.0;
        let tallies = study.weighted(panel, weight, threshold);
        let f1 = sum(&tallies, &is_wanted).f1();
        if best.as_ref().is_none_or(|(most, ..)| f1 > most + 1e-12) {
            best = Some((f1, threshold, tallies));
        }
    }
    best.map(|(_, threshold, tallies)| Weighted {
        weights,
        threshold,
        tallies,
    })
}

/// The configuration.
fn written(recommendation: &Recommendation) -> String {
    // Strings of JSON are strings of TOML, as keys too.
    let quoted = |name: &str| serde_json::Value::from(name).to_string();
    let mut out = format!(
        "# F1 {:.2} ({:.2} to {:.2}) on the data that it was chosen by; {:.2} cross-validated.\n",
        recommendation.f1.value,
        recommendation.f1.low,
        recommendation.f1.high,
        recommendation.cross_validated_f1
    );
    let _ = writeln!(out, "[vote]\nthreshold = {}", recommendation.threshold);
    if recommendation.priors.is_some() {
        let _ = writeln!(
            out,
            "# `llmux eval DATA --write-priors {PRIORS}` writes it."
        );
        // A bar of probability was chosen by these numbers; votes do without.
        let mark = if recommendation.threshold.is_str() {
            ""
        } else {
            "#"
        };
        let _ = writeln!(out, "{mark}priors = \"{PRIORS}\"");
    }
    out.push('\n');
    let names: Vec<String> = recommendation
        .panel
        .iter()
        .map(|name| quoted(name))
        .collect();
    for role in ["analyzer", "reviewer", "security"] {
        let _ = writeln!(out, "[roles.{role}]\nbackends = [{}]\n", names.join(", "));
    }
    for (name, weight) in &recommendation.weights {
        let _ = writeln!(out, "[backends.{}]\nweight = {weight:?}\n", quoted(name));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
