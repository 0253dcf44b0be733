//! OpenAI's chat completions, which most servers speak.
//! <https://platform.openai.com/docs/api-reference/chat/create>

use reqwest::Url;
use reqwest::header::{HeaderMap, InvalidHeaderValue};

use self::answer::{Chunk, Pieces, State};
use self::question::Question;
use super::quirks::{CacheMark, Quirks, SchemaForm};
use super::{Ask, Assemble, Dialect, Unreadable, Wish, appended, json, lossy, shared, stem};
use crate::backends::Reply;

mod answer;
mod question;

/// The path of a question.
const END: &str = "chat/completions";

/// Chat completions, as one provider takes them.
#[derive(Clone, Copy, Debug)]
pub(in crate::backends::http) struct OpenAi {
    quirks: Quirks,
}

impl OpenAi {
    /// With a provider's peculiarities.
    pub(in crate::backends::http) fn new(quirks: Quirks) -> Self {
        Self { quirks }
    }

    /// The word for the limit that is used with these wishes.
    fn completion_tokens(self, ask: &Ask<'_>) -> bool {
        self.quirks.completion_tokens == ask.wishes.grants(Wish::LimitWord)
    }
}

impl Dialect for OpenAi {
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
        serde_json::to_vec(&Question::of(ask, self.quirks, self.completion_tokens(ask)))
    }

    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable> {
        let chunk: Chunk = json::read(&lossy(body))
            .map_err(|error| Unreadable::not_json("a chat completion", &error))?;
        let mut state = State::default();
        state.take(chunk)?;
        state.reply()
    }

    fn assembler(&self) -> Box<dyn Assemble> {
        Box::new(Pieces::default())
    }

    fn refused_wish(&self, status: u16, body: &str, ask: &Ask<'_>) -> Option<Wish> {
        let schema: &[&str] = match self.quirks.schema {
            SchemaForm::Strict => &["response_format", "json_schema", "structured output"],
            SchemaForm::Object => &["response_format", "json_object", "json mode"],
        };
        let limit: &[&str] = if self.completion_tokens(ask) {
            &["max_completion_tokens"]
        } else {
            &["max_tokens"]
        };
        let cache: &[&str] = match self.quirks.cache {
            CacheMark::None => &[],
            CacheMark::Key => &["prompt_cache_key"],
            CacheMark::Parts => &["cache_control"],
        };
        shared::refused(
            status,
            body,
            ask,
            &[
                (Wish::StreamUsage, &["stream_options", "include_usage"]),
                (Wish::Schema, schema),
                (Wish::CacheMark, cache),
                (Wish::Temperature, &["temperature"]),
                (Wish::LimitWord, limit),
                (Wish::Stream, &["stream"]),
            ],
        )
    }

    fn models(&self, body: &[u8]) -> Option<Vec<String>> {
        shared::models_of_data(body)
    }
}
