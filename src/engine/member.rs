//! One backend in a run: its slots, its breaker, its retries, its account.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable as _};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::BackendReport;
use super::breaker::{Admission, Breaker};
use crate::backends::{Backend, CallError, ErrorKind, Limits, Price, Reply, Request, Usage};

/// First pause before another try; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause before another try, unless the server asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Longest `Retry-After` that is waited for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// What a run knows of a backend before it asks.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The connection.
    pub backend: Arc<dyn Backend>,
    /// What its vote counts.
    pub weight: f64,
    /// Whether its claims need no quorum.
    pub authoritative: bool,
    /// Calls in flight.
    pub max_concurrent: usize,
    /// Further tries after a transient failure.
    pub retries: usize,
    /// Bounds of each call.
    pub limits: Limits,
    /// US dollars for a million tokens.
    pub price: Option<Price>,
}

/// A seat taken: what changes while a run goes on.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) seat: Seat,
    slots: Semaphore,
    breaker: Breaker,
    account: Mutex<Account>,
}

/// What is added up in any order, so that it does not tell who answered first.
#[derive(Debug, Default)]
struct Account {
    answered: usize,
    taped: usize,
    abstained: usize,
    failed: usize,
    usage: Usage,
    /// Billionths of a US dollar: whole numbers add up to the same sum in any order.
    nano_usd: Option<u64>,
    models: BTreeSet<String>,
    /// The least: a call that was sent (false) says more than one that was not (true).
    error: Option<(bool, String)>,
}

