//! What comes back, whole or in pieces. Servers differ in what they leave out.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::errors::{Told, told};
use super::super::{Assemble, Progress, Unreadable, json, shared};
use crate::backends::{Reply, Stop, Usage};

/// A completion, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    #[serde(deserialize_with = "json::list")]
    choices: Vec<Choice>,
    #[serde(deserialize_with = "json::name")]
    model: Option<String>,
    #[serde(deserialize_with = "json::object")]
    usage: Option<Counts>,
    /// Some gateways answer 200 and put the failure here, as object or as text.
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(deserialize_with = "json::count")]
    index: Option<u64>,
    /// Of a whole answer.
    #[serde(deserialize_with = "json::object")]
    message: Option<Said>,
    /// Of a piece.
    #[serde(deserialize_with = "json::object")]
    delta: Option<Said>,
    #[serde(deserialize_with = "json::text")]
    finish_reason: Option<String>,
    /// A router's, where the provider behind it broke off.
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

/// `reasoning_content` and its like are not read: thoughts are no part of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(deserialize_with = "content")]
    content: String,
    #[serde(deserialize_with = "json::text")]
    refusal: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    #[serde(deserialize_with = "json::count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "json::count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "json::object")]
    prompt_tokens_details: Option<Details>,
    /// Other providers' names of the cached ones: first `DeepSeek`'s, then Kimi's.
    #[serde(deserialize_with = "json::count")]
    prompt_cache_hit_tokens: Option<u64>,
    #[serde(deserialize_with = "json::count")]
    cached_tokens: Option<u64>,
    /// US dollars, where a router tells it.
    #[serde(deserialize_with = "json::amount")]
    cost: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "json::count")]
    cached_tokens: Option<u64>,
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct State {
    text: String,
    refusal: String,
    model: Option<String>,
    usage: Option<Counts>,
    reason: Option<String>,
}

impl State {
    pub(super) fn take(&mut self, chunk: Chunk) -> Result<(), Unreadable> {
        if let Some(told) = chunk.error {
            return Err(told.unreadable());
        }
        self.model = self.model.take().or(chunk.model);
        self.usage = chunk.usage.or(self.usage.take());
        // One answer is asked for; a second one is none of ours.
        let first = |choice: &Choice| choice.index.unwrap_or_default() == 0;
        for choice in chunk.choices.into_iter().filter(first).take(1) {
            if let Some(told) = choice.error {
                return Err(told.unreadable());
            }
            if let Some(said) = choice.message.or(choice.delta) {
                self.text.push_str(&said.content);
                self.refusal.push_str(&said.refusal.unwrap_or_default());
            }
            self.reason = choice.finish_reason.or(self.reason.take());
        }
        Ok(())
    }

    pub(super) fn reply(self) -> Result<Reply, Unreadable> {
        let stop = match self.reason.as_deref() {
            Some("length" | "max_tokens" | "model_length") => Stop::Length,
            Some("content_filter" | "refusal" | "safety") => Stop::Refusal,
            Some(reason @ ("error" | "abort" | "insufficient_system_resource")) => {
                return Err(Unreadable::Error {
                    status: Some(503),
                    words: format!("the answer broke off: {reason}"),
                });
            }
            _ if !self.refusal.is_empty() => Stop::Refusal,
            _ => Stop::End,
        };
        Ok(Reply {
            model: self.model,
            cost_usd: self.usage.as_ref().and_then(|counts| counts.cost),
            usage: self.usage.as_ref().and_then(Counts::usage),
            ..shared::said(self.text, self.refusal, stop)?
        })
    }
}

impl Counts {
    /// None where there is no count at all, which is not the same as none used.
    fn usage(&self) -> Option<Usage> {
        let details = self.prompt_tokens_details.as_ref();
        let cached = details.and_then(|details| details.cached_tokens);
        let cached = cached.or(self.prompt_cache_hit_tokens);
        let input = self.prompt_tokens;
        input.or(self.completion_tokens)?;
        Some(Usage {
            input: input.unwrap_or_default(),
            cached_input: cached.or(self.cached_tokens).unwrap_or_default(),
            output: self.completion_tokens.unwrap_or_default(),
        })
    }
}

/// An answer in pieces.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    state: State,
    done: bool,
}

impl Assemble for Pieces {
    fn event(&mut self, _: Option<&str>, data: &str) -> Result<Progress, Unreadable> {
        let data = data.trim();
        if self.done || data == "[DONE]" {
            self.done = true;
            return Ok(Progress::Done);
        }
        if !data.is_empty() {
            let chunk = json::read(data)
                .map_err(|error| Unreadable::not_json("a piece of a chat completion", &error))?;
            self.state.take(chunk)?;
        }
        Ok(Progress::More)
    }

    fn finish(self: Box<Self>) -> Result<Reply, Unreadable> {
        // Some servers leave out the last line, others the reason; one of them must be there.
        if !self.done && self.state.reason.is_none() {
            return Err(Unreadable::Cut);
        }
        self.state.reply()
    }
}

/// A text, or parts of which those of type text count: others are thoughts.
fn content<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Part {
        #[serde(rename = "type", deserialize_with = "json::text")]
        kind: Option<String>,
        #[serde(deserialize_with = "json::text")]
        text: Option<String>,
    }

    struct Content;
    impl<'de> Visitor<'de> for Content {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a list of parts")
        }
        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_string<E>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
        fn visit_unit<E>(self) -> Result<String, E> {
            Ok(String::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<String, A::Error> {
            let mut all = String::new();
            while let Some(part) = seq.next_element::<Part>()? {
                if matches!(part.kind.as_deref(), None | Some("text" | "output_text")) {
                    all.push_str(&part.text.unwrap_or_default());
                }
            }
            Ok(all)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(String::new())
        }
    }
    from.deserialize_any(Content)
}
