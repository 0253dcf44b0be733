//! What is sent.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::super::quirks::{CacheMark, Quirks, SchemaForm};
use super::super::{Ask, Wish, shared};

#[derive(Serialize)]
pub(super) struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<shared::CacheControl>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: JsonSchema<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Question<'a> {
    pub(super) fn of(ask: &Ask<'a>, quirks: Quirks, completion_tokens: bool) -> Self {
        let limit = ask.max_output_tokens;
        let marked = ask.wishes.grants(Wish::CacheMark);
        let parts = marked && quirks.cache == CacheMark::Parts && wants_marks(ask.model);
        let key = marked && quirks.cache == CacheMark::Key;
        let usage = ask.streams() && quirks.stream_usage && ask.wishes.grants(Wish::StreamUsage);
        Self {
            model: ask.model,
            messages: if parts { marked_parts(ask) } else { plain(ask) },
            temperature: ask.temperature(),
            max_tokens: limit.filter(|_| !completion_tokens),
            max_completion_tokens: limit.filter(|_| completion_tokens),
            response_format: ask.schema().map(|schema| match quirks.schema {
                SchemaForm::Strict => ResponseFormat::JsonSchema {
                    json_schema: JsonSchema {
                        name: "answer",
                        strict: true,
                        schema,
                    },
                },
                SchemaForm::Object => ResponseFormat::JsonObject,
            }),
            prompt_cache_key: key.then(|| shared::cache_key(ask.prompt)),
            stream: ask.streams().then_some(true),
            stream_options: usage.then_some(StreamOptions {
                include_usage: true,
            }),
        }
    }
}

/// Models of Anthropic cache what is marked alone; others find equal beginnings themselves.
fn wants_marks(model: Option<&str>) -> bool {
    model.is_some_and(|model| model.contains("anthropic/") || model.contains("claude"))
}

/// One text a message: not every server takes parts.
fn plain<'a>(ask: &Ask<'a>) -> Vec<Message<'a>> {
    let prompt = ask.prompt;
    let system = (!prompt.fixed.is_empty()).then(|| Message {
        role: "system",
        content: Content::Text((&*prompt.fixed).into()),
    });
    let user = Message {
        role: "user",
        content: Content::Text(shared::joined(&prompt.packet, &prompt.task)),
    };
    system.into_iter().chain([user]).collect()
}

/// Parts, of which the stable ones are marked.
fn marked_parts<'a>(ask: &Ask<'a>) -> Vec<Message<'a>> {
    let prompt = ask.prompt;
    let marks = shared::CacheControl::of(prompt, true);
    let part = |text: &'a str, cache_control| {
        (!text.is_empty()).then_some(Part {
            kind: "text",
            text,
            cache_control,
        })
    };
    let system = part(&prompt.fixed, marks.fixed).map(|part| Message {
        role: "system",
        content: Content::Parts(vec![part]),
    });
    let packet = part(&prompt.packet, marks.packet);
    let task = part(&prompt.task, None);
    let user = Message {
        role: "user",
        content: Content::Parts(packet.into_iter().chain(task).collect()),
    };
    system.into_iter().chain([user]).collect()
}
