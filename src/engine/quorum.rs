//! What a verdict needs of those that read: one rule for a run's coverage and for who
//! wants to know before a run.

use super::Seat;
use crate::findings::is_enough;
use crate::units::Threshold;
use crate::workflow::{Combine, Crew, Execution, Step};

/// What confirms a finding of `step`: any vote where the role's answers are united; else the
/// step's own threshold, its role's, or `common`, which is `vote.threshold`. `seats` are the
/// backends of all crews.
pub fn threshold_of(step: &Step, crew: &Crew, seats: &[Seat], common: Threshold) -> Threshold {
    match crew.combine {
        Combine::Union => Threshold::Weight(lightest_vote(seats)),
        Combine::Vote | Combine::Synthesize => crew.threshold_of(step).unwrap_or(common),
    }
}

fn lightest_vote(seats: &[Seat]) -> f64 {
    seats
        .iter()
        .filter(|seat| !seat.authoritative)
        .map(|seat| seat.weight)
        .min_by(f64::total_cmp)
        .unwrap_or(1.0)
}

/// What a verdict needs of a step's crew: half of the voters rounded up where all are asked,
/// one where one is enough, and together with those that read in other steps as much weight
/// as confirms a finding. An authoritative backend has no vote. It suffices alone where the
/// crew was meant so: not where it is what is left of a crew whose models cannot be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Quorum {
    /// Members that have a vote, in the order of the crew.
    pub voters: Vec<String>,
    /// Members whose claims need no quorum.
    pub authorities: Vec<String>,
    /// How many of the voters must read.
    pub readers: usize,
    /// What those that read in any step must weigh together; 0 for a share of them.
    pub weight: f64,
    execution: Execution,
    /// Whether some of the crew cannot be asked.
    is_reduced: bool,
}

impl Quorum {
    /// That of a crew; `threshold` as [`threshold_of`] gives it.
    pub fn new(
        crew: &Crew,
        execution: Execution,
        threshold: Threshold,
        is_authoritative: &dyn Fn(&str) -> bool,
    ) -> Self {
        let members = crew.backends.iter().cloned();
        let (authorities, voters): (Vec<_>, Vec<_>) =
            members.partition(|name| is_authoritative(name));
        Self {
            readers: match execution {
                Execution::Parallel => voters.len().div_ceil(2),
                Execution::First | Execution::Fallback => 1,
            },
            weight: match threshold {
                Threshold::Weight(needed) => needed,
                Threshold::Share(_) | Threshold::Auto => 0.0,
            },
            voters,
            authorities,
            execution,
            is_reduced: !crew.unavailable.is_empty(),
        }
    }

    /// Whether enough of the crew read. `weight` is that of all voters that read in any step.
    pub fn is_met(&self, has_read: &dyn Fn(&str) -> bool, weight: f64) -> bool {
        if self.voters.is_empty() {
            return !self.authorities.is_empty()
                && !self.is_reduced
                && self.authorities.iter().all(|name| has_read(name));
        }
        let readers = self.voters.iter().filter(|name| has_read(name)).count();
        readers >= self.readers && self.can_confirm(weight)
    }

    /// Whether a finding could be confirmed, were all that weigh `weight` to report it.
    pub fn can_confirm(&self, weight: f64) -> bool {
        is_enough(weight, self.weight)
    }

    /// Who reads where all that `works` holds for answer, and nobody else.
    pub fn readers_of(&self, works: &dyn Fn(&str) -> bool) -> Vec<&str> {
        let asked = match self.execution {
            Execution::First => 1,
            Execution::Parallel | Execution::Fallback => usize::MAX,
        };
        let wanted = match self.execution {
            Execution::Fallback => 1,
            Execution::Parallel | Execution::First => usize::MAX,
        };
        let named = |name: &&str| works(name);
        let voters = self.voters.iter().map(String::as_str).take(asked);
        let authorities = self.authorities.iter().map(String::as_str);
        let voters = voters.filter(named).take(wanted);
        voters.chain(authorities.filter(named)).collect()
    }
}
