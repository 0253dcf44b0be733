//! Pauses that a server wants, and who they concern.

use std::time::Duration;

use llmux::backends::CallError;
use llmux::engine::{Seat, Status};
use wiremock::ResponseTemplate;

use super::clock::{Acting, Scripted, busy_for, nothing, plan, run, seat};
use super::{ANALYZE, SMALL_PACKETS, packets};
use crate::support::model::{Model, says};

const SECOND: Duration = Duration::from_secs(1);

/// Two steps at one time, each with a model of its own.
const TWO_MODELS: &str = "name = \"w\"\n[[steps]]\nname = \"one\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n\
    model = \"big\"\n[[steps]]\nname = \"two\"\nrole = \"reviewer\"\nfor_each = \"packets\"\n\
    produces = \"findings\"\nparallel = true\nprompt = \"Find more bugs.\"\nmodel = \"small\"\n";

#[tokio::test(start_paused = true)]
async fn a_model_that_wants_a_pause_keeps_no_slot_from_the_other() {
    for requests_per_minute in [None, Some(600)] {
        let alpha = Acting::new(|request, call| async move {
            tokio::time::sleep(SECOND).await;
            match request.model.as_deref() {
                Some("big") if call < 6 => busy_for(100 * SECOND),
                _ => nothing(call),
            }
        });
        let seats = vec![Seat {
            max_concurrent: 2,
            requests_per_minute,
            retries: 3,
            ..seat(&alpha)
        }];
        let (outcome, _) = run(plan(TWO_MODELS, seats, 8, 100)).await;
        assert_eq!(outcome.status, Status::Success);
        let (big, small) = (alpha.calls_of("big"), alpha.calls_of("small"));
        assert_eq!(small.len(), 8);
        let last = *small.last().unwrap() - big[0];
        assert!(last < 50 * SECOND, "{last:?}");
        // The pause itself is kept.
        let paused = big.iter().filter(|at| **at - big[0] < 100 * SECOND);
        assert!(paused.count() <= 2, "those in flight");
    }
}

/// An answer that was under way says nothing about the pause that was wished meanwhile.
#[tokio::test(start_paused = true)]
async fn an_answer_to_another_call_ends_no_pause() {
    let alpha = Acting::new(|_, call| async move {
        let wants_pause = call == 0;
        tokio::time::sleep(if wants_pause { SECOND } else { 5 * SECOND }).await;
        if wants_pause {
            return busy_for(60 * SECOND);
        }
        nothing(call)
    });
    let seats = vec![Seat {
        max_concurrent: 2,
        retries: 1,
        ..seat(&alpha)
    }];
    let (outcome, _) = run(plan(ANALYZE, seats, 10, 100)).await;
    assert_eq!(outcome.status, Status::Success);
    let calls = alpha.calls_of("");
    let early = calls.iter().filter(|at| **at - calls[0] < 60 * SECOND);
    assert!(early.count() <= 2, "{calls:?}");
}

/// Others of the run were before it in the line: that is no fault of its backend.
#[tokio::test(start_paused = true)]
async fn a_calls_time_begins_with_the_runs_slot() {
    let alpha = Scripted::new("alpha", 50 * SECOND, nothing);
    let beta = Scripted::new("beta", 50 * SECOND, nothing);
    let mut plan = plan(ANALYZE, vec![seat(&alpha), seat(&beta)], 3, 100);
    plan.settings.max_in_flight = 1;
    plan.settings.call_deadline = 60 * SECOND;
    let (outcome, _) = run(plan).await;
    assert_eq!(outcome.status, Status::Success);
}

/// What a tape says of one question says nothing of the next.
#[tokio::test(start_paused = true)]
async fn questions_without_an_answer_for_good_open_no_breaker() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call {
        0..5 => busy_for(Duration::MAX),
        _ => nothing(call),
    });
    let seats = vec![Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    }];
    let (outcome, _) = run(plan(ANALYZE, seats, 9, 100)).await;
    assert_eq!((alpha.calls().len(), outcome.backends[0].failed), (9, 5));
}

/// Nor does it keep a breaker open that another failure opened.
#[tokio::test(start_paused = true)]
async fn a_question_without_an_answer_for_good_is_no_sign_of_a_broken_backend() {
    let alpha = Scripted::new("alpha", Duration::ZERO, |call| match call {
        0..3 => Err(CallError::transient("a broken connection")),
        3 => busy_for(Duration::MAX),
        _ => nothing(call),
    });
    let beta = Scripted::new("beta", 40 * SECOND, nothing);
    let one = Seat {
        max_concurrent: 1,
        ..seat(&alpha)
    };
    run(plan(super::TWICE, vec![one, seat(&beta)], 6, 100)).await;
    assert_eq!(alpha.calls().len(), 3 + 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_plays_all_that_is_on_the_tape_after_failures_in_a_row() {
    let repo = packets(7);
    let alpha = Model::new(|call, _| match call {
        0..4 => ResponseTemplate::new(413),
        _ => says("{\"findings\": []}"),
    })
    .await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}max_concurrent = 1\n",
        alpha.config("alpha")
    ));
    let tape = repo.outside("tape").display().to_string();
    let replayable = |mode| {
        let args = ["--backend", "alpha", mode, &tape];
        let (code, mut json, stderr) = super::run(&repo, ANALYZE, &args);
        assert_eq!(code, Some(3), "{stderr}");
        // What alone tells the two apart.
        let taped = json["backends"][0].as_object_mut().unwrap().remove("taped");
        (json.to_string(), taped.unwrap())
    };
    let (recorded, taped) = replayable("--record");
    assert_eq!((taped, alpha.calls().await), (0.into(), 7), "{recorded}");
    let (replayed, taped) = replayable("--replay");
    assert_eq!((taped, alpha.calls().await), (3.into(), 7), "{replayed}");
    assert_eq!(recorded, replayed);
}
