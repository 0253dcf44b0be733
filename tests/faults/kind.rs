//! What each kind of server says when all is well: each dialect, whole and piece by piece.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The answer of a model that found nothing.
pub(super) const NOTHING: &str = "{\"findings\": []}";

/// A dialect, asked for a whole answer or for pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) dialect: &'static str,
    pub(super) streams: bool,
}

const DIALECTS: [&str; 5] = [
    "openai",
    "openai-responses",
    "anthropic",
    "gemini",
    "ollama",
];

/// Five dialects, whole and in pieces.
pub(super) fn kinds() -> Vec<Kind> {
    let both = |dialect| [false, true].map(|streams| Kind { dialect, streams });
    DIALECTS.into_iter().flat_map(both).collect()
}

pub(super) fn streaming_kinds() -> Vec<Kind> {
    let all = kinds().into_iter();
    all.filter(|kind| kind.streams).collect()
}

impl Kind {
    /// The backend's name.
    pub(super) fn name(self) -> String {
        let how = if self.streams { "pieces" } else { "whole" };
        format!("{}-{how}", self.dialect)
    }

    /// `[backends.NAME]` for a server; the key comes from `FAULT_KEY`.
    pub(super) fn config(self, name: &str, uri: &str) -> String {
        let path = match self.dialect {
            "openai" | "openai-responses" | "anthropic" => "/v1",
            "gemini" => "/v1beta",
            _ => "",
        };
        format!(
            "[backends.{name}]\nkind = \"http\"\ndialect = \"{}\"\nbase_url = \"{uri}{path}\"\n\
             model = \"m\"\nstream = {}\napi_key = \"${{FAULT_KEY}}\"\n",
            self.dialect, self.streams
        )
    }

    /// Where it is asked.
    pub(super) fn path(self) -> &'static str {
        match (self.dialect, self.streams) {
            ("openai", _) => "/v1/chat/completions",
            ("openai-responses", _) => "/v1/responses",
            ("anthropic", _) => "/v1/messages",
            ("gemini", false) => "/v1beta/models/m:generateContent",
            ("gemini", true) => "/v1beta/models/m:streamGenerateContent",
            _ => "/api/chat",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match (self.dialect, self.streams) {
            (_, false) => "application/json",
            ("ollama", true) => "application/x-ndjson",
            _ => "text/event-stream",
        }
    }

    /// A body with this text.
    pub(super) fn body(self, text: &str) -> String {
        if self.streams {
            let pieces = self.pieces(text);
            pieces.concat()
        } else {
            self.whole(text).to_string()
        }
    }

    /// A body that ends in the middle of its text.
    pub(super) fn half(self) -> Vec<u8> {
        if self.streams {
            self.pieces(NOTHING)[..2].concat().into()
        } else {
            let whole = self.body(NOTHING).into_bytes();
            whole[..whole.len() / 2].to_vec()
        }
    }

    /// A response that announces a whole body and ends in the middle.
    pub(super) fn half_an_answer(self) -> Vec<u8> {
        let whole = self.says(NOTHING);
        let missing = self.body(NOTHING).len() - self.half().len();
        whole[..whole.len() - missing].to_vec()
    }

    /// A response with this text.
    pub(super) fn says(self, text: &str) -> Vec<u8> {
        self.with_body(self.body(text).as_bytes())
    }

    /// A response of status 200 with this body.
    pub(super) fn with_body(self, body: &[u8]) -> Vec<u8> {
        response("200 OK", &[("Content-Type", self.content_type())], body)
    }

    /// The head of a response that has no length and ends with the connection.
    pub(super) fn head(self) -> Vec<u8> {
        let kind = self.content_type();
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n").into()
    }

    /// A response that tells an error.
    pub(super) fn fails(self, status: &str, headers: &[(&str, &str)], words: &str) -> Vec<u8> {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        let code = status.split(' ').next().unwrap().parse().unwrap();
        response(status, &all, self.error(code, words).to_string().as_bytes())
    }

    /// The body of an error.
    pub(super) fn error(self, status: u16, words: &str) -> Value {
        match self.dialect {
            "anthropic" => {
                json!({"type": "error", "error": {"type": "api_error", "message": words}})
            }
            "gemini" => {
                json!({"error": {"code": status, "message": words, "status": "UNAVAILABLE"}})
            }
            "ollama" => json!({ "error": words }),
            _ => json!({"error": {"message": words, "type": "server_error", "code": null}}),
        }
    }

    /// An error in the middle of a stream.
    pub(super) fn error_event(self, words: &str) -> String {
        let responses = json!({"type": "error", "code": "server_error", "message": words});
        match self.dialect {
            "openai-responses" => event("error", &responses),
            "anthropic" => event("error", &self.error(529, words)),
            "ollama" => line(&self.error(500, words)),
            _ => data(&self.error(503, words)),
        }
    }

