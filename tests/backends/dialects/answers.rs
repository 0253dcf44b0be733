//! What whole answers are read as.

use llmux::backends::{DialectName, ErrorKind, Stop};
use serde_json::{Value, json};

use super::{Read, read, whole};

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

async fn of(dialect: DialectName, body: Value) -> Read {
    read(whole(dialect, &body).await.unwrap())
}

fn said(text: &str, stop: Stop) -> Read {
    Read {
        text: text.to_owned(),
        stop,
        model: None,
        usage: None,
        cost: None,
    }
}

#[tokio::test]
async fn a_chat_completion() {
    let of = async |body| of(DialectName::Openai, body).await;
    // DeepSeek's thoughts and counts.
    let body = json!({
        "id": "1", "object": "chat.completion", "created": 1_790_000_000, "model": "deepseek-flash",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, "message": {
            "role": "assistant", "content": "yes", "reasoning_content": "well, perhaps"
        }}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13,
                  "prompt_cache_hit_tokens": 6, "prompt_cache_miss_tokens": 4}
    });
    let wanted = Read {
        model: Some("deepseek-flash".to_owned()),
        usage: Some([10, 6, 3]),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    // OpenRouter's cost, in US dollars.
    let body = json!({
        "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "cost": 0.0125,
                  "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}}
    });
    let wanted = Read {
        usage: Some([10, 4, 3]),
        cost: Some(0.0125),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    // Mistral's thoughts are parts; a second choice is none of ours.
    let body = json!({"choices": [
        {"index": 0, "finish_reason": "model_length", "message": {"content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
            {"type": "text", "text": "cut"}
        ]}},
        {"index": 1, "finish_reason": "stop", "message": {"content": "other"}}
    ]});
    assert_eq!(of(body).await, said("cut", Stop::Length));
}

#[tokio::test]
async fn a_response() {
    let of = async |body| of(DialectName::OpenaiResponses, body).await;
    let body = json!({
        "id": "resp_1", "object": "response", "status": "completed", "error": null,
        "incomplete_details": null, "model": "gpt-5.5-2026-04-23",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
             "content": [{"type": "reasoning_text", "text": "well"}]},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
                {"type": "output_text", "text": "ye", "annotations": []},
                {"type": "output_text", "text": "s", "annotations": []}
            ]}
        ],
        "usage": {"input_tokens": 20, "input_tokens_details": {"cached_tokens": 5},
                  "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 4}, "total_tokens": 27}
    });
    let wanted = Read {
        model: Some("gpt-5.5-2026-04-23".to_owned()),
        usage: Some([20, 5, 7]),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    let cut = |reason: &str| {
        json!({"status": "incomplete", "incomplete_details": {"reason": reason},
               "output": [{"type": "message", "content": [{"type": "output_text", "text": "ye"}]}]})
    };
    assert_eq!(of(cut("max_output_tokens")).await, said("ye", Stop::Length));
    assert_eq!(of(cut("content_filter")).await, said("ye", Stop::Refusal));
    assert_eq!(of(cut("new_reason")).await, said("ye", Stop::Length));
    let refusal = json!({"status": "completed", "output": [
        {"type": "message", "content": [{"type": "refusal", "refusal": "I can't"}]}
    ]});
    assert_eq!(of(refusal).await, said("I can't", Stop::Refusal));
}

#[tokio::test]
async fn a_message() {
    let of = async |body| of(DialectName::Anthropic, body).await;
    let body = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "xx"},
            {"type": "text", "text": "ye"}, {"type": "text", "text": "s"}
        ],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 200,
                  "cache_read_input_tokens": 3000, "output_tokens": 7}
    });
    let wanted = Read {
        model: Some("claude-sonnet-5-5".to_owned()),
        usage: Some([3210, 3000, 7]),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    for (reason, stop) in [
        ("stop_sequence", Stop::End),
        ("max_tokens", Stop::Length),
        ("model_context_window_exceeded", Stop::Length),
        ("pause_turn", Stop::Length),
        ("refusal", Stop::Refusal),
    ] {
        let body = json!({"content": [{"type": "text", "text": "ye"}], "stop_reason": reason});
        assert_eq!(of(body).await, said("ye", stop), "{reason}");
    }
    let body = json!({"content": [], "stop_reason": "refusal"});
    assert_eq!(of(body).await, said("", Stop::Refusal));
}

#[tokio::test]
async fn generated_content() {
    let of = async |body| of(DialectName::Gemini, body).await;
    let body = json!({
        "candidates": [{"content": {"role": "model", "parts": [
            {"text": "hm", "thought": true}, {"text": "ye"}, {"text": "s", "thoughtSignature": "c2ln"}
        ]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 20, "cachedContentTokenCount": 8,
                          "candidatesTokenCount": 2, "thoughtsTokenCount": 30, "totalTokenCount": 52},
        "modelVersion": "gemini-3.8-flash-001", "responseId": "r"
    });
    let wanted = Read {
        model: Some("gemini-3.8-flash-001".to_owned()),
        usage: Some([20, 8, 32]),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    for (reason, stop) in [
        ("MAX_TOKENS", Stop::Length),
        ("SAFETY", Stop::Refusal),
        ("RECITATION", Stop::Refusal),
        ("PROHIBITED_CONTENT", Stop::Refusal),
        ("BLOCKLIST", Stop::Refusal),
        ("SPII", Stop::Refusal),
    ] {
        let body = json!({"candidates": [{"finishReason": reason}]});
        assert_eq!(of(body).await, said("", stop), "{reason}");
    }
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}});
    assert_eq!(of(blocked).await, said("", Stop::Refusal));
    let odd = json!({"candidates": [
        {"content": {"parts": [{"text": "half"}]}, "finishReason": "MALFORMED_RESPONSE"}
    ]});
    let error = whole(DialectName::Gemini, &odd).await.unwrap_err();
    assert!(error.message.contains("MALFORMED_RESPONSE"), "{error}");
    assert_eq!(error.kind, TRANSIENT);
}

#[tokio::test]
async fn a_chat() {
    let of = async |body| of(DialectName::Ollama, body).await;
    let body = json!({
        "model": "qwen3-coder-next", "created_at": "2026-11-01T10:00:00Z",
        "message": {"role": "assistant", "content": "yes", "thinking": "hm"},
        "done": true, "done_reason": "stop", "total_duration": 5, "load_duration": 1,
        "prompt_eval_count": 26, "prompt_eval_duration": 1, "eval_count": 298, "eval_duration": 2
    });
    let wanted = Read {
        model: Some("qwen3-coder-next".to_owned()),
        usage: Some([26, 0, 298]),
        ..said("yes", Stop::End)
    };
    assert_eq!(of(body).await, wanted);
    let body = json!({"message": {"content": "ye"}, "done": true, "done_reason": "length"});
    assert_eq!(of(body).await, said("ye", Stop::Length));
    let body = json!({"message": {"content": "ye"}, "done": false});
    let error = whole(DialectName::Ollama, &body).await.unwrap_err();
    assert!(error.message.contains("too early"), "{error}");
}
