"""How each agent CLI is pointed at the stub, and the settings that make llmux ask it."""

import json
import os
import uuid

from scene import scrubbed

CREW = ("claude", "codex", "gemini")
# Those that need no maker of their own: any server of chat completions will do.
OTHERS = ("opencode", "copilot")
ROLES = ("analyzer", "reviewer", "security", "synthesizer")
MODELS = {"claude": "claude-sonnet-4-5", "codex": "gpt-5", "gemini": "gemini-2.5-pro"}
MODELS |= {"opencode": "stub/noise", "copilot": "noise"}
# What a careful user sets for each: no word to anyone but the model.
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
}
# Carried by every process of a run, so that one that is left over is known.
MARK = "REAL_CLIS_MARK"


def key(name):
    """Like a key for those who check its looks; for no one."""
    return "-".join(["dummy", name, "0" * 20])


class Crew:
    """The agents of one run: their home, their variables, llmux's configuration."""

    def __init__(self, scenarios, stub, work, temp, folders, bases=True):
        self.names = list(scenarios)
        self.mark = uuid.uuid4().hex
        self.home = home = work / "home"
        (home / ".codex").mkdir(parents=True)
        asked = scenarios.items() if bases else ()
        bases = {name: stub.base(scenario, name) for name, scenario in asked}
        self.own = {
            "claude": {"ANTHROPIC_API_KEY": key("claude"), **QUIET},
            "codex": {"CODEX_API_KEY": key("codex"), "CODEX_HOME": str(home / ".codex")},
            "gemini": {"GEMINI_API_KEY": key("gemini")},
            "opencode": {"STUB_KEY": key("opencode")},
            "copilot": {"COPILOT_PROVIDER_API_KEY": key("copilot"), "COPILOT_PROVIDER_TYPE": "openai"},
        }
        if "claude" in bases:
            self.own["claude"]["ANTHROPIC_BASE_URL"] = bases["claude"]
        if "gemini" in bases:
            self.own["gemini"]["GOOGLE_GEMINI_BASE_URL"] = bases["gemini"]
        if "opencode" in bases:
            settings = opencode_settings(bases["opencode"])
            write(home / ".config/opencode/opencode.json", settings)
        if "copilot" in bases:
            self.own["copilot"]["COPILOT_PROVIDER_BASE_URL"] = f"{bases['copilot']}/v1"
        if "codex" in bases:
            write(home / ".codex/config.toml", codex_settings(bases["codex"]))
        path = [*folders, os.path.dirname(os.environ["NODE"]), "/usr/bin", "/bin"]
        self.env = scrubbed(
            PATH=":".join(map(str, path)),
            HOME=str(home),
            TMPDIR=str(temp),
            LLMUX_CACHE_DIR=str(work / "cache"),
            # Whoever wants out is written down.
            HTTPS_PROXY=stub.url,
            NO_PROXY="127.0.0.1,localhost",
            **{MARK: self.mark},
        )
        for name in self.names:
            self.env |= self.own[name]

    def config(self, keys=""):
        lines = ["[run]", 'timeout = "100s"', "[gate]", 'fail_on = "low"']
        for name in self.names:
            lines += [
                f"[backends.{name}]",
                f'command = "{name}"',
                f'model = "{MODELS[name]}"',
                f"env = {json.dumps([*self.own[name], MARK])}",
                keys or 'retries = 0\ntimeout = "30s"',
            ]
        for role in ROLES:
            lines += [f"[roles.{role}]", f"backends = {json.dumps(self.names)}"]
        return "\n".join(lines) + "\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def opencode_settings(base):
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "stub",
        "options": {"baseURL": f"{base}/v1", "apiKey": "{env:STUB_KEY}"},
        "models": {"noise": {"name": "noise"}},
    }
    return json.dumps({"provider": {"stub": provider}})


def codex_settings(base):
    return f"""
model_provider = "stub"
[model_providers.stub]
name = "stub"
base_url = "{base}/v1"
env_key = "CODEX_API_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
"""
