//! What every call of a run shares, and what the calls leave behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::deadline::Deadline;
use super::member::Member;
use super::progress::{Event, Progress};
use super::read::Answer;
use super::refute::Heard;
use super::tally::{Tally, tally};
use super::vars::{packet_vars, vars};
use super::{Plan, Seat};
use crate::change::RepoPath;
use crate::findings::Judgements;
use crate::units::dollars;
use crate::workflow::Vars;

/// One packet read by one backend for one or more steps.
#[derive(Debug)]
pub(super) struct Reading {
    /// Index into [`Plan::packets`].
    pub(super) packet: usize,
    /// Who was asked.
    pub(super) backend: String,
    /// Which of its samples this is, from 1.
    pub(super) sample: u32,
    /// What it is called where it votes.
    pub(super) voter: String,
    /// Indices of the steps that the answer serves.
    pub(super) steps: Vec<usize>,
    /// Whether it brought no answer and is not missed: another one of its lane stands for it.
    pub(super) is_spare: bool,
    /// What came of it.
    pub(super) answer: Answer,
}

/// What the calls of a run left behind so far.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// In the order in which they ended; see [`Session::readings`].
    pub(super) readings: Vec<Arc<Reading>>,
    /// Step → its texts, in the order of packets and crew.
    pub(super) texts: BTreeMap<usize, Vec<String>>,
    /// Step → what its texts lack.
    pub(super) partial: BTreeMap<usize, String>,
    /// Step → why it was not run, or brought nothing.
    pub(super) skipped: BTreeMap<usize, String>,
    /// Steps whose `when` was not met.
    pub(super) unwanted: BTreeSet<usize>,
    /// What critics said; of one finding in the order in which they were asked.
    pub(super) heard: Vec<Heard>,
    /// Whether findings were put before critics, or would have been were there any.
    pub(super) needed_critics: bool,
    /// (packet, critic, why) for each question that critics did not answer readably.
    pub(super) speechless: Vec<(usize, String, String)>,
    /// What the arbiter said of pairs of claims.
    pub(super) judgements: Judgements,
    /// Whether pairs of claims were in doubt, with an arbiter to ask.
    pub(super) needed_arbiter: bool,
    /// (file, arbiter, why) for each answer that could not be read, where another one answered.
    pub(super) misread: Vec<(RepoPath, String, String)>,
    /// Files of whose pairs in doubt no arbiter said anything, and why.
    pub(super) unarbitrated: BTreeMap<RepoPath, String>,
    /// Why doubtful findings were not put before critics as they should. One sentence each.
    pub(super) unjudged: BTreeSet<String>,
    /// Files whose doubtful findings no critic may be shown, by policy.
    pub(super) unheard: BTreeMap<String, BTreeSet<RepoPath>>,
}

/// What every call of a run shares.
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) members: BTreeMap<String, Member>,
    /// Calls in flight over all backends.
    pub(super) slots: Semaphore,
    pub(super) budget: Arc<Budget>,
    pub(super) cancel: CancellationToken,
    /// When the run is over; none where that is beyond all clocks.
    ends: Option<Instant>,
    progress: Arc<dyn Progress>,
    results: Mutex<Results>,
    /// What so many readings, ballots and answered pairs gave: the same until there are more.
    tallied: Mutex<([usize; 3], Arc<Tally>)>,
}

impl Session {
    pub(super) fn new(
        mut plan: Plan,
        cancel: CancellationToken,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let largest = plan.largest_prompt();
        let funds = std::mem::take(&mut plan.funds);
        let budget = Arc::new(Budget::new(funds, Arc::clone(&plan.recorder)));
        let member = |seat: &Seat| {
            let name = seat.backend.name().to_owned();
            let (recorder, budget) = (Arc::clone(&plan.recorder), Arc::clone(&budget));
            (name, Member::new(seat.clone(), largest, recorder, budget))
        };
        let members = plan.seats.iter().map(member).collect();
        Self {
            slots: Semaphore::new(plan.settings.max_in_flight.max(1)),
            ends: Instant::now().checked_add(plan.settings.timeout),
            plan,
            members,
            budget,
            cancel,
            progress,
            results: Mutex::default(),
            tallied: Mutex::default(),
        }
    }

    /// For one packet or text, with all that is asked about it.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline::new(self.plan.settings.call_deadline, self.ends)
    }

    /// Why calls are cut off, once they are.
    pub(super) fn ending(&self) -> &'static str {
        if self.ends.is_some_and(|end| end <= Instant::now()) {
            "the run's time limit passed before it answered"
        } else {
            "the run was interrupted before it answered"
        }
    }

    /// What was read so far, in an order that does not depend on who answered first.
    pub(super) fn readings(&self) -> Vec<Arc<Reading>> {
        let mut readings = self.results().readings.clone();
        readings.sort_by(|a, b| {
            let key = |one: &Reading| (one.packet, one.sample);
            (key(a), &a.backend, &a.steps).cmp(&(key(b), &b.backend, &b.steps))
        });
        readings
    }

    /// The findings so far.
    pub(super) fn tally(&self) -> Arc<Tally> {
        // Held while it counts, so that steps that start together count once.
        let mut tallied = self.tallied.lock().unwrap_or_else(PoisonError::into_inner);
        let results = self.results();
        let (heard, judgements) = (results.heard.clone(), results.judgements.clone());
        let count = [results.readings.len(), heard.len(), judgements.answered()];
        drop(results);
        if tallied.0 != count {
            let tally = tally(self, &self.readings(), &heard, &judgements);
            *tallied = (count, Arc::new(tally));
        }
        Arc::clone(&tallied.1)
    }

    /// What templates see now, beside the packet or finding that a call is about.
    pub(super) fn vars(&self) -> Vars {
        let tally = self.tally();
        let texts = self.results().texts.clone();
        vars(&self.plan, &tally.findings, &texts)
    }

    /// The same for prompts about packets: see [`packet_vars`].
    pub(super) fn packet_vars(&self) -> Vars {
        let tally = self.tally();
        let texts = self.results().texts.clone();
        packet_vars(&self.plan, &tally.findings, &texts)
    }

    pub(super) fn results(&self) -> MutexGuard<'_, Results> {
        // What a panicking task left out is missing from the coverage, not pretended.
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.progress.event(event);
    }

    /// By all backends so far, in US dollars.
    pub(super) fn spent_usd(&self) -> f64 {
        let nano: u64 = self
            .members
            .values()
            .map(|member| member.account.spent_nano_usd())
            .sum();
        dollars(nano)
    }

    /// Names of steps, for progress: `analyzer+reviewer`.
    pub(super) fn step_names(&self, steps: &[usize]) -> String {
        steps
            .iter()
            .map(|step| self.plan.workflow.steps[*step].name.as_str())
            .collect::<Vec<_>>()
            .join("+")
    }
}
