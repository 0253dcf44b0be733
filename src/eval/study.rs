//! Data, merged once for each panel that is looked at, with the probability of each finding.

use std::collections::BTreeSet;
use std::num::NonZero;

use super::data::{Data, Record, Unit};
use super::judge::{self, Judged};
use super::merging;
use super::tally::Tally;
use crate::findings::MergeSettings;
use crate::findings::confidence::{Evidence, Example, Model, Records, backend_of};

/// Panels of one size that are looked at; of more, so many are drawn.
const PANELS: usize = 32;

/// When a finding counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bar {
    /// That weight of votes.
    Votes(f64),
    /// That probability.
    Probability(f64),
}

/// Data and the models that have not seen what they judge.
pub(super) struct Study<'d> {
    pub(super) data: &'d Data,
    merge: MergeSettings,
    /// Part of each pull request, from 0.
    fold_of: Vec<usize>,
    /// The model of each part, learned from the others.
    models: Vec<Model>,
    /// Learned from everything, where something could be.
    pub(super) learned: Option<Model>,
}

/// What one panel's findings are.
pub(super) struct Seen {
    /// The backends, sorted.
    pub(super) panel: Vec<String>,
    /// Of each pull request.
    pub(super) units: Vec<SeenUnit>,
}

/// What one backend's findings are worth.
pub(super) struct Alone {
    pub(super) backend: String,
    /// Of each pull request.
    pub(super) tallies: Vec<Tally>,
}

/// What a panel says about one pull request.
pub(super) struct SeenUnit {
    /// Who of the panel answered.
    pub(super) answered: BTreeSet<String>,
    pub(super) findings: Vec<Judged>,
    /// Of each finding, by a model that has not seen the pull request.
    pub(super) probabilities: Vec<f64>,
}

impl<'d> Study<'d> {
    /// Learns from all but each part in turn.
    pub(super) fn new(
        data: &'d Data,
        merge: &MergeSettings,
        records: Records,
        folds: NonZero<usize>,
    ) -> Self {
        let shipped = Model::clone(Model::builtin());
        let mut study = Self {
            data,
            merge: merge.clone(),
            fold_of: fold_of(&data.units, folds.get()),
            models: vec![shipped.clone(); folds.get()],
            learned: None,
        };
        let everyone = study.see(&data.backends().into_iter().collect::<Vec<_>>());
        let examples: Vec<Vec<Example>> = data
            .units
            .iter()
            .zip(&everyone.units)
            .map(|(unit, seen)| judge::examples(data, unit, &seen.findings))
            .collect();
        let learn = |is_wanted: &dyn Fn(usize) -> bool| {
            let wanted: Vec<Example> = examples
                .iter()
                .zip(&study.fold_of)
                .filter(|(_, fold)| is_wanted(**fold))
                .flat_map(|(examples, _)| examples.iter().cloned())
                .collect();
            Model::learn(&wanted, records)
        };
        let models = (0..folds.get())
            .map(|fold| learn(&|other| other != fold).unwrap_or_else(|| shipped.clone()));
        let (models, learned) = (models.collect(), learn(&|_| true));
        study.models = models;
        study.learned = learned;
        study
    }

    /// Merges what a panel said, as if nobody else had been asked.
    pub(super) fn see(&self, panel: &[String]) -> Seen {
        let units = self.data.units.iter().zip(&self.fold_of);
        Seen {
            panel: panel.to_vec(),
            units: units
                .map(|(unit, fold)| {
                    let (answered, records) = of_panel(self.data, unit, panel);
                    let groups = merging::groups(&records, &self.merge);
                    let findings = judge::judge(&records, &answered, groups);
                    let probabilities = probabilities(&self.models[*fold], &findings, &answered);
                    SeenUnit {
                        answered,
                        findings,
                        probabilities,
                    }
                })
                .collect(),
        }
    }

    /// One backend alone: each of its findings as it reported it. Those of samples are
    /// merged, since nobody would show all of them.
    pub(super) fn alone(&self, backend: &str) -> Alone {
        let panel = [backend.to_owned()];
        let units = self.data.units.iter();
        let tallies = units.map(|unit| {
            let (answered, records) = of_panel(self.data, unit, &panel);
            let groups = if answered.len() > 1 {
                merging::groups(&records, &self.merge)
            } else {
                (0..records.len()).map(|at| vec![at]).collect()
            };
            let findings = judge::judge(&records, &answered, groups);
            judge::tally(unit, &findings, |_, _| true)
        });
        Alone {
            backend: backend.to_owned(),
            tallies: tallies.collect(),
        }
    }

