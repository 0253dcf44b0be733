//! How much a backend is sent in a minute.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);
/// The part of a minute's calls that may start at once; the others follow evenly.
const AT_ONCE: u32 = 10;

/// Calls and tokens of one backend in any minute.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Calls take their turns: a small prompt must not overtake a large one for ever.
    turns: Mutex<()>,
    requests: Option<Limit>,
    tokens: Option<Limit>,
}

impl Pace {
    /// `largest` are the tokens of the longest prompt that is expected.
    pub(super) fn new(requests: Option<u32>, tokens: Option<u32>, largest: usize) -> Self {
        let largest = u32::try_from(largest).unwrap_or(u32::MAX);
        Self {
            turns: Mutex::default(),
            requests: requests.map(|most| Limit::new(most, 1)),
            tokens: tokens.map(|most| Limit::new(most, largest)),
        }
    }

    /// The right to be the next; none where nothing is limited.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        if self.requests.is_none() && self.tokens.is_none() {
            return None;
        }
        Some(self.turns.lock().await)
    }

    /// Counts a call, or tells how long it must wait.
    pub(super) fn take_request(&self) -> Result<(), Duration> {
        self.requests.as_ref().map_or(Ok(()), |limit| limit.take(1))
    }

    /// What of a prompt's tokens is counted: of one that is longer than half of a minute's,
    /// half and one, so that it does not wait for ever. One a minute comes through.
    pub(super) fn countable(&self, tokens: usize) -> u32 {
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        let limit = self.tokens.as_ref();
        limit.map_or(0, |limit| tokens.min(more_than_half(limit.per_minute)))
    }

    /// Counts as many of `left` as may come at once, or tells how long to wait for them.
    /// All are counted where none is left.
    pub(super) fn take_tokens(&self, left: &mut u32) -> Result<(), Duration> {
        while let (Some(limit), 1..) = (&self.tokens, *left) {
            let part = limit.at_once.get().min(*left);
            limit.take(part)?;
            *left -= part;
        }
        Ok(())
    }
}

/// Two calls of that much do not stand in one minute.
fn more_than_half(per_minute: u32) -> u32 {
    per_minute / 2 + 1
}

/// At most so many units in any minute, wherever it begins: what may come at once and what
/// is granted meanwhile are together not more.
struct Limit {
    per_minute: u32,
    at_once: NonZeroU32,
    limiter: RateLimiter<NotKeyed, InMemoryState, RunClock, NoOpMiddleware<Duration>>,
}

impl Limit {
    /// `largest` are the units of the largest call that is expected: those come at once.
    fn new(per_minute: u32, largest: u32) -> Self {
        let at_once = (per_minute / AT_ONCE).max(largest.min(more_than_half(per_minute)));
        let at_once = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
        let granted = per_minute.saturating_sub(at_once.get()).saturating_add(1);
        // Rounded up: a nanosecond less would be one unit more.
        let every = MINUTE / granted + Duration::from_nanos(1);
        let quota = Quota::with_period(every).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Self {
            per_minute,
            at_once,
            limiter: RateLimiter::direct_with_clock(quota.allow_burst(at_once), RunClock::new()),
        }
    }

    fn take(&self, units: u32) -> Result<(), Duration> {
        let units = NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_n(units) {
            // The latter cannot be: nobody takes more than may come at once.
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(self.limiter.clock().now())),
        }
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

/// The clock that the run's pauses go by.
struct RunClock(Instant);

impl RunClock {
    fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RunClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
