//! Keys stay out of everything that a backend gives back.
//!
//! [`Discreet`] stands around every backend that `build` makes, so that tapes, reports and
//! logs, which are written outside of it, never see a key.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;
use tokio_util::sync::CancellationToken;

use super::environment::{Environment, Key, PROXIES};
use super::{Backend, BoxFuture, CallError, Inspection, Reply, Request, Settings};

/// Bytes of the shortest text that is kept secret: what is shorter (`ollama`, `EMPTY`) is a
/// placeholder or cannot be told from a common word.
const SHORTEST: usize = 8;
/// Bytes from which a key is recognised by its beginning, where a server masked its end.
const LONG: usize = 16;
/// Stands where a key was.
const HIDDEN: &str = "[key]";

/// What one backend must not repeat.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Every spelling of every key.
    spellings: Option<AhoCorasick>,
    /// First and last characters of long keys: what is left of them where a server masks.
    ends: Vec<(String, String)>,
}

impl Secrets {
    /// Those that a backend with these settings is given: its key, what it may see of the
    /// environment and is called a key there, and the passwords of proxies.
    pub(super) fn of(settings: &Settings, environment: &Environment) -> Self {
        let key = settings.api_key.iter();
        let key = key.filter_map(|written| Key::read(written, environment).ok());
        let key = key.filter_map(|key| key.value().ok().map(str::to_owned));
        let named = settings.env.iter().filter(|name| is_key_name(name));
        let named = named.filter_map(|name| environment.text(name));
        let proxies = PROXIES.iter().filter_map(|name| environment.text(name));
        Self::new(
            key.chain(named)
                .chain(proxies.flat_map(|url| passwords(&url))),
        )
    }

    /// A token for a server that is no model, and the passwords of proxies.
    pub(super) fn of_token(token: Option<&str>, environment: &Environment) -> Self {
        let proxies = PROXIES.iter().filter_map(|name| environment.text(name));
        let token = token.map(str::to_owned).into_iter();
        Self::new(token.chain(proxies.flat_map(|url| passwords(&url))))
    }

    fn new(values: impl Iterator<Item = String>) -> Self {
        let mut values: Vec<_> = values.filter(|value| value.len() >= SHORTEST).collect();
        values.sort();
        values.dedup();
        if values.is_empty() {
            return Self::default();
        }
        let spellings = values.iter().flat_map(|value| spellings(value));
        let spellings = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(spellings);
        let long = values.iter().filter(|value| value.len() >= LONG);
        Self {
            // Too many keys for an automaton there are not.
            spellings: spellings.ok(),
            ends: long
                .filter_map(|value| {
                    let first = value.get(..8)?.to_owned();
                    Some((first, value.get(value.len() - 4..)?.to_owned()))
                })
                .collect(),
        }
    }

    /// The text without any key, however it is spelt.
    pub(super) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(spellings) = self.spellings.as_ref().filter(|one| one.is_match(text)) else {
            return Cow::Borrowed(text);
        };
        let mut hidden = String::with_capacity(text.len());
        spellings.replace_all_with(text, &mut hidden, |_, _, into| {
            into.push_str(HIDDEN);
            true
        });
        Cow::Owned(hidden)
    }

    /// The same for a message, which loses parts of keys too (`sk-proj-****abcd`). Not for
    /// answers: code that quotes another key's beginning must stay as it is.
    pub(super) fn hide_in_message(&self, text: &str) -> String {
        let text = self.hide(text);
        if self.ends.is_empty() {
            return text.into_owned();
        }
        text.split_inclusive(char::is_whitespace)
            .map(|word| self.hide_in_word(word))
            .collect()
    }

    fn hide_in_word<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let starts = self.ends.iter().filter_map(|(first, _)| word.find(first));
        let masked = MASKS.iter().filter_map(|mask| word.find(mask)).min();
        let is_rest = |rest: &str| self.ends.iter().any(|(_, last)| rest.contains(last));
        let rest = masked.filter(|at| is_rest(&word[*at..]));
        match starts.chain(rest).min() {
            Some(at) => {
                let end = word.trim_end().len();
                Cow::Owned(format!("{}{HIDDEN}{}", &word[..at], &word[end..]))
            }
            None => Cow::Borrowed(word),
        }
    }

    fn is_empty(&self) -> bool {
        self.spellings.is_none()
    }
}

