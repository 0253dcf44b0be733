//! Connections that are kept for the next question, and end at the worst moment.

use std::fmt::Write as _;
use std::time::Duration;

use super::kind::{Kind, NOTHING, kinds};
use super::scene::{Scene, Survey, config_of, serve};
use crate::support::raw::{Act, Manners, Seen};

/// Asks each backend about nine packets, one after the other, with three further tries.
fn nine(script: impl Fn(Kind, &Seen) -> Vec<Act> + Send + Sync + 'static) -> Survey {
    let scene = Scene::new();
    for number in 0..8 {
        let mut text = String::new();
        for line in 0..60 {
            let _ = writeln!(
                text,
                "def function_{number}_{line}(value): return value + {line}"
            );
        }
        scene.repo.write(&format!("part{number}/module.py"), &text);
    }
    scene.repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    scene.repo.commit("after");
    let servers = serve(&kinds(), Manners::default(), script);
    let config = config_of(
        &servers,
        "retries = 3\n[packets]\nmax_tokens = 1500",
        "max_concurrent = 1\n",
    );
    let ended = scene.ask(&config);
    Survey { ended, servers }
}

#[test]
fn a_connection_is_used_again() {
    let run = nine(|kind, _| vec![Act::Send(kind.says(NOTHING))]);
    run.assert_all_read();
    run.assert_asked(9);
    for (kind, server) in &run.servers {
        assert_eq!(server.connections(), 1, "{}", kind.name());
    }
}

/// The server ends an idle connection while the next question is on its way.
#[test]
fn a_kept_connection_that_ends_under_a_question_costs_no_answer() {
    for end in [Act::Close, Act::Reset] {
        let run = nine(move |kind, seen| {
            vec![if (seen.number, seen.nth) == (1, 1) {
                end.clone()
            } else {
                Act::Send(kind.says(NOTHING))
            }]
        });
        run.assert_all_read();
        run.assert_asked(10);
    }
}

#[test]
fn a_connection_that_ends_after_each_answer_costs_no_answer() {
    for pause in [0, 2] {
        let run = nine(move |kind, _| {
            vec![
                Act::Send(kind.says(NOTHING)),
                Act::Pause(Duration::from_millis(pause)),
                Act::Close,
            ]
        });
        run.assert_all_read();
    }
}

/// An answer that nobody asked for is not taken for that of the next question.
#[test]
fn a_second_answer_to_one_question_is_not_taken_for_the_next() {
    let run = nine(|kind, _| {
        let bytes = [
            kind.says(NOTHING),
            kind.fails("401 Unauthorized", &[], "smuggled"),
        ];
        vec![Act::Send(bytes.concat())]
    });
    run.assert_all_read();
}
