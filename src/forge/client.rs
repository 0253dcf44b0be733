//! A forge's API: questions one after the other, at the pace that it allows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::Url;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

use crate::backends::{Answer, Call, Link, NoAnswer};
use crate::clean;

/// Pause between two questions that write, as GitHub asks for; it also keeps below the 80 a
/// minute that it allows.
const BETWEEN: Duration = Duration::from_secs(1);
/// First pause after a limit that does not say how long, as GitHub asks for.
const UNSAID: Duration = Duration::from_mins(1);
/// Longest that all limits together are waited for.
const PATIENCE: Duration = Duration::from_mins(15);
/// Further tries after a failure that may pass.
const RETRIES: usize = 4;
/// Characters of what a server says.
const MAX_SAID: usize = 300;

/// The API of one server.
#[derive(Debug)]
pub(super) struct Client {
    link: Link,
    headers: Vec<(&'static str, String)>,
    between: Duration,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    /// When the next question that writes may go out.
    next: Instant,
    /// What is left to be waited for.
    patience: Duration,
}

/// Why a question brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The token may not, or there is none.
    #[error("{0}")]
    Denied(String),
    /// There is no such thing, or the token may not see it.
    #[error("{0}")]
    NotFound(String),
    /// The server does not take it as it is: the same again would be refused again.
    #[error("{0}")]
    Refused(String),
    /// Too many questions, and no end of the wait in sight.
    #[error("{0}")]
    Limited(String),
    /// No answer; the server may have done what it was asked to.
    #[error("{0}")]
    Unsure(String),
    /// No answer, and nothing was done.
    #[error("{0}")]
    Broken(String),
}

/// Whether a question may be put twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Twice is like once.
    Harmless,
    /// Twice would be two comments.
    Never,
}

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// `GET`, `POST`, ….
    pub(super) method: &'static str,
    /// Where.
    pub(super) url: Url,
    /// JSON.
    pub(super) body: Option<Value>,
    /// Whether it changes anything there.
    pub(super) writes: bool,
    /// Whether it may be put twice.
    pub(super) again: Again,
}

impl Question {
    /// One that reads.
    pub(super) fn get(url: Url) -> Self {
        Self {
            method: "GET",
            url,
            body: None,
            writes: false,
            again: Again::Harmless,
        }
    }

    /// One that makes something.
    pub(super) fn post(url: Url, body: Value) -> Self {
        Self {
            method: "POST",
            url,
            body: Some(body),
            writes: true,
            again: Again::Never,
        }
    }
}

impl Client {
    /// With headers for every question. `pause` is the pause between two questions that write,
    /// which only a server on this machine may be given less of.
    pub(super) fn new(
        link: Link,
        headers: Vec<(&'static str, String)>,
        pause: Option<Duration>,
    ) -> Self {
        let pause = pause.filter(|pause| link.is_loopback() || *pause > BETWEEN);
        Self {
            link,
            headers,
            between: pause.unwrap_or(BETWEEN),
            pace: Mutex::new(Pace {
                next: Instant::now(),
                patience: PATIENCE,
            }),
        }
    }

    /// The server's name, for messages.
    pub(super) fn host(&self) -> &str {
        self.link.base().host_str().unwrap_or_default()
    }

    /// Asks until there is an answer, a refusal, or no hope.
    ///
    /// # Errors
    /// See [`Failure`].
    pub(super) async fn ask(&self, question: &Question) -> Result<Value, Failure> {
        let body = question.body.as_ref().map(serde_json::to_vec).transpose();
        let body = body.map_err(|error| Failure::Broken(format!("no JSON: {error}")))?;
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.between)
            .with_max_delay(UNSAID)
            .with_max_times(RETRIES)
            .build();
        let mut limits = 0;
        loop {
            self.turn(question.writes).await;
            let answered = self
                .link
                .exchange(Call {
                    method: question.method,
                    url: question.url.clone(),
                    headers: &self.headers,
                    body: body.clone(),
                })
                .await;
            let failure = match answered {
                Ok(answer) if (200..300).contains(&answer.status) => return self.value(&answer),
                Ok(answer) => {
                    if let Some(pause) = limit(&answer, limits) {
                        limits += 1;
                        self.wait(pause, &answer).await?;
                        continue;
                    }
                    self.failure(&answer)
                }
                Err(NoAnswer {
                    why,
                    again,
                    arrived,
                }) => match (again, arrived) {
                    (_, true) => Failure::Unsure(why),
                    (true, false) => {
                        // It was never sent, so that it may be sent again.
                        match pauses.next() {
                            Some(pause) => {
                                sleep(pause).await;
                                continue;
                            }
                            None => Failure::Broken(why),
                        }
                    }
                    (false, false) => Failure::Broken(why),
                },
            };
            let may = matches!(failure, Failure::Unsure(_)) && question.again == Again::Harmless;
            match pauses.next().filter(|_| may) {
                Some(pause) => {
                    tracing::debug!("asked again: {failure}");
                    sleep(pause).await;
                }
                None => return Err(failure),
            }
        }
    }

