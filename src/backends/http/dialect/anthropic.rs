//! Anthropic's messages. <https://platform.claude.com/docs/en/api/messages>

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::{Told, told};
use super::shared::CacheControl;
use super::{
    Ask, Assemble, Dialect, Progress, Unreadable, Wish, appended, json, lossy, or_path, shared,
    stem,
};
use crate::backends::{Reply, Stop, Usage};

/// The path of a question.
const END: &str = "messages";

/// The protocol wants a limit of the answer's tokens; this one stands where none is configured.
const MAX_TOKENS: u32 = 8192;

/// Messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn endpoint(&self, base: &Url, _: Option<&str>, _: bool) -> Url {
        appended(&or_path(base, "/v1"), END)
    }

    fn models_endpoint(&self, base: &Url) -> Option<Url> {
        let mut url = appended(&stem(&or_path(base, "/v1"), END), "models");
        url.query_pairs_mut().append_pair("limit", "1000");
        Some(url)
    }

    fn key_headers(&self, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        shared::secret("x-api-key", key)
    }

    fn fixed_headers(&self) -> HeaderMap {
        let name = HeaderName::from_static("anthropic-version");
        HeaderMap::from_iter([(name, HeaderValue::from_static("2023-06-01"))])
    }

    fn question(&self, ask: &Ask<'_>) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Question::of(ask))
    }

    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable> {
        let message: Message =
            json::read(&lossy(body)).map_err(|error| Unreadable::not_json("a message", &error))?;
        let mut state = State::default();
        state.begin(message)?;
        state.reply()
    }

    fn assembler(&self) -> Box<dyn Assemble> {
        Box::new(Pieces::default())
    }

    fn refused_wish(&self, status: u16, body: &str, ask: &Ask<'_>) -> Option<Wish> {
        shared::refused(
            status,
            body,
            ask,
            &[
                (
                    Wish::Schema,
                    &["output_config", "output_format", "json_schema", "schema"],
                ),
                (Wish::CacheMark, &["cache_control"]),
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
    max_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Part<'a>>,
    messages: [Turn<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    /// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: &'a Value,
}

impl<'a> Question<'a> {
    fn of(ask: &Ask<'a>) -> Self {
        let prompt = ask.prompt;
        let marks = CacheControl::of(prompt, ask.wishes.grants(Wish::CacheMark));
        // An empty part is refused.
        let part = |text: &'a str, cache_control| {
            (!text.is_empty()).then_some(Part {
                kind: "text",
                text,
                cache_control,
            })
        };
        let packet = part(&prompt.packet, marks.packet);
        let task = part(&prompt.task, None);
        Self {
            model: ask.model,
            max_tokens: ask.max_output_tokens.unwrap_or(MAX_TOKENS),
            system: part(&prompt.fixed, marks.fixed).into_iter().collect(),
            messages: [Turn {
                role: "user",
                content: packet.into_iter().chain(task).collect(),
            }],
            temperature: ask.temperature(),
            output_config: ask.schema().map(|schema| OutputConfig {
                format: Format {
                    kind: "json_schema",
                    schema,
                },
            }),
            stream: ask.streams().then_some(true),
        }
    }
}

/// A message, whole or as it begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    #[serde(deserialize_with = "json::list")]
    content: Vec<Block>,
    #[serde(deserialize_with = "json::name")]
    model: Option<String>,
    #[serde(deserialize_with = "json::text")]
    stop_reason: Option<String>,
    #[serde(deserialize_with = "json::object")]
    usage: Option<Counts>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

/// Blocks of other types than `text` are thoughts and calls of tools.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::text")]
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    /// Without those that were read from the cache or written to it.
    #[serde(rename = "input_tokens", deserialize_with = "json::count")]
    input: Option<u64>,
    #[serde(
        rename = "cache_creation_input_tokens",
        deserialize_with = "json::count"
    )]
    cache_written: Option<u64>,
    #[serde(rename = "cache_read_input_tokens", deserialize_with = "json::count")]
    cache_read: Option<u64>,
    #[serde(rename = "output_tokens", deserialize_with = "json::count")]
    output: Option<u64>,
}

