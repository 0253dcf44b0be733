//! A backend's circuit breaker: what keeps failing is not asked again at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::backends::ErrorKind;

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

impl Breaker {
    /// Whether a call may start. After the pause one call may; the others wait for its result.
    pub(super) fn admit(&self) -> Result<(), String> {
        let mut state = self.lock();
        match &mut state.open {
            None => Ok(()),
            Some(open) if !open.probing && open.since.elapsed() >= PAUSE => {
                open.probing = true;
                Ok(())
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

    /// A call failed.
    pub(super) fn failed(&self, kind: ErrorKind, message: &str) {
        let mut state = self.lock();
        match kind {
            ErrorKind::Transient { .. } | ErrorKind::Timeout => state.strikes += 1,
            ErrorKind::Permanent => state.strikes = STRIKES,
            ErrorKind::Cancelled => return,
        }
        if state.strikes >= STRIKES {
            state.open = Some(Open {
                since: Instant::now(),
                why: message.to_owned(),
                probing: false,
            });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic elsewhere leaves the counters as they are: still the best there is.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
