"""What the tests with real programs share: a repository with a bug, the binary in a
scrubbed environment, and a look at what is left behind."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

MARK = "items[len(items)]"
BUG = f"    return {MARK}"
BEFORE = "def last(items):\n    return items[-1]\n"
AFTER = f"def last(items):\n{BUG}\n"
# README: those that a finished run ends with; 1 and 2 would be llmux's or the test's fault.
BLOCKED_HIGH, INCOMPLETE = 14, 3
# Signs that steer a terminal or turn and hide what a reader sees.
SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
# Words of a Rust program that broke.
CRASH = re.compile(r"panicked at|RUST_BACKTRACE|which is a bug of llmux|ended by a panic")


class Failure(Exception):
    """What a check expected and did not find."""


def check(holds, what, *evidence):
    if not holds:
        shown = "\n".join(str(one)[:6000] for one in evidence)
        raise Failure(f"{what}\n{shown}")


class Repo:
    """A repository whose last commit brings a bug."""

    def __init__(self, folder, files=None):
        self.dir = Path(folder)
        self.dir.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        for name, text in {"last.py": BEFORE, **(files or {})}.items():
            self.write(name, text)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "before")
        self.write("last.py", AFTER)
        self.git("commit", "-q", "-a", "-m", "after")

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *args):
        who = {}
        for role in ("AUTHOR", "COMMITTER"):
            who |= {f"GIT_{role}_NAME": "A", f"GIT_{role}_EMAIL": "a@example.org"}
        env = {
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            **who,
        }
        subprocess.run(["git", *args], cwd=self.dir, env=env, check=True, stdout=subprocess.DEVNULL)


class Run:
    """What a run of llmux left: its exit code, its JSON report, its words, its time."""

    def __init__(self, code, report, errors, seconds, written):
        self.code, self.report, self.errors, self.seconds = code, report, errors, seconds
        # All that it wrote, as it stands.
        self.written = written

    def backend(self, name):
        return next(one for one in self.report["backends"] if one["name"] == name)

    def readings(self, name):
        return [
            reading
            for file in self.report["coverage"]
            for reading in file["readings"]
            if reading["backend"] == name
        ]

    def __str__(self):
        report = json.dumps(self.report, indent=1)
        return f"exit code {self.code} after {self.seconds:.1f} s\n{self.errors}\n{report}"


def llmux(binary, repo, config, env, work, args=(), limit=120, stop=None):
    """Runs `llmux diff HEAD~1` with these settings; `stop` is (signal, when to send it)."""
    (work / "config.toml").write_text(config)
    report = work / "report.json"
    report.unlink(missing_ok=True)
    command = [binary, "diff", "HEAD~1", "--config", work / "config.toml"]
    command += ["--quiet", "--report", f"json={report}", "--report", "terminal", *args]
    started = time.monotonic()
    with open(work / "stderr", "wb") as errors, open(work / "stdout", "wb") as out:
        process = subprocess.Popen(
            command, cwd=repo.dir, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
        )
        try:
            if stop:
                wait_until(stop[1], 60)
                process.send_signal(stop[0])
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"llmux did not end within {limit} s\n{(work / 'stderr').read_text()}")
    seconds = time.monotonic() - started
    said = (work / "stderr").read_text(errors="replace")
    check(not CRASH.search(said), "llmux broke", said)
    text = report.read_text() if report.exists() else ""
    written = text + said + (work / "stdout").read_text(errors="replace")
    return Run(code, json.loads(text) if text else None, said, seconds, written)


def wait_until(holds, seconds):
    end = time.monotonic() + seconds
    while not holds():
        check(time.monotonic() < end, f"waited {seconds} s in vain")
        time.sleep(0.05)


def processes_with(mark):
    """Command lines of the processes that have the text in their environment (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found.append(f"{folder.name}: {line.decode(errors='replace')}")
        except OSError:
            continue
    return found


def check_nothing_left(mark, temp, grace=5.0):
    """Neither a process that carries the mark nor a file in the temporary folder."""
    end = time.monotonic() + grace
    while (left := processes_with(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    check(not left, "processes were left", *left)
    while any(Path(temp).iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    files = sorted(str(path.relative_to(temp)) for path in Path(temp).rglob("*"))
    check(not files, "files were left", *files)


def files_with(text, folder):
    """Files under a folder that hold the text."""
    paths = [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in paths if text.encode() in path.read_bytes()]


def scrubbed(**more):
    """Variables for llmux: nothing of the caller's but what finds programs."""
    return {"LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **more}
