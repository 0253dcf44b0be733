"""What the tests of the action stand on: a copy of the action with a table of its own, releases and
a private repository on loopback, git repositories, and llmux with every call noted."""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import threading

from runner import Job

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLMUX = pathlib.Path(os.environ["LLMUX"]).resolve()
TARGET = f"{os.uname().machine}-unknown-linux-musl"
VERSION = "9.8.7"

# Notes arguments, variables and folder of each call, then is the real program.
NOTING = """#!/bin/bash
if [ "$1" != --version ]; then
    call=$(mktemp -d "{record}/$(printf %03d "$(ls "{record}" | wc -l)").XXXX")
    printf '%s\\0' "$@" >"$call/arguments"
    env -0 >"$call/environment"
    pwd >"$call/folder"
fi
exec "{program}" "$@"
"""

# For exit codes that no review brings about on purpose.
ANSWERING = """#!/bin/bash
[ "$1" != --version ] || {{ echo 'llmux {version}'; exit 0; }}
{script}
"""


def git(folder, *arguments, **env):
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.invalid",
         *arguments], check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"} | env)
    return done.stdout.strip()


class Handler(http.server.BaseHTTPRequestHandler):
    """/releases/…: files of a folder. /octo/repo/…: git's own server, for whoever has the token.
    /api/…: as much of GitHub's API as a summary needs; its rules are tried in tests/forge/."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, body):
        world = self.server.world
        world.asked.append(self.path)
        if self.path.startswith("/releases/"):
            file = world.releases / self.path[len("/releases/"):]
            if file.is_file():
                return self.reply(200, file.read_bytes(), "application/gzip")
            return self.reply(404, b"none", "text/plain")
        if self.path.startswith("/api/"):
            return self.api(body)
        given = self.headers.get_all("Authorization") or []
        wanted = "basic " + base64.b64encode(b"x-access-token:the-token-of-the-job").decode()
        if [value.lower() for value in given] != [wanted.lower()]:
            # As GitHub: one header that is right, not two, not none.
            return self.reply(400 if len(given) > 1 else 401, b"no", "text/plain")
        path, _, query = self.path.partition("?")
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, check=False, env={
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(world.folder / "hosted"),
            "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
            "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_USER": "x",
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent",
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"})
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status, kind = 200, "text/plain"
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name == "Content-Type":
                kind = value
        return self.reply(status, content, kind)

    def api(self, body):
        world = self.server.world
        if self.path == "/api/graphql":
            # A token that only reads may read here too.
            field = {"Comments": "comments", "Threads": "reviewThreads", "Reviews": "reviews"}
            name = field[json.loads(body)["operationName"]]
            page = {name: {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
            data = {"data": {"repository": {"pullRequest": page}}}
            return self.reply(200, json.dumps(data).encode(), "application/json")
        if self.command != "GET":
            world.posted.append((self.command, self.path, self.headers.get("Authorization"), body.decode()))
        if self.command == "GET":
            known = []
            if self.path.partition("?")[0].endswith("/pulls/5"):
                base, head = world.commits
                known = {"number": 5, "state": "open", "base": {"sha": base}, "head": {"sha": head}}
            return self.reply(200, json.dumps(known).encode(), "application/json")
        if not world.may_post:
            text = {"message": "Resource not accessible by integration", "status": "403"}
            return self.reply(403, json.dumps(text).encode(), "application/json")
        text = {"id": 1, "node_id": "IC_1", "html_url": f"{world.address}/octo/repo/pull/5#issuecomment-1",
                "url": f"{world.address}/api/repos/octo/repo/issues/comments/1",
                "body": json.loads(body).get("body"), "user": {"login": "github-actions[bot]"}}
        return self.reply(201, json.dumps(text).encode(), "application/json")

    def reply(self, status, content, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class World:
    """One test's surroundings; `close` takes them away."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="action-"))
        self.record = self.folder / "record"
        self.releases = self.folder / "releases"
        self.action = self.folder / "action"
        for folder in (self.record, self.releases, self.action):
            folder.mkdir()
        shutil.copy(ROOT / "action.yml", self.action)
        shutil.copytree(ROOT / "dist", self.action / "dist")
        self.asked = []
        self.jobs = []
        self.posted = []
        self.may_post = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.world = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.release(NOTING.format(record=self.record, program=LLMUX))

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for job in self.jobs:
            shutil.rmtree(job.temp)
        shutil.rmtree(self.folder)

    def release(self, script, version=VERSION, listed=True):
        """Puts a program on the server, and its SHA-256 into the table of the action."""
        folder = self.folder / "packed" / f"llmux-{version}-{TARGET}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "llmux").write_text(script)
        (folder / "llmux").chmod(0o755)
        archive = self.releases / f"v{version}" / f"llmux-{version}-{TARGET}.tar.gz"
        archive.parent.mkdir(exist_ok=True)
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(folder, arcname=folder.name)
        if listed:
            self.list(hashlib.sha256(archive.read_bytes()).hexdigest(), version)
        return archive

    def list(self, digest, version=VERSION):
        table = self.action / "dist" / "checksums.txt"
        kept = [line for line in table.read_text().splitlines() if not line.startswith(version)]
        table.write_text("\n".join([*kept, f"{version} {TARGET} {digest}", ""]))

    def answers(self, script, version=VERSION):
        self.release(ANSWERING.format(version=version, script=script), version)

    def calls(self):
        """What llmux was called with: (arguments, variables, folder), in order."""
        found = []
        for call in sorted(self.record.iterdir()):
            arguments = (call / "arguments").read_bytes().decode().split("\0")[:-1]
            pairs = (call / "environment").read_bytes().decode(errors="replace").split("\0")[:-1]
            found.append((arguments, dict(pair.split("=", 1) for pair in pairs),
                          (call / "folder").read_text().strip()))
        return found

    def repository(self, files, changed, config=None):
        """A hosted repository with a base commit and a pull request; returns both commits. What the
        pull request changes are `changed` files."""
        bare = self.folder / "hosted" / "octo" / "repo"
        source = self.folder / "source"
        source.mkdir()
        git(source, "init", "--quiet", "--initial-branch=main")
        for name, text in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        git(source, "add", ".")
        git(source, "commit", "--quiet", "-m", "base")
        base = git(source, "rev-parse", "HEAD")
        git(source, "checkout", "--quiet", "-b", "topic")
        for name, text in changed.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        git(source, "add", ".")
        git(source, "commit", "--quiet", "-m", "change")
        head = git(source, "rev-parse", "HEAD")
        git(source, "checkout", "--quiet", "-b", "trial", "main")
        git(source, "merge", "--quiet", "--no-ff", "-m", "trial merge", "topic")
        bare.mkdir(parents=True)
        git(bare, "init", "--quiet", "--bare", "--initial-branch=main")
        git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(source, "push", "--quiet", str(bare), "main", "trial:refs/pull/5/merge",
            "topic:refs/pull/5/head")
        self.commits = base, head
        return base, head

    def checkout(self, ref="refs/pull/5/merge", depth=1):
        """As actions/checkout leaves it: one commit, detached, no credentials."""
        workspace = self.folder / "workspace"
        workspace.mkdir()
        git(workspace, "init", "--quiet")
        limit = [f"--depth={depth}"] if depth else []
        git(workspace, "fetch", "--quiet", *limit, f"file://{self.folder}/hosted/octo/repo", ref)
        git(workspace, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return workspace

    def job(self, event_name, event, workspace=None, env=None, github=None, **more):
        variables = {"INSTALL_LLMUX_FROM": f"{self.address}/releases"} | (env or {})
        addresses = {"server_url": self.address, "api_url": f"{self.address}/api"}
        self.jobs.append(Job(self.action, workspace or self.folder / "workspace", event_name, event,
                             variables, addresses | (github or {}), **more))
        return self.jobs[-1]


def pull_request(base, head, repository="octo/repo"):
    return {"action": "synchronize", "number": 5, "repository": {"full_name": "octo/repo"},
            "pull_request": {"number": 5, "title": "A change", "body": "",
                             "base": {"sha": base, "ref": "main", "repo": {"full_name": "octo/repo"}},
                             "head": {"sha": head, "ref": "topic", "repo": {"full_name": repository}}}}
