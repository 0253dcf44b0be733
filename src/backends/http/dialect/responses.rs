//! OpenAI's responses. <https://platform.openai.com/docs/api-reference/responses>

use reqwest::Url;
use reqwest::header::{HeaderMap, InvalidHeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::{Told, told};
use super::quirks::{CacheMark, Quirks};
use super::{
    Ask, Assemble, Dialect, Progress, Unreadable, Wish, appended, json, lossy, shared, stem,
};
use crate::backends::{Reply, Stop, Usage};

/// The path of a question.
const END: &str = "responses";

/// Responses, as one provider takes them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Responses {
    quirks: Quirks,
}

impl Responses {
    pub(super) fn new(quirks: Quirks) -> Self {
        Self { quirks }
    }
}

impl Dialect for Responses {
    fn endpoint(&self, base: &Url, _: Option<&str>, _: bool) -> Url {
        appended(base, END)
    }

    fn models_endpoint(&self, base: &Url) -> Option<Url> {
        Some(appended(&stem(base, END), "models"))
    }

    fn key_headers(&self, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        shared::key_headers(self.quirks, key)
    }

    fn question(&self, ask: &Ask<'_>) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Question::of(ask, self.quirks))
    }

    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable> {
        let response: Response =
            json::read(&lossy(body)).map_err(|error| Unreadable::not_json("a response", &error))?;
        response.reply(Spoken::default())
    }

    fn assembler(&self) -> Box<dyn Assemble> {
        Box::new(Pieces::default())
    }

    fn refused_wish(&self, status: u16, body: &str, ask: &Ask<'_>) -> Option<Wish> {
        let cache: &[&str] = match self.quirks.cache {
            CacheMark::Key => &["prompt_cache_key"],
            CacheMark::None | CacheMark::Parts => &[],
        };
        shared::refused(
            status,
            body,
            ask,
            &[
                (
                    Wish::Schema,
                    &["text.format", "json_schema", "structured output"],
                ),
                (Wish::CacheMark, cache),
                (Wish::Temperature, &["temperature"]),
                (Wish::Stream, &["stream"]),
            ],
        )
    }

    fn models(&self, body: &[u8]) -> Option<Vec<String>> {
        shared::models_of_data(body)
    }
}

