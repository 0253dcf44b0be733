//! Counting what was reported against what is known, and intervals by the bootstrap.

use serde::Serialize;

/// Draws of the bootstrap.
const DRAWS: usize = 1000;
/// Equal data give equal intervals.
const SEED: u64 = 20_261_127;

/// Counts of one pull request, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Known issues that were found.
    pub found: f64,
    /// Findings that are real and match no known issue.
    pub unnamed: f64,
    /// Findings that repeat a known issue that another finding has.
    pub duplicates: f64,
    /// Findings that are not real.
    pub wrong: f64,
    /// Known issues.
    pub goldens: f64,
}

impl Tally {
    /// The sum of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            found: self.found + other.found,
            unnamed: self.unnamed + other.unnamed,
            duplicates: self.duplicates + other.duplicates,
            wrong: self.wrong + other.wrong,
            goldens: self.goldens + other.goldens,
        }
    }

    /// The sum of many.
    pub fn sum(tallies: impl IntoIterator<Item = Self>) -> Self {
        tallies.into_iter().fold(Self::default(), Self::and)
    }

    /// Findings that were reported.
    pub fn reported(&self) -> f64 {
        self.found + self.unnamed + self.duplicates + self.wrong
    }

    /// Share of what was reported that told something real for the first time; 0 where
    /// nothing was.
    pub fn precision(&self) -> f64 {
        ratio(self.found + self.unnamed, self.reported())
    }

    /// Share of the known issues that were found.
    pub fn recall(&self) -> f64 {
        ratio(self.found, self.goldens)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        harmonic(self.precision(), self.recall())
    }

    /// The same where findings that repeat a known issue count as real ones.
    pub fn f1_with_repeats(&self) -> f64 {
        let real = self.found + self.unnamed + self.duplicates;
        harmonic(ratio(real, self.reported()), self.recall())
    }
}

/// Pairs of findings: merged, equal, both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairCount {
    /// Merged and equal.
    pub hit: f64,
    /// Merged.
    pub merged: f64,
    /// Equal.
    pub equal: f64,
}

impl PairCount {
    /// The sum of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            hit: self.hit + other.hit,
            merged: self.merged + other.merged,
            equal: self.equal + other.equal,
        }
    }

    /// Share of the merged pairs that are equal.
    pub fn precision(&self) -> f64 {
        ratio(self.hit, self.merged)
    }

    /// Share of the equal pairs that were merged.
    pub fn recall(&self) -> f64 {
        ratio(self.hit, self.equal)
    }

    /// Harmonic mean of both.
    pub fn f1(&self) -> f64 {
        harmonic(self.precision(), self.recall())
    }
}

pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn harmonic(one: f64, other: f64) -> f64 {
    ratio(2.0 * one * other, one + other)
}

/// A number with the interval that holds 95 % of the draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Of all pull requests.
    pub value: f64,
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// How often each pull request is in each draw: the same for all numbers, so that they can
/// be compared draw by draw.
pub(super) struct Draws {
    units: usize,
    draws: Vec<Vec<usize>>,
}

impl Draws {
    pub(super) fn new(units: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(SEED);
        let draws = (0..DRAWS)
            .map(|_| (0..units).map(|_| random.usize(0..units)).collect())
            .collect();
        Self { units, draws }
    }

    /// A number of the sum of counts, one of each pull request.
    pub(super) fn measure<T: Copy>(
        &self,
        counts: &[T],
        and: impl Fn(T, T) -> T,
        zero: T,
        number: impl Fn(&T) -> f64,
    ) -> Measure {
        debug_assert_eq!(counts.len(), self.units);
        let mut drawn: Vec<f64> = self
            .draws
            .iter()
            .map(|draw| {
                let sum = draw.iter().fold(zero, |sum, at| and(sum, counts[*at]));
                number(&sum)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        Measure {
            value: round(number(&counts.iter().copied().fold(zero, &and))),
            low: round(drawn[DRAWS / 40]),
            high: round(drawn[DRAWS - 1 - DRAWS / 40]),
        }
    }
}

/// To four decimals, which is what reports show.
pub(super) fn round(number: f64) -> f64 {
    // Adding 0 makes 0 of -0.
    (number * 1e4).round() / 1e4 + 0.0
}
