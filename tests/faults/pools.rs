//! Connections that are kept for the next question, and end at the worst moment.

use std::fmt::Write as _;
use std::time::Duration;

use super::kind::{Kind, NOTHING, kinds};
use super::scene::{Ended, Scene};
use crate::support::raw::{Act, Raw, Seen};

/// Asks one backend about eight packets, one after the other.
fn eight(kind: Kind, script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) -> (Ended, Raw) {
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
    let server = Raw::new(script);
    let config = format!(
        "[packets]\nmax_tokens = 1500\n{}max_concurrent = 1\nretries = 3\n",
        kind.config("one", &server.uri())
    );
    (scene.ask(&config), server)
}

fn assert_all_read(kind: Kind, ended: &Ended) {
    let name = kind.name();
    assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
    assert_eq!(ended.json["status"], "success", "{name}");
    assert_eq!(ended.json["backends"][0]["failed"], 0, "{name}");
}

#[test]
fn a_connection_is_used_again() {
    for kind in kinds() {
        let (ended, server) = eight(kind, move |_| vec![Act::Send(kind.says(NOTHING))]);
        assert_all_read(kind, &ended);
        assert!(server.count() >= 8);
        assert_eq!(server.connections(), 1, "{}", kind.name());
    }
}

/// The server ends an idle connection while the next question is on its way.
#[test]
fn a_kept_connection_that_ends_under_a_question_costs_no_answer() {
    for end in [Act::Close, Act::Reset] {
        for kind in kinds() {
            let end = end.clone();
            let (ended, server) = eight(kind, move |seen| {
                vec![if seen.nth == 0 {
                    Act::Send(kind.says(NOTHING))
                } else {
                    end.clone()
                }]
            });
            assert_all_read(kind, &ended);
            assert!(server.connections() >= 8);
        }
    }
}

#[test]
fn a_connection_that_ends_after_each_answer_costs_no_answer() {
    for pause in [0, 2] {
        for kind in kinds() {
            let (ended, _) = eight(kind, move |_| {
                vec![
                    Act::Send(kind.says(NOTHING)),
                    Act::Pause(Duration::from_millis(pause)),
                    Act::Close,
                ]
            });
            assert_all_read(kind, &ended);
        }
    }
}

/// An answer that nobody asked for is not taken for that of the next question.
#[test]
fn a_second_answer_to_one_question_is_not_taken_for_the_next() {
    for kind in kinds() {
        let (ended, _) = eight(kind, move |seen| {
            let smuggled = format!("{{\"findings\": [], \"number\": {}}}", seen.number);
            let bytes = [
                kind.says(NOTHING),
                kind.fails("500 Internal Server Error", &[], &smuggled),
            ];
            vec![Act::Send(bytes.concat())]
        });
        assert_all_read(kind, &ended);
    }
}