    /// Waits until the next question may go out.
    async fn turn(&self, writes: bool) {
        let mut pace = self.pace.lock().await;
        if writes {
            sleep_until(pace.next).await;
            pace.next = Instant::now() + self.between;
        }
    }

    /// Obeys a limit, as long as there is patience.
    async fn wait(&self, pause: Duration, answer: &Answer) -> Result<(), Failure> {
        let mut pace = self.pace.lock().await;
        let Some(left) = pace.patience.checked_sub(pause) else {
            return Err(Failure::Limited(format!(
                "{} takes no more for now ({}); it would be {} to wait",
                self.host(),
                self.said(answer),
                humantime::format_duration(Duration::from_secs(pause.as_secs()))
            )));
        };
        pace.patience = left;
        tracing::warn!(
            "{} takes no more for now; waiting for {}s",
            self.host(),
            pause.as_secs()
        );
        sleep(pause).await;
        Ok(())
    }

    fn value(&self, answer: &Answer) -> Result<Value, Failure> {
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|_| {
            Failure::Unsure(format!(
                "{} answered with something that is not JSON; check the API's address",
                self.host()
            ))
        })
    }

    fn failure(&self, answer: &Answer) -> Failure {
        let said = self.said(answer);
        let (status, host) = (answer.status, self.host());
        match status {
            401 => Failure::Denied(format!(
                "{host} does not take the token ({said}); it may have expired"
            )),
            403 => Failure::Denied(format!("{host} does not allow it ({said})")),
            404 | 410 => Failure::NotFound(format!(
                "{host} has no such thing, or the token may not see it ({said})"
            )),
            300..=399 => Failure::Refused(format!(
                "{host} sends to another address ({status}), which the token is not sent to; check the API's address and the repository's name"
            )),
            408 | 500..=599 => Failure::Unsure(format!("{host} failed: {said}")),
            _ => Failure::Refused(format!("{host} refused it: {said}")),
        }
    }

    /// The status and the words of an answer, on one line.
    fn said(&self, answer: &Answer) -> String {
        let words = self.link.hide(&words(&answer.body));
        let words = clean::log_line(&words);
        let words = clean::cut(&words, MAX_SAID);
        if words.is_empty() {
            format!("status {}", answer.status)
        } else {
            format!("status {}: {words}", answer.status)
        }
    }
}

/// What a forge says in an error's JSON.
fn words(body: &[u8]) -> String {
    let Ok(said) = serde_json::from_slice::<Value>(body) else {
        return String::new();
    };
    let mut words = Vec::new();
    for key in ["message", "error", "error_description"] {
        match &said[key] {
            Value::String(text) => words.push(text.clone()),
            Value::Null => {}
            other => words.push(other.to_string()),
        }
    }
    for error in said["errors"].as_array().into_iter().flatten() {
        match error.as_str().or_else(|| error["message"].as_str()) {
            Some(text) => words.push(text.to_owned()),
            None => words.push(error.to_string()),
        }
    }
    words.join("; ")
}

/// How long to wait, where the answer is that of a limit; `before` counts such answers.
fn limit(answer: &Answer, before: u32) -> Option<Duration> {
    let unsaid = || UNSAID.saturating_mul(2_u32.saturating_pow(before));
    let said = words(&answer.body).to_ascii_lowercase();
    let is_named = [
        "secondary rate limit",
        "abuse detection",
        "submitted too quickly",
    ]
    .iter()
    .any(|name| said.contains(name));
    match answer.status {
        403 | 429 => {
            if let Some(pause) = answer.retry_after() {
                return Some(pause);
            }
            if let Some(pause) = until_reset(answer) {
                return Some(pause);
            }
            (is_named || answer.status == 429).then(unsaid)
        }
        422 if is_named => Some(answer.retry_after().unwrap_or_else(unsaid)),
        503 => answer.retry_after(),
        _ => None,
    }
}

/// The time until the limit is a new one, where nothing is left of it.
fn until_reset(answer: &Answer) -> Option<Duration> {
    let number = |names: [&str; 2]| {
        let mut texts = names.into_iter().filter_map(|name| answer.header(name));
        texts.find_map(|text| text.trim().parse::<u64>().ok())
    };
    let left = number(["x-ratelimit-remaining", "ratelimit-remaining"])?;
    let reset = number(["x-ratelimit-reset", "ratelimit-reset"])?;
    if left > 0 {
        return None;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    // A second more: the clocks are not one.
    Some(Duration::from_secs(reset).saturating_sub(now) + Duration::from_secs(1))
}