    /// What many panels said, on all processors.
    pub(super) fn see_all(&self, panels: &[Vec<String>]) -> Vec<Seen> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = panels.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = panels
                .chunks(share)
                .map(|panels| {
                    scope.spawn(|| {
                        let seen = panels.iter().map(|panel| self.see(panel));
                        seen.collect::<Vec<_>>()
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| match worker.join() {
                    Ok(seen) => seen,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        })
    }

    /// Counts of each pull request at a bar.
    pub(super) fn tallies(&self, seen: &Seen, bar: Bar) -> Vec<Tally> {
        self.count(seen, |unit, at, finding| match bar {
            Bar::Votes(votes) => crate::findings::is_enough(finding.votes, votes),
            Bar::Probability(least) => unit.probabilities[at] >= least,
        })
    }

    /// The same with weights of the backends.
    pub(super) fn weighted(
        &self,
        seen: &Seen,
        weight: impl Fn(&str) -> f64,
        threshold: f64,
    ) -> Vec<Tally> {
        self.count(seen, |unit, _, finding| {
            let votes = judge::votes(&finding.reporters, &unit.answered, &weight);
            crate::findings::is_enough(votes, threshold)
        })
    }

    fn count(&self, seen: &Seen, passes: impl Fn(&SeenUnit, usize, &Judged) -> bool) -> Vec<Tally> {
        let units = self.data.units.iter().zip(&seen.units);
        units
            .map(|(unit, seen)| {
                judge::tally(unit, &seen.findings, |at, finding| {
                    passes(seen, at, finding)
                })
            })
            .collect()
    }

    /// Whether a pull request is in a part.
    pub(super) fn is_in(&self, unit: usize, fold: usize) -> bool {
        self.fold_of[unit] == fold
    }

    /// How many parts there are.
    pub(super) fn folds(&self) -> usize {
        self.models.len()
    }

    /// The model that has not seen a pull request.
    pub(super) fn model_for(&self, unit: usize) -> &Model {
        &self.models[self.fold_of[unit]]
    }

    /// The model of a part, learned from the others.
    pub(super) fn model_of(&self, fold: usize) -> &Model {
        &self.models[fold]
    }
}

/// What of a pull request a panel has answered and said.
pub(super) fn of_panel<'d>(
    data: &'d Data,
    unit: &Unit,
    panel: &[String],
) -> (BTreeSet<String>, Vec<&'d Record>) {
    let is_in = |voter: &str| panel.iter().any(|name| name == backend_of(voter));
    let answered = unit.answered.iter().filter(|voter| is_in(voter));
    let records = unit.records.iter().map(|at| &data.records[*at]);
    (
        answered.cloned().collect(),
        records.filter(|record| is_in(&record.tool)).collect(),
    )
}

pub(super) fn probabilities(
    model: &Model,
    findings: &[Judged],
    answered: &BTreeSet<String>,
) -> Vec<f64> {
    let answered: Vec<String> = answered.iter().cloned().collect();
    findings
        .iter()
        .map(|finding| {
            model.probability(&Evidence {
                reporters: &finding.reporters,
                answered: &answered,
                category: finding.category.as_deref(),
            })
        })
        .collect()
}

/// Parts of about equal size; a pull request that two sets have is in one part.
fn fold_of(units: &[Unit], folds: usize) -> Vec<usize> {
    let names: BTreeSet<&str> = units.iter().map(|unit| unit.pr.as_str()).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    // Names of one project stand together in the alphabet; drawn, they are in all parts.
    fastrand::Rng::with_seed(11).shuffle(&mut names);
    units
        .iter()
        .map(|unit| {
            let at = names.iter().position(|name| *name == unit.pr);
            at.unwrap_or_default() % folds
        })
        .collect()
}

/// The panels of one size that are looked at: all, or [`PANELS`] drawn ones; sorted.
pub(super) fn panels(backends: &[String], size: usize) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    choose(backends, size, &mut Vec::new(), &mut all);
    if let Some(all) = Some(all).filter(|all| all.len() <= PANELS) {
        return all;
    }
    let mut random = fastrand::Rng::with_seed(13);
    let mut drawn: BTreeSet<Vec<String>> = BTreeSet::new();
    while drawn.len() < PANELS {
        let mut panel = backends.to_vec();
        random.shuffle(&mut panel);
        panel.truncate(size);
        panel.sort_unstable();
        drawn.insert(panel);
    }
    drawn.into_iter().collect()
}

/// All panels of one size, or one more than [`PANELS`] of them.
fn choose(backends: &[String], size: usize, begun: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    if begun.len() == size {
        all.push(begun.clone());
        return;
    }
    for (at, backend) in backends.iter().enumerate() {
        if all.len() > PANELS {
            return;
        }
        begun.push(backend.clone());
        choose(&backends[at + 1..], size, begun, all);
        begun.pop();
    }
}
