"""Reviews a change with llama.cpp's server over a model of random weights.

Usage: server.py LLMUX PYTHON, where PYTHON has xllamacpp and gguf. Called by
tests/real-server.sh, which installs them. What the model says is noise: it may end in
abstentions or in findings that stand in the change, and in nothing else.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from scene import AFTER, INCOMPLETE, SIGNS, Failure, Repo, check, llmux, scrubbed

HERE = Path(__file__).parent
PATHS = {
    "openai": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "anthropic": "/v1/messages",
}
# 0 and 11 to 15 judge what was found; 3 says that nobody could read it.
DOCUMENTED = {0, INCOMPLETE, 11, 12, 13, 14, 15}
SEEDS = (7, 8, 9)
# Tokens that an answer may have: some end within, most are cut.
LENGTHS = (40, 3000)
FIELDS = ("response_format", "text", "output_config", "output_format")


@contextmanager
def model(python, seed, work):
    """A server over a new model; its address."""
    path = work / f"noise{seed}.gguf"
    subprocess.run([python, HERE / "tiny_model.py", path, str(seed)], check=True)
    with open(work / "server.log", "wb") as log:
        process = subprocess.Popen(
            [python, HERE / "tiny_server.py", path], stdout=subprocess.PIPE, stderr=log
        )
    try:
        address = process.stdout.readline().decode().strip()
        check(address.startswith("http://"), "the server starts", (work / "server.log").read_text())
        yield address
        check(process.poll() is None, "the server is still there")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Between:
    """Stands before the server: keeps what was asked, and may refuse schemas as some servers do."""

    def __init__(self, address):
        self.to, self.asked, self.takes_schemas = urlsplit(address).netloc, [], True
        # Whether the server gave up: llama.cpp does where noise is not the format it expects.
        self.broke = False
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, kind, text = between.pass_on(self.path, body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                """Keeps standard error for the test."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, path, body):
        question = json.loads(body)
        wished = [name for name in FIELDS if name in question]
        self.asked.append((path, bool(wished), bool(question.get("stream"))))
        if wished and not self.takes_schemas:
            error = {"type": "invalid_request_error", "message": f"{wished[0]} with json_schema is not supported"}
            return 400, "application/json", json.dumps({"error": error}).encode()
        connection = http.client.HTTPConnection(self.to, timeout=60)
        connection.request("POST", path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.broke |= answer.status >= 500 or b'"error":' in text
        return answer.status, answer.headers.get("content-type", ""), text

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def settings(url, dialect, length):
    return f"""
[run]
timeout = "60s"
retries = 0
[backends.noise]
base_url = "{url}/v1"
dialect = "{dialect}"
model = "noise"
max_output_tokens = {length}
temperature = 1.0
[roles]
analyzer = {{ backends = ["noise"] }}
reviewer = {{ backends = ["noise"] }}
security = {{ backends = ["noise"] }}
synthesizer = {{ backends = ["noise"] }}
"""


def examine(run, dialect, between):
    check(run.code in DOCUMENTED, "a documented exit code, and not that of a failure", run)
    paths = {path for path, _, _ in between.asked}
    check(paths == {PATHS[dialect]}, f"{dialect} asks at its own address", *paths)
    lines = AFTER.splitlines()
    found = run.report["findings"] + run.report["unconfirmed"]
    for finding in found:
        line = finding["location"]["start_line"]
        check(finding["location"]["path"] == "last.py", "a finding stands in the change", finding)
        check(finding["quote"].strip() in lines[line - 1], "its quote stands there", finding)
    readings = run.readings("noise")
    check(readings, "the reading is told", run)
    for reading in readings:
        fine = reading["state"] == "read" or reading["reason"]
        check(fine, "it was read, or the reason why not is told", run)
        failed = reading["state"] == "failed"
        check(not failed or between.broke, "no call fails but where the server says so", run)
    unread = any(reading["state"] != "read" for reading in readings)
    check(run.code == INCOMPLETE if unread else run.code != INCOMPLETE, "unread is incomplete", run)
    signs = SIGNS.findall(run.written)
    check(not signs, "nothing written steers or fools a terminal", repr(signs))
    return "read" if not unread else readings[0]["reason"], len(found)


def main(binary, python):
    failed = 0
    for seed in SEEDS:
        with tempfile.TemporaryDirectory(prefix="real-server-") as folder:
            work = Path(folder).resolve()
            try:
                with model(python, seed, work) as address:
                    failed += reviews(binary, address, work, seed)
            except Failure as failure:
                failed += 1
                print(f"FAILED  server with seed {seed}: {failure}", flush=True)
    return 1 if failed else 0


def reviews(binary, address, work, seed):
    repo, failed = Repo(work / "repo"), 0
    wanted = os.environ.get("DIALECTS", " ".join(PATHS)).split()
    for dialect in wanted:
        for length in LENGTHS:
            for schemas in (True, False):
                name = f"{dialect}, {length} tokens, {'schema' if schemas else 'plain'}, seed {seed}"
                between = Between(address)
                between.takes_schemas = schemas
                env = scrubbed(PATH="/usr/bin:/bin", HOME=str(work), LLMUX_CACHE_DIR=str(work / "cache"))
                try:
                    run = llmux(binary, repo, settings(between.url, dialect, length), env, work, limit=90)
                    end, found = examine(run, dialect, between)
                    print(f"ok      {name}: exit code {run.code}, {run.seconds:.1f} s, {found} findings, {end}")
                except Failure as failure:
                    failed += 1
                    print(f"FAILED  {name}: {failure}", flush=True)
                finally:
                    between.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
