//! What people's word on findings teaches: how precise each backend's reports are, and so what
//! its record is and what its vote should count.
//!
//! People judge what was reported. What nobody said they cannot judge, so their words tell
//! neither how much a backend misses nor how many wrong claims it could have made; they tell
//! its precision alone. Records therefore move by Bayes' rule from what the model expected of
//! the very findings that were judged: where it was right, nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::learn::Example;
use super::{Model, Record, Sums, backend_of};

/// `[feedback]`: what is made of people's word on findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedbackSettings {
    /// Whether runs learn from it.
    pub learn: bool,
}

/// How many judgements what is known before weighs as much as: with one judgement little moves,
/// with a hundred most has.
pub const STRENGTH: f64 = 40.0;
/// How far feedback can lower and raise what a vote counts.
const FACTORS: (f64, f64) = (0.5, 1.5);
/// What a record's shares keep from 0 and 1: what four decimals can write.
const MARGIN: f64 = 0.0005;

/// What feedback teaches of a crew.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The model in force, moved.
    pub model: Arc<Model>,
    /// Judged findings that it was learned from: those that the crew reported.
    pub judgements: usize,
    /// Those of the crew that reported one of them, by name.
    pub backends: BTreeMap<String, Lesson>,
}

/// What feedback says of one backend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lesson {
    /// Judged findings that it reported.
    pub judged: usize,
    /// Those of them that are real.
    pub real: usize,
    /// What its vote is multiplied with where a share of all votes is needed: 0.5 to 1.5, in
    /// steps of a tenth.
    pub factor: f64,
}

/// A judged finding as one of its reporters sees it.
#[derive(Clone, Copy)]
struct Word {
    /// What the model made of it.
    expected: f64,
    real: bool,
    /// The reporter's part in it: several of one finding share what it teaches.
    part: f64,
}

impl Learned {
    /// Learns from judged findings what they say of `crew`, beginning with `model`. `None` where
    /// they say nothing of it. Their order does not matter.
    ///
    /// Records: of what a backend reported, the model expected a share *e* to be real. With
    /// [`STRENGTH`] such expectations and what was judged, the share is *q* (the mean of a Beta
    /// distribution). At an unchanged rate of reports, P(report | real) is multiplied with
    /// *q* / *e* and P(report | not real) with (1 − *q*) / (1 − *e*).
    ///
    /// Factors: the share of real ones among what a backend reported by that of what the others
    /// of the crew reported, each pulled by [`STRENGTH`] judgements: a backend's towards the
    /// others', that of the others towards what the model expects of a lone report.
    pub fn of(model: &Arc<Model>, examples: &[Example], crew: &BTreeSet<&str>) -> Option<Self> {
        let mut words: BTreeMap<&str, Vec<Word>> = BTreeMap::new();
        let mut judgements = 0;
        for example in examples {
            let reporters = example.reporters.iter().map(|voter| backend_of(voter));
            let own: BTreeSet<&str> = reporters.filter(|name| crew.contains(name)).collect();
            if own.is_empty() {
                continue;
            }
            judgements += 1;
            #[expect(clippy::cast_precision_loss, reason = "a crew is small")]
            let word = Word {
                expected: model.probability(&example.evidence()),
                real: example.real,
                part: 1.0 / own.len() as f64,
            };
            for name in own {
                words.entry(name).or_default().push(word);
            }
        }
        if words.is_empty() {
            return None;
        }
        let mut moved = Model::clone(model);
        for (name, words) in &mut words {
            let record = model.backends.get(*name).unwrap_or(&model.default);
            let record = record.after(words);
            moved.backends.insert((*name).to_owned(), record);
        }
        Some(Self {
            model: Arc::new(moved),
            judgements,
            backends: lessons(&words, model.lone()),
        })
    }
}

impl Model {
    /// Probability that what one backend of no record reports alone is real, of no category.
    fn lone(&self) -> f64 {
        let sums = Sums {
            said: self.default.said(),
            silent: 0.0,
        };
        1.0 / (1.0 + (-self.line().odds(sums)).exp())
    }
}

impl Record {
    fn after(self, words: &mut [Word]) -> Self {
        // Sums of floating-point numbers must not depend on the findings' order.
        words.sort_by(|left, right| {
            left.expected
                .total_cmp(&right.expected)
                .then(left.part.total_cmp(&right.part))
                .then(left.real.cmp(&right.real))
        });
        let sum = |of: &dyn Fn(&Word) -> f64| words.iter().map(of).sum::<f64>();
        let all = sum(&|word| word.part);
        let expected = sum(&|word| word.part * word.expected) / all;
        let real = sum(&|word| if word.real { word.part } else { 0.0 });
        let share = (STRENGTH * expected + real) / (STRENGTH + all);
        let bound = |share: f64| share.clamp(MARGIN, 1.0 - MARGIN);
        Self {
            real: bound(self.real * share / expected),
            unreal: bound(self.unreal * (1.0 - share) / (1.0 - expected)),
        }
    }
}

/// How many were judged, and how many of them are real.
#[derive(Clone, Copy, Default)]
struct Count {
    judged: usize,
    real: usize,
}

impl Count {
    /// Share of what is real, pulled towards `towards`.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn share(self, towards: f64) -> f64 {
        (STRENGTH * towards + self.real as f64) / (STRENGTH + self.judged as f64)
    }
}

fn lessons(words: &BTreeMap<&str, Vec<Word>>, lone: f64) -> BTreeMap<String, Lesson> {
    let counts = words.iter().map(|(name, words)| {
        let real = words.iter().filter(|word| word.real).count();
        let judged = words.len();
        (*name, Count { judged, real })
    });
    let counts: Vec<(&str, Count)> = counts.collect();
    let lesson = |(name, own): &(&str, Count)| {
        let others = counts.iter().filter(|(other, _)| other != name);
        let others = others.fold(Count::default(), |sum, (_, count)| Count {
            judged: sum.judged + count.judged,
            real: sum.real + count.real,
        });
        let others = others.share(lone);
        let factor = (own.share(others) / others).clamp(FACTORS.0, FACTORS.1);
        let lesson = Lesson {
            judged: own.judged,
            real: own.real,
            factor: (factor * 10.0).round() / 10.0,
        };
        ((*name).to_owned(), lesson)
    };
    counts.iter().map(lesson).collect()
}
