//! What is sent.

use std::sync::Arc;

use llmux::backends::{DialectName, Request, Settings};
use serde_json::json;

use super::{ALL, answer, asked, body, request, settings};

/// A question with all that can be wished.
fn full() -> Request {
    let mut request = request("The task.");
    request.schema = Some(Arc::new(json!({"type": "object"})));
    request.limits.temperature = Some(0.2);
    request.limits.max_output_tokens = Some(50);
    request
}

fn with_key(mut settings: Settings) -> Settings {
    settings.api_key = Some("${THE_KEY}".to_owned());
    settings
}

#[tokio::test]
async fn responses_get_instructions_parts_and_a_format() {
    let dialect = DialectName::OpenaiResponses;
    let seen = asked(
        |uri| with_key(settings(dialect, uri)),
        &full(),
        &answer(dialect, "x"),
    )
    .await;
    assert_eq!(seen.path, "/v1/responses");
    assert_eq!(seen.header("authorization"), Some("Bearer k-123"));
    assert_eq!(
        body(&seen),
        json!({
            "model": "m",
            "instructions": "You review changes.",
            "input": [{"role": "user", "content": [
                {"type": "input_text", "text": "The packet."},
                {"type": "input_text", "text": "The task."}
            ]}],
            "temperature": 0.2,
            "max_output_tokens": 50,
            "text": {"format": {
                "type": "json_schema", "name": "answer", "strict": true, "schema": {"type": "object"}
            }},
            "store": false,
            "stream": true
        })
    );
}

#[tokio::test]
async fn messages_get_a_version_a_limit_and_blocks() {
    let dialect = DialectName::Anthropic;
    let seen = asked(
        |uri| with_key(settings(dialect, uri)),
        &full(),
        &answer(dialect, "x"),
    )
    .await;
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!(seen.header("x-api-key"), Some("k-123"));
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(
        body(&seen),
        json!({
            "model": "m",
            "max_tokens": 50,
            "system": [{"type": "text", "text": "You review changes."}],
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": "The packet."},
                {"type": "text", "text": "The task."}
            ]}],
            "temperature": 0.2,
            "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
            "stream": true
        })
    );
    let seen = asked(
        |uri| settings(dialect, uri),
        &request("The task."),
        &answer(dialect, "x"),
    )
    .await;
    assert_eq!(body(&seen)["max_tokens"], 8192);
}

#[tokio::test]
async fn gemini_gets_the_model_in_the_address_and_a_generation_config() {
    let dialect = DialectName::Gemini;
    let seen = asked(
        |uri| with_key(settings(dialect, uri)),
        &full(),
        &answer(dialect, "x"),
    )
    .await;
    assert_eq!(seen.path, "/v1beta/models/m:streamGenerateContent?alt=sse");
    assert_eq!(seen.header("x-goog-api-key"), Some("k-123"));
    assert_eq!(
        body(&seen),
        json!({
            "systemInstruction": {"parts": [{"text": "You review changes."}]},
            "contents": [{"role": "user", "parts": [
                {"text": "The packet."}, {"text": "The task."}
            ]}],
            "generationConfig": {
                "temperature": 0.2,
                "maxOutputTokens": 50,
                "responseMimeType": "application/json",
                "responseJsonSchema": {"type": "object"}
            }
        })
    );
    let seen = asked(
        |uri| Settings {
            stream: Some(false),
            ..settings(dialect, uri)
        },
        &request("The task."),
        &answer(dialect, "x"),
    )
    .await;
    assert_eq!(seen.path, "/v1beta/models/m:generateContent");
    assert!(body(&seen).get("generationConfig").is_none());
}

#[tokio::test]
async fn ollama_gets_a_context_that_the_prompt_fits_in() {
    let dialect = DialectName::Ollama;
    let seen = asked(|uri| settings(dialect, uri), &full(), &answer(dialect, "x")).await;
    assert_eq!(seen.path, "/api/chat");
    assert_eq!(
        body(&seen),
        json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "You review changes."},
                {"role": "user", "content": "The packet.\n\nThe task."}
            ],
            "stream": true,
            "format": {"type": "object"},
            "truncate": false,
            "shift": false,
            "options": {"num_ctx": 16384, "temperature": 0.2, "num_predict": 50}
        })
    );
    let context = async |bytes: usize, context_tokens| {
        let request = request(&"x".repeat(bytes));
        let own = |uri: &str| Settings {
            context_tokens,
            ..settings(dialect, uri)
        };
        let seen = asked(own, &request, &answer(dialect, "x")).await;
        body(&seen)["options"]["num_ctx"].as_u64().unwrap()
    };
    assert_eq!(context(60_000, None).await, 32_768);
    assert_eq!(context(10_000_000, None).await, 131_072);
    assert_eq!(context(60_000, Some(200_000)).await, 200_000);
}

