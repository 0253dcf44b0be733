//! How calls end that do not end by themselves: the run is cancelled, or the backend panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use llmux::backends::{CallError, Price, Reply, TIME_TO_END};
use llmux::engine::{Prices, Seat, Status};

use super::clock::{Acting, Scripted, broken, busy_for, nothing, plan, run, run_cancelled, seat};
use super::{ANALYZE, TWICE};

const SECOND: Duration = Duration::from_secs(1);

/// A backend that ends its work in so long after it was cancelled, and counts it.
fn tidy(needs: Duration) -> (Arc<Acting>, Arc<AtomicUsize>) {
    let ended = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ended);
    let backend = Acting::new(move |request, _| {
        let count = Arc::clone(&count);
        async move {
            request.cancel.cancelled().await;
            tokio::time::sleep(needs).await;
            count.fetch_add(1, Ordering::Relaxed);
            Err(CallError::cancelled())
        }
    });
    (backend, ended)
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_may_end_its_work() {
    let (alpha, ended) = tidy(3 * SECOND);
    let (outcome, _) = run_cancelled(plan(ANALYZE, vec![seat(&alpha)], 4, 100), SECOND).await;
    assert_eq!(outcome.status, Status::Partial);
    assert_eq!(ended.load(Ordering::Relaxed), 4);
    assert_eq!(outcome.backends[0].failed, 0);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_that_does_not_end_is_not_waited_for() {
    let (alpha, ended) = tidy(600 * SECOND);
    let (outcome, more) = run_cancelled(plan(ANALYZE, vec![seat(&alpha)], 4, 100), SECOND).await;
    assert_eq!(outcome.status, Status::Partial);
    assert_eq!(ended.load(Ordering::Relaxed), 0);
    assert!(more < TIME_TO_END + SECOND, "{more:?}");
}

/// Only a backend at work needs time: no pause and no line does.
#[tokio::test(start_paused = true)]
async fn what_waits_ends_at_once_when_the_run_is_cancelled() {
    let at_once = Duration::from_millis(100);
    let alpha = Scripted::new("alpha", Duration::ZERO, |_| busy_for(600 * SECOND));
    let pausing = Seat {
        retries: 3,
        ..seat(&alpha)
    };
    let (outcome, more) = run_cancelled(plan(ANALYZE, vec![pausing], 20, 100), SECOND).await;
    assert_eq!(outcome.status, Status::Partial);
    assert!(more < at_once, "{more:?}");
    assert_eq!(outcome.backends[0].failed, 0, "cut off is not failed");

    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let paced = Seat {
        requests_per_minute: Some(1),
        ..seat(&alpha)
    };
    let (_, more) = run_cancelled(plan(ANALYZE, vec![paced], 20, 100), SECOND).await;
    assert!(more < at_once, "{more:?}");

    // One works and ends at once; the others wait for its slot and for the run's.
    let (alpha, _) = tidy(Duration::ZERO);
    let mut plan = plan(ANALYZE, vec![seat(&alpha)], 20, 100);
    plan.settings.max_in_flight = 1;
    let (_, more) = run_cancelled(plan, SECOND).await;
    assert!(more < at_once, "{more:?}");
    assert_eq!(alpha.calls_of("").len(), 1, "nothing starts after the end");
}

/// The one call that tries a broken backend again must not be the last for ever.
#[tokio::test(start_paused = true)]
async fn a_panic_of_the_call_that_tries_leaves_its_place() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call {
        0..3 => broken(call),
        3 => panic!("a bug"),
        _ => nothing(call),
    });
    let beta = Scripted::new("beta", 40 * SECOND, nothing);
    let one = Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    };
    run(plan(TWICE, vec![one, seat(&beta)], 6, 100)).await;
    assert_eq!(alpha.calls().len(), 3 + 6);
}

/// A budget that holds one call at a time makes a run slow, not poor: what calls of its own hold
/// is waited for, however long they take.
#[tokio::test(start_paused = true)]
async fn money_that_own_calls_hold_is_waited_for() {
    let alpha = Scripted::new("alpha", 100 * SECOND, |_| {
        nothing(0).map(|reply| Reply {
            cost_usd: Some(0.01),
            ..reply
        })
    });
    let price = Price {
        input: 0.0,
        output: 1000.0,
        cached_input: None,
        cache_write: None,
    };
    let mut dear = seat(&alpha);
    dear.prices = Prices::Fixed(price);
    dear.limits.max_output_tokens = Some(1000);
    let mut plan = plan(ANALYZE, vec![dear], 6, 100);
    plan.funds.settings.run = Some(1.5);
    let (outcome, took) = run(plan).await;
    assert_eq!(outcome.status, Status::Success, "{:?}", outcome.incomplete);
    assert!(took >= 600 * SECOND, "one after the other: {took:?}");
}