#[derive(Serialize)]
struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    instructions: &'a str,
    input: [Turn<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<String>,
    /// Else the provider keeps question and answer for a month.
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

impl<'a> Question<'a> {
    fn of(ask: &Ask<'a>, quirks: Quirks) -> Self {
        let prompt = ask.prompt;
        let key = quirks.cache == CacheMark::Key && ask.wishes.grants(Wish::CacheMark);
        let parts = shared::parts(prompt).map(|text| Part {
            kind: "input_text",
            text,
        });
        Self {
            model: ask.model,
            instructions: &prompt.fixed,
            input: [Turn {
                role: "user",
                content: parts.collect(),
            }],
            temperature: ask.temperature(),
            max_output_tokens: ask.max_output_tokens,
            text: ask.schema().map(|schema| Text {
                format: Format {
                    kind: "json_schema",
                    name: "answer",
                    strict: true,
                    schema,
                },
            }),
            prompt_cache_key: key.then(|| shared::cache_key(prompt)),
            store: false,
            stream: ask.streams().then_some(true),
        }
    }
}

/// A response, whole: alone, or in the last event of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Response {
    #[serde(deserialize_with = "json::text")]
    status: Option<String>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
    #[serde(deserialize_with = "json::object")]
    incomplete_details: Option<Incomplete>,
    #[serde(deserialize_with = "json::name")]
    model: Option<String>,
    #[serde(deserialize_with = "json::list")]
    output: Vec<Item>,
    #[serde(deserialize_with = "json::object")]
    usage: Option<Counts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Incomplete {
    #[serde(deserialize_with = "json::text")]
    reason: Option<String>,
}

/// Items of other types are thoughts and calls of tools.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::list")]
    content: Vec<Said>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::text")]
    text: Option<String>,
    #[serde(deserialize_with = "json::text")]
    refusal: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    #[serde(deserialize_with = "json::count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "json::count")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "json::object")]
    input_tokens_details: Option<Details>,
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

/// What was said.
#[derive(Debug, Default)]
struct Spoken {
    text: String,
    refusal: String,
}

impl Response {
    /// `pieces` stand in where the whole does not repeat them.
    fn reply(self, pieces: Spoken) -> Result<Reply, Unreadable> {
        if let Some(told) = self.error {
            return Err(told.unreadable());
        }
        let reason = self.incomplete_details.and_then(|details| details.reason);
        let mut spoken = Spoken::default();
        let is_message = |item: &Item| matches!(item.kind.as_deref(), None | Some("message"));
        for said in self
            .output
            .into_iter()
            .filter(is_message)
            .flat_map(|item| item.content)
        {
            match said.kind.as_deref() {
                Some("refusal") => spoken.refusal.push_str(&said.refusal.unwrap_or_default()),
                Some("output_text" | "text") | None => {
                    spoken.text.push_str(&said.text.unwrap_or_default());
                }
                Some(_) => {}
            }
        }
        if spoken.text.is_empty() && spoken.refusal.is_empty() {
            spoken = pieces;
        }
        let stop = match (self.status.as_deref(), reason.as_deref()) {
            (Some("incomplete"), Some("content_filter")) => Stop::Refusal,
            (Some("incomplete"), _) => Stop::Length,
            (Some("completed") | None, _) if spoken.refusal.is_empty() => Stop::End,
            (Some("completed") | None, _) => Stop::Refusal,
            (Some(status), _) => {
                return Err(Unreadable::Error {
                    status: None,
                    words: format!("the response is {status}"),
                });
            }
        };
        Ok(Reply {
            model: self.model,
            cost_usd: self.usage.as_ref().and_then(|counts| counts.cost),
            usage: self.usage.as_ref().and_then(Counts::usage),
            ..shared::said(spoken.text, spoken.refusal, stop)?
        })
    }
}

impl Counts {
    fn usage(&self) -> Option<Usage> {
        self.input_tokens.or(self.output_tokens)?;
        let details = self.input_tokens_details.as_ref();
        Some(Usage {
            input: self.input_tokens.unwrap_or_default(),
            cached_input: details
                .and_then(|details| details.cached_tokens)
                .unwrap_or_default(),
            output: self.output_tokens.unwrap_or_default(),
        })
    }
}

/// An answer in pieces: the last event repeats the whole.
#[derive(Debug, Default)]
struct Pieces {
    spoken: Spoken,
    last: Option<Response>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::text")]
    delta: Option<String>,
    #[serde(deserialize_with = "json::object")]
    response: Option<Response>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
    // An event of type `error` has these itself.
    #[serde(deserialize_with = "json::word")]
    code: Option<String>,
    #[serde(deserialize_with = "json::text")]
    message: Option<String>,
}

impl Assemble for Pieces {
    fn event(&mut self, name: Option<&str>, data: &str) -> Result<Progress, Unreadable> {
        let data = data.trim();
        if self.last.is_some() || data == "[DONE]" {
            return Ok(Progress::Done);
        }
        if data.is_empty() {
            return Ok(Progress::More);
        }
        let event: Event = json::read(data)
            .map_err(|error| Unreadable::not_json("an event of a response", &error))?;
        if let Some(told) = event.error {
            return Err(told.unreadable());
        }
        let delta = event.delta.unwrap_or_default();
        match event.kind.as_deref().or(name).unwrap_or_default() {
            "response.output_text.delta" => self.spoken.text.push_str(&delta),
            "response.refusal.delta" => self.spoken.refusal.push_str(&delta),
            "error" => return Err(Told::of_parts(event.message, event.code).unreadable()),
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.last = Some(event.response.unwrap_or_default());
                return Ok(Progress::Done);
            }
            _ => {}
        }
        Ok(Progress::More)
    }

    fn finish(self: Box<Self>) -> Result<Reply, Unreadable> {
        self.last.ok_or(Unreadable::Cut)?.reply(self.spoken)
    }
}
