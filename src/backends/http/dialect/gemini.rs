//! Gemini's generateContent. <https://ai.google.dev/api/generate-content>

use reqwest::Url;
use reqwest::header::{HeaderMap, InvalidHeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::{Told, told};
use super::{Ask, Assemble, Dialect, Progress, Unreadable, Wish, json, lossy, or_path, shared};
use crate::backends::{Reply, Stop, Usage};

/// The method of a question, at the end of an address that is an endpoint already.
pub(super) const METHODS: [&str; 2] = [":generateContent", ":streamGenerateContent"];

/// generateContent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn endpoint(&self, base: &Url, model: Option<&str>, stream: bool) -> Url {
        let (mut url, written) = parts(base);
        let model = model.or(written.as_deref()).unwrap_or_default();
        let method = METHODS[usize::from(stream)];
        let path = url.path().trim_end_matches('/').to_owned();
        let folder = if model.contains('/') { "" } else { "models/" };
        url.set_path(&format!("{path}/{folder}{model}{method}"));
        if stream {
            url.query_pairs_mut().append_pair("alt", "sse");
        }
        url
    }

    fn models_endpoint(&self, base: &Url) -> Option<Url> {
        let (mut url, _) = parts(base);
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/models"));
        url.query_pairs_mut().append_pair("pageSize", "1000");
        Some(url)
    }

    fn key_headers(&self, key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        shared::secret("x-goog-api-key", key)
    }

    fn question(&self, ask: &Ask<'_>) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Question::of(ask))
    }

    fn answer(&self, body: &[u8]) -> Result<Reply, Unreadable> {
        let chunk: Chunk = json::read(&lossy(body))
            .map_err(|error| Unreadable::not_json("generated content", &error))?;
        let mut state = State::default();
        state.take(chunk)?;
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
                    &[
                        "response_json_schema",
                        "responsejsonschema",
                        "response_schema",
                        "response_mime_type",
                        "responsemimetype",
                        "json mode",
                        "specified schema",
                    ],
                ),
                (Wish::Temperature, &["temperature"]),
            ],
        )
    }

    fn models(&self, body: &[u8]) -> Option<Vec<String>> {
        #[derive(Deserialize)]
        struct List {
            #[serde(deserialize_with = "json::list")]
            models: Vec<Model>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Model {
            #[serde(deserialize_with = "json::name")]
            name: Option<String>,
            #[serde(deserialize_with = "json::list")]
            supported_generation_methods: Vec<String>,
        }
        let list: List = json::read(&lossy(body)).ok()?;
        let answers = |model: &Model| {
            let methods = &model.supported_generation_methods;
            methods.is_empty() || methods.iter().any(|method| method == "generateContent")
        };
        let models = list.models.into_iter().filter(answers);
        let names = models.filter_map(|model| model.name);
        Some(shared::sorted(names.map(|name| {
            name.strip_prefix("models/").unwrap_or(&name).to_owned()
        })))
    }
}

/// The address up to the models, and the model where it is an endpoint itself.
fn parts(base: &Url) -> (Url, Option<String>) {
    let mut url = or_path(base, "/v1beta");
    let path = url.path().to_owned();
    let written = METHODS.iter().find_map(|method| {
        let path = path.strip_suffix(method)?;
        path.rsplit_once("/models/")
    });
    let Some((path, model)) = written else {
        return (url, None);
    };
    url.set_path(path);
    url.set_query(None);
    (url, Some(model.to_owned()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Turn<'a>>,
    contents: [Turn<'a>; 1],
    #[serde(skip_serializing_if = "Generation::is_empty")]
    generation_config: Generation<'a>,
}

#[derive(Serialize)]
struct Turn<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Generation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    /// Takes the findings' schema as it is; the older `responseSchema` knows neither lists of
    /// types nor `additionalProperties`. <https://ai.google.dev/gemini-api/docs/structured-output>
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<&'a Value>,
}

impl Generation<'_> {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl<'a> Question<'a> {
    fn of(ask: &Ask<'a>) -> Self {
        let prompt = ask.prompt;
        let schema = ask.schema();
        Self {
            system_instruction: (!prompt.fixed.is_empty()).then(|| Turn {
                role: None,
                parts: vec![Part {
                    text: &prompt.fixed,
                }],
            }),
            contents: [Turn {
                role: Some("user"),
                parts: shared::parts(prompt).map(|text| Part { text }).collect(),
            }],
            generation_config: Generation {
                temperature: ask.temperature(),
                max_output_tokens: ask.max_output_tokens,
                response_mime_type: schema.map(|_| "application/json"),
                response_json_schema: schema,
            },
        }
    }
}

/// An answer, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Chunk {
    #[serde(deserialize_with = "json::list")]
    candidates: Vec<Candidate>,
    #[serde(deserialize_with = "json::object")]
    prompt_feedback: Option<Feedback>,
    #[serde(deserialize_with = "json::object")]
    usage_metadata: Option<Counts>,
    #[serde(deserialize_with = "json::name")]
    model_version: Option<String>,
    #[serde(deserialize_with = "told")]
    error: Option<Told>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate {
    #[serde(deserialize_with = "json::count")]
    index: Option<u64>,
    #[serde(deserialize_with = "json::object")]
    content: Option<Content>,
    #[serde(deserialize_with = "json::text")]
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "json::list")]
    parts: Vec<Said>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(deserialize_with = "json::text")]
    text: Option<String>,
    /// A thought is no part of the answer.
    #[serde(deserialize_with = "json::flag")]
    thought: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Feedback {
    #[serde(deserialize_with = "json::text")]
    block_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    /// Cached ones among them.
    #[serde(rename = "promptTokenCount", deserialize_with = "json::count")]
    prompt: Option<u64>,
    #[serde(rename = "cachedContentTokenCount", deserialize_with = "json::count")]
    cached: Option<u64>,
    #[serde(rename = "candidatesTokenCount", deserialize_with = "json::count")]
    candidates: Option<u64>,
    /// Paid as those of the answer, and not among them.
    #[serde(rename = "thoughtsTokenCount", deserialize_with = "json::count")]
    thoughts: Option<u64>,
}

