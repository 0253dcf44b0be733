//! A model on loopback that answers by script, in OpenAI's chat format.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// What it says to a question; the first argument counts its calls from 0.
type Script = Box<dyn Fn(usize, &str) -> ResponseTemplate + Send + Sync>;

struct Scripted {
    calls: std::sync::atomic::AtomicUsize,
    script: Script,
}

impl Respond for Scripted {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let messages = body["messages"].as_array().cloned().unwrap_or_default();
        let question: Vec<_> = messages
            .iter()
            .filter_map(|message| message["content"].as_str())
            .collect();
        let call = self.calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        (self.script)(call, &question.join("\n"))
    }
}

/// A server that lives as long as this value.
pub(crate) struct Model {
    server: MockServer,
}

impl Model {
    pub(crate) async fn new(
        script: impl Fn(usize, &str) -> ResponseTemplate + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/v1/chat/completions"))
            .respond_with(Scripted {
                calls: 0.into(),
                script: Box::new(script),
            })
            .mount(&server)
            .await;
        Self { server }
    }

    /// A server of several models, each with its own script.
    pub(crate) async fn by_model(
        script: impl Fn(&str) -> ResponseTemplate + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start().await;
        let answer = move |request: &Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            script(body["model"].as_str().unwrap_or_default())
        };
        Mock::given(method("POST"))
            .respond_with(answer)
            .mount(&server)
            .await;
        Self { server }
    }

    /// What each question so far says under `key`, in the order of arrival.
    pub(crate) async fn asked(&self, key: &str) -> Vec<Value> {
        let questions = self.questions().await;
        let bodies = questions.iter();
        bodies
            .map(|body| serde_json::from_str::<Value>(body).unwrap_or_default()[key].clone())
            .collect()
    }

    /// Says the same to every question for findings, is unsure of every claim, and says a
    /// sentence to any other question.
    pub(crate) async fn finding(findings: Value) -> Self {
        Self::new(move |_, question| {
            if asks_for_verdicts(question) {
                says(UNSURE)
            } else if asks_for_findings(question) {
                says(&json!({ "findings": findings }).to_string())
            } else {
                says("A summary of the change.")
            }
        })
        .await
    }

    /// `[backends.NAME]` for it.
    pub(crate) fn config(&self, name: &str) -> String {
        format!("{}model = \"{name}-1\"\n", self.table(name))
    }

    /// The same without a model.
    pub(crate) fn table(&self, name: &str) -> String {
        format!(
            "[backends.{name}]\nbase_url = \"{}/v1\"\n",
            self.server.uri()
        )
    }

    pub(crate) async fn calls(&self) -> usize {
        self.server
            .received_requests()
            .await
            .unwrap_or_default()
            .len()
    }

    /// The text of each question so far.
    pub(crate) async fn questions(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests
            .iter()
            .map(|request| String::from_utf8_lossy(&request.body).into_owned())
            .collect()
    }
}

/// A critic that says nothing of any claim.
pub(crate) const UNSURE: &str = "{\"verdicts\": []}";

/// The fixed part says which object is wanted; the summary's task does not.
pub(crate) fn asks_for_findings(question: &str) -> bool {
    question.contains("\"findings\"") && !asks_for_verdicts(question)
}

/// The fixed part is the same for a critic, whose task says so.
pub(crate) fn asks_for_verdicts(question: &str) -> bool {
    question.contains("\"verdicts\"")
}

/// A chat completion with this text.
pub(crate) fn says(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "id": "c", "object": "chat.completion", "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    }))
}

/// The same, after a pause.
pub(crate) fn says_late(text: &str, pause: Duration) -> ResponseTemplate {
    says(text).set_delay(pause)
}
