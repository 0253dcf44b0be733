//! What an evaluation finds: numbers to four decimals, ready to be written.

use serde::{Serialize, Serializer};

use super::pairs::WrongPair;
use super::recommend::Recommendation;
use super::tally::{Draws, Measure, PairCount, Tally, round};
use crate::findings::confidence::{Bin, Calibration};

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// What the data hold.
    pub counted: Counted,
    /// What a reader must know, one sentence each.
    pub notes: Vec<String>,
    /// How well merging recognises what means the same.
    pub merging: Merging,
    /// What a vote gains; none with one backend.
    pub gain: Option<Gain>,
    /// Each backend alone, sorted by name.
    pub backends: Vec<OfBackend>,
    /// The whole panel at each threshold.
    pub thresholds: Vec<At>,
    /// Panels of each size at each threshold.
    pub panels: Vec<OfPanels>,
    /// How far the probabilities can be believed.
    pub calibration: Calibrations,
    /// What the data speak for.
    pub recommendation: Option<Recommendation>,
}

/// What data hold.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    /// Pull requests.
    pub pull_requests: usize,
    /// Recorded findings.
    pub records: usize,
    /// Of them real.
    pub real: usize,
    /// Of them not real.
    pub wrong: usize,
    /// Of them without an answer; they count in merging and in no score.
    pub without_answer: usize,
    /// Known issues.
    pub known_issues: usize,
    /// Whether these come from a list; else they are those that some record matches, and
    /// recall flatters.
    pub known_issues_listed: bool,
}

/// How well merging recognises what means the same.
#[derive(Clone, Debug, Serialize)]
pub struct Merging {
    /// Findings that the records became.
    pub findings: usize,
    /// Findings whose records have different answers or match different issues.
    pub mixed: usize,
    /// Over pairs of different backends of whose records one at least is real.
    pub pairs: PairScore,
    /// Over pairs of different backends whose records are both real.
    pub real_pairs: PairScore,
    /// Pairs of neighbours that are two issues.
    pub neighbours: f64,
    /// Share of these that were merged.
    pub neighbours_merged: Measure,
    /// Pairs of which one at least is real that were merged and should not have been, or the
    /// reverse.
    pub wrong: Vec<WrongPair>,
}

/// Scores of merging.
#[derive(Clone, Debug, Serialize)]
pub struct PairScore {
    /// Pairs that mean the same.
    pub equal: f64,
    /// Pairs that were merged.
    pub merged: f64,
    /// Share of the merged pairs that mean the same.
    pub precision: Measure,
    /// Share of the pairs that mean the same that were merged.
    pub recall: Measure,
    /// Harmonic mean of both.
    pub f1: Measure,
}

impl PairScore {
    pub(super) fn new(counts: &[PairCount], draws: &Draws) -> Self {
        let sum = counts
            .iter()
            .fold(PairCount::default(), |sum, count| sum.and(*count));
        let measure = |number: fn(&PairCount) -> f64| {
            draws.measure(counts, PairCount::and, PairCount::default(), number)
        };
        Self {
            equal: sum.equal,
            merged: sum.merged,
            precision: measure(PairCount::precision),
            recall: measure(PairCount::recall),
            f1: measure(PairCount::f1),
        }
    }
}

/// What two votes of the whole panel gain over the best backend alone.
#[derive(Clone, Debug, Serialize)]
pub struct Gain {
    /// F1 of what at least two votes confirm.
    pub two_votes_f1: f64,
    /// The backend of highest F1 alone.
    pub best_alone: String,
    /// Its F1.
    pub best_alone_f1: f64,
    /// The one divided by the other.
    pub factor: Measure,
    /// The factor where findings that repeat a known issue count as real ones: as some
    /// publications have it.
    pub factor_with_repeats: Measure,
}

/// Scores of what was reported.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// Findings that were reported.
    pub reported: f64,
    /// Known issues among them.
    pub found: f64,
    /// Findings that repeat one of these.
    pub duplicates: f64,
    /// Share of the findings that tell something real for the first time.
    pub precision: Measure,
    /// Share of the known issues that were found.
    pub recall: Measure,
    /// Harmonic mean of both.
    pub f1: Measure,
}

impl Score {
    pub(super) fn new(tallies: &[Tally], draws: &Draws) -> Self {
        let sum = Tally::sum(tallies.iter().copied());
        let measure = |number: fn(&Tally) -> f64| {
            draws.measure(tallies, Tally::and, Tally::default(), number)
        };
        Self {
            reported: sum.reported(),
            found: sum.found,
            duplicates: sum.duplicates,
            precision: measure(Tally::precision),
            recall: measure(Tally::recall),
            f1: measure(Tally::f1),
        }
    }
}

/// A backend alone; of its samples each finding of one of them counts.
#[derive(Clone, Debug, Serialize)]
pub struct OfBackend {
    /// Its name.
    pub name: String,
    /// What it said.
    pub records: usize,
    /// How good that was.
    pub score: Score,
}

/// A threshold.
#[derive(Clone, Debug, Serialize)]
pub struct At {
    /// As `vote.threshold` takes it.
    pub threshold: toml::Value,
    /// What passes it.
    pub score: Score,
}

/// Panels of one size at one threshold.
#[derive(Clone, Debug, Serialize)]
pub struct OfPanels {
    /// How many backends.
    pub size: usize,
    /// As `vote.threshold` takes it.
    pub threshold: toml::Value,
    /// How many panels were looked at.
    pub panels: usize,
    /// Mean over the panels.
    pub precision: f64,
    /// Mean over the panels.
    pub recall: f64,
    /// Mean over the panels.
    pub f1: f64,
    /// The panel of highest F1, which flatters it.
    pub best: Vec<String>,
    /// Its F1.
    pub best_f1: f64,
}

/// How far probabilities can be believed.
#[derive(Clone, Debug, Serialize)]
pub struct Calibrations {
    /// By the numbers that llmux ships.
    #[serde(serialize_with = "calibration")]
    pub shipped: Option<Calibration>,
    /// By those that `vote.priors` names; none where it names none.
    #[serde(serialize_with = "calibration")]
    pub configured: Option<Calibration>,
    /// By numbers learned from other pull requests of the data.
    #[serde(serialize_with = "calibration")]
    pub learned: Option<Calibration>,
}

#[expect(clippy::ref_option, reason = "as serde calls it")]
fn calibration<S: Serializer>(value: &Option<Calibration>, output: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Written {
        findings: usize,
        brier: f64,
        uninformed_brier: f64,
        expected_calibration_error: f64,
        bins: Vec<WrittenBin>,
    }
    #[derive(Serialize)]
    struct WrittenBin {
        findings: usize,
        said: f64,
        real: f64,
    }
    let bin = |bin: &Bin| WrittenBin {
        findings: bin.examples,
        said: round(bin.said),
        real: round(bin.real),
    };
    let written = value.as_ref().map(|found| Written {
        findings: found.examples,
        brier: round(found.brier),
        uninformed_brier: round(found.uninformed),
        expected_calibration_error: round(found.error),
        bins: found.bins.iter().map(bin).collect(),
    });
    written.serialize(output)
}
