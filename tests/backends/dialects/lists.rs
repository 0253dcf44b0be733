//! Lists of models.

use llmux::backends::DialectName;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{build, environment, said, serving, settings};

/// What is listed, and where it was asked.
async fn listed(dialect: DialectName, body: &Value) -> (Option<Vec<String>>, String) {
    let server = serving(said(body));
    let settings = settings(dialect, &server.uri());
    let backend = build("it", &settings, &environment(&[])).unwrap();
    let seen = backend.inspect(&CancellationToken::new()).await;
    // A server that tells its version is asked for it at the same time.
    let mut paths = server.requests().into_iter().map(|request| request.path);
    let path = paths.find(|path| path != "/api/version").unwrap();
    (seen.models, path)
}

#[tokio::test]
async fn each_dialect_lists_its_models() {
    let data = json!({"object": "list", "data": [
        {"id": "m", "object": "model"}, {"id": "a"}, {"id": null}, {"name": "x"}, {"id": "a"}
    ]});
    let names = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect::<Vec<_>>());
    for (dialect, path) in [
        (DialectName::Openai, "/v1/models"),
        (DialectName::OpenaiResponses, "/v1/models"),
        (DialectName::Anthropic, "/v1/models?limit=1000"),
    ] {
        assert_eq!(
            listed(dialect, &data).await,
            (names(&["a", "m"]), path.to_owned())
        );
    }
    let gemini = json!({"models": [
        {"name": "models/m", "supportedGenerationMethods": ["generateContent", "countTokens"]},
        {"name": "models/embedder", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/b"}
    ]});
    assert_eq!(
        listed(DialectName::Gemini, &gemini).await,
        (
            names(&["b", "m"]),
            "/v1beta/models?pageSize=1000".to_owned()
        )
    );
    let ollama = json!({"models": [
        {"name": "m:latest", "model": "m:latest", "size": 5, "details": {}}, {"name": "a:8b"}
    ]});
    assert_eq!(
        listed(DialectName::Ollama, &ollama).await,
        (names(&["a:8b", "m:latest"]), "/api/tags".to_owned())
    );
}

#[tokio::test]
async fn what_is_no_list_is_none() {
    for body in [
        json!({}),
        json!([]),
        json!({"data": 1, "models": "x"}),
        json!(null),
    ] {
        for dialect in super::ALL {
            assert_eq!(listed(dialect, &body).await.0, None, "{dialect:?} {body}");
        }
    }
}
