//! One backend in a run: what is asked of it, and asked again.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::FutureExt as _;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::account::{Account, cost};
use super::breaker::Breaker;
use super::budget::{Budget, Refusal};
use super::deadline::Deadline;
use super::pace::Pace;
use super::price::Prices;
use super::recorder::{Recorder, Served};
use crate::backends::{Backend, CallError, ErrorKind, Limits, Reply, Request, TIME_TO_END};
use crate::context::{Counter, tokens};

mod turn;

use turn::{Failure, cancelled, too_long};

/// First pause before another try; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause before another try, unless the server asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a run knows of a backend before it asks.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The connection.
    pub backend: Arc<dyn Backend>,
    /// Models that are asked one after the other until one answers; empty: the backend's own.
    pub models: Vec<Arc<str>>,
    /// What its vote counts; that of each sample.
    pub weight: f64,
    /// What feedback made of its vote, where a share of all votes is needed; 1 where it taught
    /// nothing.
    pub factor: f64,
    /// How often it is asked about each packet where the role does not say; 1 and up.
    pub samples: u32,
    /// Whether its claims need no quorum.
    pub authoritative: bool,
    /// Calls in flight.
    pub max_concurrent: usize,
    /// Calls in any minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens sent in any minute, by [`tokens`].
    pub tokens_per_minute: Option<u32>,
    /// Further tries after a transient failure.
    pub retries: usize,
    /// Bounds of each call.
    pub limits: Limits,
    /// What its models cost.
    pub prices: Prices,
    /// Counts the tokens of what it is asked.
    pub counter: Counter,
}

/// A seat taken: what changes while a run goes on.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) seat: Seat,
    pub(super) account: Account,
    recorder: Arc<Recorder>,
    budget: Arc<Budget>,
    slots: Semaphore,
    pace: Pace,
    breaker: Breaker,
    /// While it is in doubt whether the backend works, one call tells.
    trial: Mutex<()>,
}

/// A call that brought no answer.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) error: CallError,
    /// Whether the backend was asked at all, once at least.
    pub(super) was_sent: bool,
}

