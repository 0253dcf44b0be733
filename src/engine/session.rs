//! What every call of a run shares, and what the calls leave behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Plan;
use super::member::Member;
use super::progress::{Event, Progress};
use super::read::Answer;

/// One packet read by one backend for one or more steps.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Index into [`Plan::packets`].
    pub(super) packet: usize,
    /// Who was asked.
    pub(super) backend: String,
    /// Indices of the steps that the answer serves.
    pub(super) steps: Vec<usize>,
    /// What came of it.
    pub(super) answer: Answer,
}

/// What the calls of a run left behind so far.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// In the order in which they ended; sort before use.
    pub(super) readings: Vec<Reading>,
    /// Step → its texts, in the order of packets and crew.
    pub(super) texts: BTreeMap<usize, Vec<String>>,
    /// Step → why it was not run, or brought nothing.
    pub(super) skipped: BTreeMap<usize, String>,
    /// Steps whose `when` was not met.
    pub(super) unwanted: BTreeSet<usize>,
}

/// What every call of a run shares.
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) members: BTreeMap<String, Member>,
    /// Calls in flight over all backends.
    pub(super) slots: Semaphore,
    pub(super) cancel: CancellationToken,
    progress: Arc<dyn Progress>,
    results: Mutex<Results>,
}

impl Session {
    pub(super) fn new(plan: Plan, cancel: CancellationToken, progress: Arc<dyn Progress>) -> Self {
        let members = plan
            .seats
            .iter()
            .map(|seat| (seat.backend.name().to_owned(), Member::new(seat.clone())))
            .collect();
        Self {
            slots: Semaphore::new(plan.settings.max_in_flight.max(1)),
            plan,
            members,
            cancel,
            progress,
            results: Mutex::default(),
        }
    }

    pub(super) fn results(&self) -> MutexGuard<'_, Results> {
        // What a panicking task left out is missing from the coverage, not pretended.
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.progress.event(event);
    }

    pub(super) fn spent_usd(&self) -> f64 {
        self.members
            .values()
            .filter_map(|member| member.report().cost_usd)
            .sum()
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
