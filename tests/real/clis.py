"""Reviews a change with the real agent CLIs, whose models are a stub on loopback.

Usage: clis.py LLMUX BIN... where BIN are the folders of the programs. Called by
tests/real-clis.sh, which installs them.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import hostile
from crew import CREW, OTHERS, Crew, write
from scene import (
    BLOCKED_HIGH,
    INCOMPLETE,
    MARK,
    Failure,
    Repo,
    check,
    check_nothing_left,
    files_with,
    llmux,
    wait_until,
)
from stub import Stub

SECRET = "secret.txt"
# Tools that reach neither files nor programs nor other hosts.
HARMLESS = {"StructuredOutput", "request_user_input"}


# Whom an agent asks that is told no other address.
MAKERS = {
    "api.anthropic.com",
    "api.openai.com",
    "chatgpt.com",
    "generativelanguage.googleapis.com",
}


class Test:
    """One scene: a hostile checkout, homes that are new for every run, one stub."""

    def __init__(self, binary, folders, work):
        self.binary, self.folders, self.work = binary, folders, work
        self.acted = work / "acted"
        self.acted.mkdir()
        checkout = work / "checkout"
        self.stub = Stub(MARK, checkout / SECRET)
        files = hostile.files(self.trap, self.stub.base("evil", "evil"), SECRET)
        self.repo = Repo(checkout, files)
        self.runs = 0

    def trap(self, name):
        return f"touch {self.acted}/{name}"

    def run(self, scenario, *, names=CREW, keys="", stop=None, temp=None, bases=True, **each):
        """One review; `scenario` for all but those that `each` names. Without `bases` the
        agents ask where their makers are."""
        self.stub.forget()
        self.runs += 1
        work = self.work / f"run{self.runs}"
        temp = temp or work / "tmp"
        temp.mkdir(parents=True)
        scenarios = {name: each.get(name, scenario) for name in names}
        crew = Crew(scenarios, self.stub, work, temp, self.folders, bases)
        done = llmux(self.binary, self.repo, crew.config(keys), crew.env, work, stop=stop)
        check_nothing_left(crew.mark, temp)
        kept = files_with(MARK, crew.home)
        check(not kept, "the change was left in the home", *kept)
        self.check_nothing_acted()
        return done

    def check_nothing_acted(self):
        acted = sorted(path.name for path in self.acted.iterdir())
        check(not acted, "settings of the checkout acted", *acted)
        reached = self.stub.reach.with_name(SECRET + ".acted")
        check(not reached.exists(), "a tool that the model called ran a command")
        evil = [one.path for one in self.stub.asked if one.scenario == "evil"]
        check(not evil, "a key went where the checkout says", *evil)
        for one in self.stub.asked:
            told = hostile.WORD in json.dumps(one.body)
            check(not told, f"{one.caller} was told what is in the checkout", one.body)


def everyone_finds_it(test):
    find_it(test, CREW, set())


def others_find_it(test):
    # opencode asks where its list of models and its plugins are.
    find_it(test, OTHERS, {"models.opencode.ai:443", "registry.npmjs.org:443"})


def find_it(test, names, hosts):
    done = test.run("ok", names=names)
    check(done.code == BLOCKED_HIGH, "a bug that all see blocks", done)
    findings = done.report["findings"]
    check(len(findings) == 1, "all answers are one finding", done)
    check(sorted(findings[0]["vote"]["voters"]) == sorted(names), "all vote for it", done)
    check(findings[0]["location"]["start_line"] == 2, "it stands in line 2", done)
    for name in names:
        backend = done.backend(name)
        check(backend["answered"] >= 1 and backend["error"] is None, f"{name} answered", done)
        tokens = backend["tokens"]
        told = tokens["input"] > 0 and tokens["output"] > 0
        check(told or name == "copilot", f"{name} tells its usage", done)
        offered = sorted({tool for one in test.stub.questions(name) for tool in one.tools()})
        sent = max(len(json.dumps(one.body)) for one in test.stub.questions(name))
        print(f"  {name}: {sent} bytes asked, {tokens['input']} tokens, tools: {offered or 'none'}")
        check(set(offered) <= HARMLESS, f"{name} offers its model tools", *offered)
    others = set(test.stub.tunnels) - hosts
    check(not others, "nobody calls another host", *others)


def a_checkout_around_the_temporary_folder_is_not_seen(test):
    temp = test.repo.dir / "tmp"
    done = test.run("ok", temp=temp)
    temp.rmdir()
    check(done.code == BLOCKED_HIGH, "a temporary folder in the checkout works", done)
    check(len(done.report["findings"][0]["vote"]["voters"]) == 3, "all vote", done)


def keys_go_to_their_makers_alone(test):
    for temp in (None, test.repo.dir / "tmp"):
        done = test.run("ok", keys='retries = 0\ntimeout = "12s"', temp=temp, bases=False)
        if temp:
            temp.rmdir()
        check(done.code == INCOMPLETE, "nobody is reached", done)
        hosts = {tunnel.partition(":")[0] for tunnel in test.stub.tunnels}
        print("  asked for:", *sorted(hosts))
        check(hosts <= MAKERS, "a key goes to its maker alone", *hosts)
        check(len(hosts) >= len(CREW), "each asks its maker", done, *hosts)
        asked = [one.path for one in test.stub.asked]
        check(not asked, "and not where the checkout says", *asked)


def tools_that_the_model_calls_do_nothing(test):
    done = test.run("grab")
    check(done.code in (BLOCKED_HIGH, INCOMPLETE), "it ends well or incomplete", done)


def one_without_a_key_does_not_stop_the_others(test):
    done = test.run("ok", claude="401")
    check(done.code == BLOCKED_HIGH, "two of three suffice", done)
    check(done.backend("claude")["failed"] > 0, "claude failed", done)
    check("401" in done.backend("claude")["error"], "the status is told", done)
    asked = len(test.stub.questions("claude"))
    check(asked == 1, f"a denied key is asked once, not {asked} times", done)


def failures_are_never_a_pass(test):
    for scenario in ("401", "500", "refusal"):
        done = test.run(scenario)
        check(done.code == INCOMPLETE, f"{scenario} of all is incomplete", done)
        for name in CREW:
            states = {reading["state"] for reading in done.readings(name)}
            check(states <= {"failed", "abstained"} and states, f"{name} read nothing", done)
            reasons = [reading["reason"] for reading in done.readings(name)]
            check(all(reasons), f"{name}: the reason is told", done)
            asked = len(test.stub.questions(name))
            print(f"  {scenario} {name}: asked {asked} times, {done.seconds:.0f} s: {reasons[0]}")


def who_is_busy_is_asked_again(test):
    done = test.run("busy", keys="retries = 2")
    check(done.code == BLOCKED_HIGH, "after one 429 all answer", done)
    voters = done.report["findings"][0]["vote"]["voters"]
    check(len(voters) == 3, "all vote", done)


def who_hangs_is_stopped(test):
    done = test.run("hang", keys='timeout = "8s"')
    check(done.code == INCOMPLETE, "silence is incomplete", done)
    check(done.seconds < 60, "it ends in time", done)
    for name in CREW:
        check("within 8s" in (done.backend(name)["error"] or ""), f"{name} was stopped", done)


def a_server_that_is_gone_is_told(test):
    done = test.run("gone", keys='retries = 0\ntimeout = "80s"')
    check(done.code == INCOMPLETE, "no server is incomplete", done)
    for name in CREW:
        error = done.backend(name)["error"] or ""
        print(f"  {name}: {error}")
        check(error and "gave no answer within" not in error, f"{name} says so itself", done)


def signals_leave_nobody(test):
    asked = lambda: all(test.stub.questions(name) for name in CREW)
    done = test.run("hang", stop=(signal.SIGINT, asked))
    check(done.code == 130, "Ctrl-C ends with 130", done)
    done = test.run("hang", stop=(signal.SIGTERM, asked))
    check(done.code == 143, "SIGTERM ends with 143", done)
    if sys.platform == "linux":
        done = test.run("hang", stop=(signal.SIGKILL, asked))
        check(done.code == -signal.SIGKILL, "nothing holds SIGKILL", done)


def the_traps_work(test):
    """Without llmux, in the checkout, some of them act: the other scenes could fail."""
    work = test.work / "control"
    (work / "tmp").mkdir(parents=True)
    crew = Crew({name: "ok" for name in CREW}, test.stub, work, work / "tmp", test.folders)
    signed_in = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    write(crew.home / ".gemini/settings.json", json.dumps(signed_in))
    trusting = {**crew.env, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    for command in (["claude", "-p", "hello"], ["gemini", "-p", "hello"]):
        subprocess.run(
            command,
            cwd=test.repo.dir,
            env=trusting,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    acted = sorted(path.name for path in test.acted.iterdir())
    print("  acted:", *acted)
    for name in ("claude", "gemini"):
        check(any(one.startswith(name) for one in acted), f"no trap for {name} acts")
    for path in test.acted.iterdir():
        path.unlink()


SCENES = [
    the_traps_work,
    everyone_finds_it,
    others_find_it,
    a_checkout_around_the_temporary_folder_is_not_seen,
    keys_go_to_their_makers_alone,
    tools_that_the_model_calls_do_nothing,
    one_without_a_key_does_not_stop_the_others,
    failures_are_never_a_pass,
    who_is_busy_is_asked_again,
    who_hangs_is_stopped,
    a_server_that_is_gone_is_told,
    signals_leave_nobody,
]


def main(binary, *folders):
    failed = 0
    wanted = os.environ.get("SCENES", "").split()
    for scene in SCENES:
        if wanted and scene.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="real-clis-") as work:
            test = Test(binary, folders, Path(work).resolve())
            try:
                scene(test)
                print(f"ok      {scene.__name__}", flush=True)
            except Failure as failure:
                failed += 1
                print(f"FAILED  {scene.__name__}: {failure}", flush=True)
            finally:
                test.stub.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
