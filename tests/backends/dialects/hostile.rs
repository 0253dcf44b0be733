//! Answers that hold other values than promised, or errors where answers should be.

use llmux::backends::{DialectName, ErrorKind};
use serde_json::{Value, json};

use super::{ALL, answer, ask, read, request, response, said, serving, settings, streamed, whole};

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

/// Where each dialect has the model's name and its counts.
fn places(dialect: DialectName) -> (&'static str, &'static str, [&'static str; 3]) {
    match dialect {
        DialectName::Openai => (
            "model",
            "usage",
            ["prompt_tokens", "completion_tokens", "cost"],
        ),
        DialectName::OpenaiResponses => {
            ("model", "usage", ["input_tokens", "output_tokens", "cost"])
        }
        DialectName::Anthropic => (
            "model",
            "usage",
            ["input_tokens", "output_tokens", "cache_read_input_tokens"],
        ),
        DialectName::Gemini => (
            "modelVersion",
            "usageMetadata",
            [
                "promptTokenCount",
                "candidatesTokenCount",
                "thoughtsTokenCount",
            ],
        ),
        DialectName::Ollama => (
            "model",
            "",
            ["prompt_eval_count", "eval_count", "load_duration"],
        ),
    }
}

/// An answer with that value as model's name and as every count.
fn with(dialect: DialectName, value: &Value) -> Value {
    let (model, usage, counts) = places(dialect);
    let mut body = answer(dialect, "yes");
    body[model] = value.clone();
    for count in counts {
        if usage.is_empty() {
            body[count] = value.clone();
        } else {
            body[usage][count] = value.clone();
        }
    }
    body
}

#[tokio::test]
async fn odd_counts_and_names_cost_themselves_alone() {
    let many = vec![json!({"a": [[], {}, null]}); 5_000];
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!({"total": 5}),
        json!(many),
    ];
    for dialect in ALL {
        for value in &odd {
            let reply = read(whole(dialect, &with(dialect, value)).await.unwrap());
            assert_eq!(reply.text, "yes", "{dialect:?} {value}");
            assert_eq!((reply.model, reply.usage, reply.cost), (None, None, None));
        }
        let long = json!("x".repeat(10_000));
        let reply = read(whole(dialect, &with(dialect, &long)).await.unwrap());
        assert_eq!((reply.model, reply.usage), (None, None), "{dialect:?}");
    }
}

#[tokio::test]
async fn numbers_with_a_fraction_are_counts() {
    for dialect in ALL {
        let reply = read(whole(dialect, &with(dialect, &json!(7.0))).await.unwrap());
        let usage = reply.usage.unwrap();
        assert_eq!(usage[0].min(usage[2]), 7, "{dialect:?}");
    }
}

#[tokio::test]
async fn texts_of_another_type_are_no_answer() {
    let bodies = [
        json!({"choices": [{"message": {"content": 5}}]}),
        json!({"choices": [{"message": {"content": {"text": "x"}}}]}),
        json!({"choices": [{"message": null}]}),
        json!({"choices": [{}]}),
        json!({"choices": [null]}),
        json!({"choices": {"message": {"content": "x"}}}),
        json!({"choices": "x"}),
        json!({"output": [{"type": "message", "content": "x"}]}),
        json!({"output": [{"type": "message", "content": [{"text": 5}]}]}),
        json!({"output": {}, "status": "completed"}),
        json!({"output": [{"type": "function_call", "content": [{"text": "x"}]}]}),
        json!({"content": "x"}),
        json!({"content": [{"type": "tool_use", "text": "x"}]}),
        json!({"content": [{"type": "text", "text": ["x"]}]}),
        json!({"candidates": [{"content": {"parts": "x"}}]}),
        json!({"candidates": [{"content": {"parts": [{"text": {}}]}}]}),
        json!({"candidates": [{"content": ["x"]}]}),
        json!({"message": "x", "done": true}),
        json!({"message": {"content": ["x"]}, "done": true}),
        json!({"message": {"content": "x"}, "done": "true"}),
        json!([]),
        json!("x"),
        json!(null),
        json!(5),
        json!({}),
    ];
    for dialect in ALL {
        for body in &bodies {
            let error = whole(dialect, body).await.unwrap_err();
            assert_eq!(error.kind, TRANSIENT, "{dialect:?} {body}");
        }
    }
}

