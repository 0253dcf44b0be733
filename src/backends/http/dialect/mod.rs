//! What servers speak: how a question is put and how an answer reads. Pure: no IO and no clock.

use std::fmt;

use reqwest::Url;
use reqwest::header::{HeaderMap, InvalidHeaderValue};
use serde_json::Value;

use crate::backends::{DialectName, Prompt, Reply, Settings, presets};

mod anthropic;
mod errors;
mod gemini;
mod json;
mod ollama;
mod openai;
mod quirks;
mod responses;
mod shared;
mod wish;

pub(super) use errors::{Unreadable, error_words, is_spent, kind_of_refusal};
pub(in crate::backends) use quirks::{CacheMark, KeyHeader, Quirks, SchemaForm};
pub(super) use wish::{Wish, Wishes};

/// The dialect of a server at that address, with the peculiarities of its provider.
pub(super) fn choose(settings: &Settings, base: &Url) -> Box<dyn Dialect> {
    let quirks = presets::quirks(settings, base);
    match name_of(settings, base) {
        DialectName::Openai => Box::new(openai::OpenAi::new(quirks)),
        DialectName::OpenaiResponses => Box::new(responses::Responses::new(quirks)),
        DialectName::Anthropic => Box::new(anthropic::Anthropic),
        DialectName::Gemini => Box::new(gemini::Gemini),
        DialectName::Ollama => Box::new(ollama::Ollama::new(settings.context_tokens)),
    }
}

/// Whether nothing can be asked there without a model's name. Servers of OpenAI's protocol
/// that nobody knows may have a single one, as llama.cpp's.
pub(super) fn needs_model(settings: &Settings, base: &Url) -> bool {
    let speaks_openai = matches!(
        name_of(settings, base),
        DialectName::Openai | DialectName::OpenaiResponses
    );
    !speaks_openai || presets::dialect(settings, base).is_some()
}

/// What a server speaks: as configured, by its address, as its provider does, or as most do.
pub(in crate::backends) fn name_of(settings: &Settings, base: &Url) -> DialectName {
    let written = settings.dialect.or_else(|| of_path(base));
    written
        .or_else(|| presets::dialect(settings, base))
        .unwrap_or(DialectName::Openai)
}

/// The dialect that an address names by its path, or by the port that Ollama has.
pub(in crate::backends) fn of_path(base: &Url) -> Option<DialectName> {
    let path = base.path().trim_end_matches('/');
    let ends = |end: &str| path.ends_with(end);
    if ends("/chat/completions") || ends("/openai") {
        // Google has OpenAI's protocol at the latter.
        Some(DialectName::Openai)
    } else if ends("/responses") {
        Some(DialectName::OpenaiResponses)
    } else if ends("/v1/messages") {
        Some(DialectName::Anthropic)
    } else if gemini::METHODS.into_iter().any(ends) {
        Some(DialectName::Gemini)
    } else if ends("/api/chat") || base.port() == Some(11434) && matches!(path, "" | "/api") {
        Some(DialectName::Ollama)
    } else {
        None
    }
}

/// A protocol.
pub(super) trait Dialect: Send + Sync + fmt::Debug {
    /// Where a question goes. `base` is the address as configured, which may be the endpoint itself.
    fn endpoint(&self, base: &Url, model: Option<&str>, stream: bool) -> Url;

    /// Where the models are listed; none where the protocol has no such place.
    fn models_endpoint(&self, base: &Url) -> Option<Url>;

    /// Where the server tells its version, as `{"version": "…"}`; none where it does not.
    fn version_endpoint(&self, _base: &Url) -> Option<Url> {
        None
    }

    /// The headers that carry the key, marked as sensitive.
    ///
    /// # Errors
    /// Where the key cannot stand in a header.
    fn key_headers(&self, key: &str) -> Result<HeaderMap, InvalidHeaderValue>;

    /// Headers of every question beside key and content type.
    fn fixed_headers(&self) -> HeaderMap {
        HeaderMap::new()
    }

