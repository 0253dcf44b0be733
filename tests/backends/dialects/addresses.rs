//! Where a question goes.

use llmux::backends::{DialectName, Settings};

use super::{ALL, answer, asked, body, request, settings};

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
