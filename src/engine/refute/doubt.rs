//! Which findings are doubtful, and who may still change that.

use std::collections::BTreeSet;

use super::super::Plan;
use super::super::session::Session;
use super::super::tally::{Poll, Polls};
use crate::findings::{Ballot, Claim, Finding, Location, Opinion, Standing, Vote, backend_of};
use crate::workflow::Execution;

/// A finding that has too few votes, before critics and while it is before them.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) finding: Finding,
    /// The claim whose words the finding has.
    pub(super) claim: Claim,
    pub(super) ballots: Vec<Ballot>,
    /// Whether it blocks if it is confirmed.
    pub(super) can_block: bool,
    /// Whether it is judged also where that changes no verdict.
    always: bool,
    poll: Poll,
    /// Who may judge it, in order.
    critics: Vec<Critic>,
    execution: Execution,
}

#[derive(Clone, Debug)]
struct Critic {
    name: String,
    weight: f64,
    authoritative: bool,
}

/// All that some critic is needed for, with the packet that shows it, in report order.
pub(super) fn all(session: &Session) -> Vec<(usize, Doubt)> {
    let plan = &session.plan;
    let readings = session.readings();
    let polls = Polls::new(session, &readings);
    let tally = session.tally();
    let unconfirmed = tally
        .findings
        .iter()
        .filter(|finding| finding.vote.standing == Standing::Unconfirmed)
        // What does not count by somebody's word is not worth a call.
        .filter(|finding| finding.suppression.is_none());
    let doubts = unconfirmed.filter_map(|finding| {
        let always = match wanted(plan, finding) {
            Some(true) => true,
            None if plan.refuting.by_default => false,
            None | Some(false) => return None,
        };
        if !always && !can_block(plan, finding) {
            return None;
        }
        let packet = polls.packet_of(finding)?;
        let critics = plan.critics_of(packet);
        if critics.is_empty() {
            note_unheard(session, packet, finding);
        }
        let doubt = Doubt::new(plan, finding, polls.of(finding), always, &critics);
        let first = doubt.left().first().map(|critic| critic.name.clone())?;
        doubt.needs(&first).then_some((packet, doubt))
    });
    doubts.collect()
}

/// A policy keeps the finding's packet from all critics.
fn note_unheard(session: &Session, packet: usize, finding: &Finding) {
    if let Some(policy) = session.plan.barring_critics(packet) {
        let mut results = session.results();
        let paths = results.unheard.entry(policy.to_owned()).or_default();
        paths.insert(finding.location.path.clone());
    }
}

/// What the roles that made a finding's claims say: a role that wants its findings judged
/// does so also where another one joins in; all must forbid it.
fn wanted(plan: &Plan, finding: &Finding) -> Option<bool> {
    let roles: BTreeSet<&str> = finding.claims.iter().map(|it| it.role.as_str()).collect();
    let crews = plan.crews.iter();
    let own = crews.filter(|crew| roles.contains(crew.role.as_str()));
    let said: Vec<Option<bool>> = own.map(|crew| crew.refute).collect();
    if said.contains(&Some(true)) {
        Some(true)
    } else if !said.is_empty() && said.iter().all(|said| *said == Some(false)) {
        Some(false)
    } else {
        None
    }
}

fn can_block(plan: &Plan, finding: &Finding) -> bool {
    let least = plan.refuting.blocks_from;
    least.is_some_and(|least| finding.severity >= least)
}

impl Doubt {
    fn new(plan: &Plan, finding: &Finding, poll: Poll, always: bool, critics: &[&String]) -> Self {
        let critic = |name: &&String| {
            let seat = plan.seat(name)?;
            Some(Critic {
                name: (*name).clone(),
                weight: seat.weight,
                authoritative: seat.authoritative,
            })
        };
        let all: Vec<Critic> = critics.iter().filter_map(critic).collect();
        let is_author = |critic: &Critic| {
            let mut claims = finding.claims.iter();
            claims.any(|claim| backend_of(&claim.backend) == critic.name)
        };
        let (authors, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_author);
        let words =
            |claim: &&Claim| claim.title == finding.title && claim.message == finding.message;
        Self {
            claim: finding
                .claims
                .iter()
                .find(words)
                .unwrap_or(&finding.claims[0])
                .clone(),
            ballots: finding.ballots.clone(),
            can_block: can_block(plan, finding),
            always,
            poll,
            critics: if others.is_empty() { authors } else { others },
            execution: plan.refuting.critics.execution.unwrap_or_default(),
            finding: finding.clone(),
        }
    }

    pub(super) fn place(&self) -> (&Location, &str) {
        (&self.finding.location, &self.finding.title)
    }

    /// Names of those that may be asked, whatever the others say.
    pub(super) fn may_ask(&self, critic: &str) -> bool {
        self.left().iter().any(|left| left.name == critic)
    }

    /// Critics that were not asked yet.
    fn left(&self) -> Vec<&Critic> {
        let was_asked = |critic: &&Critic| {
            let mut ballots = self.ballots.iter();
            !ballots.any(|ballot| ballot.critic == critic.name)
        };
        self.critics.iter().filter(was_asked).collect()
    }

    /// Whether the critic's word is needed: it may be asked, was not, and with the votes of
    /// all that are left the finding could be confirmed, or could not be called unconfirmed
    /// because somebody is silent. Where it is judged in any case, one answer is.
    pub(super) fn needs(&self, critic: &str) -> bool {
        let left = self.left();
        let answered = self
            .ballots
            .iter()
            .any(|ballot| ballot.opinion != Opinion::Silent);
        let is_over = match self.execution {
            Execution::First => !self.ballots.is_empty(),
            Execution::Fallback => answered,
            Execution::Parallel => false,
        };
        if is_over || !left.iter().any(|left| left.name == critic) {
            return false;
        }
        if self.vote(&self.ballots).standing == Standing::Confirmed {
            return false;
        }
        if self.always && !answered {
            return true;
        }
        (self.always || self.can_block) && self.can_be_confirmed_by(&left)
    }

    fn can_be_confirmed_by(&self, critics: &[&Critic]) -> bool {
        let confirming = critics.iter().map(|critic| Ballot {
            critic: critic.name.clone(),
            weight: critic.weight,
            authoritative: critic.authoritative,
            opinion: Opinion::Confirm,
            quote: None,
            reason: String::new(),
        });
        let ballots: Vec<Ballot> = self.ballots.iter().cloned().chain(confirming).collect();
        let vote = self.vote(&ballots);
        vote.standing == Standing::Confirmed || vote.is_open
    }

    fn vote(&self, ballots: &[Ballot]) -> Vote {
        self.poll.recount(&self.finding, ballots).0
    }
}
