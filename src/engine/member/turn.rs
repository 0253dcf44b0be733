//! When a call may start: slots, pace, and whether its server is there at all.

use std::time::Duration;

use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, sleep_until};

use super::Member;
use crate::backends::{CallError, Prompt, Request};
use crate::context::tokens;
use crate::engine::breaker::{Admission, Line};
use crate::engine::deadline::Deadline;

impl Member {
    /// Waits until the call may start. Who waits for a server to be free again holds nothing
    /// meanwhile: the backend's other models may be free.
    pub(super) async fn start<'m>(
        &'m self,
        request: &Request,
        deadline: &Deadline,
        all: &'m Semaphore,
    ) -> Result<Start<'m>, Failure> {
        loop {
            self.until_free(&request.model, deadline).await?;
            let own = within(deadline, self.slots.acquire()).await?;
            let own = own.map_err(|_| cancelled())?;
            let turn = within(deadline, self.pace.turn()).await?;
            let start = self.start_in_turn(request, deadline, all, own).await?;
            drop(turn);
            if let Some(start) = start {
                return Ok(start);
            }
        }
    }

    async fn until_free(&self, line: &Line, deadline: &Deadline) -> Result<(), Failure> {
        loop {
            self.refuse(line, deadline)?;
            let Some(busy) = self.breaker.busy(line) else {
                return Ok(());
            };
            within(deadline, sleep_until(busy.until)).await?;
        }
    }

    /// None where the server is busy. The slot that all backends share is taken last, and
    /// the breaker asked after it, so that what waited learns of failures that came meanwhile.
    async fn start_in_turn<'m>(
        &'m self,
        request: &Request,
        deadline: &Deadline,
        all: &'m Semaphore,
        own: SemaphorePermit<'m>,
    ) -> Result<Option<Start<'m>>, Failure> {
        let line = &request.model;
        // All of them, also those that were counted before a pause: that was another minute.
        let mut uncounted = self.pace.countable(prompt_tokens(&request.prompt));
        let mut trial = None;
        loop {
            self.refuse(line, deadline)?;
            if self.breaker.busy(line).is_some() {
                return Ok(None);
            }
            if !self.breaker.is_doubtful(line) {
                trial = None;
            } else if trial.is_none() {
                trial = Some(within(deadline, self.trial.lock()).await?);
                continue;
            }
            if let Err(wait) = self.pace.take_tokens(&mut uncounted) {
                within(deadline, sleep(wait)).await?;
                continue;
            }
            let slot = within(deadline, all.acquire()).await?;
            let slot = slot.map_err(|_| cancelled())?;
            deadline.begin();
            if self.breaker.busy(line).is_some() {
                return Ok(None);
            }
            if let Err(wait) = self.pace.take_request() {
                drop(slot);
                within(deadline, sleep(wait)).await?;
                continue;
            }
            let admission = self.breaker.admit(line);
            let admission = admission.map_err(|refusal| self.refused(refusal))?;
            return Ok(Some(Start {
                member: self,
                line: line.clone(),
                admission,
                _own: own,
                _all: slot,
                _trial: trial,
            }));
        }
    }

    /// Fails where waiting would be in vain.
    fn refuse(&self, line: &Line, deadline: &Deadline) -> Result<(), Failure> {
        if deadline.is_over() {
            return Err(Failure::unsent(deadline.passed()));
        }
        if let Some(refusal) = self.breaker.refusal(line) {
            return Err(self.refused(refusal));
        }
        match self.breaker.busy(line) {
            Some(busy) if !deadline.leaves(busy.until.duration_since(Instant::now())) => {
                let why = too_long(busy.wish, deadline);
                Err(self.refused(CallError::permanent(format!("{}; {why}", busy.why))))
            }
            _ => Ok(()),
        }
    }

    fn refused(&self, refusal: CallError) -> Failure {
        tracing::info!(backend = self.name(), "not asked again after failures");
        Failure::unsent(refusal)
    }
}

/// The right to ask; what it holds is free again when it goes, also by a panic.
pub(super) struct Start<'m> {
    member: &'m Member,
    line: Line,
    pub(super) admission: Admission,
    _own: SemaphorePermit<'m>,
    _all: SemaphorePermit<'m>,
    _trial: Option<MutexGuard<'m, ()>>,
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        self.member.breaker.ended(&self.line, self.admission);
    }
}

/// A try without an answer.
pub(super) struct Failure {
    /// None where it was not sent.
    pub(super) admission: Option<Admission>,
    pub(super) error: CallError,
}

impl Failure {
    fn unsent(error: CallError) -> Self {
        Self {
            admission: None,
            error,
        }
    }

    pub(super) fn and(mut self, why: &str) -> Self {
        if !why.is_empty() {
            self.error.message = format!("{}; {why}", self.error.message);
        }
        self
    }
}

pub(super) fn too_long(wish: Duration, deadline: &Deadline) -> String {
    format!(
        "it wants a pause of {}, for which {} leaves no time",
        humantime::format_duration(Duration::from_secs(wish.as_secs())),
        deadline.name()
    )
}

fn prompt_tokens(prompt: &Prompt) -> usize {
    tokens(&prompt.fixed) + tokens(&prompt.packet) + tokens(&prompt.task)
}

pub(super) fn cancelled() -> Failure {
    Failure::unsent(CallError::cancelled())
}

/// A wait that ends with the call's time.
async fn within<T>(deadline: &Deadline, wait: impl Future<Output = T>) -> Result<T, Failure> {
    let done = deadline.bound(wait).await;
    done.map_err(|_| Failure::unsent(deadline.passed()))
}