impl Counts {
    fn usage(self) -> Option<Usage> {
        self.prompt.or(self.candidates)?;
        Some(Usage {
            input: self.prompt.unwrap_or_default(),
            cached_input: self.cached.unwrap_or_default(),
            output: self.candidates.unwrap_or_default() + self.thoughts.unwrap_or_default(),
        })
    }
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
struct State {
    text: String,
    model: Option<String>,
    reason: Option<String>,
    /// Why the question itself was refused.
    blocked: Option<String>,
    counts: Option<Counts>,
}

impl State {
    fn take(&mut self, chunk: Chunk) -> Result<(), Unreadable> {
        if let Some(told) = chunk.error {
            return Err(told.unreadable());
        }
        self.model = chunk.model_version.or(self.model.take());
        self.counts = chunk.usage_metadata.or(self.counts.take());
        let blocked = chunk
            .prompt_feedback
            .and_then(|feedback| feedback.block_reason);
        self.blocked = blocked.or(self.blocked.take());
        let first = |candidate: &Candidate| candidate.index.unwrap_or_default() == 0;
        for candidate in chunk.candidates.into_iter().filter(first).take(1) {
            let parts = candidate.content.unwrap_or_default().parts;
            for said in parts.into_iter().filter(|said| !said.thought) {
                self.text.push_str(&said.text.unwrap_or_default());
            }
            self.reason = candidate.finish_reason.or(self.reason.take());
        }
        Ok(())
    }

    fn reply(self) -> Result<Reply, Unreadable> {
        let stop = match (self.reason.as_deref(), &self.blocked) {
            (Some("STOP") | None, None) => Stop::End,
            (Some("MAX_TOKENS"), _) => Stop::Length,
            (
                Some(
                    "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT"
                    | "SPII",
                ),
                _,
            )
            | (_, Some(_)) => Stop::Refusal,
            // OTHER, MALFORMED_RESPONSE and the like: what there is of the answer is cut.
            (Some(reason), None) => {
                return Err(Unreadable::Error {
                    status: None,
                    words: format!("the answer broke off: {reason}"),
                });
            }
        };
        if stop == Stop::End && self.text.trim().is_empty() {
            return Err(Unreadable::Empty);
        }
        Ok(Reply {
            text: self.text,
            model: self.model,
            usage: self.counts.and_then(Counts::usage),
            stop,
            ..Reply::default()
        })
    }
}

/// An answer in pieces. There is no end mark beside the reason why it ended, and counts may
/// follow that.
#[derive(Debug, Default)]
struct Pieces(State);

impl Assemble for Pieces {
    fn event(&mut self, _: Option<&str>, data: &str) -> Result<Progress, Unreadable> {
        let data = data.trim();
        if !data.is_empty() && data != "[DONE]" {
            let chunk = json::read(data)
                .map_err(|error| Unreadable::not_json("a piece of generated content", &error))?;
            self.0.take(chunk)?;
        }
        Ok(Progress::More)
    }

    fn finish(self: Box<Self>) -> Result<Reply, Unreadable> {
        if self.0.reason.is_none() && self.0.blocked.is_none() {
            return Err(Unreadable::Cut);
        }
        self.0.reply()
    }
}
