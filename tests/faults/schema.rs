//! Servers that refuse a part of a question of which an answer is possible without.

use serde_json::Value;

use super::kind::{Kind, NOTHING, kinds, streaming_kinds};
use super::scene::{Scene, Survey, config_of, serve, survey};
use crate::support::raw::{Act, Manners, Seen};

/// Where each dialect carries a schema, and how its servers call the place.
fn schema_in(kind: Kind, body: &Value) -> Option<&'static str> {
    let places: &[(&str, &'static str)] = match kind.dialect {
        "openai" => &[("/response_format", "response_format")],
        "openai-responses" => &[("/text/format", "text.format")],
        "anthropic" => &[
            ("/output_config/format", "output_config.format"),
            ("/output_format", "output_format"),
            ("/tools", "tools"),
        ],
        "gemini" => &[
            ("/generationConfig/responseJsonSchema", "responseJsonSchema"),
            ("/generationConfig/responseSchema", "responseSchema"),
            ("/generationConfig/responseMimeType", "responseMimeType"),
        ],
        _ => &[("/format", "format")],
    };
    let found = places
        .iter()
        .find(|(place, _)| body.pointer(place).is_some());
    found.map(|(_, name)| *name)
}

fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

fn refuses(kind: Kind, status: &str, seen: &Seen) -> Vec<Act> {
    let answer = match schema_in(kind, &body(seen)) {
        Some(_) if kind.dialect == "ollama" => kind.fails(
            status,
            &[],
            "invalid format: expected \"json\" or a JSON schema",
        ),
        Some(name) => kind.fails(status, &[], &format!("Unknown parameter: '{name}'.")),
        None => kind.says(NOTHING),
    };
    vec![Act::Send(answer)]
}

#[test]
fn a_schema_is_sent() {
    let run = survey(&kinds(), "retries = 0", |kind, _| {
        vec![Act::Send(kind.says(NOTHING))]
    });
    for (kind, server) in &run.servers {
        let body = body(&server.requests()[0]);
        assert!(
            schema_in(*kind, &body).is_some(),
            "{}: {body:#}",
            kind.name()
        );
    }
}

#[test]
fn a_server_that_takes_no_schema_is_asked_without() {
    for status in ["400 Bad Request", "422 Unprocessable Content"] {
        let run = survey(&kinds(), "retries = 0", move |kind, seen| {
            refuses(kind, status, seen)
        });
        run.assert_all_read();
        run.assert_asked(2);
    }
}

#[test]
fn what_a_server_refused_is_remembered() {
    let scene = Scene::new();
    for number in 0..4 {
        let line = format!("value_{number} = compute({number}, value_{number})\n");
        scene.repo.write(&format!("f{number}.py"), &line.repeat(40));
    }
    scene.repo.commit("more");
    let servers = serve(&kinds(), Manners::default(), |kind, seen| {
        refuses(kind, "400 Bad Request", seen)
    });
    let run = "retries = 0\n[packets]\nmax_tokens = 600";
    let ended = scene.ask(&config_of(&servers, run, "max_concurrent = 1\n"));
    let run = Survey { ended, servers };
    run.assert_all_read();
    run.assert_asked(5);
}

#[test]
fn a_server_that_refuses_without_a_schema_too_is_told() {
    let run = survey(&kinds(), "retries = 3", |kind, seen| {
        match schema_in(kind, &body(seen)) {
            Some(_) => refuses(kind, "400 Bad Request", seen),
            None => vec![Act::Send(kind.fails("400 Bad Request", &[], "and no"))],
        }
    });
    run.assert_all_failed(&["400"]);
    run.assert_asked(2);
}

#[test]
fn a_refusal_of_something_else_is_not_asked_again() {
    let run = survey(&kinds(), "retries = 3", |kind, _| {
        let words = "The prompt contains what this model does not take.";
        vec![Act::Send(kind.fails("400 Bad Request", &[], words))]
    });
    run.assert_all_failed(&["does not take"]);
    run.assert_asked(1);
}

/// OpenAI's own, to organisations that it has not verified.
#[test]
fn a_server_that_does_not_stream_is_asked_for_a_whole() {
    let kinds: Vec<_> = streaming_kinds()
        .into_iter()
        .filter(|kind| kind.dialect.starts_with("openai"))
        .collect();
    let run = survey(&kinds, "retries = 0", |kind, seen| {
        let whole = Kind {
            streams: false,
            ..kind
        };
        vec![Act::Send(if body(seen)["stream"] == true {
            let words = "Your organization must be verified to stream this model: 'stream'.";
            kind.fails("400 Bad Request", &[], words)
        } else {
            whole.says(NOTHING)
        })]
    });
    run.assert_all_read();
    run.assert_asked(2);
}
