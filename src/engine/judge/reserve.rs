//! What judging can cost at most, before its first call.

use std::collections::BTreeMap;

use super::super::Plan;
use crate::units::dollars;

/// Calls to one model: the question, and once more where the answer cannot
/// be read.
const TRIES: usize = 2;
/// Tokens that the second question has beside the first: the answer that could not be read,
/// as far as it is repeated, and the complaint.
const REPAIR: usize = 6_000;

/// The most that a round of judging can take. Tries after transient failures are not counted, as
/// nowhere in an estimate: they bring no answer to pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reservation {
    /// Calls, repairs and all models of a cascade among them.
    pub calls: usize,
    /// US dollars, were every answer as long as it may be; none where a price is not known.
    pub cost_usd: Option<f64>,
}

impl Plan {
    /// Of questions with so many tokens to these backends.
    pub(in crate::engine) fn most<'q>(
        &self,
        questions: impl Iterator<Item = (&'q str, usize)>,
    ) -> Reservation {
        let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (backend, tokens) in questions {
            let models = self.own_models(backend).len();
            let (calls, input) = sums.entry(backend).or_default();
            *calls += models * TRIES;
            *input += models * (TRIES * tokens + REPAIR);
        }
        let cost = |(backend, (calls, input)): (&&str, &(usize, usize))| {
            let models = self.own_models(backend);
            self.seat(backend)?.highest_cost(&models, *calls, *input)
        };
        Reservation {
            calls: sums.values().map(|(calls, _)| calls).sum(),
            cost_usd: sums.iter().map(cost).sum::<Option<u64>>().map(dollars),
        }
    }
}
