//! A server that speaks OpenAI's chat completions.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::json;
use tokio::sync::OnceCell;

use super::build::BuildError;
use super::environment::{Environment, Key};
use super::text::one_line;
use super::{Backend, BoxFuture, CallError, ErrorKind, Reply, Request, Settings};

mod address;
mod body;
mod wire;

use address::{endpoint, is_loopback};
use body::{read_body, retry_after, root_cause};
use wire::{Answer, Question, ResponseFormat, error_words};

/// Bytes read of a body that tells an error.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A server.
pub(super) struct Http {
    name: String,
    url: Url,
    model: Option<String>,
    key: Option<Key>,
    temperature: Option<f32>,
    max_output_tokens: Option<u32>,
    /// Set once the server has refused a schema: it is not sent again.
    plain: AtomicBool,
    /// Made at the first call: loading the machine's certificates takes a while.
    client: OnceCell<Client>,
}

/// Whether the settings name a server on this machine.
pub(super) fn is_on_this_machine(settings: &Settings) -> bool {
    endpoint("", settings).is_ok_and(|url| is_loopback(&url))
}

/// A call that brought no reply.
struct Refused {
    error: CallError,
    /// Whether it was the schema that the server did not want.
    schema: bool,
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        let schema = false;
        Self { error, schema }
    }
}

impl Http {
    /// Fixes address, key and parameters.
    ///
    /// # Errors
    /// Where the URL or `api_key` cannot be used. A missing key is told by `available`.
    pub(super) fn new(
        name: &str,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Self, BuildError> {
        let key = match &settings.api_key {
            Some(written) => Some(
                Key::read(written, environment).map_err(|_| BuildError::Key(name.to_owned()))?,
            ),
            None => None,
        };
        Ok(Self {
            name: name.to_owned(),
            url: endpoint(name, settings)?,
            model: settings.model.clone(),
            key,
            temperature: settings.temperature,
            max_output_tokens: settings.max_output_tokens,
            plain: AtomicBool::new(false),
            client: OnceCell::new(),
        })
    }

    async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        self.available().map_err(CallError::permanent)?;
        let started = Instant::now();
        let limit = request.limits.timeout;
        let mut reply = tokio::select! {
            biased;
            () = request.cancel.cancelled() => return Err(CallError::cancelled()),
            reply = tokio::time::timeout(limit, self.exchange(request)) => {
                reply.unwrap_or_else(|_| Err(CallError::new(
                    ErrorKind::Timeout,
                    format!(
                        "{} gave no answer within {}; raise the backend's `timeout` or lower packets.max_tokens",
                        self.place(),
                        humantime::format_duration(limit)
                    ),
                )))?
            }
        };
        reply.latency = started.elapsed();
        Ok(reply)
    }

    /// With the schema, and without it where the server cannot enforce one.
    async fn exchange(&self, request: &Request) -> Result<Reply, CallError> {
        let wanted = request.schema.is_some() && !self.plain.load(Ordering::Relaxed);
        match self.send(request, wanted).await {
            Err(refused) if wanted && refused.schema => {
                let reply = self.send(request, false).await;
                if reply.is_ok() {
                    self.plain.store(true, Ordering::Relaxed);
                    tracing::warn!(
                        backend = self.name,
                        "the server takes no schema; it is asked without one: {}",
                        refused.error
                    );
                }
                reply
            }
            reply => reply,
        }
        .map_err(|refused| refused.error)
    }

    async fn send(&self, request: &Request, with_schema: bool) -> Result<Reply, Refused> {
        let client = self.client.get_or_try_init(|| async { self.client() });
        let response = client
            .await?
            .post(self.url.clone())
            .headers(self.headers()?)
            .json(&self.question(request, with_schema))
            .send()
            .await
            .map_err(|error| self.broken("cannot be reached", error))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        self.read(response, request.limits.max_reply_bytes)
            .await
            .map_err(Refused::from)
    }

    fn question<'a>(&'a self, request: &'a Request, with_schema: bool) -> Question<'a> {
        let mut question = Question::of(&request.prompt);
        question.model = request.model.as_deref().or(self.model.as_deref());
        question.temperature = request.limits.temperature.or(self.temperature);
        let most = request.limits.max_output_tokens.or(self.max_output_tokens);
        if self.wants_completion_tokens() {
            question.max_completion_tokens = most;
        } else {
            question.max_tokens = most;
        }
        let schema = request.schema.as_deref().filter(|_| with_schema);
        question.response_format = schema.map(ResponseFormat::of);
        question
    }

    /// OpenAI's own servers refuse `max_tokens` for newer models; others know nothing else.
    fn wants_completion_tokens(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        host == "api.openai.com" || host.ends_with(".openai.azure.com")
    }

