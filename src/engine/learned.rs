//! What feedback teaches a plan before it runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Plan, samples_of, voters_of};
use crate::findings::Voter;
use crate::findings::confidence::{Example, Learned};
use crate::workflow::Produces;

/// What a run learned from feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    /// Weights' factors, and the model.
    pub learned: Learned,
    /// Whether probabilities are reckoned by that model. It is left alone where by it the crew
    /// could confirm nothing any more, and by the model before it could: such a run would always
    /// be incomplete.
    pub priors: bool,
}

impl Plan {
    /// Moves the weights of the plan's backends, and what probabilities are reckoned by, as far
    /// as `judged` findings teach. Authoritative backends are left alone. Where nothing was
    /// judged that one of the others reported, nothing changes.
    pub fn learn(&mut self, judged: &[Example]) {
        let voters = self.seats.iter().filter(|seat| !seat.authoritative);
        let crew: BTreeSet<&str> = voters.map(|seat| seat.backend.name()).collect();
        let Some(learned) = Learned::of(&self.priors, judged, &crew) else {
            return;
        };
        for seat in &mut self.seats {
            if let Some(lesson) = learned.backends.get(seat.backend.name()) {
                seat.factor = lesson.factor;
            }
        }
        let before = self.steps_in_reach();
        let priors = std::mem::replace(&mut self.priors, Arc::clone(&learned.model));
        let keeps = self.steps_in_reach().is_superset(&before);
        if !keeps {
            self.priors = priors;
        }
        self.learning = Some(Learning {
            learned,
            priors: keeps,
        });
    }

    /// The steps whose findings all that read could confirm together, whatever their kind.
    fn steps_in_reach(&self) -> BTreeSet<usize> {
        let readers = self.readers();
        let steps = 0..self.workflow.steps.len();
        steps
            .filter(|step| self.workflow.steps[*step].produces == Produces::Findings)
            .filter(|step| self.quorum_of(*step).shortfall(&readers).is_none())
            .collect()
    }

    /// All voters that read where everybody answers.
    fn readers(&self) -> Vec<Voter> {
        let voters = self.seats.iter().filter(|seat| !seat.authoritative);
        let readers = voters.flat_map(|seat| {
            let name = seat.backend.name();
            let steps = self.workflow.steps.iter().zip(&self.crews);
            let own = steps.filter(|(step, crew)| {
                step.produces == Produces::Findings
                    && crew.backends.iter().any(|member| member == name)
            });
            let samples = own.map(|(step, crew)| samples_of(step, crew, seat)).max();
            voters_of(seat, samples.unwrap_or(0))
        });
        readers.collect()
    }
}
