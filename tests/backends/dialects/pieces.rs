//! Wherever a text is cut into pieces, and a stream into packets, the answer is the same.

use std::time::Duration;

use llmux::backends::DialectName;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ALL, Act, Raw, ask, request, settings};

fn piece(dialect: DialectName, text: &str) -> Value {
    match dialect {
        DialectName::Openai => json!({"choices": [{"index": 0, "delta": {"content": text}}]}),
        DialectName::OpenaiResponses => {
            json!({"type": "response.output_text.delta", "delta": text})
        }
        DialectName::Anthropic => {
            json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}})
        }
        DialectName::Gemini => json!({"candidates": [{"content": {"parts": [{"text": text}]}}]}),
        DialectName::Ollama => json!({"message": {"content": text}, "done": false}),
    }
}

fn end(dialect: DialectName) -> Value {
    match dialect {
        DialectName::Openai => json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
        DialectName::OpenaiResponses => {
            json!({"type": "response.completed", "response": {"status": "completed", "output": []}})
        }
        DialectName::Anthropic => json!({"type": "message_stop"}),
        DialectName::Gemini => json!({"candidates": [{"finishReason": "STOP"}]}),
        DialectName::Ollama => json!({"message": {"content": ""}, "done": true}),
    }
}

/// The text as a stream, cut at these characters; lines end as `newline` says.
fn stream(dialect: DialectName, text: &str, cuts: &[usize], newline: &str) -> Vec<u8> {
    let mut cuts: Vec<_> = cuts
        .iter()
        .map(|cut| text.floor_char_boundary(*cut))
        .collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let pieces = cuts
        .windows(2)
        .map(|two| piece(dialect, &text[two[0]..two[1]]));
    let lines = pieces.chain([end(dialect)]).map(|value| match dialect {
        DialectName::Ollama => format!("{value}{newline}"),
        _ => format!("data: {value}{newline}{newline}"),
    });
    lines.collect::<String>().into_bytes()
}

/// What is read where the stream comes in packets that end at these bytes.
fn read(dialect: DialectName, stream: &[u8], packets: &[usize]) -> String {
    let kind = match dialect {
        DialectName::Ollama => "application/x-ndjson",
        _ => "text/event-stream",
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
    let mut ends: Vec<_> = packets.iter().map(|at| at % stream.len()).collect();
    ends.extend([0, stream.len()]);
    ends.sort_unstable();
    let mut acts = vec![Act::Send(head.into_bytes())];
    for two in ends.windows(2) {
        acts.push(Act::Send(stream[two[0]..two[1]].to_vec()));
        // What is written at once is read at once.
        acts.push(Act::Pause(Duration::from_millis(1)));
    }
    acts.push(Act::Close);
    let server = Raw::new(move |_| acts.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let reply = runtime.block_on(ask(&settings(dialect, &server.uri()), &request("task")));
    reply.unwrap().text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_cut_of_a_stream_gives_the_same_answer(
        text in "[^ ]\\PC{0,60}(\n|\r\n|\u{2028}|data: |\\[DONE\\]|😀|é){0,3}x",
        cuts in prop::collection::vec(0_usize..120, 0..6),
        packets in prop::collection::vec(0_usize..5000, 0..6),
        newline in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        for dialect in ALL {
            let stream = stream(dialect, &text, &cuts, newline);
            prop_assert_eq!(&read(dialect, &stream, &packets), &text);
        }
    }
}
