"""As much of GitHub's runner as a composite action needs, without GitHub.

Steps are read from action.yml itself: conditions, environments and scripts are those that stand
there. `run` steps are executed with the files of a runner; `uses` steps are noted with what they
are given, and answer what the test says.
"""

import json
import os
import pathlib
import subprocess
import tempfile

import yaml

from expressions import fill, holds


class Job:
    """One job that uses the action once."""

    def __init__(self, action, workspace, event_name, event, env=None, github=None, uses=None):
        self.action = pathlib.Path(action)
        self.file = yaml.safe_load((self.action / "action.yml").read_text())
        self.workspace = pathlib.Path(workspace)
        self.temp = pathlib.Path(tempfile.mkdtemp(prefix="runner-"))
        self.uses = uses or {}
        self.job_env = env or {}
        self.paths = []
        self.log = ""
        self.steps = []
        self.noted = {}
        self.environments = {}
        event_path = self.temp / "event.json"
        event_path.write_text(json.dumps(event))
        self.github = {
            "event_name": event_name, "event": event, "token": "the-token-of-the-job",
            "repository": "octo/repo", "run_id": "77", "run_attempt": "1",
            "server_url": "https://github.invalid", "api_url": "https://api.github.invalid",
            "event_path": str(event_path), "workspace": str(workspace),
        } | (github or {})

    def base_environment(self):
        variables = {
            "PATH": os.pathsep.join(self.paths + [os.environ["PATH"]]), "HOME": str(self.temp),
            "CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(self.temp), "RUNNER_TOOL_CACHE": str(self.temp / "tools"),
            "GITHUB_ACTION_PATH": str(self.action), "GIT_CONFIG_NOSYSTEM": "1",
        }
        for name in ("event_name", "event_path", "repository", "run_id", "run_attempt",
                     "server_url", "api_url", "workspace", "sha", "ref"):
            if name in self.github:
                variables["GITHUB_" + name.upper()] = str(self.github[name])
        return variables | self.job_env

    def run(self, **inputs):
        given = {}
        for name, spec in self.file["inputs"].items():
            default = fill(str(spec.get("default", "")), {"github": self.github})
            # Python reserves `from`: written from_.
            given[name] = inputs.pop(name.replace("-", "_"), inputs.pop(name + "_", default))
        assert not inputs, f"unknown inputs: {inputs}"
        steps = {}
        contexts = {"inputs": given, "github": self.github, "steps": steps, "runner": {"os": "Linux"}}
        failed = False
        for step in self.file["runs"]["steps"]:
            status = {"success": not failed, "failure": failed, "cancelled": False, "always": True}
            record = {"outputs": {}, "outcome": "skipped"}
            if holds(step.get("if"), contexts, status):
                good, record["outputs"] = self.step(step, contexts)
                record["outcome"] = "success" if good else "failure"
                failed = failed or (not good and not step.get("continue-on-error"))
            steps[step.get("id", step["name"])] = record
            self.steps.append((step["name"], record["outcome"]))
        self.failed = failed
        self.outputs = {name: fill(spec["value"], contexts)
                        for name, spec in self.file["outputs"].items()}
        return self

    def step(self, step, contexts):
        if "uses" in step:
            name = step["uses"].split("@")[0]
            given = {key: fill(str(value), contexts) for key, value in step["with"].items()}
            self.noted[name] = given
            return self.uses.get(name, lambda given: True)(given), {}
        assert step["shell"] == "bash"
        files = {name: pathlib.Path(tempfile.mkstemp(dir=self.temp, prefix=name)[1])
                 for name in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE")}
        # What stands in the file of a script is its text, filled in as the runner does.
        script = pathlib.Path(tempfile.mkstemp(dir=self.temp, suffix=".sh")[1])
        script.write_text(fill(step["run"], contexts))
        env = self.base_environment() | {"GITHUB_" + name: str(path) for name, path in files.items()}
        env |= {name: fill(str(value), contexts) for name, value in step.get("env", {}).items()}
        self.environments[step["name"]] = env
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                              cwd=self.workspace, env=env, stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = done.stdout.decode(errors="replace")
        self.log += text
        self.noted[step["name"]] = {"code": done.returncode, "log": text,
                                    "summary": files["STEP_SUMMARY"].read_text()}
        self.paths = files["PATH"].read_text().split("\n")[:-1] + self.paths
        assert not files["ENV"].read_text(), "no step sets variables for others"
        return done.returncode == 0, written(files["OUTPUT"].read_text())

    def outcome(self, name):
        return dict(self.steps)[name]


def written(text):
    """The outputs in a GITHUB_OUTPUT file: NAME=VALUE lines, or NAME<<END blocks."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if "<<" in line.split("=")[0]:
            name, end = line.split("<<", 1)
            block = []
            for inner in lines:
                if inner == end:
                    break
                block.append(inner)
            found[name] = "\n".join(block)
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found
