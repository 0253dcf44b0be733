//! A backend's circuit breaker: what keeps failing is not asked again at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::backends::{CallError, ErrorKind};

/// Transient failures in a row that open it.
const STRIKES: u32 = 3;
/// How long it stays open before one call may try again.
const PAUSE: Duration = Duration::from_secs(30);

/// What fails together: one model of a backend; none is the backend's own.
pub(super) type Line = Option<Arc<str>>;

/// A circuit for each model, and one for all of them: a key that is denied opens no model
/// more than the other.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    whole: Circuit,
    lines: BTreeMap<Line, Circuit>,
}

/// Closed, open, or half-open.
#[derive(Debug, Default)]
struct Circuit {
    strikes: u32,
    open: Option<Open>,
    busy: Option<Busy>,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    why: String,
    /// A call that tries again is under way: half-open.
    probing: bool,
}

/// A server said when to come back: that counts for every call.
#[derive(Clone, Debug)]
pub(super) struct Busy {
    pub(super) until: Instant,
    /// How long that was when it was said.
    pub(super) wish: Duration,
    pub(super) why: String,
}

/// What a call knew when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Admission {
    strikes: u32,
    /// Whether it is the call that tries whether its model works again.
    probe: bool,
    /// The same of the whole backend.
    probe_of_all: bool,
}

impl Breaker {
    /// Whether a call may start. After the pause one call may; meanwhile the others are
    /// refused.
    pub(super) fn admit(&self, line: &Line) -> Result<Admission, CallError> {
        let mut state = self.lock();
        if let Some(refusal) = state.refusal(line) {
            return Err(refusal);
        }
        Ok(Admission {
            probe_of_all: state.whole.start(),
            probe: state.line(line).start(),
            strikes: state.line(line).strikes,
        })
    }

    /// Why no call may start now, in the words of the failure that opened it: which calls
    /// came too late to be sent depends on who was faster, and a report must not.
    pub(super) fn refusal(&self, line: &Line) -> Option<CallError> {
        self.lock().refusal(line)
    }

    /// Until when the server wants to be left alone.
    pub(super) fn busy(&self, line: &Line) -> Option<Busy> {
        let mut state = self.lock();
        let busy = &mut state.line(line).busy;
        if busy
            .as_ref()
            .is_some_and(|busy| busy.until <= Instant::now())
        {
            *busy = None;
        }
        busy.clone()
    }

    /// Whether the last call failed: then one call at a time tells whether the next ones
    /// fail too, and those that wait for it need not be made.
    pub(super) fn is_doubtful(&self, line: &Line) -> bool {
        let mut state = self.lock();
        state.whole.strikes + state.line(line).strikes > 0
    }

    /// A call was answered. That takes back no wish for a pause: the answer may belong to a
    /// call that was under way when the server said it.
    pub(super) fn succeeded(&self, line: &Line) {
        let mut state = self.lock();
        state.whole.close();
        state.line(line).close();
    }

    /// A try failed. A server that says when to come back is busy, not broken.
    pub(super) fn failed(&self, line: &Line, admission: Admission, error: &CallError) {
        let mut state = self.lock();
        match error.kind {
            kind if is_of_one_question(kind) => {}
            ErrorKind::Transient {
                retry_after: Some(wish),
            } => {
                state.line(line).is_busy(wish, error);
                if admission.probe {
                    state.line(line).strike(admission, 1, error);
                }
            }
            ErrorKind::Transient { .. } | ErrorKind::Timeout => {
                state.line(line).strike(admission, 1, error);
            }
            ErrorKind::Permanent => state.line(line).strike(admission, STRIKES, error),
            ErrorKind::Denied => state.whole.strike(admission, STRIKES, error),
            ErrorKind::Cancelled | ErrorKind::TooLong | ErrorKind::Broke => {}
        }
    }

    /// A call is over, whatever became of it: a probe without a result leaves its place to
    /// another one.
    pub(super) fn ended(&self, line: &Line, admission: Admission) {
        let mut state = self.lock();
        if admission.probe {
            state.line(line).end_probe();
        }
        if admission.probe_of_all {
            state.whole.end_probe();
        }
    }

    /// A call failed for good: also one that came back when the server said.
    pub(super) fn gave_up(&self, line: &Line, admission: Admission, error: &CallError) {
        let ErrorKind::Transient {
            retry_after: Some(_),
        } = error.kind
        else {
            return;
        };
        if !is_of_one_question(error.kind) {
            self.lock().line(line).strike(admission, 1, error);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the counters as they are: still the best there is.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tape says so that one question has no answer and never will: no other one is concerned.
fn is_of_one_question(kind: ErrorKind) -> bool {
    let never = ErrorKind::Transient {
        retry_after: Some(Duration::MAX),
    };
    kind == never
}

impl State {
    fn line(&mut self, line: &Line) -> &mut Circuit {
        self.lines.entry(line.clone()).or_default()
    }

    fn refusal(&mut self, line: &Line) -> Option<CallError> {
        if let Some(why) = self.whole.refusal() {
            return Some(CallError::new(ErrorKind::Denied, why));
        }
        self.line(line).refusal().map(CallError::permanent)
    }
}

impl Circuit {
    fn refusal(&self) -> Option<&str> {
        let open = self.open.as_ref()?;
        (open.probing || open.since.elapsed() < PAUSE).then_some(open.why.as_str())
    }

    /// Whether the call that starts is the one that tries again.
    fn start(&mut self) -> bool {
        self.open.as_mut().map(|open| open.probing = true).is_some()
    }

    fn close(&mut self) {
        self.strikes = 0;
        self.open = None;
    }

    fn end_probe(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = false;
        }
    }

    fn is_busy(&mut self, wish: Duration, error: &CallError) {
        // A time beyond all clocks is no time to come back at.
        let Some(until) = Instant::now().checked_add(wish) else {
            return;
        };
        if self.busy.as_ref().is_none_or(|busy| busy.until < until) {
            self.busy = Some(Busy {
                until,
                wish,
                why: error.message.clone(),
            });
        }
    }

    /// Calls in flight together that fail together are one failure in the row: a hiccup of
    /// a second must not cost every one of them its second try.
    fn strike(&mut self, admission: Admission, count: u32, error: &CallError) {
        if count > 1 || admission.strikes == self.strikes {
            self.strikes = self.strikes.saturating_add(count);
        }
        let probe = admission.probe || admission.probe_of_all;
        if self.strikes >= STRIKES && (probe || self.open.is_none()) {
            self.open = Some(Open {
                since: Instant::now(),
                why: error.message.clone(),
                probing: false,
            });
        }
    }
}
