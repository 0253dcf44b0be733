//! A connection to a server that is no model: the API of a forge.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use tokio::time::timeout;

use super::address::is_loopback;
use super::body::{self, Body};
use super::client::Network;
use super::trouble::trouble;
use crate::backends::secrets::Secrets;
use crate::backends::{Environment, ErrorKind};

/// Longest time of one exchange, and longest silence in it.
const LIMIT: Duration = Duration::from_mins(1);
/// Bytes of an answer: a page of a hundred comments of the greatest size holds 26 MB.
const MOST: usize = 64 << 20;

/// The way to one server, which nothing but the questions to it takes.
pub struct Link {
    base: Url,
    network: Network,
    secrets: Secrets,
}

/// One question.
pub struct Call<'c> {
    /// `GET`, `POST`, ….
    pub method: &'c str,
    /// Where: at the link's own server.
    pub url: Url,
    /// Beside those that every question has; values are kept out of logs.
    pub headers: &'c [(&'static str, String)],
    /// JSON.
    pub body: Option<Vec<u8>>,
}

/// What the server said, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Debug)]
pub struct NoAnswer {
    /// A sentence that says what to do; no token stands in it.
    pub why: String,
    /// Whether another try may bring one.
    pub again: bool,
    /// Whether the server can have acted on the question all the same.
    pub arrived: bool,
}

impl Link {
    /// The way to that server, through the proxies and with the certificates that the environment
    /// names. `token` is kept out of everything that is said.
    ///
    /// # Errors
    /// Where a token would travel in the clear.
    pub fn to(base: Url, token: Option<&str>, environment: &Environment) -> Result<Self, String> {
        if token.is_some() && base.scheme() != "https" && !is_loopback(&base) {
            return Err(format!(
                "the token would travel to {} in the clear; the address must begin with https://",
                base.host_str().unwrap_or_default()
            ));
        }
        Ok(Self {
            network: Network::to(&base, environment),
            secrets: Secrets::of_token(token, environment),
            base,
        })
    }

    /// The server's address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// The text without the token.
    pub fn hide(&self, text: &str) -> String {
        self.secrets.hide_in_message(text)
    }

    /// Asks once. A redirection is an answer, and is not followed.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn exchange(&self, call: Call<'_>) -> Result<Answer, NoAnswer> {
        // A token goes to its own server.
        if call.url.origin() != self.base.origin() {
            return Err(NoAnswer::never(format!(
                "{} is not at {}",
                call.url.host_str().unwrap_or_default(),
                self.base.host_str().unwrap_or_default()
            )));
        }
        let client = self.network.client().map_err(NoAnswer::never)?;
        let method = Method::from_bytes(call.method.as_bytes())
            .map_err(|_| NoAnswer::never(format!("`{}` is no method", call.method)))?;
        let mut question = client
            .request(method, call.url)
            .headers(headers(call.headers)?);
        if let Some(body) = call.body {
            question = question.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answered = timeout(LIMIT, question.send()).await;
        let response = answered
            .map_err(|_| self.silent())?
            .map_err(|error| self.broken(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = Body::new(response, LIMIT, MOST).whole();
        let body = timeout(LIMIT, body).await.map_err(|_| self.silent())?;
        let body = body.map_err(|why| NoAnswer {
            why: format!("the answer of {} ended early: {why}", self.host()),
            again: true,
            arrived: true,
        })?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    fn silent(&self) -> NoAnswer {
        NoAnswer {
            why: format!("{} gave no answer within a minute", self.host()),
            again: true,
            arrived: true,
        }
    }

    fn broken(&self, error: &reqwest::Error) -> NoAnswer {
        let (kind, why) = trouble(error, &self.base, self.network.proxy());
        NoAnswer {
            why: self.hide(&format!("{} cannot be reached: {why}", self.host())),
            again: matches!(kind, ErrorKind::Transient { .. }),
            arrived: !error.is_connect(),
        }
    }
}

impl Answer {
    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        body::retry_after(&self.headers, SystemTime::now())
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl NoAnswer {
    /// Nothing was sent, and nothing will be.
    fn never(why: String) -> Self {
        Self {
            why,
            again: false,
            arrived: false,
        }
    }
}

fn headers(pairs: &[(&'static str, String)]) -> Result<HeaderMap, NoAnswer> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            NoAnswer::never(format!(
                "the header {name} would hold characters that none may; check the token"
            ))
        })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Nothing of the token.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}
