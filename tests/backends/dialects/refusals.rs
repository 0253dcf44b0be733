//! Refusals of a part of the question, and what is asked then.

use std::sync::Arc;

use llmux::backends::{DialectName, ErrorKind, Request};
use serde_json::{Value, json};

use super::{ALL, Act, Raw, answer, ask, body, request, response, said, serving, settings};

fn full() -> Request {
    let mut request = request("The task.");
    request.schema = Some(Arc::new(json!({"type": "object"})));
    request.limits.temperature = Some(0.2);
    request.limits.max_output_tokens = Some(50);
    request
}

fn refusal(status: u16, words: &str) -> Vec<u8> {
    let error = json!({"error": {"message": words, "type": "invalid_request_error"}});
    response(status, "application/json", error.to_string().as_bytes())
}

/// Refuses what holds a value at the place, and answers the rest.
fn refusing(dialect: DialectName, place: &'static str, status: u16, words: &'static str) -> Raw {
    Raw::new(move |seen| {
        let answer = if body(seen).pointer(place).is_some() {
            refusal(status, words)
        } else {
            said(&answer(dialect, "plain"))
        };
        vec![Act::Send(answer)]
    })
}

/// As servers word them.
const REFUSED: [(DialectName, &str, u16, &str); 16] = [
    (
        DialectName::Openai,
        "/response_format",
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    ),
    (
        DialectName::Openai,
        "/temperature",
        400,
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    ),
    (
        DialectName::Openai,
        "/max_tokens",
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ),
    (
        DialectName::Openai,
        "/stream_options",
        422,
        "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
    ),
    (
        DialectName::Openai,
        "/stream",
        400,
        "Your organization must be verified to stream this model.",
    ),
    (
        DialectName::OpenaiResponses,
        "/text/format",
        400,
        "Invalid schema for text.format 'answer': not supported.",
    ),
    (
        DialectName::OpenaiResponses,
        "/temperature",
        400,
        "Unsupported parameter: 'temperature' is not supported with this model.",
    ),
    (
        DialectName::OpenaiResponses,
        "/stream",
        501,
        "streaming is not implemented",
    ),
    (
        DialectName::Anthropic,
        "/output_config",
        400,
        "output_config.format: Extra inputs are not permitted",
    ),
    (
        DialectName::Anthropic,
        "/output_config",
        400,
        "'claude-x' does not support output format json_schema",
    ),
    (
        DialectName::Anthropic,
        "/temperature",
        400,
        "`temperature` is deprecated for this model.",
    ),
    (
        DialectName::Anthropic,
        "/system/0/cache_control",
        400,
        "system.0.cache_control: Extra inputs are not permitted",
    ),
    (
        DialectName::Gemini,
        "/generationConfig/responseJsonSchema",
        400,
        "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.",
    ),
    (
        DialectName::Gemini,
        "/generationConfig/responseMimeType",
        400,
        "JSON mode is not enabled for models/gemma-3-27b-it",
    ),
    (
        DialectName::Gemini,
        "/generationConfig/temperature",
        400,
        "* GenerateContentRequest.generation_config.temperature: must be in the range [0, 2].",
    ),
    (
        DialectName::Ollama,
        "/format",
        400,
        "invalid format: \"{}\"; expected \"json\" or a valid JSON Schema object",
    ),
];

#[tokio::test]
async fn what_a_server_names_is_left_out() {
    for (dialect, place, status, words) in REFUSED {
        let server = refusing(dialect, place, status, words);
        let mut request = full();
        request.prompt.fixed = "f".repeat(5000).into();
        let reply = ask(&settings(dialect, &server.uri()), &request).await;
        assert_eq!(reply.unwrap().text, "plain", "{words}");
        assert_eq!(server.count(), 2, "{words}");
    }
}

#[tokio::test]
async fn only_what_is_named_is_left_out() {
    let server = refusing(
        DialectName::Openai,
        "/max_tokens",
        400,
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    );
    ask(&settings(DialectName::Openai, &server.uri()), &full())
        .await
        .unwrap();
    let [first, second]: [Value; 2] = [0, 1].map(|at| body(&server.requests()[at]));
    let mut wanted = first;
    let members = wanted.as_object_mut().unwrap();
    members.remove("max_tokens");
    members.insert("max_completion_tokens".to_owned(), json!(50));
    assert_eq!(second, wanted);
}

#[tokio::test]
async fn other_refusals_are_final() {
    let cases = [
        (400, "the model is asleep", ErrorKind::Permanent),
        (401, "temperature and response_format", ErrorKind::Denied),
        (403, "temperature and response_format", ErrorKind::Denied),
        (404, "no such model: temperature", ErrorKind::Permanent),
        (402, "temperature", ErrorKind::Denied),
        (
            400,
            "'max_tokens' is too large: this model's maximum context length is 4096 tokens",
            ErrorKind::TooLong,
        ),
        (
            400,
            "prompt is too long: 220000 tokens > 200000 maximum",
            ErrorKind::TooLong,
        ),
        (
            400,
            "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
            ErrorKind::TooLong,
        ),
        (
            400,
            "API key not valid. Please pass a valid API key.",
            ErrorKind::Denied,
        ),
        (
            400,
            "Your credit balance is too low to access the Anthropic API.",
            ErrorKind::Denied,
        ),
        (
            429,
            "You exceeded your current quota (insufficient_quota)",
            ErrorKind::Denied,
        ),
    ];
    for (status, words, kind) in cases {
        for dialect in ALL {
            let server = serving(refusal(status, words));
            let error = ask(&settings(dialect, &server.uri()), &full()).await;
            assert_eq!(
                error.unwrap_err().kind,
                kind,
                "{dialect:?} {status} {words}"
            );
            assert_eq!(server.count(), 1, "{dialect:?} {status} {words}");
        }
    }
}

#[tokio::test]
async fn what_was_not_sent_is_not_left_out() {
    for dialect in ALL {
        let words = "temperature, json_schema, max_tokens, response_format, output_config";
        let server = serving(refusal(400, words));
        let mut settings = settings(dialect, &server.uri());
        settings.stream = Some(false);
        ask(&settings, &request("task")).await.unwrap_err();
        assert_eq!(server.count(), 1, "{dialect:?}");
    }
}
