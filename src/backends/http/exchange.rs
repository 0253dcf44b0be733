//! A question and its answer: within the limits, and again without what the server refuses.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response};
use tokio::time::timeout;

use super::body::Body;
use super::dialect::{Ask, Framing, Wish};
use super::refusal::packing;
use super::stream::{of_events, of_lines};
use super::trouble::is_hangup;
use super::{Http, Refused};
use crate::backends::{CallError, ErrorKind, Limits, Reply, Request};

/// A hangup that comes later is not that of a connection which was over when the question went
/// out: the server may have worked on an answer, which is paid for twice where it is asked twice.
const AT_ONCE: Duration = Duration::from_secs(1);

impl Http {
    /// Asks, until an answer, an error, the time limit or the call's end.
    pub(super) async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        let model = request.model.as_deref().or(self.model.as_deref());
        self.ready(model)
            .map_err(|why| CallError::new(ErrorKind::Denied, why))?;
        let started = Instant::now();
        let limit = request.limits.timeout;
        let mut reply = tokio::select! {
            biased;
            () = request.cancel.cancelled() => return Err(CallError::cancelled()),
            reply = timeout(limit, self.exchange(request)) => {
                reply.unwrap_or_else(|_| Err(self.late(limit)))?
            }
        };
        reply.latency = started.elapsed();
        Ok(reply)
    }

    fn late(&self, limit: Duration) -> CallError {
        CallError::new(
            ErrorKind::Timeout,
            format!(
                "{} gave no answer within {}; raise the backend's `timeout` or lower packets.max_tokens",
                self.place,
                humantime::format_duration(limit)
            ),
        )
    }

    /// Asks for all that is wished, and again without what is refused: once for each wish.
    async fn exchange(&self, request: &Request) -> Result<Reply, CallError> {
        let mut wishes = *self.wishes();
        let mut refused = Vec::new();
        loop {
            let ask = Ask {
                prompt: &request.prompt,
                model: request.model.as_deref().or(self.model.as_deref()),
                schema: request.schema.as_deref(),
                temperature: request.limits.temperature.or(self.temperature),
                max_output_tokens: request.limits.max_output_tokens.or(self.max_output_tokens),
                stream: self.stream,
                wishes,
            };
            match self.send(&ask, &request.limits).await {
                Ok(reply) => {
                    self.remember(refused);
                    return Ok(reply);
                }
                Err(Refused {
                    error,
                    wish: Some(wish),
                }) if wishes.grants(wish) => {
                    tracing::debug!(backend = self.name, "asked again: {error}");
                    wishes = wishes.without(wish);
                    refused.push((wish, error));
                }
                Err(refused) => return Err(refused.error),
            }
        }
    }

    /// What an answer was possible without is not wished again.
    fn remember(&self, refused: Vec<(Wish, CallError)>) {
        for (wish, error) in refused {
            let mut wishes = self.wishes();
            if wishes.grants(wish) {
                *wishes = wishes.without(wish);
                tracing::warn!(
                    backend = self.name,
                    "the server takes no {}; it is asked without from now on: {error}",
                    wish.words()
                );
            }
        }
    }

    async fn send(&self, ask: &Ask<'_>, limits: &Limits) -> Result<Reply, Refused> {
        let idle = longest_silence(limits);
        let body = self
            .dialect
            .question(ask)
            .map_err(|error| CallError::permanent(format!("the question is no JSON: {error}")))?;
        let url = self.dialect.endpoint(&self.base, ask.model, ask.streams());
        let question = self
            .network
            .client()
            .map_err(CallError::permanent)?
            .post(url)
            .headers(self.dialect.fixed_headers())
            .headers(self.key_headers()?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        let response = self.begin(question, idle).await?;
        if !response.status().is_success() {
            return Err(self.refused(response, idle, ask).await);
        }
        let most = limits.max_reply_bytes;
        let reply = self.read(response, idle, most, ask).await?;
        if reply.text.len() > most {
            let what = format!("a text of more than {most} bytes");
            return Err(self.wrong(&what).into());
        }
        Ok(reply)
    }

    /// The answer's beginning. A server may end a connection that was kept from an earlier
    /// answer just when it is used again: such a question goes out once more, at once.
    async fn begin(&self, question: RequestBuilder, idle: Duration) -> Result<Response, CallError> {
        let again = question.try_clone();
        let may_be_kept = self.answered.load(Ordering::Relaxed);
        let started = Instant::now();
        let mut sent = timeout(idle, question.send()).await;
        if let (true, Ok(Err(error)), Some(question)) = (may_be_kept, &sent, again)
            && started.elapsed() < AT_ONCE
            && is_hangup(error)
        {
            sent = timeout(idle, question.send()).await;
        }
        let response = sent
            .map_err(|_| self.silent(idle))?
            .map_err(|error| self.broken("cannot be reached", error))?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(response)
    }

    /// The headers that hold the key.
    pub(super) fn key_headers(&self) -> Result<HeaderMap, CallError> {
        let Some(key) = &self.key else {
            return Ok(HeaderMap::new());
        };
        let denied = |why| CallError::new(ErrorKind::Denied, why);
        let value = key.value().map_err(denied)?;
        self.dialect.key_headers(value).map_err(|_| {
            denied(format!(
                "the environment variable {} holds no key: it has characters that no key has",
                key.variable
            ))
        })
    }

    /// The answer as it came: whole or in pieces, whichever was asked for.
    async fn read(
        &self,
        response: Response,
        idle: Duration,
        most: usize,
        ask: &Ask<'_>,
    ) -> Result<Reply, Refused> {
        if let Some(packing) = packing(response.headers()) {
            return Err(CallError::permanent(format!(
                "{} packed its answer ({packing}), which it was not asked to; check what stands between: a proxy or gateway",
                self.place
            ))
            .into());
        }
        let kind = Kind::of(response.headers());
        let mut body = Body::new(response, idle, most);
        let kind = match kind {
            Kind::Unsaid => {
                let framing = self.dialect.framing();
                let seen = body.peek().await;
                let seen = seen.map_err(|broken| self.unread(broken.into(), ask))?;
                Kind::guessed(seen, ask.streams().then_some(framing))
            }
            kind => kind,
        };
        let answer = match kind {
            Kind::Json => match body.whole().await {
                Ok(body) => self.dialect.answer(&body).map_err(Into::into),
                Err(broken) => Err(broken.into()),
            },
            Kind::Events => of_events(body, self.dialect.assembler()).await,
            Kind::Lines => of_lines(body, self.dialect.assembler()).await,
            Kind::Other(kind) => return Err(self.wrong(&format!("`{kind}` and not JSON")).into()),
            Kind::Unsaid => return Err(self.wrong("something that is not JSON").into()),
        };
        answer.map_err(|failed| self.unread(failed, ask))
    }
}

