//! One backend in a run: its slots, its breaker, its retries, its account.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable as _};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::BackendReport;
use super::breaker::Breaker;
use crate::backends::{Backend, CallError, ErrorKind, Limits, Price, Reply, Request};

/// First pause before another try; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause before another try, unless the server asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Longest pause that a server's `Retry-After` gets.
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

#[derive(Debug, Default)]
struct Account {
    report: BackendReport,
    /// Billionths of a US dollar: whole numbers add up to the same sum in any order.
    nano_usd: Option<u64>,
}

impl Member {
    pub(super) fn new(seat: Seat) -> Self {
        let name = seat.backend.name().to_owned();
        Self {
            slots: Semaphore::new(seat.max_concurrent.max(1)),
            seat,
            breaker: Breaker::default(),
            account: Mutex::new(Account {
                report: BackendReport {
                    name,
                    ..BackendReport::default()
                },
                nano_usd: None,
            }),
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
            .when(|error: &CallError| {
                matches!(error.kind, ErrorKind::Transient { .. } | ErrorKind::Timeout)
                    && !request.cancel.is_cancelled()
                    && self.breaker.is_closed()
            })
            .adjust(|error, pause| {
                pause.map(|pause| match error.kind {
                    ErrorKind::Transient {
                        retry_after: Some(wish),
                    } => wish.min(LONGEST_RETRY_AFTER),
                    _ => pause.mul_f32(fastrand::f32()),
                })
            })
            .notify(|error, pause| {
                tracing::info!(backend = self.name(), ?pause, "{error}; trying again");
            });
        let result = unless_cancelled(&request.cancel, answer).await;
        match &result {
            Ok(reply) => self.settle(reply),
            Err(error) => self.record_failure(error),
        }
        result
    }

    async fn ask_once(&self, request: &Request, all: &Semaphore) -> Result<Reply, CallError> {
        let closed = |_| CallError {
            kind: ErrorKind::Cancelled,
            message: "the run is over".to_owned(),
        };
        let _own = self.slots.acquire().await.map_err(closed)?;
        let _shared = all.acquire().await.map_err(closed)?;
        // Only now, so that what waited for a slot learns of failures that came meanwhile.
        self.breaker.admit().map_err(|why| CallError {
            kind: ErrorKind::Permanent,
            message: format!("not asked again after repeated failures: {why}"),
        })?;
        let answer = self.seat.backend.ask(request).await;
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(error) => self.breaker.failed(error.kind, &error.message),
        }
        answer
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a call's cost is between 0 and a few dollars"
    )]
    fn settle(&self, reply: &Reply) {
        let mut account = self.account();
        if let Some(cost) = reply.cost_usd.or_else(|| self.list_price(reply)) {
            *account.nano_usd.get_or_insert(0) += (cost.max(0.0) * 1e9).round() as u64;
        }
        let report = &mut account.report;
        report.answered += 1;
        if reply.latency.is_zero() {
            report.taped += 1;
        }
        if reply.model.is_some() {
            report.model.clone_from(&reply.model);
        }
        if let Some(usage) = reply.usage {
            report.usage.input += usage.input;
            report.usage.cached_input += usage.cached_input;
            report.usage.output += usage.output;
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

    fn record_failure(&self, error: &CallError) {
        let mut account = self.account();
        account.report.failed += 1;
        // The first one says why; those after it often only say that nothing was asked.
        if account.report.error.is_none() {
            account.report.error = Some(error.message.clone());
        }
    }

    pub(super) fn record_abstention(&self) {
        self.account().report.abstained += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) fn report(&self) -> BackendReport {
        let account = self.account();
        BackendReport {
            cost_usd: account.nano_usd.map(|nano| nano as f64 / 1e9),
            ..account.report.clone()
        }
    }

    fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends early when the run is cancelled, also in the middle of a pause. The backend
/// kills what it started when its future is dropped.
async fn unless_cancelled(
    cancel: &CancellationToken,
    answer: impl Future<Output = Result<Reply, CallError>>,
) -> Result<Reply, CallError> {
    tokio::select! {
        result = answer => result,
        () = cancel.cancelled() => Err(CallError {
            kind: ErrorKind::Cancelled,
            message: "cancelled".to_owned(),
        }),
    }
}
