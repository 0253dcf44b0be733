//! OpenAI's chat completions as they travel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backends::{Prompt, Reply, Stop, Usage};

/// What is sent.
#[derive(Serialize)]
pub(super) struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<&'a str>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<ResponseFormat<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

/// The answer's schema.
#[derive(Serialize)]
pub(super) struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

impl<'a> Question<'a> {
    /// The prompt alone: its stable part first, so that a provider can cache it.
    pub(super) fn of(prompt: &'a Prompt) -> Self {
        let user = [&*prompt.packet, &*prompt.task]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n");
        let system = (!prompt.fixed.is_empty()).then(|| Message {
            role: "system",
            content: (&*prompt.fixed).into(),
        });
        let user = Message {
            role: "user",
            content: user.into(),
        };
        Self {
            model: None,
            messages: system.into_iter().chain([user]).collect(),
            temperature: None,
            max_tokens: None,
            max_completion_tokens: None,
            response_format: None,
        }
    }
}

impl<'a> ResponseFormat<'a> {
    pub(super) fn of(schema: &'a Value) -> Self {
        Self {
            kind: "json_schema",
            json_schema: JsonSchema {
                name: "answer",
                strict: true,
                schema,
            },
        }
    }
}

/// What comes back. Servers differ in what they leave out.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    choices: Vec<Choice>,
    model: Option<String>,
    usage: Option<Counts>,
    /// Some gateways answer 200 and put the failure here.
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Content>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Answer {
    /// The first choice; none where there is none, or it is empty without a reason.
    pub(super) fn into_reply(self) -> Option<Reply> {
        let choice = self.choices.into_iter().next()?;
        let refusal = choice.message.refusal.filter(|text| !text.is_empty());
        let stop = match choice.finish_reason.as_deref() {
            Some("length") => Stop::Length,
            Some("content_filter") => Stop::Refusal,
            _ if refusal.is_some() => Stop::Refusal,
            _ => Stop::End,
        };
        let text = match (refusal, choice.message.content) {
            (Some(refusal), _) => refusal,
            (None, Some(Content::Text(text))) => text,
            (None, Some(Content::Parts(parts))) => {
                parts.into_iter().map(|part| part.text).collect()
            }
            (None, None) => String::new(),
        };
        if stop == Stop::End && text.trim().is_empty() {
            return None;
        }
        Some(Reply {
            text,
            model: self.model,
            usage: self.usage.map(|counts| Usage {
                input: counts.prompt_tokens,
                cached_input: counts
                    .prompt_tokens_details
                    .and_then(|details| details.cached_tokens)
                    .unwrap_or_default(),
                output: counts.completion_tokens,
            }),
            stop,
            ..Reply::default()
        })
    }
}

/// The words of a server's error: `error.message`, `error`, `message` or `detail`, else the text.
pub(super) fn error_words(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    let places = [
        &value["error"]["message"],
        &value["error"],
        &value[0]["error"]["message"],
        &value["message"],
        &value["detail"],
    ];
    match places.into_iter().find_map(Value::as_str) {
        Some(words) => words.to_owned(),
        None => body.to_owned(),
    }
}
