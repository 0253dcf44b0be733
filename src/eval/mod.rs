//! How good merging, voting and the backends are, by recorded findings with answers.

use std::collections::BTreeSet;
use std::num::NonZero;

use crate::findings::MergeSettings;
use crate::findings::confidence::{Calibration, Model, Records, calibration};

mod cases;
mod clusters;
mod data;
mod judge;
mod merging;
mod pairs;
mod panels;
mod recommend;
mod result;
mod study;
mod tally;
mod write;

pub use cases::{Case, Expected, read_expected};
pub use clusters::write_clusters;
pub use data::{Answer, Data, Error, Flaw, Label, Record, Set, Unit, case_folders};
pub use pairs::WrongPair;
pub use recommend::Recommendation;
pub use result::{
    At, Calibrations, Counted, Evaluation, Gain, Merging, OfBackend, OfPanels, PairScore, Score,
};
pub use tally::{Measure, PairCount, Tally};
pub use write::{Format, write};

use judge::Truth;
use pairs::Pairs;
use recommend::bars;
use study::{Alone, Seen, Study, of_panel, probabilities};
use tally::Draws;

/// Evaluates data whose records have answers. `folds`: parts that the pull requests are
/// divided into where something is learned, so that nothing is judged by what it taught.
/// `priors`: the model whose probabilities are held against the learned ones;
/// `records`: whose are learned.
pub fn evaluate(
    data: &Data,
    merge: &MergeSettings,
    priors: &Model,
    records: Records,
    folds: NonZero<usize>,
) -> Evaluation {
    let study = Study::new(data, merge, records, folds);
    let draws = Draws::new(data.units.len());
    let backends: Vec<String> = data.backends().into_iter().collect();
    let everyone = study.see(&backends);
    let score = |tallies: &[Tally]| Score::new(tallies, &draws);

    let singles: Vec<Alone> = backends.iter().map(|name| study.alone(name)).collect();
    let of_backends: Vec<OfBackend> = singles
        .iter()
        .map(|alone| OfBackend {
            name: alone.backend.clone(),
            records: records_of(data, &alone.backend),
            score: score(&alone.tallies),
        })
        .collect();
    let of_thresholds: Vec<At> = bars(backends.len())
        .map(|bar| At {
            threshold: bar.to_toml(),
            score: score(&study.tallies(&everyone, bar)),
        })
        .collect();
    let looked_at = panels::look(&study, &backends);
    Evaluation {
        counted: counted(data),
        notes: data.notes.clone(),
        merging: merging(data, &everyone, &draws),
        gain: panels::gain(&study, &singles, &everyone, &draws),
        backends: of_backends,
        thresholds: of_thresholds,
        panels: panels::summary(&study, &looked_at),
        calibration: Calibrations {
            shipped: judged_by(data, &everyone, |_| Model::builtin()),
            configured: (*priors != **Model::builtin())
                .then(|| judged_by(data, &everyone, |_| priors))
                .flatten(),
            learned: judged_by(data, &everyone, |unit| study.model_for(unit)),
        },
        recommendation: recommend::recommend(&study, &looked_at, &draws),
    }
}

fn records_of(data: &Data, backend: &str) -> usize {
    let records = data.records.iter();
    records.filter(|record| record.backend() == backend).count()
}

fn counted(data: &Data) -> Counted {
    let with = |label| {
        let records = data.records.iter();
        records.filter(|record| record.label == Some(label)).count()
    };
    Counted {
        pull_requests: data.units.len(),
        records: data.records.len(),
        real: with(Label::Real),
        wrong: with(Label::Wrong),
        without_answer: data.records.len() - data.labelled(),
        known_issues: data.units.iter().map(|unit| unit.goldens.len()).sum(),
        known_issues_listed: data.has_goldens,
    }
}

fn merging(data: &Data, everyone: &Seen, draws: &Draws) -> Merging {
    let mut wrong = Vec::new();
    let counts: Vec<Pairs> = data
        .units
        .iter()
        .zip(&everyone.units)
        .map(|(unit, seen)| {
            let (_, records) = of_panel(data, unit, &everyone.panel);
            pairs::count(&unit.pr, &records, &seen.findings, &mut wrong)
        })
        .collect();
    let findings = || everyone.units.iter().flat_map(|seen| &seen.findings);
    let score = |which: fn(&Pairs) -> PairCount| {
        let counts: Vec<PairCount> = counts.iter().map(which).collect();
        PairScore::new(&counts, draws)
    };
    let neighbours: Vec<PairCount> = counts.iter().map(|pairs| pairs.neighbours).collect();
    Merging {
        findings: findings().count(),
        mixed: findings().filter(|finding| finding.is_mixed).count(),
        pairs: score(|pairs| pairs.any_real),
        real_pairs: score(|pairs| pairs.both_real),
        neighbours: neighbours.iter().map(|count| count.equal).sum(),
        neighbours_merged: draws.measure(
            &neighbours,
            PairCount::and,
            PairCount::default(),
            PairCount::recall,
        ),
        wrong,
    }
}

/// Judges the probabilities of all findings.
fn judged_by<'m>(
    data: &Data,
    everyone: &Seen,
    model: impl Fn(usize) -> &'m Model,
) -> Option<Calibration> {
    let mut judged = Vec::new();
    for (unit, seen) in everyone.units.iter().enumerate().take(data.units.len()) {
        let said = probabilities(model(unit), &seen.findings, &seen.answered);
        for (finding, p) in seen.findings.iter().zip(said) {
            match finding.truth {
                Truth::Real(_) => judged.push((p, true)),
                Truth::Wrong => judged.push((p, false)),
                Truth::Unknown => {}
            }
        }
    }
    calibration(&judged)
}

/// What of data was merged, where it has no answers: findings, and how many of them have
/// more than one voter.
pub fn merged(data: &Data, merge: &MergeSettings) -> (usize, usize) {
    let panel: Vec<String> = data.backends().into_iter().collect();
    let mut counts = (0, 0);
    for unit in &data.units {
        let (_, records) = of_panel(data, unit, &panel);
        for group in merging::groups(&records, merge) {
            let voters: BTreeSet<&str> = group.iter().map(|at| &*records[*at].tool).collect();
            counts.0 += 1;
            counts.1 += usize::from(voters.len() > 1);
        }
    }
    counts
}
