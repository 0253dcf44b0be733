//! What refutation can cost at most, before its first call.

use super::super::{Plan, Reservation};
use super::{Case, prompt};
use crate::context::tokens;

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
        let questions = self.packets.iter().enumerate().flat_map(|(at, packet)| {
            let critics = self.critics_of(at).into_iter();
            critics.map(move |critic| (critic.as_str(), packet.tokens + prompt))
        });
        Some(self.most(questions))
    }
}

/// For these cases: every critic that may be asked about any of a packet's doubts.
pub(super) fn of(plan: &Plan, fixed: &str, cases: &[Case]) -> Reservation {
    let questions = cases.iter().flat_map(|case| {
        let findings: Vec<_> = case.doubts.iter().map(|doubt| &doubt.finding).collect();
        let task = tokens(fixed) + tokens(&prompt::task(&findings));
        let input = plan.packets[case.packet].tokens + task;
        let critics = plan.critics_of(case.packet).into_iter();
        let asked = critics.filter(|critic| case.doubts.iter().any(|doubt| doubt.may_ask(critic)));
        asked.map(move |critic| (critic.as_str(), input))
    });
    plan.most(questions)
}