#[tokio::test]
async fn lists_without_end_are_not_kept() {
    for (dialect, list) in [
        (DialectName::Openai, "choices"),
        (DialectName::OpenaiResponses, "output"),
        (DialectName::Anthropic, "content"),
        (DialectName::Gemini, "candidates"),
    ] {
        let mut body = answer(dialect, "yes");
        let mut entries = body[list].as_array().cloned().unwrap();
        entries.resize(5_000, json!({}));
        body[list] = json!(entries);
        let error = whole(dialect, &body).await.unwrap_err();
        assert!(error.message.contains("more than 4096"), "{error}");
    }
}

#[tokio::test]
async fn nests_without_end_are_no_answer() {
    for dialect in ALL {
        let deep = format!("{{\"usage\": {}", "[".repeat(200_000));
        let server = serving(response(200, "application/json", deep.as_bytes()));
        let error = ask(&settings(dialect, &server.uri()), &request("")).await;
        assert_eq!(error.unwrap_err().kind, TRANSIENT, "{dialect:?}");
    }
}

#[tokio::test]
async fn broken_characters_cost_themselves_alone() {
    for dialect in ALL {
        let body = answer(dialect, "a~b").to_string();
        let bytes: Vec<_> = body
            .bytes()
            .map(|byte| if byte == b'~' { 0xff } else { byte })
            .collect();
        let server = serving(response(200, "application/json", &bytes));
        let reply = ask(&settings(dialect, &server.uri()), &request("")).await;
        assert_eq!(reply.unwrap().text, "a\u{fffd}b", "{dialect:?}");
    }
}

#[tokio::test]
async fn errors_in_an_answer_mean_what_they_say() {
    let denied = ErrorKind::Denied;
    let cases = [
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "code": 502}}),
            TRANSIENT,
        ),
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "code": 402}}),
            denied,
        ),
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "code": "429"}}),
            TRANSIENT,
        ),
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "code": null, "type": "server_error"}}),
            TRANSIENT,
        ),
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "type": "invalid_request_error", "code": "context_length_exceeded"}}),
            ErrorKind::TooLong,
        ),
        (
            DialectName::Openai,
            json!({"error": {"message": "w", "type": "insufficient_quota", "code": "insufficient_quota"}}),
            denied,
        ),
        (
            DialectName::Openai,
            json!({"choices": [{"error": {"message": "w", "code": 502}, "message": {"content": "half"}}]}),
            TRANSIENT,
        ),
        (
            DialectName::Openai,
            json!({"choices": [{"message": {"content": "w"}, "finish_reason": "error"}]}),
            TRANSIENT,
        ),
        (DialectName::Openai, json!({"error": "w"}), TRANSIENT),
        (
            DialectName::OpenaiResponses,
            json!({"status": "failed", "error": {"code": "server_error", "message": "w"}}),
            TRANSIENT,
        ),
        (
            DialectName::OpenaiResponses,
            json!({"status": "cancelled"}),
            TRANSIENT,
        ),
        (
            DialectName::OpenaiResponses,
            json!({"status": "failed", "error": {"code": "invalid_prompt", "message": "w"}}),
            ErrorKind::Permanent,
        ),
        (
            DialectName::Anthropic,
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "w"}}),
            TRANSIENT,
        ),
        (
            DialectName::Anthropic,
            json!({"type": "error", "error": {"type": "authentication_error", "message": "w"}}),
            denied,
        ),
        (
            DialectName::Anthropic,
            json!({"type": "error", "error": {"type": "request_too_large", "message": "w"}}),
            ErrorKind::TooLong,
        ),
        (
            DialectName::Gemini,
            json!({"error": {"code": 403, "message": "w", "status": "PERMISSION_DENIED"}}),
            denied,
        ),
        (
            DialectName::Gemini,
            json!({"error": {"code": 503, "message": "w", "status": "UNAVAILABLE"}}),
            TRANSIENT,
        ),
        (
            DialectName::Ollama,
            json!({"error": "model 'x' not found"}),
            TRANSIENT,
        ),
    ];
    for (dialect, body, kind) in cases {
        let error = whole(dialect, &body).await.unwrap_err();
        assert_eq!(error.kind, kind, "{body}: {error}");
    }
}

