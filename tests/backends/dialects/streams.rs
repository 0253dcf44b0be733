//! What streams are read as, as each protocol's documentation shows them.

use llmux::backends::{DialectName, ErrorKind, Stop};

use super::{Read, read, streamed};

fn wanted(text: &str, stop: Stop, model: &str, usage: Option<[u64; 3]>) -> Read {
    Read {
        text: text.to_owned(),
        stop,
        model: (!model.is_empty()).then(|| model.to_owned()),
        usage,
        cost: None,
    }
}

#[tokio::test]
async fn chat_completions() {
    // Azure begins with what it filtered of the prompt; thoughts come before the text.
    let stream = r#"data: {"choices":[],"model":"","prompt_filter_results":[{"prompt_index":0}]}

data: {"id":"c","object":"chat.completion.chunk","model":"gpt-5.5","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}]}

: OPENROUTER PROCESSING

data: {"id":"c","model":"gpt-5.5","choices":[{"index":0,"delta":{"reasoning_content":"hm","content":null},"finish_reason":null}]}

data: {"id":"c","model":"gpt-5.5","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"usage":null}

data: {"id":"c","model":"gpt-5.5","choices":[{"index":1,"delta":{"content":"other"},"finish_reason":null}]}

data: {"id":"c","model":"gpt-5.5","choices":[{"index":0,"delta":{"content":"lo ☃"},"finish_reason":null}]}

data: {"id":"c","model":"gpt-5.5","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"c","model":"gpt-5.5","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":8}}}

data: [DONE]

"#;
    let reply = read(streamed(DialectName::Openai, stream).await.unwrap());
    assert_eq!(
        reply,
        wanted("Hello ☃", Stop::End, "gpt-5.5", Some([19, 8, 10]))
    );
}

#[tokio::test]
async fn chat_completions_that_are_cut_or_refused() {
    let stream = |reason: &str, delta: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\ndata: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n"
        )
    };
    for (reason, delta, text, stop) in [
        ("length", r#"{"content":"cut"}"#, "cut", Stop::Length),
        ("content_filter", r#"{"content":""}"#, "", Stop::Refusal),
        ("stop", r#"{"refusal":"no"}"#, "no", Stop::Refusal),
    ] {
        let body = stream(reason, delta);
        let reply = read(streamed(DialectName::Openai, &body).await.unwrap());
        assert_eq!(reply, wanted(text, stop, "", None), "{reason}");
    }
}

#[tokio::test]
async fn responses() {
    let stream = r#"event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-5.5","output":[]}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","delta":"hm"}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hel"}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"lo"}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_1","text":"Hello"}

event: response.completed
data: {"type":"response.completed","sequence_number":6,"response":{"id":"resp_1","status":"completed","model":"gpt-5.5","output":OUTPUT,"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":32},"output_tokens":11,"total_tokens":48}}}

"#;
    let item = r#"[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}]"#;
    // Some servers do not repeat the text at the end.
    for output in [item, "[]"] {
        let stream = stream.replace("OUTPUT", output);
        let reply = read(
            streamed(DialectName::OpenaiResponses, &stream)
                .await
                .unwrap(),
        );
        assert_eq!(
            reply,
            wanted("Hello", Stop::End, "gpt-5.5", Some([37, 32, 11]))
        );
    }
}

#[tokio::test]
async fn responses_that_are_cut_refused_or_failed() {
    let ask = async |body: &str| streamed(DialectName::OpenaiResponses, body).await;
    let cut = r#"data: {"type":"response.output_text.delta","delta":"He"}

data: {"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}

"#;
    assert_eq!(
        read(ask(cut).await.unwrap()),
        wanted("He", Stop::Length, "", None)
    );
    let refused = r#"data: {"type":"response.refusal.delta","delta":"I can't"}

data: {"type":"response.completed","response":{"status":"completed"}}

"#;
    assert_eq!(
        read(ask(refused).await.unwrap()),
        wanted("I can't", Stop::Refusal, "", None)
    );
    let failed = r#"event: response.failed
data: {"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"too fast"}}}

"#;
    let error = ask(failed).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transient { retry_after: None });
    assert!(error.message.contains("too fast"), "{error}");
}

#[tokio::test]
async fn messages() {
    let stream = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-5-5","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hel"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"lo"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"REASON","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

"#;
    for (reason, stop) in [
        ("end_turn", Stop::End),
        ("max_tokens", Stop::Length),
        ("refusal", Stop::Refusal),
    ] {
        let stream = stream.replace("REASON", reason);
        let reply = read(streamed(DialectName::Anthropic, &stream).await.unwrap());
        let usage = Some([1125, 1000, 15]);
        assert_eq!(reply, wanted("Hello", stop, "claude-sonnet-5-5", usage));
    }
}

#[tokio::test]
async fn generated_content() {
    let stream = "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"hm\", \"thought\": true}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9},\"modelVersion\": \"gemini-3.8-flash\"}\r\n\r\ndata: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"Hel\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": 1},\"modelVersion\": \"gemini-3.8-flash\"}\r\n\r\ndata: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"lo\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": 2,\"thoughtsTokenCount\": 4},\"modelVersion\": \"gemini-3.8-flash\"}\r\n\r\n";
    let reply = read(streamed(DialectName::Gemini, stream).await.unwrap());
    assert_eq!(
        reply,
        wanted("Hello", Stop::End, "gemini-3.8-flash", Some([9, 0, 6]))
    );
    let blocked = "data: {\"promptFeedback\": {\"blockReason\": \"SAFETY\"}}\n\n";
    let reply = read(streamed(DialectName::Gemini, blocked).await.unwrap());
    assert_eq!(reply, wanted("", Stop::Refusal, "", None));
}

#[tokio::test]
async fn chats() {
    let stream = r#"{"model":"qwen3","created_at":"2026-11-01T10:00:00Z","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}
{"model":"qwen3","message":{"role":"assistant","content":"Hel"},"done":false}
{"model":"qwen3","message":{"role":"assistant","content":"lo"},"done":false}
{"model":"qwen3","message":{"role":"assistant","content":""},"done":true,"done_reason":"REASON","prompt_eval_count":26,"eval_count":3}
"#;
    for (reason, stop) in [("stop", Stop::End), ("length", Stop::Length)] {
        let stream = stream.replace("REASON", reason);
        let reply = read(streamed(DialectName::Ollama, &stream).await.unwrap());
        assert_eq!(reply, wanted("Hello", stop, "qwen3", Some([26, 0, 3])));
    }
}
