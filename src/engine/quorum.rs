//! What a verdict needs of those that read: one rule for a run's coverage and for who
//! wants to know before a run.

use std::sync::Arc;

use super::Seat;
use crate::findings::confidence::Model;
use crate::findings::taxonomy::CATEGORIES;
use crate::findings::{Severity, Turnout, VoteSettings, Voter, joint_weight};
use crate::units::{Threshold, brief};
use crate::workflow::{Combine, Crew, Execution, Step};

/// What confirms the findings of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    /// The step's or its role's: it counts for all that they find.
    own: Option<Threshold>,
    vote: VoteSettings,
    priors: Arc<Model>,
}

impl Confirmation {
    /// Any vote where the role's answers are united; else the step's own threshold, else its
    /// role's, else those of `[vote]`. `seats` are the backends of all crews; `priors` give the
    /// probabilities.
    pub fn new(
        step: &Step,
        crew: &Crew,
        seats: &[Seat],
        vote: &VoteSettings,
        priors: &Arc<Model>,
    ) -> Self {
        let own = match crew.combine {
            Combine::Union => Some(Threshold::Weight(lightest_vote(seats))),
            Combine::Vote | Combine::Synthesize => crew.threshold_of(step),
        };
        Self {
            own,
            vote: vote.clone(),
            priors: Arc::clone(priors),
        }
    }

    /// Any one of these confirms a finding of that kind.
    pub fn thresholds(&self, category: &str, severity: Severity) -> Vec<Threshold> {
        match self.own {
            Some(threshold) => vec![threshold],
            None => self.vote.thresholds(category, severity),
        }
    }

    /// What counts for findings of no special kind.
    pub fn common(&self) -> Threshold {
        self.own.unwrap_or(self.vote.threshold)
    }

    /// Categories and severities with a threshold of their own.
    pub fn special(&self) -> Vec<(&str, Threshold)> {
        match self.own {
            Some(_) => Vec::new(),
            None => self.vote.own().collect(),
        }
    }

    /// Every kind of finding that is confirmed by something else than those before it.
    fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = Vec::new();
        for category in CATEGORIES {
            for severity in Severity::ALL {
                let thresholds = self.thresholds(category, severity);
                let is_probability = |one: &Threshold| matches!(one, Threshold::Probability(_));
                // Weights do not look at the category; a probability does.
                let is_known = kinds.iter().any(|kind| {
                    kind.thresholds == thresholds
                        && (kind.category == category || !thresholds.iter().any(is_probability))
                });
                if !is_known {
                    kinds.push(Kind {
                        category,
                        severity,
                        thresholds,
                    });
                }
            }
        }
        kinds
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

/// A kind of finding, and what confirms it.
#[derive(Clone, Debug, PartialEq)]
struct Kind {
    category: &'static str,
    severity: Severity,
    /// Any one of these is enough.
    thresholds: Vec<Threshold>,
}

/// What a verdict needs of a step's crew: half of the voters rounded up where all are asked,
/// one where one is enough, and together with those that read in other steps as much as
/// confirms a finding of every kind: "nothing of that kind" is said by nobody who could not
/// have said "something". An authoritative backend has no vote. It suffices alone where the
/// crew was meant so: not where it is what is left of a crew whose models cannot be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Quorum {
    /// Members that have a vote, in the order of the crew.
    pub voters: Vec<String>,
    /// Members whose claims need no quorum.
    pub authorities: Vec<String>,
    /// How many of the voters must read.
    pub readers: usize,
    /// What those that read in any step must be able to confirm.
    kinds: Vec<Kind>,
    priors: Arc<Model>,
    execution: Execution,
    /// Whether some of the crew cannot be asked.
    is_reduced: bool,
}

impl Quorum {
    /// That of a crew.
    pub fn new(
        crew: &Crew,
        execution: Execution,
        confirmation: &Confirmation,
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
            kinds: confirmation.kinds(),
            priors: Arc::clone(&confirmation.priors),
            voters,
            authorities,
            execution,
            is_reduced: !crew.unavailable.is_empty(),
        }
    }

    /// That of the part of the crew which a packet was routed to. `is_barred` says whether
    /// somebody must not read it: what is left is not the crew that was meant.
    pub(super) fn of_routed(&self, asked: &[String], is_barred: bool) -> Self {
        let is_asked = |name: &&String| asked.contains(name);
        let voters: Vec<String> = self.voters.iter().filter(is_asked).cloned().collect();
        let authorities = self.authorities.iter().filter(is_asked).cloned();
        Self {
            readers: match self.execution {
                Execution::Parallel => voters.len().div_ceil(2),
                Execution::First | Execution::Fallback => 1,
            },
            authorities: authorities.collect(),
            voters,
            is_reduced: self.is_reduced || is_barred,
            ..self.clone()
        }
    }

    /// Whether enough of the crew read. `readers` are all voters that read in any step.
    pub fn is_met(&self, has_read: &dyn Fn(&str) -> bool, readers: &[Voter]) -> bool {
        if self.voters.is_empty() {
            return !self.authorities.is_empty()
                && !self.is_reduced
                && self.authorities.iter().all(|name| has_read(name));
        }
        let own = self.voters.iter().filter(|name| has_read(name)).count();
        own >= self.readers && self.out_of_reach(readers).is_none()
    }

    /// The first kind of finding that would not be confirmed, were all of `readers` to report it.
    fn out_of_reach(&self, readers: &[Voter]) -> Option<&Kind> {
        let mut kinds = self.kinds.iter();
        kinds.find(|kind| {
            !Turnout::can_confirm(readers, kind.category, &kind.thresholds, &self.priors)
        })
    }

    /// Why `readers` could not confirm every kind of finding, were all of them to report it.
    pub fn shortfall(&self, readers: &[Voter]) -> Option<String> {
        let kind = self.out_of_reach(readers)?;
        let needed = kind.thresholds.iter().map(Threshold::to_string);
        let needed: Vec<String> = needed.collect();
        Some(format!(
            "all that can read weigh {} together, and it takes {} to confirm a finding ({}, {})",
            brief(joint_weight(readers)),
            needed.join(" or "),
            kind.category,
            kind.severity
        ))
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