#[tokio::test]
async fn chat_completions_end_a_stream_with_the_tokens_used() {
    let dialect = DialectName::Openai;
    let seen = asked(|uri| settings(dialect, uri), &full(), &answer(dialect, "x")).await;
    assert_eq!(
        body(&seen),
        json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "You review changes."},
                {"role": "user", "content": "The packet.\n\nThe task."}
            ],
            "temperature": 0.2,
            "max_tokens": 50,
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "answer", "strict": true, "schema": {"type": "object"}
            }},
            "stream": true,
            "stream_options": {"include_usage": true}
        })
    );
}

/// What a provider's preset makes of the question.
async fn as_preset(preset: &str, change: impl FnOnce(&mut Settings, &mut Request)) -> super::Seen {
    let mut request = full();
    let mut extra = Settings {
        preset: Some(preset.to_owned()),
        ..Settings::default()
    };
    change(&mut extra, &mut request);
    let own = |uri: &str| Settings {
        dialect: extra.dialect.or(Some(DialectName::Openai)),
        model: extra.model.clone().or(Some("m".to_owned())),
        ..Settings {
            base_url: Some(format!("{uri}/v1")),
            api_key: Some("${THE_KEY}".to_owned()),
            ..extra.clone()
        }
    };
    asked(own, &request, &answer(DialectName::Openai, "x")).await
}

