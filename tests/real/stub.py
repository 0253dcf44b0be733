"""A stand-in for the vendors' APIs on loopback, for tests with real programs.

One server speaks Anthropic's messages, OpenAI's responses and chat completions, and
Gemini's generateContent, whole and streamed. The first part of a path is the scenario
and the caller: `/ok.claude/v1/messages`. It keeps every request, so that a test can say
what a program sent. It also stands as the proxy of HTTPS: it lets nobody out and keeps
who tried.

Scenarios: `ok`; `gone`, no server at all; `busy`, 429 once; a status such as `401`; `refusal`; `hang`; `grab`,
where the model first calls tools to get at the checkout.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import wire
from model import Asked, reply


class Stub:
    """The server; `asked` and `tunnels` are what it saw."""

    def __init__(self, mark, reach="/nowhere"):
        self.mark, self.reach = mark, reach
        self.asked, self.tunnels = [], []
        self.lock, self.released = threading.Lock(), threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                stub.answer(self)

            do_POST = do_GET = do_HEAD = do_PUT = answer

            def do_CONNECT(self):
                with stub.lock:
                    stub.tunnels.append(self.path)
                self.close_connection = True
                wire.send(self, 403, {"error": "nobody leaves this machine"})

            def log_message(self, *_):
                """Keeps standard error for the test."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                """A client that goes away is part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def base(self, scenario, caller):
        if scenario == "gone":
            # A port where nobody listens.
            return f"http://127.0.0.1:9/{caller}"
        return f"{self.url}/{scenario}.{caller}"

    def questions(self, caller):
        """Questions of a caller since the last `forget`."""
        with self.lock:
            return [one for one in self.asked if one.caller == caller and one.is_question()]

    def forget(self):
        with self.lock:
            self.asked.clear()
            self.tunnels.clear()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        asked, number = self.keep(handler)
        path, scenario = asked.path, asked.scenario
        if handler.command == "GET" and path.endswith("/models"):
            models = [{"id": "stub", "object": "model"}]
            return wire.send(handler, 200, {"object": "list", "data": models})
        if path.endswith(("count_tokens", ":countTokens")):
            count = wire.INPUT_TOKENS
            return wire.send(handler, 200, {"input_tokens": count, "totalTokens": count})
        if not asked.is_question():
            return wire.send(handler, 404, {"error": {"message": "nothing here"}})
        if scenario == "hang":
            # Until the caller is killed or the test is over.
            self.released.wait(120)
            return None
        if scenario.isdigit() or (scenario == "busy" and number == 0):
            status = 429 if scenario == "busy" else int(scenario)
            error = wire.error_of(path, status)
            return wire.send(handler, status, error, {"retry-after": "1"})
        return wire.speak(handler, asked, reply(asked, self.mark, self.reach))

    def keep(self, handler):
        """The request, and how many questions its caller had asked before."""
        raw = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        _, first, *rest = handler.path.split("?")[0].split("/")
        scenario, _, caller = first.partition(".")
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = {"raw": raw.decode("utf-8", "replace")}
        body = body if isinstance(body, dict) else {"list": body}
        headers = {name.lower(): text for name, text in handler.headers.items()}
        asked = Asked(scenario, caller, "/" + "/".join(rest), headers, body)
        with self.lock:
            before = [one for one in self.asked if one.caller == caller and one.is_question()]
            self.asked.append(asked)
        return asked, len(before)