impl Member {
    pub(super) fn new(seat: Seat) -> Self {
        Self {
            slots: Semaphore::new(seat.max_concurrent.max(1)),
            seat,
            breaker: Breaker::default(),
            account: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.seat.backend.name()
    }

    /// Asks, and asks again after transient failures, with full jitter or as the server
    /// wishes. A slot is held while the backend works, not while a pause passes.
    pub(super) async fn ask(
        &self,
        request: &Request,
        all_slots: &Semaphore,
    ) -> Result<Reply, CallError> {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(self.seat.retries)
            .build();
        let answer = (|| self.ask_once(request, all_slots))
            .retry(pauses)
            .sleep(tokio::time::sleep)
            .when(|failure: &Failure| {
                failure.admission.is_some()
                    && is_transient(failure.error.kind)
                    && !request.cancel.is_cancelled()
                    && self.breaker.is_closed()
            })
            .adjust(|failure, pause| pause.and_then(|pause| pause_after(&failure.error, pause)))
            .notify(|failure, pause| {
                let error = &failure.error;
                tracing::info!(backend = self.name(), ?pause, "{error}; trying again");
            });
        let result = unless_cancelled(&request.cancel, answer).await;
        match &result {
            Ok(reply) => self.settle(reply),
            Err(failure) => {
                if let Some(admission) = failure.admission {
                    self.breaker.gave_up(admission, &failure.error);
                }
                self.record_failure(&failure.error, failure.admission.is_some());
            }
        }
        result.map_err(|failure| failure.error)
    }

    async fn ask_once(&self, request: &Request, all: &Semaphore) -> Result<Reply, Failure> {
        let closed = |_| Failure::cancelled();
        let _own = self.slots.acquire().await.map_err(closed)?;
        let _shared = all.acquire().await.map_err(closed)?;
        // Only now, so that what waited for a slot learns of failures that came meanwhile.
        let admission = self.breaker.admit().map_err(|why| {
            tracing::info!(
                backend = self.name(),
                "not asked again after repeated failures"
            );
            // In the words of the failure: which calls came too late to be sent depends on
            // who was faster, and a report must not.
            Failure {
                admission: None,
                error: CallError::permanent(why),
            }
        })?;
        let answer = self.seat.backend.ask(request).await;
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(error) => self.breaker.failed(admission, error),
        }
        answer.map_err(|error| Failure {
            admission: Some(admission),
            error,
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a call's cost is between 0 and a few dollars; what is not is cut to the range"
    )]
    fn settle(&self, reply: &Reply) {
        let mut account = self.account();
        if let Some(cost) = reply.cost_usd.or_else(|| self.list_price(reply)) {
            let nano = (cost.max(0.0) * 1e9).round() as u64;
            account.nano_usd = Some(account.nano_usd.unwrap_or(0).saturating_add(nano));
        }
        account.answered += 1;
        if reply.latency.is_zero() {
            account.taped += 1;
        }
        account.models.extend(reply.model.clone());
        if let Some(usage) = reply.usage {
            // The numbers are the server's, and may be any.
            let sum = &mut account.usage;
            sum.input = sum.input.saturating_add(usage.input);
            sum.cached_input = sum.cached_input.saturating_add(usage.cached_input);
            sum.output = sum.output.saturating_add(usage.output);
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "token counts are far below 2^52"
    )]
    fn list_price(&self, reply: &Reply) -> Option<f64> {
        let (price, usage) = (self.seat.price?, reply.usage?);
        let cached = usage.cached_input.min(usage.input);
        let fresh = usage.input - cached;
        let cached_price = price.cached_input.unwrap_or(price.input);
        let millionths = fresh as f64 * price.input
            + cached as f64 * cached_price
            + usage.output as f64 * price.output;
        Some(millionths / 1e6)
    }

    fn record_failure(&self, error: &CallError, was_sent: bool) {
        // A call that the run's end cut off says nothing about the backend.
        if error.kind == ErrorKind::Cancelled {
            return;
        }
        let mut account = self.account();
        account.failed += 1;
        let error = (!was_sent, error.message.clone());
        // Any rule will do that does not ask which came first.
        if account.error.as_ref().is_none_or(|least| error < *least) {
            account.error = Some(error);
        }
    }

    /// A call whose answer was lost by a fault of llmux itself.
    pub(super) fn record_fault(&self, message: &str) {
        self.record_failure(&CallError::permanent(message), true);
    }

    pub(super) fn record_abstention(&self) {
        self.account().abstained += 1;
    }

    pub(super) fn spent_nano_usd(&self) -> u64 {
        self.account().nano_usd.unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) fn report(&self) -> BackendReport {
        let account = self.account();
        let models: Vec<&str> = account.models.iter().map(String::as_str).collect();
        BackendReport {
            name: self.name().to_owned(),
            model: (!models.is_empty()).then(|| models.join(", ")),
            answered: account.answered,
            taped: account.taped,
            abstained: account.abstained,
            failed: account.failed,
            usage: account.usage,
            cost_usd: account.nano_usd.map(|nano| nano as f64 / 1e9),
            error: account.error.as_ref().map(|(_, message)| message.clone()),
        }
    }

    fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call without an answer.
struct Failure {
    /// None where it was not sent.
    admission: Option<Admission>,
    error: CallError,
}

impl Failure {
    fn cancelled() -> Self {
        Self {
            admission: None,
            error: CallError::cancelled(),
        }
    }
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Transient { .. } | ErrorKind::Timeout)
}

/// How long to wait before another try; `None` where the server wants more patience than
/// a run has: to ask earlier than it said would not be obeying.
fn pause_after(error: &CallError, pause: Duration) -> Option<Duration> {
    let jitter = pause.mul_f32(fastrand::f32());
    match error.kind {
        ErrorKind::Transient {
            retry_after: Some(wish),
        } => (wish <= LONGEST_RETRY_AFTER).then(|| wish.saturating_add(jitter)),
        _ => Some(jitter),
    }
}

/// Ends early when the run is cancelled, also in the middle of a pause; an answer that is
/// there by then counts. The backend kills what it started when its future is dropped.
async fn unless_cancelled(
    cancel: &CancellationToken,
    answer: impl Future<Output = Result<Reply, Failure>>,
) -> Result<Reply, Failure> {
    tokio::select! {
        biased;
        result = answer => result,
        () = cancel.cancelled() => Err(Failure::cancelled()),
    }
}
