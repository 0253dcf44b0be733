"""How the vendors' models talk: errors and answers, whole and streamed."""

import json

INPUT_TOKENS, OUTPUT_TOKENS = 1200, 34


def error_of(path, status):
    """An error in the vendor's words."""
    names = {
        400: ("invalid_request_error", "INVALID_ARGUMENT"),
        401: ("authentication_error", "UNAUTHENTICATED"),
        403: ("permission_error", "PERMISSION_DENIED"),
        404: ("not_found_error", "NOT_FOUND"),
        429: ("rate_limit_error", "RESOURCE_EXHAUSTED"),
        529: ("overloaded_error", "UNAVAILABLE"),
    }
    name, google = names.get(status, ("api_error", "INTERNAL"))
    message = f"stub says {status}"
    if path.endswith("/messages"):
        return {"type": "error", "error": {"type": name, "message": message}}
    if "enerateContent" in path:
        return {"error": {"code": status, "message": message, "status": google}}
    return {"error": {"message": message, "type": name, "code": name}}


class Say:
    """What a model says: a text, calls of tools as (name, arguments), or that it refuses."""

    def __init__(self, text="", calls=(), refuses=False):
        self.text, self.calls, self.refuses = text, list(calls), refuses


def speak(handler, asked, say):
    if asked.path.endswith("/messages"):
        anthropic(handler, asked, say)
    elif asked.path.endswith("/responses"):
        responses(handler, asked, say)
    elif asked.path.endswith("/chat/completions"):
        chat(handler, asked, say)
    else:
        gemini(handler, asked, say)


def anthropic(handler, asked, say):
    blocks = [
        {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": arguments}
        for number, (name, arguments) in enumerate(say.calls)
    ]
    stop = "refusal" if say.refuses else "tool_use" if blocks else "end_turn"
    blocks = blocks or [{"type": "text", "text": "" if say.refuses else say.text}]
    usage = {
        "input_tokens": INPUT_TOKENS,
        "output_tokens": OUTPUT_TOKENS,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
    }
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.body.get("model", "stub"),
        "content": blocks,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }
    if not asked.body.get("stream"):
        return send(handler, 200, message)
    start = dict(message, content=[], stop_reason=None, usage=dict(usage, output_tokens=1))
    events = [{"type": "message_start", "message": start}]
    for index, block in enumerate(blocks):
        if block["type"] == "tool_use":
            empty = dict(block, input={})
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            empty = dict(block, text="")
            delta = {"type": "text_delta", "text": block["text"]}
        events += [
            {"type": "content_block_start", "index": index, "content_block": empty},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    ended = {"stop_reason": stop, "stop_sequence": None}
    events += [{"type": "message_delta", "delta": ended, "usage": usage}, {"type": "message_stop"}]
    return stream(handler, [(event["type"], event) for event in events])


def responses(handler, asked, say):
    part = {"type": "output_text", "text": say.text, "annotations": []}
    if say.refuses:
        part = {"type": "refusal", "refusal": "I cannot help with that."}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    items = [
        {
            "type": "function_call",
            "id": f"fc_{number}",
            "call_id": f"call_{number}",
            "name": name,
            "arguments": json.dumps(arguments),
            "status": "completed",
        }
        for number, (name, arguments) in enumerate(say.calls)
    ] or [dict(message, content=[part])]
    whole = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": asked.body.get("model", "stub"),
        "output": items,
        "usage": {
            "input_tokens": INPUT_TOKENS,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    }
    if not asked.body.get("stream"):
        return send(handler, 200, whole)
    created = dict(whole, status="in_progress", output=[], usage=None)
    events = [{"type": "response.created", "response": created}]
    for index, item in enumerate(items):
        added = dict(item, status="in_progress")
        if item["type"] == "message":
            added["content"] = []
        events.append({"type": "response.output_item.added", "output_index": index, "item": added})
        if item["type"] == "message" and not say.refuses:
            where = {"output_index": index, "item_id": "msg_1", "content_index": 0}
            events.append({"type": "response.output_text.delta", "delta": say.text, **where})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return stream(handler, [(event["type"], event) for event in events])


def chat(handler, asked, say):
    calls = [
        {
            "index": number,
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(say.calls)
    ]
    message = {"role": "assistant", "content": say.text}
    if calls:
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    if say.refuses:
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    finish = "tool_calls" if calls else "stop"
    usage = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    head = {"id": "chat_1", "created": 1, "model": asked.body.get("model", "stub")}
    if not asked.body.get("stream"):
        choice = {"index": 0, "finish_reason": finish, "message": message}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return send(handler, 200, whole)
    head["object"] = "chat.completion.chunk"
    pieces = [
        {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        {**head, "choices": [], "usage": usage},
    ]
    return stream(handler, [(None, piece) for piece in pieces] + [(None, "[DONE]")])


def gemini(handler, asked, say):
    candidate = {"index": 0, "finishReason": "SAFETY" if say.refuses else "STOP"}
    if not say.refuses:
        calls = [{"functionCall": {"name": name, "args": args}} for name, args in say.calls]
        candidate["content"] = {"role": "model", "parts": calls or [{"text": say.text}]}
    whole = {
        "candidates": [candidate],
        "modelVersion": "stub",
        "usageMetadata": {
            "promptTokenCount": INPUT_TOKENS,
            "candidatesTokenCount": OUTPUT_TOKENS,
            "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    }
    if asked.path.endswith("streamGenerateContent"):
        return stream(handler, [(None, whole)])
    return send(handler, 200, whole)


def send(handler, status, value, headers=None):
    body = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(body)))
    for name, text in (headers or {}).items():
        handler.send_header(name, text)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def stream(handler, events):
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.close_connection = True
    for name, event in events:
        data = event if isinstance(event, str) else json.dumps(event)
        head = f"event: {name}\n" if name else ""
        handler.wfile.write(f"{head}data: {data}\n\n".encode())
        handler.wfile.flush()