    /// The body, as JSON. Bytes and no [`Value`], so that the prompt is copied once.
    ///
    /// # Errors
    /// None in practice: every part can be written.
    fn question(&self, ask: &Ask<'_>) -> Result<Vec<u8>, serde_json::Error>;

    /// Reads a whole answer; `latency` of the reply is left at zero.
    ///
    /// # Errors
    /// Where it is no answer.
    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable>;

    /// Puts an answer together from its pieces.
    fn assembler(&self) -> Box<dyn Assemble>;

    /// How a stream is cut into pieces.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// Which wish of `ask` a refusal is about, so that it is asked again without it. Only
    /// wishes that were granted and sent are named.
    fn refused_wish(&self, status: u16, body: &str, ask: &Ask<'_>) -> Option<Wish>;

    /// The names in a list of models, as they are asked for, sorted, each once; none where it is no such list.
    fn models(&self, body: &[u8]) -> Option<Vec<String>>;
}

/// How a stream is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events: each has data and perhaps a name.
    Sse,
    /// One JSON value a line.
    JsonLines,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    /// The text, stable part first.
    pub(super) prompt: &'a Prompt,
    /// The model; the server's own default where absent.
    pub(super) model: Option<&'a str>,
    /// JSON schema of the answer, in the form that OpenAI's strict mode takes.
    pub(super) schema: Option<&'a Value>,
    /// 0.0 and up.
    pub(super) temperature: Option<f32>,
    /// Tokens of the answer.
    pub(super) max_output_tokens: Option<u32>,
    /// Whether the answer shall come piece by piece.
    pub(super) stream: bool,
    /// What of this the server has not refused.
    pub(super) wishes: Wishes,
}

impl<'a> Ask<'a> {
    /// The schema, where it is granted.
    fn schema(&self) -> Option<&'a Value> {
        self.schema.filter(|_| self.wishes.grants(Wish::Schema))
    }

    /// The temperature, where it is granted.
    fn temperature(&self) -> Option<f32> {
        self.temperature
            .filter(|_| self.wishes.grants(Wish::Temperature))
    }

    /// Whether the answer comes piece by piece.
    pub(super) fn streams(&self) -> bool {
        self.stream && self.wishes.grants(Wish::Stream)
    }
}

/// An answer while it comes.
pub(super) trait Assemble: Send {
    /// Takes the next piece: an event's name and data, or a line. Pieces after the end are ignored.
    ///
    /// # Errors
    /// Where it tells a failure, or is none of the protocol's.
    fn event(&mut self, name: Option<&str>, data: &str) -> Result<Progress, Unreadable>;

    /// The whole, once the stream has ended.
    ///
    /// # Errors
    /// Where the end was never told: a cut answer is no answer.
    fn finish(self: Box<Self>) -> Result<Reply, Unreadable>;
}

/// Whether more pieces are awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There may be more.
    More,
    /// That was the end mark: nothing that follows counts, and the connection need not be waited for.
    Done,
}

/// The address with these segments appended, unless it ends with them already.
fn appended(base: &Url, end: &str) -> Url {
    let path = base.path().trim_end_matches('/');
    let mut url = base.clone();
    if path.ends_with(&format!("/{end}")) {
        let path = path.to_owned();
        url.set_path(&path);
    } else {
        url.set_path(&format!("{path}/{end}"));
    }
    url
}

/// The address without these segments at its end.
fn stem(base: &Url, end: &str) -> Url {
    let path = base.path().trim_end_matches('/');
    let end = format!("/{end}");
    let path = path.strip_suffix(&end).unwrap_or(path).to_owned();
    let mut url = base.clone();
    url.set_path(&path);
    url
}

/// The address, with that path where it has none.
fn or_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if url.path().trim_end_matches('/').is_empty() {
        url.set_path(path);
    }
    url
}

/// The bytes as text. Servers cut characters in two; a broken one costs itself and not the answer.
fn lossy(body: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(body)
}