impl Member {
    /// `largest` are the tokens of the longest prompt that is expected.
    pub(super) fn new(
        seat: Seat,
        largest: usize,
        recorder: Arc<Recorder>,
        budget: Arc<Budget>,
    ) -> Self {
        Self {
            recorder,
            budget,
            slots: Semaphore::new(seat.max_concurrent.max(1)),
            pace: Pace::new(seat.requests_per_minute, seat.tokens_per_minute, largest),
            seat,
            account: Account::default(),
            breaker: Breaker::default(),
            trial: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.seat.backend.name()
    }

    /// Asks one model, unless the tape has its answer: the call's highest cost is reserved
    /// before it, and settled with what it did cost.
    pub(super) async fn ask(
        &self,
        request: &Request,
        deadline: &Deadline,
        all: &Semaphore,
    ) -> Result<Reply, Unanswered> {
        let question = self.recorder.question(&*self.seat.backend, request);
        if let Some(question) = &question
            && let Some(served) = self.recorder.served(question).await
        {
            return self.take(served, request);
        }
        if !self.seat.backend.writes_text() {
            return self.ask_and_account(request, deadline, all).await.0;
        }
        let most = self.most(request);
        let reserved = self.budget.reserve(self.name(), most, &request.cancel);
        let reserved = reserved.await.map_err(unpaid)?;
        let (result, cost) = self.ask_and_account(request, deadline, all).await;
        let cost = cost.map(|cost| i64::try_from(cost).unwrap_or(i64::MAX));
        // Who does not tell what it did cost may have cost all that was reserved; where nothing is
        // bounded that is no news but a guess.
        let unknown = if self.budget.is_set() {
            reserved.taken()
        } else {
            0
        };
        let paid = match &result {
            Ok(_) => cost.unwrap_or(unknown),
            Err(_) => 0,
        };
        let is_cut_off = |failure: &Unanswered| failure.error.kind == ErrorKind::Cancelled;
        let is_booked = match &question {
            Some(question) if !result.as_ref().is_err_and(is_cut_off) => {
                let result = result.as_ref();
                let cost = result
                    .is_ok()
                    .then_some(paid)
                    .filter(|_| cost.is_some() || paid > 0);
                let hold = reserved.hold().clone();
                self.recorder.record(question, result, cost, hold).await
            }
            _ => false,
        };
        reserved.settle(paid, is_booked).await;
        result
    }

    /// What a call can cost at most, in billionths of a US dollar; 0 where no price is known.
    /// Where nothing is bounded an estimate does, which takes no time.
    fn most(&self, request: &Request) -> i64 {
        let most = if self.budget.is_set() {
            self.seat.highest_cost_of(request)
        } else {
            let prompt = &request.prompt;
            let tokens = tokens(&prompt.fixed) + tokens(&prompt.packet) + tokens(&prompt.task);
            let model = std::slice::from_ref(&request.model);
            self.seat.highest_cost(model, 1, tokens)
        };
        i64::try_from(most.unwrap_or(0)).unwrap_or(i64::MAX)
    }

    /// What an answer did cost, in billionths of a US dollar.
    fn cost(&self, reply: &Reply, request: &Request) -> Option<u64> {
        cost(reply, self.seat.prices.of(request.model.as_deref()))
    }

    /// An answer that is there already.
    fn take(&self, served: Served, request: &Request) -> Result<Reply, Unanswered> {
        match served {
            Served::Own(reply) => {
                let cost = self.cost(&reply, request);
                self.account.settle(&reply, &request.model, cost);
                Ok(reply)
            }
            Served::Taped(reply) => {
                self.account.settle_taped(&reply, &request.model);
                Ok(reply)
            }
            Served::Failed(failure) => Err(failure),
        }
    }

    /// Takes back answers that nobody could read, so that the tape gives them to nobody again.
    pub(super) async fn disown(&self, requests: &[&Request]) {
        self.recorder.disown(&*self.seat.backend, requests).await;
    }

    /// Asks one model, and asks again after transient failures, with full jitter or as the
    /// server wishes. A slot is held while the backend works, not while a pause passes. With the
    /// cost of an answer, in billionths of a US dollar, where it is known.
    async fn ask_and_account(
        &self,
        request: &Request,
        deadline: &Deadline,
        all: &Semaphore,
    ) -> (Result<Reply, Unanswered>, Option<u64>) {
        let result = self.ask_repeatedly(request, deadline, all).await;
        let mut paid = None;
        match &result {
            Ok(reply) => {
                let usage = reply.usage.unwrap_or_default();
                tracing::info!(
                    backend = self.name(),
                    model = reply.model.as_deref().or(request.model.as_deref()),
                    latency = ?reply.latency,
                    input = usage.input,
                    output = usage.output,
                    "answered"
                );
                paid = self.cost(reply, request);
                self.account.settle(reply, &request.model, paid);
            }
            Err(failure) => {
                if let Some(admission) = failure.admission {
                    self.breaker
                        .gave_up(&request.model, admission, &failure.error);
                }
            }
        }
        let result = result.map_err(|failure| Unanswered {
            was_sent: failure.admission.is_some(),
            error: failure.error,
        });
        (result, paid)
    }

    async fn ask_repeatedly(
        &self,
        request: &Request,
        deadline: &Deadline,
        all: &Semaphore,
    ) -> Result<Reply, Failure> {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(self.seat.retries)
            .build();
        let mut before: Option<Failure> = None;
        loop {
            let failure = match self.ask_once(request, deadline, all).await {
                Ok(reply) => return Ok(reply),
                // What the backend said tells more than that its turn did not come again.
                Err(failure) if failure.admission.is_none() => {
                    return Err(match before {
                        Some(before) if !request.cancel.is_cancelled() => before,
                        _ => failure,
                    });
                }
                Err(failure) => failure,
            };
            let is_over = !is_transient(failure.error.kind)
                || request.cancel.is_cancelled()
                || self.breaker.refusal(&request.model).is_some();
            let Some(pause) = pauses.next().filter(|_| !is_over) else {
                return Err(failure);
            };
            let pause = match pause_after(&failure.error, pause, deadline) {
                Ok(pause) => pause,
                Err(why) => return Err(failure.and(&why)),
            };
            let error = &failure.error;
            tracing::info!(backend = self.name(), ?pause, "{error}; trying again");
            unless_cancelled(&request.cancel, sleep(pause).map(Ok)).await?;
            before = Some(failure);
        }
    }

    async fn ask_once(
        &self,
        request: &Request,
        deadline: &Deadline,
        all: &Semaphore,
    ) -> Result<Reply, Failure> {
        let start = unless_cancelled(&request.cancel, self.start(request, deadline, all));
        let start = start.await?;
        let answer = self.work(request, deadline).await;
        match &answer {
            Ok(_) => self.breaker.succeeded(&request.model),
            Err(error) => self.breaker.failed(&request.model, start.admission, error),
        }
        answer.map_err(|error| Failure {
            admission: Some(start.admission),
            error,
        })
    }

    /// Lets the backend work until the call's time is over. At the run's end it ends what it
    /// began by itself, which is more than to be dropped; an answer that is there by then
    /// counts.
    async fn work(&self, request: &Request, deadline: &Deadline) -> Result<Reply, CallError> {
        let mut answer = self.seat.backend.ask(request);
        tokio::select! {
            biased;
            answer = deadline.bound(&mut answer) => {
                answer.unwrap_or_else(|_| Err(deadline.passed()))
            }
            () = request.cancel.cancelled() => {
                let last = timeout(TIME_TO_END, answer).await.ok();
                last.and_then(Result::ok).ok_or_else(CallError::cancelled)
            }
        }
    }
}

/// A call that no money is there for.
fn unpaid(refusal: Refusal) -> Unanswered {
    let error = match refusal {
        Refusal::Spent(why) => CallError::new(ErrorKind::Broke, format!("not asked: {why}")),
        // As a server that fails: others of the crew go on.
        Refusal::Backend(why) => CallError::permanent(format!("not asked: {why}")),
        Refusal::Cancelled => CallError::cancelled(),
    };
    Unanswered {
        error,
        was_sent: false,
    }
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Transient { .. } | ErrorKind::Timeout)
}

/// How long to wait before another try; otherwise why there is none: to ask earlier than the
/// server said would not be obeying, and to wait in vain helps nobody.
fn pause_after(
    error: &CallError,
    pause: Duration,
    deadline: &Deadline,
) -> Result<Duration, String> {
    let jitter = pause.mul_f32(fastrand::f32());
    match error.kind {
        // That is how a tape says "never".
        ErrorKind::Transient {
            retry_after: Some(Duration::MAX),
        } => Err(String::new()),
        ErrorKind::Transient {
            retry_after: Some(wish),
        } if !deadline.leaves(wish) => Err(too_long(wish, deadline)),
        ErrorKind::Transient {
            retry_after: Some(wish),
        } => Ok(wish.saturating_add(jitter)),
        _ if !deadline.leaves(jitter) => {
            Err(format!("{} leaves no time to ask again", deadline.name()))
        }
        _ => Ok(jitter),
    }
}

/// A wait that ends at once when the run is cancelled.
async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    wait: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(cancelled()),
        done = wait => done,
    }
}
