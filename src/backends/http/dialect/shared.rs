//! What several dialects do alike.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::quirks::{KeyHeader, Quirks};
use super::{Ask, Unreadable, Wish, json, kind_of_refusal, lossy};
use crate::backends::{ErrorKind, Prompt, Reply, Stop};
use crate::units::hex;

/// `Authorization: Bearer`.
pub(super) fn bearer(key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
    header(AUTHORIZATION, &format!("Bearer {key}"))
}

/// The key, where a provider of OpenAI's protocols looks for it.
pub(super) fn key_headers(quirks: Quirks, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
    match quirks.key {
        KeyHeader::Bearer => bearer(key),
        KeyHeader::ApiKey => secret("api-key", key),
    }
}

/// A header that is the key.
pub(super) fn secret(name: &'static str, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
    header(HeaderName::from_static(name), key)
}

fn header(name: HeaderName, value: &str) -> Result<HeaderMap, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}

/// What was said, or refused, in place of it; an end without a word is no answer.
pub(super) fn said(text: String, refusal: String, stop: Stop) -> Result<Reply, Unreadable> {
    let text = if refusal.is_empty() { text } else { refusal };
    if stop == Stop::End && text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(Reply {
        text,
        stop,
        ..Reply::default()
    })
}

/// Both parts as one text, without a copy where one of them is empty.
pub(super) fn joined<'a>(packet: &'a str, task: &'a str) -> Cow<'a, str> {
    match (packet.is_empty(), task.is_empty()) {
        (true, _) => task.into(),
        (_, true) => packet.into(),
        _ => format!("{packet}\n\n{task}").into(),
    }
}

/// Packet and task, without those that are empty.
pub(super) fn parts(prompt: &Prompt) -> impl Iterator<Item = &str> {
    let parts = [&*prompt.packet, prompt.task.as_str()];
    parts.into_iter().filter(|part| !part.is_empty())
}

/// The mark that the prompt up to here is worth keeping, as Anthropic has it.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "type", rename = "ephemeral")]
pub(super) struct CacheControl {}

/// The marks of a prompt's stable parts.
pub(super) struct Marks {
    pub(super) fixed: Option<CacheControl>,
    pub(super) packet: Option<CacheControl>,
}

/// Bytes of a beginning that Anthropic's models cache at least: 1,024 tokens, at some 4 bytes.
/// A mark on less does nothing, and there are four at most.
const MIN_CACHED_BYTES: usize = 4096;

impl CacheControl {
    /// Of the parts that end a beginning which is long enough.
    pub(super) fn of(prompt: &Prompt, granted: bool) -> Marks {
        let mark = |bytes: usize| (granted && bytes >= MIN_CACHED_BYTES).then_some(Self {});
        Marks {
            fixed: mark(prompt.fixed.len()),
            packet: mark(prompt.fixed.len() + prompt.packet.len()),
        }
    }
}

/// A name for what stays the same among the calls that read one packet.
pub(super) fn cache_key(prompt: &Prompt) -> String {
    let mut hash = Sha256::new();
    hash.update(prompt.fixed.as_bytes());
    hash.update([0]);
    hash.update(prompt.packet.as_bytes());
    format!("llmux-{}", hex(&hash.finalize()[..12]))
}

/// The first of the wishes that was sent and whose words stand in a refusal. The words of a
/// prompt may stand in one too: what is taken away is then only a wish.
pub(super) fn refused(
    status: u16,
    body: &str,
    ask: &Ask<'_>,
    words: &[(Wish, &[&str])],
) -> Option<Wish> {
    // One that is too long is so without the wish, though its limit is often named.
    if !matches!(status, 400 | 415 | 422 | 501)
        || kind_of_refusal(status, body, None) == ErrorKind::TooLong
    {
        return None;
    }
    let body = body.to_ascii_lowercase();
    let named = |words: &&[&str]| words.iter().any(|word| body.contains(word));
    let sent = |wish| {
        ask.wishes.grants(wish)
            && match wish {
                Wish::Schema => ask.schema.is_some(),
                Wish::Temperature => ask.temperature.is_some(),
                Wish::Stream | Wish::StreamUsage => ask.streams(),
                Wish::LimitWord => ask.max_output_tokens.is_some(),
                Wish::CacheMark => true,
            }
    };
    let mut refused = words
        .iter()
        .filter(|(wish, words)| sent(*wish) && named(words));
    refused.next().map(|(wish, _)| *wish)
}

/// `{"data": [{"id": "…"}]}`, sorted.
pub(super) fn models_of_data(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct List {
        #[serde(deserialize_with = "json::list")]
        data: Vec<Model>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Model {
        #[serde(deserialize_with = "json::name")]
        id: Option<String>,
    }
    let list: List = json::read(&lossy(body)).ok()?;
    Some(sorted(list.data.into_iter().filter_map(|model| model.id)))
}

/// In their order, each once.
pub(super) fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}
