//! When a call must be over, with all its tries, models and pauses.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::backends::{CallError, ErrorKind};

/// `run.call_deadline` of one call, within `run.timeout`. The time begins with its first
/// turn, when it has its backend's slot and one of the run's: that others were before it in
/// the line is no fault of its backend.
#[derive(Debug)]
pub(super) struct Deadline {
    limit: Duration,
    /// When the run is over; none where that is beyond all clocks, as below.
    run: Option<Instant>,
    own: OnceLock<Option<Instant>>,
}

impl Deadline {
    pub(super) fn new(limit: Duration, run: Option<Instant>) -> Self {
        let own = OnceLock::new();
        Self { limit, run, own }
    }

    /// The time runs from now on, where it did not yet.
    pub(super) fn begin(&self) {
        self.own
            .get_or_init(|| Instant::now().checked_add(self.limit));
    }

    /// Whether the call's own time is over.
    pub(super) fn is_over(&self) -> bool {
        let own = self.own.get().copied().flatten();
        own.is_some_and(|end| end <= Instant::now())
    }

    /// Whether that much time is left, to the call and to the run; to one that had no turn
    /// yet, all of its own.
    pub(super) fn leaves(&self, pause: Duration) -> bool {
        let Some(then) = Instant::now().checked_add(pause) else {
            return false;
        };
        self.ends().is_none_or(|end| then < end)
    }

    /// Waits until the call's time is over and no longer. The run's end cancels all calls
    /// and needs no help.
    pub(super) async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, Passed> {
        match self.own.get().copied().flatten() {
            Some(end) => timeout_at(end, work).await.map_err(|_| Passed),
            None => Ok(work.await),
        }
    }

    /// What a call died of whose time was over while the backend worked.
    pub(super) fn passed(&self) -> CallError {
        CallError::new(
            ErrorKind::Timeout,
            format!("no answer before {} had passed", self.name()),
        )
    }

    /// The one that comes first, with the key that sets it.
    pub(super) fn name(&self) -> String {
        let own = self.own_end();
        if self.run.is_some() && own.is_none_or(|own| self.run.is_some_and(|run| run < own)) {
            return "run.timeout".to_owned();
        }
        let limit = humantime::format_duration(self.limit);
        format!("run.call_deadline ({limit})")
    }

    fn ends(&self) -> Option<Instant> {
        self.own_end().into_iter().chain(self.run).min()
    }

    fn own_end(&self) -> Option<Instant> {
        let from_now = || Instant::now().checked_add(self.limit);
        self.own.get().copied().unwrap_or_else(from_now)
    }
}

/// A call's time is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed;
