//! What is said in each dialect, and what is read. Which faults a server can have is in
//! `faults`: here is what is peculiar to a protocol.

use llmux::backends::{CallError, DialectName, Reply, Request, Settings, Stop, Usage};
use serde_json::{Value, json};

use super::{build, environment, request};
use crate::support::raw::{Act, Raw, Seen};

mod answers;
mod hostile;
mod lists;
mod pieces;
mod questions;
mod refusals;
mod streams;

/// A response with its length.
fn response(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Words\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

pub(super) fn said(value: &Value) -> Vec<u8> {
    response(200, "application/json", value.to_string().as_bytes())
}

/// A server that answers every request with these bytes.
pub(super) fn serving(bytes: Vec<u8>) -> Raw {
    Raw::new(move |_| vec![Act::Send(bytes.clone())])
}

fn path_of(dialect: DialectName) -> &'static str {
    match dialect {
        DialectName::Gemini => "/v1beta",
        DialectName::Ollama => "",
        _ => "/v1",
    }
}

fn settings(dialect: DialectName, uri: &str) -> Settings {
    Settings {
        base_url: Some(format!("{uri}{}", path_of(dialect))),
        dialect: Some(dialect),
        model: Some("m".to_owned()),
        ..Settings::default()
    }
}

async fn ask(settings: &Settings, request: &Request) -> Result<Reply, CallError> {
    build("it", settings, &environment(&[("THE_KEY", "k-123")]))
        .unwrap()
        .ask(request)
        .await
}

/// What a whole answer is read as.
async fn whole(dialect: DialectName, body: &Value) -> Result<Reply, CallError> {
    let server = serving(said(body));
    let mut settings = settings(dialect, &server.uri());
    settings.stream = Some(false);
    ask(&settings, &request("task")).await
}

/// What a stream is read as.
async fn streamed(dialect: DialectName, body: &str) -> Result<Reply, CallError> {
    let kind = match dialect {
        DialectName::Ollama => "application/x-ndjson",
        _ => "text/event-stream",
    };
    let server = serving(response(200, kind, body.as_bytes()));
    ask(&settings(dialect, &server.uri()), &request("task")).await
}

/// What was asked of a server that answers with `answer`.
async fn asked(settings: impl FnOnce(&str) -> Settings, request: &Request, answer: &Value) -> Seen {
    let server = serving(said(answer));
    ask(&settings(&server.uri()), request).await.unwrap();
    server.requests().remove(0)
}

fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

/// The smallest whole answer.
pub(super) fn answer(dialect: DialectName, text: &str) -> Value {
    match dialect {
        DialectName::Openai => {
            json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
        }
        DialectName::OpenaiResponses => json!({
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
        }),
        DialectName::Anthropic => {
            json!({"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"})
        }
        DialectName::Gemini => {
            json!({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]})
        }
        DialectName::Ollama => {
            json!({"message": {"content": text}, "done": true, "done_reason": "stop"})
        }
    }
}

const ALL: [DialectName; 5] = [
    DialectName::Openai,
    DialectName::OpenaiResponses,
    DialectName::Anthropic,
    DialectName::Gemini,
    DialectName::Ollama,
];

/// A reply whose latency does not matter.
#[derive(Debug, PartialEq)]
struct Read {
    text: String,
    stop: Stop,
    model: Option<String>,
    /// Input, cached input, output.
    usage: Option<[u64; 3]>,
    cost: Option<f64>,
}

fn read(reply: Reply) -> Read {
    let count = |usage: Usage| [usage.input, usage.cached_input, usage.output];
    Read {
        text: reply.text,
        stop: reply.stop,
        model: reply.model,
        usage: reply.usage.map(count),
        cost: reply.cost_usd,
    }
}