impl Counts {
    /// The counts of a later event stand where it has them.
    fn then(self, later: Self) -> Self {
        Self {
            input: later.input.or(self.input),
            cache_written: later.cache_written.or(self.cache_written),
            cache_read: later.cache_read.or(self.cache_read),
            output: later.output.or(self.output),
        }
    }

    fn usage(self) -> Option<Usage> {
        self.input.or(self.output)?;
        let cached = self.cache_read.unwrap_or_default();
        Some(Usage {
            input: self.input.unwrap_or_default() + self.cache_written.unwrap_or_default() + cached,
            cached_input: cached,
            output: self.output.unwrap_or_default(),
        })
    }
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
struct State {
    text: String,
    model: Option<String>,
    reason: Option<String>,
    counts: Counts,
}

impl State {
    fn begin(&mut self, message: Message) -> Result<(), Unreadable> {
        if let Some(told) = message.error {
            return Err(told.unreadable());
        }
        self.model = message.model;
        self.reason = message.stop_reason;
        self.counts = message.usage.unwrap_or_default();
        for block in message.content {
            self.block(block);
        }
        Ok(())
    }

    fn block(&mut self, block: Block) {
        if block.kind.as_deref() == Some("text") {
            self.text.push_str(&block.text.unwrap_or_default());
        }
    }

    fn reply(self) -> Result<Reply, Unreadable> {
        let stop = match self.reason.as_deref() {
            // A turn that pauses is one that is not done.
            Some("max_tokens" | "model_context_window_exceeded" | "pause_turn") => Stop::Length,
            Some("refusal") => Stop::Refusal,
            _ => Stop::End,
        };
        if stop == Stop::End && self.text.trim().is_empty() {
            return Err(Unreadable::Empty);
        }
        Ok(Reply {
            usage: self.counts.usage(),
            text: self.text,
            model: self.model,
            stop,
            ..Reply::default()
        })
    }
}

/// An answer in pieces.
#[derive(Debug, Default)]
struct Pieces {
    state: State,
    done: bool,
}

/// <https://platform.claude.com/docs/en/build-with-claude/streaming>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::object")]
    message: Option<Message>,
    #[serde(deserialize_with = "json::object")]
    content_block: Option<Block>,
    #[serde(deserialize_with = "json::object")]
    delta: Option<Delta>,
    #[serde(deserialize_with = "json::object")]
    usage: Option<Counts>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    #[serde(rename = "type", deserialize_with = "json::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "json::text")]
    text: Option<String>,
    #[serde(deserialize_with = "json::text")]
    stop_reason: Option<String>,
}

impl Assemble for Pieces {
    fn event(&mut self, name: Option<&str>, data: &str) -> Result<Progress, Unreadable> {
        if self.done {
            return Ok(Progress::Done);
        }
        if data.trim().is_empty() {
            return Ok(Progress::More);
        }
        let event: Event = json::read(data)
            .map_err(|error| Unreadable::not_json("an event of a message", &error))?;
        if let Some(told) = event.error {
            return Err(told.unreadable());
        }
        let delta = event.delta.unwrap_or_default();
        match event.kind.as_deref().or(name).unwrap_or_default() {
            "message_start" => self.state.begin(event.message.unwrap_or_default())?,
            "content_block_start" => self.state.block(event.content_block.unwrap_or_default()),
            "content_block_delta" if delta.kind.as_deref() == Some("text_delta") => {
                self.state.text.push_str(&delta.text.unwrap_or_default());
            }
            "message_delta" => {
                self.state.reason = delta.stop_reason.or(self.state.reason.take());
                let counts = event.usage.unwrap_or_default();
                self.state.counts = self.state.counts.then(counts);
            }
            "message_stop" => {
                self.done = true;
                return Ok(Progress::Done);
            }
            "error" => return Err(Told::default().unreadable()),
            // Others are pings, thoughts, signatures and what is still to come.
            _ => {}
        }
        Ok(Progress::More)
    }

    fn finish(self: Box<Self>) -> Result<Reply, Unreadable> {
        if !self.done && self.state.reason.is_none() {
            return Err(Unreadable::Cut);
        }
        self.state.reply()
    }
}