    fn headers(&self) -> Result<HeaderMap, CallError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.key {
            let value = key.value().map_err(CallError::permanent)?;
            let mut value = HeaderValue::from_str(&format!("Bearer {value}")).map_err(|_| {
                CallError::permanent(format!(
                    "the environment variable {} holds no key: it has characters that no key has",
                    key.variable
                ))
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }

    fn client(&self) -> Result<Client, CallError> {
        // An error means that there is a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("llmux/", env!("CARGO_PKG_VERSION")))
            // Prompt and key go to the configured server and nowhere else.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&self.url) {
            builder = builder.no_proxy();
        }
        if self.url.scheme() == "http" {
            // Needs no certificates, and a machine without any must not fail here.
            builder = builder.tls_certs_only([]);
        }
        builder.build().map_err(|error| {
            CallError::permanent(format!("cannot prepare TLS: {}", root_cause(&error)))
        })
    }

    async fn read(&self, mut response: Response, most: usize) -> Result<Reply, CallError> {
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
        let (body, whole) = read_body(&mut response, most)
            .await
            .map_err(|error| self.broken("broke off its answer", error))?;
        if !whole {
            return Err(CallError::transient(format!(
                "{} sent more than {most} bytes",
                self.place()
            )));
        }
        let wrong = |what: String| {
            CallError::transient(format!(
                "{} sent {what}; check that `base_url` is the API's address, with its version path",
                self.place()
            ))
        };
        if let Some(kind) = kind.filter(|kind| !kind.to_ascii_lowercase().contains("json")) {
            return Err(wrong(format!("`{}` and not JSON", one_line(&kind, 60))));
        }
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
            wrong(format!(
                "an answer that is not the JSON of a chat completion ({error})"
            ))
        })?;
        if let Some(error) = answer.error.as_ref().filter(|error| !error.is_null()) {
            let status = error["code"]
                .as_u64()
                .and_then(|code| u16::try_from(code).ok());
            let kind = ErrorKind::of_status(status.unwrap_or(500), None);
            let words = self.cleaned(&error_words(&json!({ "error": error }).to_string()));
            return Err(CallError::new(kind, format!("{}: {words}", self.place())));
        }
        answer
            .into_reply()
            .ok_or_else(|| CallError::transient(format!("{} sent an empty answer", self.place())))
    }

    async fn refused(&self, mut response: Response) -> Refused {
        let status = response.status();
        let headers = response.headers().clone();
        let body = read_body(&mut response, MAX_ERROR_BYTES).await;
        let body = body.map(|(body, _)| body).unwrap_or_default();
        let body = String::from_utf8_lossy(&body);
        let about_schema = body.contains("response_format") || body.contains("json_schema");
        let spent = body.contains("insufficient_quota");
        let kind = if spent {
            ErrorKind::Permanent
        } else {
            ErrorKind::of_status(status.as_u16(), retry_after(&headers, SystemTime::now()))
        };
        let advice = if spent {
            "; the account has nothing left to spend".to_owned()
        } else {
            self.advice(status, &headers)
        };
        let words = match self.cleaned(&error_words(&body)) {
            words if words.is_empty() => String::new(),
            words => format!(": {words}"),
        };
        let message = format!("{} answered {status}{words}{advice}", self.place());
        Refused {
            error: CallError::new(kind, message),
            schema: matches!(status.as_u16(), 400 | 422) && about_schema,
        }
    }

    fn advice(&self, status: StatusCode, headers: &HeaderMap) -> String {
        match (status.as_u16(), &self.key) {
            (401, Some(key)) => format!("; put a valid key into {}", key.variable),
            (401, None) => "; set the backend's `api_key` to \"${NAME}\"".to_owned(),
            (403, Some(key)) => {
                format!("; check what the key in {} may use", key.variable)
            }
            (404, _) => "; check the backend's `model` and `base_url`".to_owned(),
            (300..=399, _) => {
                let target = headers.get(LOCATION).map(HeaderValue::as_bytes);
                let target = String::from_utf8_lossy(target.unwrap_or_default());
                let host = self.url.join(&target).ok();
                let host = host.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
                format!(
                    "; it points to {}, which is not followed: set `base_url` to the address that answers",
                    one_line(host, 100)
                )
            }
            _ => String::new(),
        }
    }

    /// A connection that failed: no reply, so that it is worth another try.
    fn broken(&self, what: &str, error: reqwest::Error) -> CallError {
        let cause = self.cleaned(&root_cause(&error.without_url()));
        CallError::transient(format!("{} {what}: {cause}", self.place()))
    }

    fn cleaned(&self, text: &str) -> String {
        let text = match &self.key {
            Some(key) => key.redact(text),
            None => text.to_owned(),
        };
        one_line(&text, 300)
    }

    /// The address for messages: without a query, which may hold a key.
    fn place(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string()
    }
}

impl Backend for Http {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        self.key
            .as_ref()
            .map_or(Ok(()), |key| key.value().map(drop))
    }

    fn identity(&self) -> String {
        json!({
            "kind": "http",
            "url": self.place(),
            "model": self.model,
            "temperature": self.temperature,
            "max_output_tokens": self.max_output_tokens,
        })
        .to_string()
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.call(request))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("name", &self.name)
            .field("url", &self.place())
            .field("model", &self.model)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
