//! What refutation can cost at most, before its first call.

use std::collections::BTreeMap;

use super::super::Plan;
use super::{Case, prompt};
use crate::context::tokens;

/// Calls to one model about one packet: the question, and once more where the answer cannot
/// be read.
const TRIES: usize = 2;
/// Tokens that the second question has beside the first: the answer that could not be read,
/// as far as it is repeated, and the complaint.
const REPAIR: usize = 6_000;

/// The most that refutation can take. Tries after transient failures are not counted, as
/// nowhere in an estimate: they bring no answer to pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reservation {
    /// Calls, repairs and all models of a cascade among them.
    pub calls: usize,
    /// US dollars, were every answer as long as it may be; none where a price is not known.
    pub cost_usd: Option<f64>,
}

impl Plan {
    /// Whether any finding could go before a critic.
    pub fn may_refute(&self) -> bool {
        let refuting = &self.refuting;
        let mut crews = self.crews.iter();
        let is_wanted = (refuting.by_default && refuting.blocks_from.is_some())
            || crews.any(|crew| crew.refute == Some(true));
        is_wanted && !refuting.critics.backends.is_empty()
    }

    /// The most that refutation could take, were every critic asked about every packet; none
    /// where there is no refutation.
    pub fn reservation(&self) -> Option<Reservation> {
        if !self.may_refute() {
            return None;
        }
        let prompt = self.critics_prompt_tokens().unwrap_or_default();
        let questions = self.packets.iter().flat_map(|packet| {
            let critics = self.refuting.critics.backends.iter();
            critics.map(move |critic| (critic.as_str(), packet.tokens + prompt))
        });
        Some(self.most(questions))
    }

    /// Of questions with so many tokens to these backends.
    fn most<'q>(&self, questions: impl Iterator<Item = (&'q str, usize)>) -> Reservation {
        let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (critic, tokens) in questions {
            let models = self.own_models(critic).len();
            let (calls, input) = sums.entry(critic).or_default();
            *calls += models * TRIES;
            *input += models * (TRIES * tokens + REPAIR);
        }
        let cost = |(critic, (calls, input)): (&&str, &(usize, usize))| {
            self.seat(critic)?.highest_cost(*calls, *input)
        };
        Reservation {
            calls: sums.values().map(|(calls, _)| calls).sum(),
            cost_usd: sums.iter().map(cost).sum(),
        }
    }
}

/// For these cases: every critic that may be asked about any of a packet's doubts.
pub(super) fn of(plan: &Plan, fixed: &str, cases: &[Case]) -> Reservation {
    let questions = cases.iter().flat_map(|case| {
        let findings: Vec<_> = case.doubts.iter().map(|doubt| &doubt.finding).collect();
        let task = tokens(fixed) + tokens(&prompt::task(&findings));
        let input = plan.packets[case.packet].tokens + task;
        let critics = plan.refuting.critics.backends.iter();
        let asked = critics.filter(|critic| case.doubts.iter().any(|doubt| doubt.may_ask(critic)));
        asked.map(move |critic| (critic.as_str(), input))
    });
    plan.most(questions)
}
