//! Answers in pieces of which some are missing, wrong, or one too many.

use std::time::Duration;

use super::kind::{Kind, NOTHING, streaming_kinds};
use super::scene::{Survey, survey};
use crate::support::raw::Act;

const NO_RETRY: &str = "retries = 0\ncall_timeout = \"10s\"";

/// Each server answers with the body and ends the connection.
fn bodies(body: impl Fn(Kind) -> Vec<u8> + Send + Sync + 'static) -> Survey {
    survey(&streaming_kinds(), NO_RETRY, move |kind, _| {
        vec![Act::Send(kind.head()), Act::Send(body(kind)), Act::Close]
    })
}

#[test]
fn a_stream_without_its_end_mark_is_no_answer() {
    let run = bodies(|kind| {
        let mut pieces = kind.pieces(NOTHING);
        pieces.pop();
        pieces.concat().into()
    });
    run.assert_all_failed(&["end", "broke off", "cut"]);
    run.assert_asked(1);
}

#[test]
fn a_stream_of_signs_of_life_alone_is_no_answer() {
    bodies(|kind| kind.keep_alive().repeat(5).into()).assert_all_failed(&[
        "end",
        "empty",
        "broke off",
        "cut",
    ]);
    bodies(|_| Vec::new()).assert_all_failed(&["end", "empty", "broke off", "cut"]);
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_told() {
    let run = bodies(|kind| {
        let mut pieces = kind.pieces(NOTHING);
        pieces.insert(2, kind.error_event("the engine fell over"));
        pieces.concat().into()
    });
    run.assert_all_failed(&["the engine fell over"]);
}

#[test]
fn an_error_in_place_of_a_streams_end_is_told() {
    let run = bodies(|kind| {
        let mut pieces = kind.pieces(NOTHING);
        pieces.pop();
        pieces.push(kind.error_event("the engine fell over"));
        pieces.concat().into()
    });
    run.assert_all_failed(&["the engine fell over"]);
}

#[test]
fn a_stream_cut_inside_a_character_is_no_answer() {
    let run = bodies(|kind| {
        let pieces = kind.pieces("{\"findings\": []} ééé");
        let text = pieces[..3].concat();
        let last = text.rfind('é').unwrap();
        text.as_bytes()[..=last].to_vec()
    });
    run.assert_all_failed(&["end", "broke off", "cut", "JSON", "UTF-8"]);
}

#[test]
fn a_stream_that_arrives_byte_by_byte_is_read() {
    let run = survey(&streaming_kinds(), NO_RETRY, |kind, _| {
        let body = kind.body("{\"findings\": [], \"é𝄞\": \"é𝄞\"}").into_bytes();
        vec![
            Act::Send(kind.head()),
            Act::Drip(body, Duration::from_micros(200)),
            Act::Close,
        ]
    });
    run.assert_all_read();
}

#[test]
fn line_ends_of_any_form_are_read() {
    for end in ["\r\n", "\r"] {
        let run = bodies(move |kind| {
            let end = if kind.dialect == "ollama" {
                "\r\n"
            } else {
                end
            };
            kind.body(NOTHING).replace('\n', end).into()
        });
        run.assert_all_read();
    }
}

#[test]
fn what_a_reader_of_events_must_pass_over_is_passed_over() {
    let run = bodies(|kind| {
        let pieces = kind.pieces(NOTHING).into_iter();
        let noise = match kind.dialect {
            "ollama" => "\n  \n",
            _ => ": OPENROUTER PROCESSING\n\nid: 7\nretry: 10000\n\nevent: nothing\n\n:\n\n",
        };
        pieces
            .flat_map(|piece| [noise.to_owned(), piece])
            .collect::<String>()
            .into()
    });
    run.assert_all_read();
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    bodies(|kind| format!("\u{feff}{}", kind.body(NOTHING)).into()).assert_all_read();
}

#[test]
fn an_event_that_is_no_json_is_no_answer() {
    let run = bodies(|kind| {
        let mut pieces = kind.pieces(NOTHING);
        let garbage = match kind.dialect {
            "ollama" => "{\"message\": {\"cont\n",
            _ => "data: {\"choices\": [{\"delta\n\n",
        };
        pieces.insert(2, garbage.to_owned());
        pieces.concat().into()
    });
    run.assert_all_failed(&["JSON", "not"]);
}

/// What stands behind the end mark is not part of the answer, and does no harm.
#[test]
fn what_follows_the_end_mark_changes_nothing() {
    let run = bodies(|kind| {
        let mut body = kind.body(NOTHING);
        body.push_str(&kind.piece("{\"findings\": [{\"file\":"));
        body.into()
    });
    for (kind, _) in &run.servers {
        let (state, reason) = run.ended.reading(&kind.name());
        assert!(
            state == "read" || !reason.is_empty(),
            "{}: {state}",
            kind.name()
        );
    }
    assert_eq!(run.ended.json["findings"], serde_json::json!([]));
}

/// A connection that stays open after the end mark is not waited for.
#[test]
fn the_end_mark_is_enough() {
    let limits = "retries = 0\ncall_timeout = \"15s\"";
    // Gemini's streams have none but their end.
    let mut kinds = streaming_kinds();
    kinds.retain(|kind| kind.dialect != "gemini");
    let run = survey(&kinds, limits, |kind, _| {
        let body = kind.body(NOTHING).into_bytes();
        vec![Act::Send(kind.head()), Act::Send(body), Act::Hang]
    });
    run.assert_all_read();
}

#[test]
fn a_stream_answered_as_a_whole_is_read() {
    let run = survey(&streaming_kinds(), NO_RETRY, |kind, _| {
        let whole = Kind {
            streams: false,
            ..kind
        };
        vec![Act::Send(whole.says(NOTHING))]
    });
    run.assert_all_read();
    run.assert_asked(1);
}

#[test]
fn a_stream_that_is_asked_for_is_asked_for_in_the_dialects_words() {
    let run = bodies(|kind| kind.body(NOTHING).into());
    run.assert_all_read();
    for (kind, server) in &run.servers {
        let request = &server.requests()[0];
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        match kind.dialect {
            "gemini" => assert!(request.path.contains("alt=sse"), "{}", request.path),
            _ => assert_eq!(body["stream"], true, "{}", kind.name()),
        }
    }
}

/// Nothing says so but the last event's reason.
#[test]
fn a_stream_that_ran_out_of_length_is_no_answer() {
    let run = bodies(|kind| {
        let body = kind.body(NOTHING);
        let cut = match kind.dialect {
            "openai" => body.replace("\"finish_reason\":\"stop\"", "\"finish_reason\":\"length\""),
            "openai-responses" => body
                .replace("event: response.completed", "event: response.incomplete")
                .replace("\"type\":\"response.completed\"", "\"type\":\"response.incomplete\"")
                .replace(
                    "\"status\":\"completed\",\"output\"",
                    "\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\"",
                ),
            "anthropic" => body.replace("end_turn", "max_tokens"),
            "gemini" => body.replace("\"STOP\"", "\"MAX_TOKENS\""),
            _ => body.replace("\"done_reason\":\"stop\"", "\"done_reason\":\"length\""),
        };
        assert_ne!(cut, kind.body(NOTHING), "{}", kind.name());
        cut.into()
    });
    run.assert_all_failed(&["length"]);
}