#[tokio::test]
async fn errors_in_a_stream_are_told() {
    let cases = [
        (
            DialectName::Openai,
            "data: {\"choices\":[{\"delta\":{\"content\":\"ha\"}}]}\n\ndata: {\"error\":{\"code\":502,\"message\":\"it fell\"},\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
        ),
        (
            DialectName::OpenaiResponses,
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"it fell\",\"param\":null}\n\n",
        ),
        (
            DialectName::OpenaiResponses,
            "event: error\ndata: {\"error\":{\"type\":\"server_error\",\"message\":\"it fell\"}}\n\n",
        ),
        (
            DialectName::Anthropic,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"it fell\"}}\n\n",
        ),
        (
            DialectName::Gemini,
            "data: {\"error\":{\"code\":500,\"message\":\"it fell\",\"status\":\"INTERNAL\"}}\n\n",
        ),
        (
            DialectName::Ollama,
            "{\"message\":{\"content\":\"ha\"},\"done\":false}\n{\"error\":\"it fell\"}\n",
        ),
    ];
    for (dialect, body) in cases {
        let error = streamed(dialect, body).await.unwrap_err();
        assert_eq!(error.kind, TRANSIENT, "{error}");
        assert!(error.message.contains("it fell"), "{error}");
    }
}

#[tokio::test]
async fn streams_that_end_early_are_no_answer() {
    let cases = [
        (
            DialectName::Openai,
            "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n",
        ),
        (
            DialectName::OpenaiResponses,
            "data: {\"type\":\"response.output_text.delta\",\"delta\":\"half\"}\n\n",
        ),
        (
            DialectName::Anthropic,
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"half\"}}\n\n",
        ),
        (
            DialectName::Gemini,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"half\"}]}}]}\n\n",
        ),
        (
            DialectName::Ollama,
            "{\"message\":{\"content\":\"half\"},\"done\":false}\n",
        ),
    ];
    for (dialect, body) in cases {
        let error = streamed(dialect, body).await.unwrap_err();
        assert_eq!(error.kind, TRANSIENT, "{error}");
        assert!(error.message.contains("too early"), "{dialect:?} {error}");
    }
}

#[tokio::test]
async fn what_follows_the_end_does_not_count() {
    let cases = [
        (
            DialectName::Openai,
            "data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\ndata: {\"choices\":[{\"delta\":{\"content\":\" more\"}}]}\n\ndata: junk\n\n",
        ),
        (
            DialectName::Anthropic,
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"all\"}}\n\ndata: {\"type\":\"message_stop\"}\n\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\" more\"}}\n\ndata: junk\n\n",
        ),
        (
            DialectName::Ollama,
            "{\"message\":{\"content\":\"all\"},\"done\":true}\n{\"message\":{\"content\":\" more\"},\"done\":true}\njunk\n",
        ),
    ];
    for (dialect, body) in cases {
        assert_eq!(streamed(dialect, body).await.unwrap().text, "all");
    }
}

#[tokio::test]
async fn a_whole_answer_to_a_question_for_pieces_is_read() {
    for dialect in ALL {
        let server = serving(said(&answer(dialect, "whole")));
        let reply = ask(&settings(dialect, &server.uri()), &request("")).await;
        assert_eq!(reply.unwrap().text, "whole", "{dialect:?}");
    }
}