    /// What says that a stream goes on.
    pub(super) fn keep_alive(self) -> &'static str {
        if self.dialect == "ollama" {
            "\n"
        } else {
            ": keep-alive\n\n"
        }
    }

    fn whole(self, text: &str) -> Value {
        match self.dialect {
            "openai" => json!({
                "id": "c", "object": "chat.completion", "model": "m-1",
                "choices": [{"index": 0, "finish_reason": "stop",
                             "message": {"role": "assistant", "content": text}}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
            }),
            "openai-responses" => json!({
                "id": "r", "object": "response", "model": "m-1", "status": "completed",
                "output": [{"type": "message", "id": "o", "role": "assistant", "status": "completed",
                            "content": [{"type": "output_text", "text": text, "annotations": []}]}],
                "usage": {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110,
                          "input_tokens_details": {"cached_tokens": 0}}
            }),
            "anthropic" => json!({
                "id": "a", "type": "message", "role": "assistant", "model": "m-1",
                "content": [{"type": "text", "text": text}],
                "stop_reason": "end_turn", "stop_sequence": null,
                "usage": {"input_tokens": 100, "output_tokens": 10}
            }),
            "gemini" => json!({
                "candidates": [{"content": {"role": "model", "parts": [{"text": text}]},
                                "finishReason": "STOP", "index": 0}],
                "usageMetadata": gemini_usage(), "modelVersion": "m-1"
            }),
            _ => json!({
                "model": "m-1", "created_at": "2026-01-01T00:00:00Z",
                "message": {"role": "assistant", "content": text},
                "done": true, "done_reason": "stop", "prompt_eval_count": 100, "eval_count": 10
            }),
        }
    }

    /// A stream: what comes before the text, the text in two, what ends it.
    pub(super) fn pieces(self, text: &str) -> Vec<String> {
        let middle = text.floor_char_boundary(text.len() / 2);
        let (one, two) = text.split_at(middle);
        vec![
            self.opening(),
            self.piece(one),
            self.piece(two),
            self.ending(text),
        ]
    }

    fn opening(self) -> String {
        match self.dialect {
            "openai" => data(&chunk(&json!({"role": "assistant", "content": ""}), None)),
            "openai-responses" => {
                let response = json!({"id": "r", "object": "response", "status": "in_progress",
                                      "model": "m-1", "output": []});
                let item = json!({"type": "message", "id": "o", "role": "assistant",
                                  "status": "in_progress", "content": []});
                let part = json!({"type": "output_text", "text": "", "annotations": []});
                [
                    typed("response.created", &json!({ "response": response })),
                    typed(
                        "response.output_item.added",
                        &json!({"output_index": 0, "item": item}),
                    ),
                    typed(
                        "response.content_part.added",
                        &json!({"item_id": "o", "output_index": 0, "content_index": 0, "part": part}),
                    ),
                ]
                .concat()
            }
            "anthropic" => {
                let message = json!({
                    "id": "a", "type": "message", "role": "assistant", "model": "m-1", "content": [],
                    "stop_reason": null, "stop_sequence": null,
                    "usage": {"input_tokens": 100, "output_tokens": 1}
                });
                let block = json!({"index": 0, "content_block": {"type": "text", "text": ""}});
                [
                    typed("message_start", &json!({ "message": message })),
                    typed("content_block_start", &block),
                    typed("ping", &json!({})),
                ]
                .concat()
            }
            _ => String::new(),
        }
    }

    /// An event with a piece of the text.
    pub(super) fn piece(self, text: &str) -> String {
        match self.dialect {
            "openai" => data(&chunk(&json!({ "content": text }), None)),
            "openai-responses" => typed(
                "response.output_text.delta",
                &json!({"item_id": "o", "output_index": 0, "content_index": 0, "delta": text}),
            ),
            "anthropic" => typed(
                "content_block_delta",
                &json!({"index": 0, "delta": {"type": "text_delta", "text": text}}),
            ),
            "gemini" => data(&json!({
                "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}],
                "usageMetadata": gemini_usage(), "modelVersion": "m-1"
            })),
            _ => line(&json!({
                "model": "m-1", "created_at": "2026-01-01T00:00:00Z", "done": false,
                "message": {"role": "assistant", "content": text}
            })),
        }
    }

    fn ending(self, text: &str) -> String {
        match self.dialect {
            "openai" => {
                let usage = json!({"id": "c", "object": "chat.completion.chunk", "model": "m-1", "choices": [],
                                   "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}});
                let mut end = data(&chunk(&json!({}), Some("stop")));
                end.push_str(&data(&usage));
                end.push_str("data: [DONE]\n\n");
                end
            }
            "openai-responses" => {
                let done =
                    json!({"item_id": "o", "output_index": 0, "content_index": 0, "text": text});
                [
                    typed("response.output_text.done", &done),
                    typed(
                        "response.completed",
                        &json!({ "response": self.whole(text) }),
                    ),
                ]
                .concat()
            }
            "anthropic" => {
                let delta = json!({"delta": {"stop_reason": "end_turn", "stop_sequence": null},
                                   "usage": {"output_tokens": 10}});
                [
                    typed("content_block_stop", &json!({"index": 0})),
                    typed("message_delta", &delta),
                    typed("message_stop", &json!({})),
                ]
                .concat()
            }
            "gemini" => data(&json!({
                "candidates": [{"content": {"role": "model", "parts": [{"text": ""}]},
                                "finishReason": "STOP", "index": 0}],
                "usageMetadata": gemini_usage(), "modelVersion": "m-1"
            })),
            _ => line(&self.whole("")),
        }
    }
}

fn chunk(delta: &Value, end: Option<&str>) -> Value {
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m-1",
           "choices": [{"index": 0, "delta": delta, "finish_reason": end}]})
}

fn gemini_usage() -> Value {
    json!({"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110})
}

fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn event(name: &str, value: &Value) -> String {
    format!("event: {name}\ndata: {value}\n\n")
}

/// An event whose data repeats its name as `type`.
fn typed(name: &str, value: &Value) -> String {
    let mut value = value.clone();
    value["type"] = json!(name);
    event(name, &value)
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

/// A response with its length.
pub(super) fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