/// What a URL's query escapes.
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What servers put in place of a key's middle.
const MASKS: &[&str] = &["***", "...", "…", "xxxx", "•••"];

/// Whether a variable's name says that its value is a key: others (`CODEX_HOME`) hold
/// paths and settings, which answers may repeat.
fn is_key_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = [
        "KEY",
        "KEYS",
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASS",
        "CREDENTIAL",
        "CREDENTIALS",
        "AUTH",
        "PAT",
    ];
    name.split('_')
        .any(|word| ends.iter().any(|end| word.ends_with(end)))
}

/// The password of a proxy's URL, or the token in a user's place, as written there and as
/// it is meant.
fn passwords(url: &str) -> Vec<String> {
    let whole = Url::parse(url).ok().filter(Url::has_host);
    // `user:password@host` without a scheme is taken too.
    let url = whole.or_else(|| Url::parse(&format!("http://{url}")).ok());
    let Some(url) = url else { return Vec::new() };
    let secret = url.password().unwrap_or(url.username());
    let meant = percent_decode_str(secret).decode_utf8_lossy();
    vec![secret.to_owned(), meant.into_owned()]
}

/// The ways in which a text may stand in another one: as it is, escaped for JSON and URLs,
/// and in base64, wherever it begins there.
fn spellings(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let mut all = vec![
        value.to_owned(),
        json[1..json.len() - 1].to_owned(),
        utf8_percent_encode(value, IN_URLS).to_string(),
    ];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(value.as_bytes());
        // Of the first and the last characters some bits belong to the neighbours.
        let first = (before * 8).div_ceil(6);
        for text in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let last = text.len() - usize::from(bytes.len() % 3 != 0);
            all.extend(text.get(first..last).map(str::to_owned));
        }
    }
    all.retain(|text| text.len() >= SHORTEST);
    all
}

/// A backend that keeps its keys to itself.
struct Discreet {
    inner: Arc<dyn Backend>,
    secrets: Secrets,
}

/// The backend, with its keys kept out of what it says.
pub(super) fn discreet(inner: Arc<dyn Backend>, secrets: Secrets) -> Arc<dyn Backend> {
    if secrets.is_empty() {
        return inner;
    }
    Arc::new(Discreet { inner, secrets })
}

impl Discreet {
    async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        match self.inner.ask(request).await {
            Ok(mut reply) => {
                self.hide(&mut reply.text);
                reply.model.iter_mut().for_each(|model| self.hide(model));
                Ok(reply)
            }
            Err(mut error) => {
                error.message = self.secrets.hide_in_message(&error.message);
                Err(error)
            }
        }
    }

    /// Copies nothing where there is nothing to hide.
    fn hide(&self, text: &mut String) {
        if let Cow::Owned(hidden) = self.secrets.hide(text) {
            *text = hidden;
        }
    }

    async fn look(&self, cancel: &CancellationToken) -> Inspection {
        let mut seen = self.inner.inspect(cancel).await;
        let models = seen.models.iter_mut().flatten();
        let said = [&mut seen.place, &mut seen.version, &mut seen.model];
        said.into_iter()
            .flatten()
            .chain(models)
            .for_each(|text| self.hide(text));
        for told in [&mut seen.trouble, &mut seen.hint] {
            *told = told
                .as_deref()
                .map(|told| self.secrets.hide_in_message(told));
        }
        seen
    }
}

impl fmt::Debug for Discreet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Backend for Discreet {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn available(&self) -> Result<(), String> {
        let available = self.inner.available();
        available.map_err(|why| self.secrets.hide_in_message(&why))
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn writes_text(&self) -> bool {
        self.inner.writes_text()
    }

    fn takes_model(&self) -> bool {
        self.inner.takes_model()
    }

    fn takes_temperature(&self) -> bool {
        self.inner.takes_temperature()
    }

    fn inspect<'a>(&'a self, cancel: &'a CancellationToken) -> BoxFuture<'a, Inspection> {
        Box::pin(self.look(cancel))
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.call(request))
    }
}
