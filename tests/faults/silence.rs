//! Servers that say nothing, or too slowly.

use std::time::Duration;

use super::kind::{NOTHING, kinds, streaming_kinds};
use super::scene::{Scene, survey};
use crate::support::raw::{Act, Raw};

const HALF_A_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: applic";

#[test]
fn a_hang_before_the_headers_ends_with_the_call() {
    let run = survey(&kinds(), "retries = 0\ncall_timeout = \"1s\"", |_, _| {
        vec![Act::Hang]
    });
    run.assert_all_failed(&["within 1s"]);
    run.assert_asked(1);
    run.ended.assert_took_at_most(Duration::from_secs(1));
}

#[test]
fn a_hang_in_the_headers_ends_with_the_call() {
    let run = survey(&kinds(), "retries = 0\ncall_timeout = \"1s\"", |_, _| {
        vec![Act::Send(HALF_A_HEAD.into()), Act::Hang]
    });
    run.assert_all_failed(&["within 1s"]);
    run.ended.assert_took_at_most(Duration::from_secs(1));
}

#[test]
fn a_hang_in_the_body_ends_with_the_call() {
    let run = survey(&kinds(), "retries = 0\ncall_timeout = \"1s\"", |kind, _| {
        vec![Act::Send(kind.half_an_answer()), Act::Hang]
    });
    run.assert_all_failed(&["within 1s", "for 1s"]);
    run.ended.assert_took_at_most(Duration::from_secs(1));
}

#[test]
fn a_hang_in_the_body_ends_with_the_longest_silence() {
    let limits = "retries = 0\ncall_timeout = \"20s\"\nidle_timeout = \"1s\"";
    let run = survey(&kinds(), limits, |kind, _| {
        vec![Act::Send(kind.half_an_answer()), Act::Hang]
    });
    run.assert_all_failed(&["1s"]);
    assert!(
        run.ended.took < Duration::from_secs(15),
        "{:?}",
        run.ended.took
    );
}

#[test]
fn one_byte_a_second_ends_with_the_call() {
    let limits = "retries = 0\ncall_timeout = \"3s\"\nidle_timeout = \"5s\"";
    let run = survey(&kinds(), limits, |kind, _| {
        vec![Act::Drip(kind.says(NOTHING), Duration::from_secs(1))]
    });
    run.assert_all_failed(&["within 3s"]);
    run.ended.assert_took_at_most(Duration::from_secs(3));
    assert!(run.ended.took >= Duration::from_secs(3));
}

#[test]
fn one_byte_a_second_of_the_body_ends_with_the_call() {
    let limits = "retries = 0\ncall_timeout = \"3s\"\nidle_timeout = \"2s\"";
    let run = survey(&kinds(), limits, |kind, _| {
        let body = kind.body(NOTHING).into_bytes();
        vec![
            Act::Send(kind.head()),
            Act::Drip(body, Duration::from_secs(1)),
        ]
    });
    run.assert_all_failed(&["within 3s"]);
    run.ended.assert_took_at_most(Duration::from_secs(3));
}

#[test]
fn signs_of_life_without_an_answer_end_with_the_call() {
    let limits = "retries = 0\ncall_timeout = \"2s\"\nidle_timeout = \"1500ms\"";
    let run = survey(&streaming_kinds(), limits, |kind, _| {
        let sign = || {
            [
                Act::Send(kind.keep_alive().into()),
                Act::Pause(Duration::from_millis(200)),
            ]
        };
        let head = Act::Send(kind.head());
        [head]
            .into_iter()
            .chain((0..60).flat_map(|_| sign()))
            .collect()
    });
    run.assert_all_failed(&["within 2s"]);
    run.ended.assert_took_at_most(Duration::from_secs(2));
}

/// The whole takes twice the longest silence.
#[test]
fn a_slow_answer_that_goes_on_is_read() {
    let limits = "retries = 0\ncall_timeout = \"30s\"\nidle_timeout = \"2s\"";
    let run = survey(&streaming_kinds(), limits, |kind, _| {
        let pause = || Act::Pause(Duration::from_millis(800));
        let mut acts = vec![Act::Send(kind.head())];
        for piece in kind.pieces(NOTHING) {
            acts.extend([pause(), Act::Send(kind.keep_alive().into())]);
            acts.extend([pause(), Act::Send(piece.into_bytes())]);
        }
        acts.push(Act::Close);
        acts
    });
    run.assert_all_read();
    assert!(run.ended.took > Duration::from_secs(4));
}

/// A connection that nobody waits for would still be answered, and paid.
#[test]
fn a_call_that_timed_out_is_hung_up() {
    let run = survey(
        &kinds(),
        "retries = 1\ncall_timeout = \"2s\"",
        |kind, seen| {
            if seen.number == 0 {
                vec![Act::Hang]
            } else {
                vec![
                    Act::Pause(Duration::from_millis(1500)),
                    Act::Send(kind.says(NOTHING)),
                ]
            }
        },
    );
    run.assert_all_read();
    run.assert_asked(2);
    for (kind, server) in &run.servers {
        let requests = server.requests();
        assert_ne!(requests[0].connection, requests[1].connection);
        let left = requests[0].left.unwrap() - requests[0].arrived;
        let next = requests[1].arrived - requests[0].arrived;
        let name = kind.name();
        assert!(left >= Duration::from_millis(1500), "{name}: {left:?}");
        assert!(
            left < next + Duration::from_millis(1200),
            "{name}: {left:?} {next:?}"
        );
        assert_eq!(
            server.peak(),
            1,
            "{name}: asked again while the first call hung"
        );
    }
}

#[test]
fn the_runs_own_limit_ends_a_hang() {
    let server = Raw::new(|_| vec![Act::Hang]);
    let config = kinds()[0].config("one", &server.uri());
    let ended = Scene::new().ask_with(&config, &["--timeout", "1s"]);
    ended.assert_incomplete();
    assert_eq!(ended.json["status"], "timeout");
    ended.assert_took_at_most(Duration::from_secs(1));
    ended.assert_not_read("one", &["time limit", "timeout", "cut", "cancel"]);
}

/// Three tries of two seconds and their pauses would take longer.
#[test]
fn a_call_with_all_its_tries_ends_with_its_deadline() {
    let limits = "retries = 9\ncall_timeout = \"30s\"\ncall_deadline = \"2s\"";
    let run = survey(&kinds(), limits, |_, _| vec![Act::Hang]);
    run.assert_all_failed(&["2s"]);
    run.ended.assert_took_at_most(Duration::from_secs(2));
}