#[tokio::test]
async fn providers_are_asked_as_they_want_to_be() {
    let body_of = async |preset| body(&as_preset(preset, |_, _| {}).await);
    for (preset, limit, form, usage, key) in [
        ("openai", "max_completion_tokens", "json_schema", true, true),
        ("azure", "max_completion_tokens", "json_schema", true, true),
        ("groq", "max_completion_tokens", "json_schema", true, false),
        ("xai", "max_completion_tokens", "json_schema", true, false),
        ("mistral", "max_tokens", "json_schema", false, false),
        ("openrouter", "max_tokens", "json_schema", false, false),
        ("requesty", "max_tokens", "json_schema", true, false),
        ("deepseek", "max_tokens", "json_object", true, false),
        ("kimi", "max_tokens", "json_object", true, false),
    ] {
        let body = body_of(preset).await;
        assert_eq!(body[limit], 50, "{preset}");
        assert_eq!(body["response_format"]["type"], form, "{preset}");
        assert_eq!(!body["stream_options"].is_null(), usage, "{preset}");
        assert_eq!(!body["prompt_cache_key"].is_null(), key, "{preset}");
    }
    let seen = as_preset("azure", |_, _| {}).await;
    assert_eq!(seen.header("api-key"), Some("k-123"));
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn calls_of_one_packet_have_one_cache_key() {
    let key = async |packet: &str, task: &str| {
        let seen = as_preset("openai", |_, request| {
            request.prompt.packet = packet.into();
            task.clone_into(&mut request.prompt.task);
        })
        .await;
        body(&seen)["prompt_cache_key"].as_str().unwrap().to_owned()
    };
    let first = key("one", "a").await;
    assert_eq!(first, key("one", "b").await);
    assert_ne!(first, key("two", "a").await);
    assert!(first.len() <= 64, "{first}");
}

/// Parts of a prompt that are long enough to be worth a cache, or not.
fn sized(request: &mut Request, fixed: usize, packet: usize) {
    request.prompt.fixed = "f".repeat(fixed).into();
    request.prompt.packet = "p".repeat(packet).into();
}

#[tokio::test]
async fn the_stable_beginning_is_marked_where_it_is_long_enough() {
    let mark = json!({"type": "ephemeral"});
    for (fixed, packet, marked) in [
        (100, 100, [false, false]),
        (100, 5000, [false, true]),
        (5000, 100, [true, true]),
        (5000, 0, [true, false]),
    ] {
        let mut request = request("The task.");
        sized(&mut request, fixed, packet);
        let dialect = DialectName::Anthropic;
        let seen = asked(
            |uri| settings(dialect, uri),
            &request,
            &answer(dialect, "x"),
        )
        .await;
        let body = body(&seen);
        let content = &body["messages"][0]["content"];
        assert_eq!(body["system"][0]["cache_control"] == mark, marked[0]);
        assert_eq!(content[0]["cache_control"] == mark, marked[1], "{content}");
        assert_eq!(
            seen.text().matches("cache_control").count(),
            marked.iter().filter(|mark| **mark).count()
        );
    }
}

#[tokio::test]
async fn a_router_gets_marks_for_the_models_that_want_them() {
    let marks = async |model: &str| {
        let seen = as_preset("openrouter", |settings, request| {
            settings.model = Some(model.to_owned());
            sized(request, 5000, 100);
        })
        .await;
        seen.text().matches("{\"type\":\"ephemeral\"}").count()
    };
    assert_eq!(marks("anthropic/claude-sonnet-5.5").await, 2);
    assert_eq!(marks("openai/gpt-5.5").await, 0);
}

#[tokio::test]
async fn parts_that_are_empty_are_not_sent() {
    for dialect in ALL {
        let mut request = request("The task.");
        sized(&mut request, 0, 0);
        let seen = asked(
            |uri| settings(dialect, uri),
            &request,
            &answer(dialect, "x"),
        )
        .await;
        let text = seen.text();
        assert!(text.contains("The task."), "{text}");
        assert!(
            !text.contains("system") && !text.contains("instructions"),
            "{text}"
        );
        assert!(!text.contains("\"\""), "{text}");
    }
}

#[tokio::test]
async fn the_requests_own_model_is_asked_for() {
    for dialect in ALL {
        let mut request = request("The task.");
        request.model = Some("vendor/other:1".into());
        let seen = asked(
            |uri| settings(dialect, uri),
            &request,
            &answer(dialect, "x"),
        )
        .await;
        match dialect {
            DialectName::Gemini => {
                assert_eq!(
                    seen.path,
                    "/v1beta/vendor/other:1:streamGenerateContent?alt=sse"
                );
            }
            _ => assert_eq!(body(&seen)["model"], "vendor/other:1"),
        }
    }
}

#[tokio::test]
async fn an_address_names_its_dialect() {
    let cases = [
        (
            "",
            "/v1/chat/completions",
            DialectName::Openai,
            "/v1/chat/completions",
        ),
        (
            "",
            "/v1/responses",
            DialectName::OpenaiResponses,
            "/v1/responses",
        ),
        ("", "/v1/messages", DialectName::Anthropic, "/v1/messages"),
        ("", "/api/chat", DialectName::Ollama, "/api/chat"),
        (
            "",
            "/v1beta/models/n:generateContent",
            DialectName::Gemini,
            "/v1beta/models/m:streamGenerateContent?alt=sse",
        ),
        (
            "",
            "/v1beta/openai",
            DialectName::Openai,
            "/v1beta/openai/chat/completions",
        ),
        ("anthropic", "", DialectName::Anthropic, "/v1/messages"),
        ("anthropic", "/", DialectName::Anthropic, "/v1/messages"),
        (
            "gemini",
            "",
            DialectName::Gemini,
            "/v1beta/models/m:streamGenerateContent?alt=sse",
        ),
        ("ollama", "/api/", DialectName::Ollama, "/api/chat"),
        (
            "ollama",
            "/under/ollama",
            DialectName::Ollama,
            "/under/ollama/api/chat",
        ),
        (
            "openai-responses",
            "/v2/",
            DialectName::OpenaiResponses,
            "/v2/responses",
        ),
        (
            "gemini",
            "/v1beta?tenant=1",
            DialectName::Gemini,
            "/v1beta/models/m:streamGenerateContent?tenant=1&alt=sse",
        ),
    ];
    for (written, path, dialect, wanted) in cases {
        let own = |uri: &str| Settings {
            base_url: Some(format!("{uri}{path}")),
            dialect: (!written.is_empty()).then_some(dialect),
            model: Some("m".to_owned()),
            ..Settings::default()
        };
        let seen = asked(own, &request("task"), &answer(dialect, "x")).await;
        assert_eq!(seen.path, wanted, "{written} {path}");
    }
}
