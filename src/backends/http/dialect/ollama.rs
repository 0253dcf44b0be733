//! Ollama's chat. <https://docs.ollama.com/api/chat>

use reqwest::Url;
use reqwest::header::{HeaderMap, InvalidHeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::{Told, told};
use super::{
    Ask, Assemble, Dialect, Framing, Progress, Unreadable, Wish, appended, json, lossy, shared,
    stem,
};
use crate::backends::{Prompt, Reply, Stop, Usage};

/// Chat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ollama {
    /// Tokens that the model reads and writes, where the settings say so.
    context_tokens: Option<usize>,
}

impl Ollama {
    pub(super) fn new(context_tokens: Option<usize>) -> Self {
        Self { context_tokens }
    }

    /// The context to load the model with. Its default is so small that a packet is cut
    /// without a word; a new size loads the model anew, so there are few of them.
    fn context(&self, ask: &Ask<'_>) -> usize {
        self.context_tokens.unwrap_or_else(|| {
            let Prompt {
                fixed,
                packet,
                task,
            } = ask.prompt;
            // Some three bytes a token, on the safe side.
            let read = (fixed.len() + packet.len() + task.len()) / 3;
            let written = ask.max_output_tokens.unwrap_or(MIN_ANSWER);
            let written = usize::try_from(written).unwrap_or(usize::MAX);
            read.saturating_add(written)
                .clamp(MIN_CONTEXT, MAX_CONTEXT)
                .next_power_of_two()
        })
    }
}

/// Tokens left for an answer whose limit nobody says.
const MIN_ANSWER: u32 = 4096;
/// Tokens of the context at least.
const MIN_CONTEXT: usize = 16 * 1024;
/// Tokens of the context at most, unless the settings say more: memory grows with it.
const MAX_CONTEXT: usize = 128 * 1024;

/// The server's own address: `/v1` is where it speaks OpenAI's protocol.
fn root(base: &Url) -> Url {
    ["api/chat", "api", "v1"]
        .iter()
        .fold(base.clone(), |base, end| stem(&base, end))
}

impl Dialect for Ollama {
    fn endpoint(&self, base: &Url, _: Option<&str>, _: bool) -> Url {
        appended(&root(base), "api/chat")
    }

    fn models_endpoint(&self, base: &Url) -> Option<Url> {
        Some(appended(&root(base), "api/tags"))
    }

    fn version_endpoint(&self, base: &Url) -> Option<Url> {
        Some(appended(&root(base), "api/version"))
    }

    fn key_headers(&self, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        shared::bearer(key)
    }

    fn framing(&self) -> Framing {
        Framing::JsonLines
    }

    fn question(&self, ask: &Ask<'_>) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Question::of(ask, self.context(ask)))
    }

    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable> {
        let line: Line =
            json::read(&lossy(body)).map_err(|error| Unreadable::not_json("a chat", &error))?;
        let mut state = State::default();
        state.take(line)?;
        state.reply()
    }

    fn assembler(&self) -> Box<dyn Assemble> {
        Box::new(Pieces::default())
    }

    fn refused_wish(&self, status: u16, body: &str, ask: &Ask<'_>) -> Option<Wish> {
        let schema: &[&str] = &[
            "'format'",
            "\"format\"",
            "invalid format",
            "json schema",
            "grammar",
        ];
        shared::refused(status, body, ask, &[(Wish::Schema, schema)])
    }

    fn models(&self, body: &[u8]) -> Option<Vec<String>> {
        #[derive(Deserialize)]
        struct List {
            #[serde(deserialize_with = "json::list")]
            models: Vec<Model>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Model {
            #[serde(deserialize_with = "json::name")]
            name: Option<String>,
        }
        let list: List = json::read(&lossy(body)).ok()?;
        Some(shared::sorted(
            list.models.into_iter().filter_map(|model| model.name),
        ))
    }
}

#[derive(Serialize)]
struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: Vec<Turn<'a>>,
    /// It streams unless it is told not to.
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
    /// A prompt that does not fit is an error and not cut; servers before 0.12.7 ignore this.
    truncate: bool,
    /// A context that is full ends the answer; its beginning is not thrown away.
    shift: bool,
    options: Options,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct Options {
    num_ctx: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
}

impl<'a> Question<'a> {
    fn of(ask: &Ask<'a>, num_ctx: usize) -> Self {
        let prompt = ask.prompt;
        let system = (!prompt.fixed.is_empty()).then(|| Turn {
            role: "system",
            content: (&*prompt.fixed).into(),
        });
        let user = Turn {
            role: "user",
            content: shared::joined(&prompt.packet, &prompt.task),
        };
        Self {
            model: ask.model,
            messages: system.into_iter().chain([user]).collect(),
            stream: ask.streams(),
            format: ask.schema(),
            truncate: false,
            shift: false,
            options: Options {
                num_ctx,
                temperature: ask.temperature(),
                num_predict: ask.max_output_tokens,
            },
        }
    }
}

/// An answer, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(deserialize_with = "json::object")]
    message: Option<Said>,
    #[serde(deserialize_with = "json::name")]
    model: Option<String>,
    #[serde(deserialize_with = "json::flag")]
    done: bool,
    #[serde(deserialize_with = "json::text")]
    done_reason: Option<String>,
    /// Cached ones among them; how many is not told.
    #[serde(deserialize_with = "json::count")]
    prompt_eval_count: Option<u64>,
    #[serde(deserialize_with = "json::count")]
    eval_count: Option<u64>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

/// Its `thinking` is no part of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(deserialize_with = "json::text")]
    content: Option<String>,
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
struct State {
    text: String,
    model: Option<String>,
    usage: Option<Usage>,
    reason: Option<String>,
    done: bool,
}

impl State {
    fn take(&mut self, line: Line) -> Result<(), Unreadable> {
        if let Some(told) = line.error {
            return Err(told.unreadable());
        }
        let said = line.message.unwrap_or_default();
        self.text.push_str(&said.content.unwrap_or_default());
        self.model = self.model.take().or(line.model);
        self.done |= line.done;
        self.reason = line.done_reason.or(self.reason.take());
        if line.prompt_eval_count.or(line.eval_count).is_some() {
            self.usage = Some(Usage {
                input: line.prompt_eval_count.unwrap_or_default(),
                cached_input: 0,
                output: line.eval_count.unwrap_or_default(),
            });
        }
        Ok(())
    }

    fn reply(self) -> Result<Reply, Unreadable> {
        if !self.done {
            return Err(Unreadable::Cut);
        }
        let stop = match self.reason.as_deref() {
            Some("length") => Stop::Length,
            _ => Stop::End,
        };
        if stop == Stop::End && self.text.trim().is_empty() {
            return Err(Unreadable::Empty);
        }
        Ok(Reply {
            text: self.text,
            model: self.model,
            usage: self.usage,
            stop,
            ..Reply::default()
        })
    }
}

/// An answer in pieces.
#[derive(Debug, Default)]
struct Pieces(State);

impl Assemble for Pieces {
    fn event(&mut self, _: Option<&str>, data: &str) -> Result<Progress, Unreadable> {
        if self.0.done {
            return Ok(Progress::Done);
        }
        if !data.trim().is_empty() {
            let line = json::read(data)
                .map_err(|error| Unreadable::not_json("a piece of a chat", &error))?;
            self.0.take(line)?;
        }
        Ok(if self.0.done {
            Progress::Done
        } else {
            Progress::More
        })
    }

    fn finish(self: Box<Self>) -> Result<Reply, Unreadable> {
        self.0.reply()
    }
}
