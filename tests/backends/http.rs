//! Servers that answer.

use std::sync::Arc;
use std::time::Duration;

use llmux::backends::{Settings, Stop, Usage};
use serde_json::{Value, json};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{ask, backend, build, environment, request};

pub(super) fn at(server: &MockServer) -> Settings {
    Settings {
        base_url: Some(format!("{}/v1", server.uri())),
        ..Settings::default()
    }
}

pub(super) fn answer(text: &str) -> Value {
    json!({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]})
}

pub(super) async fn serving(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

async fn sent(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .map(|request| request.body_json().unwrap())
        .collect()
}

#[tokio::test]
async fn a_question_and_its_answer() {
    let mut body = answer("hello");
    body["model"] = json!("small-2026");
    body["usage"] = json!({
        "prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}
    });
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .expect(1)
        .mount(&server)
        .await;
    let mut settings = at(&server);
    settings.model = Some("small".to_owned());
    settings.temperature = Some(0.2);
    settings.max_output_tokens = Some(100);
    settings.api_key = Some("${THE_KEY}".to_owned());
    let seen = environment(&[("THE_KEY", "sk-123\n")]);
    let backend = build("it", &settings, &seen).unwrap();
    let mut request = request("task");
    request.limits.max_output_tokens = Some(50);
    let reply = backend.ask(&request).await.unwrap();
    assert_eq!(reply.text, "hello");
    assert_eq!(reply.model.as_deref(), Some("small-2026"));
    let usage = Usage {
        input: 10,
        cached_input: 4,
        output: 3,
    };
    assert_eq!(reply.usage, Some(usage));
    assert_eq!(reply.stop, Stop::End);
    assert!(reply.latency > Duration::ZERO);

    assert_eq!(
        sent(&server).await,
        [json!({
            "model": "small",
            "messages": [
                {"role": "system", "content": "You review changes."},
                {"role": "user", "content": "The packet.\n\ntask"}
            ],
            "temperature": 0.2,
            "max_tokens": 50,
            "stream": true,
            "stream_options": {"include_usage": true}
        })]
    );
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["authorization"], "Bearer sk-123");
}

#[tokio::test]
async fn addresses() {
    let server = serving(ResponseTemplate::new(200).set_body_json(answer("x"))).await;
    let uri = server.uri();
    let cases = [
        (Some("/v1"), None, "/v1/chat/completions"),
        (Some("/v1/"), None, "/v1/chat/completions"),
        (
            Some("/openai/v1/chat/completions"),
            None,
            "/openai/v1/chat/completions",
        ),
        (Some(""), None, "/chat/completions"),
        (
            Some("/v2?api-version=1"),
            None,
            "/v2/chat/completions?api-version=1",
        ),
        (None, Some(""), "/v1/chat/completions"),
        (None, Some("/"), "/v1/chat/completions"),
        (None, Some("/api/v3"), "/api/v3/chat/completions"),
    ];
    for (base_url, command, _) in cases {
        let settings = Settings {
            base_url: base_url.map(|path| format!("{uri}{path}")),
            command: command.map(|path| format!("{uri}{path}")),
            ..Settings::default()
        };
        ask(&settings, &request("")).await.unwrap();
    }
    let requests = server.received_requests().await.unwrap();
    let asked = requests.iter().map(|request| {
        let query = request.url.query().map(|query| format!("?{query}"));
        format!("{}{}", request.url.path(), query.unwrap_or_default())
    });
    let wanted = cases.map(|(_, _, address)| address.to_owned());
    assert_eq!(asked.collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn the_schema_is_sent() {
    let server = serving(ResponseTemplate::new(200).set_body_json(answer("{}"))).await;
    let mut request = request("task");
    request.schema = Some(Arc::new(json!({"type": "object"})));
    ask(&at(&server), &request).await.unwrap();
    assert_eq!(
        sent(&server).await[0]["response_format"],
        json!({
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": true, "schema": {"type": "object"}}
        })
    );
}

/// Refuses a schema as servers without structured output do.
async fn without_schemas(status: u16, words: &'static str) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(move |request: &wiremock::Request| {
            let body: Value = request.body_json().unwrap();
            if body["response_format"].is_null() {
                ResponseTemplate::new(200).set_body_json(answer("plain"))
            } else {
                let error = json!({"error": {"message": words}});
                ResponseTemplate::new(status).set_body_json(error)
            }
        })
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_without_one_from_then_on() {
    let mut request = request("task");
    request.schema = Some(Arc::new(json!({"type": "object"})));
    for (status, words) in [
        (400, "This response_format type is unavailable now"),
        (422, "unknown field: json_schema"),
    ] {
        let server = without_schemas(status, words).await;
        let backend = backend(&at(&server));
        assert_eq!(backend.ask(&request).await.unwrap().text, "plain");
        assert_eq!(backend.ask(&request).await.unwrap().text, "plain");
        let with: Vec<_> = sent(&server)
            .await
            .iter()
            .map(|body| !body["response_format"].is_null())
            .collect();
        assert_eq!(with, [true, false, false]);
    }
    let server = without_schemas(400, "the prompt is too long").await;
    let error = ask(&at(&server), &request).await.unwrap_err();
    assert!(error.message.contains("too long"), "{error}");
    assert_eq!(sent(&server).await.len(), 1);
}

#[tokio::test]
async fn why_an_answer_ended() {
    let choice = |message: Value, reason: &str| json!({"choices": [{"message": message, "finish_reason": reason}]});
    let cases = [
        (
            choice(json!({"content": "cut"}), "length"),
            "cut",
            Stop::Length,
        ),
        (choice(json!({"content": null}), "length"), "", Stop::Length),
        (
            choice(json!({"content": ""}), "content_filter"),
            "",
            Stop::Refusal,
        ),
        (
            choice(json!({"content": null, "refusal": "no"}), "stop"),
            "no",
            Stop::Refusal,
        ),
        (
            choice(
                json!({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}),
                "stop",
            ),
            "ab",
            Stop::End,
        ),
    ];
    for (body, text, stop) in cases {
        let server = serving(ResponseTemplate::new(200).set_body_json(body)).await;
        let reply = ask(&at(&server), &request("")).await.unwrap();
        assert_eq!((reply.text.as_str(), reply.stop), (text, stop));
    }
}
