//! The probability that two statements are one.

use super::Statement;
use super::pairs::{self, Compared, Signals};

/// A voter that speaks twice means two things, unless it repeats itself; this is the most that
/// its pair counts.
const OWN_PAIR: f64 = 0.1;
/// Probability below which a pair counts as none.
const LEAST: f64 = 0.02;

/// Log-odds that two statements are one, by signal.
///
/// `base`, `words`, `mutual`, `witness` and `placed` come from recorded reviews
/// (docs/merging.md). Those name no rule and quote no code, so `quote`, `kind` and `symbol` are
/// set by hand and kept smaller than the words' part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weights {
    /// Where nothing speaks for it.
    pub(super) base: f64,
    /// By [`Signals::words`].
    pub(super) words: f64,
    /// By [`Signals::mutual`].
    pub(super) mutual: f64,
    /// By [`Signals::witness`].
    pub(super) witness: f64,
    /// By [`Signals::placed`].
    pub(super) placed: f64,
    /// By [`Signals::near`].
    pub(super) near: f64,
    /// By [`Signals::quote`].
    pub(super) quote: f64,
    /// By [`Signals::kind`].
    pub(super) kind: f64,
    /// By [`Signals::symbol`].
    pub(super) symbol: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            base: -3.7,
            words: 4.0,
            mutual: 8.0,
            witness: 3.0,
            placed: -0.7,
            near: 0.2,
            quote: 0.4,
            kind: 0.6,
            symbol: 0.3,
        }
    }
}

impl Weights {
    /// The probability that two statements are one, 0 to 1.
    pub(super) fn probability(&self, signals: &Signals) -> f64 {
        let odds = self.base
            + self.words * signals.words
            + self.mutual * signals.mutual
            + self.witness * signals.witness
            + self.placed * signals.placed
            + self.near * signals.near
            + self.quote * signals.quote
            + self.kind * signals.kind
            + self.symbol * signals.symbol;
        1.0 / (1.0 + (-odds).exp())
    }
}

/// Two statements, the lower index first, and the probability that they are one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) probability: f64,
}

/// The pairs that may be one, in order; `statements` in order.
pub(super) fn probabilities(statements: &[Statement<'_>], weights: &Weights) -> Vec<Pair> {
    let pairs = pairs::compare(statements).into_iter();
    pairs
        .map(|compared| Pair {
            left: compared.left,
            right: compared.right,
            probability: of(&compared, weights),
        })
        .filter(|pair| pair.probability >= LEAST)
        .collect()
}

fn of(compared: &Compared, weights: &Weights) -> f64 {
    let probability = weights.probability(&compared.signals);
    match compared {
        Compared {
            is_repetition: true,
            ..
        } => 1.0,
        Compared {
            same_voter: true, ..
        } => probability.min(OWN_PAIR),
        _ => probability,
    }
}