/// The silence that ends a call. One that is not shorter than the call may be never does:
/// the call's own limit says more.
fn longest_silence(limits: &Limits) -> Duration {
    let shorter = limits.idle_timeout.filter(|idle| *idle < limits.timeout);
    shorter.unwrap_or(Duration::from_hours(24 * 365))
}

/// What a body is.
enum Kind {
    Json,
    Events,
    Lines,
    /// By its own word.
    Other(String),
    /// Nothing says it.
    Unsaid,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Self {
        let Some(kind) = headers.get(CONTENT_TYPE) else {
            return Self::Unsaid;
        };
        let kind = String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match kind {
            "" => Self::Unsaid,
            "text/event-stream" => Self::Events,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/jsonlines"
            | "application/stream+json" => Self::Lines,
            kind if kind.contains("json") => Self::Json,
            kind => Self::Other(kind.chars().take(60).collect()),
        }
    }

    /// By what comes first, and the framing where a stream was asked for.
    fn guessed(first: &[u8], framing: Option<Framing>) -> Self {
        let first = first.trim_ascii_start();
        let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word.as_bytes()));
        if starts(&["{"]) && framing == Some(Framing::JsonLines) {
            Self::Lines
        } else if starts(&["{", "["]) {
            Self::Json
        } else if starts(&["data:", "event:", "id:", "retry:", ":"]) {
            Self::Events
        } else {
            Self::Unsaid
        }
    }
}
