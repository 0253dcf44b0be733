//! The models of one backend that were asked in vain.

use super::breaker::Line;
use super::member::{Member, Unanswered};
use crate::backends::ErrorKind;

/// In the order in which they were asked.
#[derive(Debug, Default)]
pub(super) struct Cascade {
    tried: Vec<Tried>,
}

#[derive(Debug)]
struct Tried {
    model: Line,
    why: String,
    was_sent: bool,
    /// Where no answer came; else it came and was none.
    failure: Option<ErrorKind>,
}

impl Cascade {
    /// A call of the model failed.
    pub(super) fn failed(&mut self, model: &Line, failure: &Unanswered) {
        self.tried.push(Tried {
            model: model.clone(),
            why: failure.error.message.clone(),
            was_sent: failure.was_sent,
            failure: Some(failure.error.kind),
        });
    }

    /// The model gave an answer that is none.
    pub(super) fn abstained(&mut self, model: &Line, why: &str) {
        self.tried.push(Tried {
            model: model.clone(),
            why: why.to_owned(),
            was_sent: true,
            failure: None,
        });
    }

    /// Whether the next model would fail as well: the key is denied, the run is over.
    pub(super) fn is_over(&self) -> bool {
        let last = self.tried.last().and_then(|tried| tried.failure);
        matches!(
            last,
            Some(ErrorKind::Denied | ErrorKind::Cancelled | ErrorKind::Broke)
        )
    }

    /// Another model answered.
    pub(super) fn record_passed_over(&self, member: &Member) {
        for tried in &self.tried {
            member
                .account
                .record_passed_over(&tried.model, &tried.why, tried.was_sent);
        }
    }

    /// None answered. An answer that is none is an abstention, whatever the others did. A
    /// call that the run's end or its budget cut off says nothing about the backend.
    pub(super) fn record_loss(&self, member: &Member) {
        if self.has_abstained() {
            member.account.record_abstention();
        } else if !self.tried.iter().any(Tried::was_cut_off) {
            let was_sent = self.tried.iter().any(|tried| tried.was_sent);
            member.account.record_failure(&self.why(), was_sent);
        }
    }

    pub(super) fn has_abstained(&self) -> bool {
        self.tried.iter().any(|tried| tried.failure.is_none())
    }

    /// Why there is no answer; with several models, what became of each.
    pub(super) fn why(&self) -> String {
        if let [only] = self.tried.as_slice() {
            return only.why.clone();
        }
        let each = self.tried.iter().map(|tried| match &tried.model {
            Some(model) => format!("{model}: {}", tried.why),
            None => tried.why.clone(),
        });
        each.collect::<Vec<_>>().join("; ")
    }
}

impl Tried {
    fn was_cut_off(&self) -> bool {
        matches!(self.failure, Some(ErrorKind::Cancelled | ErrorKind::Broke))
    }
}
