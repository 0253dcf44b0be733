//! What bounds calls in time: requests and tokens a minute, deadlines, the breaker's pause.

use std::sync::Arc;
use std::time::Duration;

use llmux::backends::{CallError, ErrorKind};
use llmux::engine::{Seat, Status};

use super::clock::{Scripted, broken, busy_for, nothing, plan, run, seat};
use super::{ANALYZE, TWICE};

const MINUTE: Duration = Duration::from_mins(1);

/// The most calls that any minute holds, wherever it begins.
fn most_in_a_minute(calls: &[Duration]) -> usize {
    let from = |start: usize| {
        let in_it = calls[start..].iter();
        in_it
            .take_while(|call| **call < calls[start] + MINUTE)
            .count()
    };
    (0..calls.len()).map(from).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn no_minute_holds_more_calls_than_it_may_and_few_less() {
    for (limit, packets) in [(1_u32, 4_u32), (3, 12), (10, 40), (60, 300)] {
        let alpha = Scripted::new("alpha", Duration::from_millis(700), nothing);
        let seats = vec![Seat {
            requests_per_minute: Some(limit),
            ..seat(&alpha)
        }];
        let (outcome, took) = run(plan(ANALYZE, seats, packets as usize, 1000)).await;
        assert_eq!(outcome.status, Status::Success, "{limit}");
        let calls = alpha.calls();
        assert_eq!(calls.len(), packets as usize);
        let most = most_in_a_minute(&calls);
        assert!(most <= limit as usize, "{most} of {limit}");
        // A tenth at once is paid for by nine tenths of the rate.
        let fair = MINUTE * packets / limit;
        assert!(took <= fair.mul_f32(1.15), "{limit}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn further_tries_count_among_the_calls_of_a_minute() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call % 2 {
        0 => broken(call),
        _ => nothing(call),
    });
    let seats = vec![Seat {
        requests_per_minute: Some(4),
        retries: 3,
        ..seat(&alpha)
    }];
    let (outcome, _) = run(plan(ANALYZE, seats, 6, 1000)).await;
    assert_eq!(outcome.status, Status::Success);
    let calls = alpha.calls();
    assert!(calls.len() >= 7, "{}", calls.len());
    assert!(most_in_a_minute(&calls) <= 4, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn no_minute_holds_more_tokens_than_it_may() {
    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let seats = vec![Seat {
        tokens_per_minute: Some(20_000),
        ..seat(&alpha)
    }];
    let plan = plan(ANALYZE, seats, 60, 3_500);
    // The packet, the fixed part and the task, as the dry run counts them.
    let prompt = plan.prompt_tokens().unwrap() + 1_000;
    let (outcome, took) = run(plan).await;
    assert_eq!(outcome.status, Status::Success);
    let most = most_in_a_minute(&alpha.calls());
    assert!(most * prompt <= 20_000, "{most} of {prompt} tokens");
    let fair = MINUTE * u32::try_from(60 * prompt).unwrap() / 20_000;
    assert!(took <= fair.mul_f32(1.3), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_of_more_tokens_than_a_minute_has_is_sent_once_a_minute() {
    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let seats = vec![Seat {
        tokens_per_minute: Some(100),
        ..seat(&alpha)
    }];
    let (outcome, took) = run(plan(ANALYZE, seats, 4, 100_000)).await;
    assert_eq!(outcome.status, Status::Success);
    assert_eq!(most_in_a_minute(&alpha.calls()), 1);
    assert!(took <= MINUTE * 4, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_its_minute_is_in_nobodys_way() {
    let alpha = Scripted::new("alpha", Duration::from_secs(1), nothing);
    let beta = Scripted::new("beta", Duration::from_secs(1), nothing);
    let slow = Seat {
        requests_per_minute: Some(1),
        ..seat(&alpha)
    };
    let mut plan = plan(ANALYZE, vec![slow, seat(&beta)], 10, 100);
    plan.settings.max_in_flight = 1;
    let (outcome, _) = run(plan).await;
    assert_eq!(outcome.status, Status::Success);
    // Each takes a second and one is in flight: ten of beta's and one of alpha's.
    let last = *beta.calls().last().unwrap();
    assert!(last <= Duration::from_secs(11), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_backend_keeps_no_more_slots_than_its_own() {
    let alpha = Scripted::new("alpha", Duration::from_secs(100), nothing);
    let beta = Scripted::new("beta", Duration::from_secs(1), nothing);
    let two = |backend: &Arc<Scripted>| Seat {
        max_concurrent: 2,
        ..seat(backend)
    };
    let mut plan = plan(ANALYZE, vec![two(&alpha), two(&beta)], 10, 100);
    plan.settings.max_in_flight = 4;
    let (outcome, _) = run(plan).await;
    assert_eq!(outcome.status, Status::Success);
    let last = *beta.calls().last().unwrap();
    assert!(last <= Duration::from_secs(5), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn the_runs_end_ends_the_wait_for_a_minute() {
    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let seats = vec![Seat {
        requests_per_minute: Some(1),
        ..seat(&alpha)
    }];
    let mut plan = plan(ANALYZE, seats, 9, 100);
    plan.settings.timeout = Duration::from_secs(90);
    let (outcome, took) = run(plan).await;
    assert_eq!(outcome.status, Status::Timeout);
    assert_eq!(alpha.calls().len(), 2);
    assert!(took < Duration::from_secs(91), "{took:?}");
}

/// Who stands in a long line is not late because of it.
#[tokio::test(start_paused = true)]
async fn a_calls_time_begins_with_its_turn() {
    let alpha = Scripted::new("alpha", Duration::from_secs(50), nothing);
    let seats = vec![Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    }];
    let mut plan = plan(ANALYZE, seats, 10, 100);
    plan.settings.call_deadline = Duration::from_mins(1);
    let (outcome, _) = run(plan).await;
    assert_eq!(outcome.status, Status::Success);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline_whatever_its_tries() {
    let alpha = Scripted::new("alpha", Duration::from_secs(40), broken);
    let seats = vec![Seat {
        retries: 9,
        ..seat(&alpha)
    }];
    let mut plan = plan(ANALYZE, seats, 1, 100);
    plan.settings.call_deadline = Duration::from_mins(1);
    let (outcome, took) = run(plan).await;
    assert_eq!(alpha.calls().len(), 2);
    assert!(took <= Duration::from_secs(61), "{took:?}");
    let error = outcome.backends[0].error.as_deref().unwrap();
    assert!(error.contains("run.call_deadline (1m)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_no_deadline_leaves_time_for_is_not_begun() {
    for (call, whole, name) in [
        (60, 3600, "run.call_deadline (1m)"),
        (900, 60, "run.timeout"),
    ] {
        let alpha = Scripted::new("alpha", Duration::ZERO, |_| {
            busy_for(Duration::from_mins(2))
        });
        let seats = vec![Seat {
            retries: 3,
            ..seat(&alpha)
        }];
        let mut plan = plan(ANALYZE, seats, 30, 100);
        plan.settings.call_deadline = Duration::from_secs(call);
        plan.settings.timeout = Duration::from_secs(whole);
        let (outcome, took) = run(plan).await;
        assert_eq!(outcome.status, Status::SystemFailure);
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert!(alpha.calls().len() <= 8, "those in flight and no more");
        let error = outcome.backends[0].error.as_deref().unwrap();
        assert!(error.contains("too many requests"), "{error}");
        assert!(error.contains("a pause of 2m"), "{error}");
        assert!(error.contains(name), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_call_is_told_to_wait_all_calls_wait() {
    let alpha = Scripted::new("alpha", Duration::from_secs(1), |call| match call {
        0 | 1 => busy_for(Duration::from_secs(20)),
        _ => nothing(call),
    });
    let seats = vec![Seat {
        max_concurrent: 2,
        retries: 1,
        ..seat(&alpha)
    }];
    let (outcome, _) = run(plan(ANALYZE, seats, 10, 100)).await;
    assert_eq!(outcome.status, Status::Success);
    let calls = alpha.calls();
    assert_eq!(calls.len(), 12);
    assert_eq!(calls[1], Duration::ZERO);
    assert!(calls[2] >= Duration::from_secs(21), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_in_flight_are_the_last_ones_but_two() {
    for retries in [0, 3] {
        let alpha = Scripted::new("alpha", Duration::from_secs(1), broken);
        let seats = vec![Seat {
            retries,
            ..seat(&alpha)
        }];
        let (outcome, _) = run(plan(ANALYZE, seats, 100, 100)).await;
        assert_eq!(outcome.status, Status::SystemFailure);
        // Eight that fail together are one failure; the second and the third come alone.
        assert_eq!(alpha.calls().len(), 10, "{retries}");
        assert_eq!(outcome.backends[0].failed, 100);
    }
}

/// The backend fails three times; half a minute later one call tries it.
async fn after_a_pause(script: super::clock::Script) -> (usize, Status) {
    let alpha = Scripted::new("alpha", Duration::ZERO, script);
    let beta = Scripted::new("beta", Duration::from_secs(40), nothing);
    let one = Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    };
    let (outcome, _) = run(plan(TWICE, vec![one, seat(&beta)], 6, 100)).await;
    (alpha.calls().len(), outcome.status)
}

#[tokio::test(start_paused = true)]
async fn after_its_pause_one_call_tells_whether_the_backend_works() {
    let (calls, _) = after_a_pause(broken).await;
    assert_eq!(calls, 3 + 1, "the one that tries");
    let (calls, status) = after_a_pause(|call| match call {
        0..3 => broken(call),
        _ => nothing(call),
    })
    .await;
    assert_eq!((calls, status), (3 + 6, Status::Degraded));
}

#[tokio::test(start_paused = true)]
async fn a_prompt_too_long_says_nothing_about_the_next_one() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call % 2 {
        0 => Err(CallError::new(ErrorKind::TooLong, "too long for it")),
        _ => nothing(call),
    });
    let seats = vec![Seat {
        retries: 3,
        ..seat(&alpha)
    }];
    let (outcome, _) = run(plan(ANALYZE, seats, 20, 100)).await;
    assert_eq!(alpha.calls().len(), 20);
    assert_eq!(outcome.backends[0].failed, 10);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_too_long_is_no_answer_that_ends_a_row_of_failures() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call % 2 {
        0 => Err(CallError::new(ErrorKind::TooLong, "too long for it")),
        _ => broken(call),
    });
    let seats = vec![Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    }];
    run(plan(ANALYZE, seats, 20, 100)).await;
    assert_eq!(alpha.calls().len(), 6);
}

/// A summary may be longer than any packet: it waits for the rest of its tokens.
#[tokio::test(start_paused = true)]
async fn a_prompt_longer_than_was_expected_is_counted_as_a_whole() {
    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let seats = vec![Seat {
        tokens_per_minute: Some(10_000),
        ..seat(&alpha)
    }];
    let text = "name = \"w\"\n[[steps]]\nname = \"sum\"\nrole = \"analyzer\"\nfor_each = \"packets\"\n\
                produces = \"text\"\nprompt = \"Sum up: {{ packet.text }}{{ packet.text }}\"\n";
    let (outcome, took) = run(plan(text, seats, 8, 7_000)).await;
    assert_eq!(outcome.status, Status::Success);
    // Four thousand each, thirty-two in all, of which no minute has more than ten.
    assert!(took > MINUTE * 2, "{took:?}");
    assert!(took < MINUTE * 5, "{took:?}");
    assert!(most_in_a_minute(&alpha.calls()) <= 3);
}
