//! Answers that are none: what they mean, and what to do.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode, Url};

use super::body::{Body, Broken, retry_after};
use super::dialect::{Ask, Unreadable, Wish, error_words, is_spent, kind_of_refusal};
use super::stream::Failed;
use super::trouble::{trouble, wants_login};
use super::{Http, Refused};
use crate::backends::text::{one_line, without_lines};
use crate::backends::{CallError, ErrorKind, Prompt};

/// Bytes read of a body that tells an error.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// What is left of an error's words after so long is not waited for: the status says most,
/// and a body that drips would make a wrong key a call that ran out of time.
const PATIENCE: Duration = Duration::from_secs(3);

impl Http {
    /// A status that is no success.
    pub(super) async fn refused(
        &self,
        response: Response,
        idle: Duration,
        ask: &Ask<'_>,
    ) -> Refused {
        let status = response.status();
        let headers = response.headers().clone();
        let body = Body::new(response, idle, usize::MAX);
        let body = if is_text(&headers) {
            body.beginning(MAX_ERROR_BYTES, PATIENCE).await
        } else {
            Vec::new()
        };
        let body = String::from_utf8_lossy(&body);
        let pause = retry_after(&headers, SystemTime::now());
        let kind = match status.as_u16() {
            // Whatever the model, the proxy will say the same.
            407 => ErrorKind::Denied,
            status => kind_of_refusal(status, &body, pause),
        };
        let advice = self.advice(status, &body, &headers);
        let words = match self.cleaned(&error_words(&body), ask.prompt) {
            words if words.is_empty() => String::new(),
            words => format!(": {words}"),
        };
        let name = status.canonical_reason().map(|name| format!(" {name}"));
        let code = format!("{}{}", status.as_str(), name.unwrap_or_default());
        let message = format!("{} answered {code}{words}{advice}", self.place);
        Refused {
            error: CallError::new(kind, message),
            wish: self.dialect.refused_wish(status.as_u16(), &body, ask),
        }
    }

    fn advice(&self, status: StatusCode, body: &str, headers: &HeaderMap) -> String {
        if is_spent(status.as_u16(), body) {
            return "; the account has nothing left to spend".to_owned();
        }
        match (status.as_u16(), &self.key) {
            (401, Some(key)) => format!("; put a valid key into {}", key.variable),
            (401, None) => "; set the backend's `api_key` to \"${NAME}\"".to_owned(),
            (403, Some(key)) => {
                format!("; check what the key in {} may use", key.variable)
            }
            (404, _) => "; check the backend's `model` and `base_url`".to_owned(),
            (407, _) => self
                .network
                .proxy()
                .map(|proxy| format!("; {}", wants_login(proxy.variable)))
                .unwrap_or_default(),
            (300..=399, _) => format!(
                "; it points to {}, which is not followed: set `base_url` to the address that answers",
                self.target(headers)
            ),
            _ => String::new(),
        }
    }

    /// The host that a redirect names, and no more of it: the rest is the server's to choose.
    fn target(&self, headers: &HeaderMap) -> String {
        let target = headers.get(LOCATION).map(HeaderValue::as_bytes);
        let target = String::from_utf8_lossy(target.unwrap_or_default());
        let url = self.base.join(&target).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
        self.cleaned(host, &Prompt::default())
    }

    /// A connection that failed.
    pub(super) fn broken(&self, what: &str, error: reqwest::Error) -> CallError {
        let proxy = self.network.proxy();
        let (kind, cause) = trouble(&error.without_url(), &self.base, proxy);
        let cause = self.cleaned(&cause, &Prompt::default());
        let through = proxy.map(|proxy| format!(" through the proxy {}", proxy.shown()));
        let through = through.unwrap_or_default();
        CallError::new(kind, format!("{} {what}{through}: {cause}", self.place))
    }

    /// Nothing came before the answer began.
    pub(super) fn silent(&self, idle: Duration) -> CallError {
        CallError::new(
            ErrorKind::Timeout,
            format!(
                "{} was silent for {} and had not begun to answer; raise the backend's `idle_timeout` or lower packets.max_tokens",
                self.place,
                humantime::format_duration(idle)
            ),
        )
    }

    /// An answer that ended too early or is none.
    pub(super) fn unread(&self, failed: Failed, ask: &Ask<'_>) -> Refused {
        match failed {
            Failed::Broken(broken) => Refused::from(self.cut(broken)),
            Failed::Unreadable(unreadable) => self.unreadable(unreadable, ask),
        }
    }

    fn cut(&self, broken: Broken) -> CallError {
        let place = &self.place;
        match broken {
            Broken::Cut(error) => self.broken("broke off its answer", error),
            Broken::Silent(idle) => CallError::new(
                ErrorKind::Timeout,
                format!(
                    "{place} stopped in the middle of its answer: nothing came for {}; raise the backend's `idle_timeout` if that is not enough",
                    humantime::format_duration(idle)
                ),
            ),
            Broken::Garbled => CallError::transient(format!("{place} sent {broken}")),
            Broken::TooLarge(_) | Broken::LongEvent(_) => CallError::transient(format!(
                "{place} sent {broken}, which no review is; lower the backend's `max_output_tokens`"
            )),
        }
    }

    fn unreadable(&self, unreadable: Unreadable, ask: &Ask<'_>) -> Refused {
        let place = &self.place;
        let error = match unreadable {
            Unreadable::Error { status, words } => {
                let status = status.unwrap_or(500);
                let kind = kind_of_refusal(status, &words, None);
                let shown = self.cleaned(&words, ask.prompt);
                return Refused {
                    error: CallError::new(kind, format!("{place}: {shown}")),
                    wish: self.dialect.refused_wish(status, &words, ask),
                };
            }
            Unreadable::NotTheProtocol(what) => self.wrong(&format!("an answer that {what}")),
            Unreadable::Cut => CallError::transient(format!(
                "{place} ended its answer too early: the mark of its end is missing"
            )),
            Unreadable::Empty => CallError::transient(format!("{place} sent an empty answer")),
        };
        Refused::from(error)
    }

    /// Something that is not what a model says: mostly an address that is not the API's.
    pub(super) fn wrong(&self, what: &str) -> CallError {
        let what = self.cleaned(what, &Prompt::default());
        CallError::transient(format!(
            "{} sent {what}; check that `base_url` is the API's address, with its version path",
            self.place
        ))
    }

    /// A server's words for a message: no key, nothing of the prompt, one line.
    fn cleaned(&self, text: &str, prompt: &Prompt) -> String {
        // First, so that no key is cut in two.
        let text = self.secrets.hide_in_message(text);
        let parts = [&*prompt.fixed, &*prompt.packet, &*prompt.task];
        let text = parts.into_iter().fold(text, |text, part| {
            // In the prompt too, or a line that holds a key would not be known again.
            without_lines(&text, &self.secrets.hide_in_message(part))
        });
        one_line(&text, 300)
    }
}

/// Whether a body may be words: a page for browsers is none, and what is packed stays so.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_page = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(b"text/html"));
    !is_page && packing(headers).is_none()
}

/// How a body is packed, where it is.
pub(super) fn packing(headers: &HeaderMap) -> Option<String> {
    let packing = headers.get(CONTENT_ENCODING)?;
    let packing = String::from_utf8_lossy(packing.as_bytes());
    let packing = packing.trim();
    let is_plain = packing.is_empty() || packing.eq_ignore_ascii_case("identity");
    (!is_plain).then(|| one_line(packing, 40))
}

/// Which wish to ask again without, if any.
impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        Self {
            error,
            wish: None::<Wish>,
        }
    }
}
