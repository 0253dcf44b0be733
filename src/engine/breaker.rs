//! A backend's circuit breaker: what keeps failing is not asked again at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::backends::{CallError, ErrorKind};

/// Transient failures in a row that open it.
const STRIKES: u32 = 3;
/// How long it stays open before one call may try again.
const PAUSE: Duration = Duration::from_secs(30);

/// Closed, open, or half-open.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    strikes: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    why: String,
    /// A call that tries again is under way: half-open.
    probing: bool,
}

/// What a call knew when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Admission {
    strikes: u32,
    /// Whether it is the call that tries whether the backend works again.
    probe: bool,
}

impl Breaker {
    /// Whether a call may start. After the pause one call may; meanwhile the others are
    /// refused.
    pub(super) fn admit(&self) -> Result<Admission, String> {
        let mut state = self.lock();
        let strikes = state.strikes;
        match &mut state.open {
            None => Ok(Admission {
                strikes,
                probe: false,
            }),
            Some(open) if !open.probing && open.since.elapsed() >= PAUSE => {
                open.probing = true;
                Ok(Admission {
                    strikes,
                    probe: true,
                })
            }
            Some(open) => Err(open.why.clone()),
        }
    }

    /// Whether another try of a failed call makes sense now.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().open.is_none()
    }

    /// A call was answered.
    pub(super) fn succeeded(&self) {
        *self.lock() = State::default();
    }

    /// A try failed. A server that says when to come back is busy, not broken.
    pub(super) fn failed(&self, admission: Admission, error: &CallError) {
        match error.kind {
            ErrorKind::Transient {
                retry_after: Some(_),
            } if !admission.probe => {}
            ErrorKind::Transient { .. } | ErrorKind::Timeout => {
                self.lock().strike(admission, 1, error);
            }
            ErrorKind::Permanent | ErrorKind::Denied => {
                self.lock().strike(admission, STRIKES, error)
            }
            ErrorKind::Cancelled | ErrorKind::TooLong => {
                // Without a result it leaves its place to another one.
                if let (true, Some(open)) = (admission.probe, &mut self.lock().open) {
                    open.probing = false;
                }
            }
        }
    }

    /// A call failed for good: also one that came back when the server said.
    pub(super) fn gave_up(&self, admission: Admission, error: &CallError) {
        if let ErrorKind::Transient {
            retry_after: Some(_),
        } = error.kind
        {
            self.lock().strike(admission, 1, error);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the counters as they are: still the best there is.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Calls in flight together that fail together are one failure in the row: a hiccup of
    /// a second must not cost every one of them its second try.
    fn strike(&mut self, admission: Admission, count: u32, error: &CallError) {
        if count > 1 || admission.strikes == self.strikes {
            self.strikes = self.strikes.saturating_add(count);
        }
        if self.strikes >= STRIKES && (admission.probe || self.open.is_none()) {
            self.open = Some(Open {
                since: Instant::now(),
                why: error.message.clone(),
                probing: false,
            });
        }
    }
}
