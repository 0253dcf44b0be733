//! A look at servers without a question.

use llmux::backends::{DialectName, Inspection, KeyState, Settings};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::http::{at, serving};
use super::{build, environment};

fn with_key(mut settings: Settings) -> Settings {
    settings.api_key = Some("${THE_KEY}".to_owned());
    settings
}

async fn look(settings: &Settings, key: &str) -> Inspection {
    let seen = environment(&[("THE_KEY", key)]);
    let backend = build("it", settings, &seen).unwrap();
    let seen = backend.inspect(&CancellationToken::new()).await;
    assert!(key.is_empty() || !format!("{seen:?}").contains(key));
    seen
}

#[tokio::test]
async fn a_server_tells_its_models() {
    let key = format!("sk-{}", "looked0at".repeat(3));
    let server = MockServer::start().await;
    let list = json!({"object": "list", "data": [{"id": "small-2026"}, {"id": "large"}]});
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .and(header("authorization", format!("Bearer {key}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    let mut settings = with_key(at(&server));
    settings.base_url.as_mut().unwrap().push_str("?secret=1");
    settings.model = Some("large".to_owned());
    let seen = look(&settings, &key).await;
    let variable = KeyState {
        variable: "THE_KEY".to_owned(),
        present: true,
    };
    assert_eq!(seen.keys, [variable]);
    assert_eq!(seen.place, Some(format!("{}/v1", server.uri())));
    assert_eq!(seen.model.as_deref(), Some("large"));
    let models = ["large".to_owned(), "small-2026".to_owned()];
    assert_eq!(seen.models.as_deref(), Some(models.as_slice()));
    assert_eq!(seen.trouble, None);

    // The name of what is listed with its date.
    settings.model = Some("small".to_owned());
    assert_eq!(look(&settings, &key).await.trouble, None);
    settings.model = Some("lrage".to_owned());
    let seen = look(&settings, &key).await;
    assert_eq!(seen.trouble, None, "it may be offered without being listed");
    let hint = seen.hint.unwrap();
    assert!(hint.contains("the nearest is `large`"), "{hint}");
}

#[tokio::test]
async fn ollama_tells_its_version() {
    let server = MockServer::start().await;
    for (at, body) in [
        ("/api/tags", json!({"models": [{"name": "llama3:latest"}]})),
        ("/api/version", json!({"version": "0.12.3"})),
    ] {
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    let settings = Settings {
        base_url: Some(server.uri()),
        dialect: Some(DialectName::Ollama),
        model: Some("llama3".to_owned()),
        ..Settings::default()
    };
    let seen = look(&settings, "").await;
    assert_eq!(seen.version.as_deref(), Some("0.12.3"));
    assert_eq!(seen.models, Some(vec!["llama3:latest".to_owned()]));
    assert_eq!(seen.trouble, None);
}

#[tokio::test]
async fn without_its_key_nothing_is_sent() {
    let server = serving(ResponseTemplate::new(200)).await;
    let seen = look(&with_key(at(&server)), "").await;
    assert!(!seen.keys[0].present);
    assert!(seen.trouble.unwrap().contains("THE_KEY is not set"));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let key = format!("sk-{}", "looked0at".repeat(3));
    let says = |words: &str| json!({"error": {"message": words}});
    let cases = [
        (
            ResponseTemplate::new(401).set_body_json(says(&format!("bad key {key}"))),
            "put a valid key into THE_KEY",
        ),
        (
            ResponseTemplate::new(503).set_body_json(says("down")),
            "down",
        ),
        (
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            "base_url",
        ),
    ];
    for (response, words) in cases {
        let server = serving(response).await;
        let trouble = look(&with_key(at(&server)), &key).await.trouble.unwrap();
        assert!(trouble.contains(words), "{trouble}");
    }
    // Some servers keep no list.
    let server = serving(ResponseTemplate::new(404)).await;
    let seen = look(&with_key(at(&server)), &key).await;
    assert_eq!((seen.models, seen.trouble), (None, None));
    let settings = Settings {
        base_url: Some("http://127.0.0.1:9/v1".to_owned()),
        ..Settings::default()
    };
    let trouble = look(&settings, &key).await.trouble.unwrap();
    assert!(trouble.contains("start the server"), "{trouble}");
}
