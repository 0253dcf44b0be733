"""The composite steps, as action.yml has them, run in bash with a runner's environment."""

import pathlib
import re
import unittest

from world import World, git, pull_request

CLEAN = {"app.py": "import os\n\nprint(os.sep)\n"}
BAD = {"app.py": "import requests, subprocess\n\nsubprocess.run('tar %s' % name, shell=True)\n"
                 "requests.get(url, verify=False)\n"}
KEY = "sk-a-key-of-a-model"
UPLOAD = "github/codeql-action/upload-sarif"
RESTORE, SAVE = "actions/cache/restore", "actions/cache/save"
ONLY_RULES = {"backends": "rules"}


class Case(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def pull(self, changed, files=None, depth=1, ref="refs/pull/5/merge", **more):
        """A pull request's job whose checkout is GitHub's default: the trial merge, one commit."""
        base, head = self.world.repository({"README.md": "text\n"} | (files or {}), changed)
        self.base, self.head = base, head
        workspace = self.world.checkout(ref, depth)
        event = more.pop("event_name", "pull_request")
        more["github"] = {"sha": git(workspace, "rev-parse", "HEAD")} | more.get("github", {})
        repository = more.pop("repository", "octo/repo")
        return self.world.job(event, pull_request(base, head, repository), **more)

    def call(self, number=0):
        return self.world.calls()[number]


class Verdicts(Case):
    def test_a_change_without_findings_passes(self):
        job = self.pull(CLEAN).run(**ONLY_RULES)
        self.assertFalse(job.failed, job.log)
        self.assertEqual(job.outputs["verdict"], "pass")
        self.assertEqual((job.outputs["exit-code"], job.outputs["findings"], job.outputs["blocking"]),
                         ("0", "0", "0"))
        self.assertEqual(job.outputs["cost"], "", "the rules tell no price, which is not nothing paid")
        self.assertIn("schema_version", pathlib.Path(job.outputs["report-file"]).read_text())
        self.assertIn("llmux", pathlib.Path(job.outputs["sarif-file"]).read_text())
        self.assertTrue(job.noted["Write the summary"]["summary"].strip())
        self.assertEqual(self.call()[0][0], "diff")
        self.assertEqual(self.call()[0][-1], f"{self.base}...{self.head}")

    def test_a_blocked_change_is_shown_first_and_fails_last(self):
        job = self.pull(BAD).run(upload_sarif="true", **ONLY_RULES)
        self.assertTrue(job.failed)
        self.assertEqual((job.outputs["verdict"], job.outputs["exit-code"]), ("blocked", "14"))
        self.assertEqual((job.outputs["findings"], job.outputs["blocking"]), ("2", "2"))
        failed = [name for name, outcome in job.steps if outcome == "failure"]
        self.assertEqual(failed, ["Fail by the verdict"], job.log)
        self.assertEqual(job.steps[-1][0], "Fail by the verdict")
        self.assertEqual(job.noted["Fail by the verdict"]["code"], 14)
        self.assertIn("insecure-tls", job.noted["Write the summary"]["summary"])
        self.assertRegex(job.noted["Annotate"]["log"], r"(?m)^::error .*file=app\.py")
        self.assertEqual(job.noted[UPLOAD]["sarif_file"], job.outputs["sarif-file"])
        self.assertEqual((job.noted[UPLOAD]["ref"], job.noted[UPLOAD]["sha"]),
                         ("refs/pull/5/head", self.head))

    def test_the_limit_decides_what_blocks(self):
        job = self.pull(BAD).run(fail_on="critical", **ONLY_RULES)
        self.assertFalse(job.failed, job.log)
        self.assertEqual((job.outputs["verdict"], job.outputs["findings"], job.outputs["blocking"]),
                         ("pass", "2", "0"))

    def test_a_model_that_fails_makes_the_run_incomplete(self):
        broken = {".llmux/config.toml": '[backends.broken]\ncommand = "/bin/false"\n'}
        job = self.pull(CLEAN, broken).run()
        self.assertEqual((job.outputs["verdict"], job.outputs["exit-code"]), ("incomplete", "3"), job.log)
        self.assertTrue(job.failed)
        self.assertEqual(job.noted["Fail by the verdict"]["code"], 3)
        self.assertTrue(job.noted["Write the summary"]["summary"].strip())

    def test_an_incomplete_run_passes_where_that_is_wished(self):
        broken = {".llmux/config.toml": '[backends.broken]\ncommand = "/bin/false"\n'}
        job = self.pull(CLEAN, broken).run(args="--allow-incomplete")
        self.assertEqual((job.outputs["verdict"], job.outputs["exit-code"]), ("incomplete", "0"), job.log)
        self.assertFalse(job.failed)
        self.assertIn("::warning title=llmux::incomplete", job.log)

    def test_a_configuration_that_is_wrong_is_no_verdict(self):
        job = self.pull(CLEAN, {".llmux/config.toml": "[nonsense]\n"}).run(comment="summary")
        self.assertEqual((job.outputs["verdict"], job.outputs["exit-code"]), ("error", "2"), job.log)
        self.assertEqual((job.outputs["findings"], job.outputs["report-file"]), ("", ""))
        self.assertTrue(job.failed)
        self.assertEqual(job.noted["Fail by the verdict"]["code"], 2)

    def test_what_says_two_things_is_no_pass(self):
        report = """for a in "$@"; do case $a in --report=json=*) path=${a#--report=json=} ;; esac; done
"""
        body = '{\n  "verdict": "%s",\n  "policy": {\n    "fail_on": "high",\n    "allow_incomplete": false\n  },\n  "findings": []\n}\n'
        cases = {"no report, exit 0": "exit 0",
                 "blocked, exit 0": report + "printf '" + body % "blocked" + "' >\"$path\"",
                 "incomplete, exit 0": report + "printf '" + body % "incomplete" + "' >\"$path\"",
                 "pass, exit 14": report + "printf '" + body % "pass" + "' >\"$path\"; exit 14",
                 "half a report": report + "printf '{\\n  \"verdict\": \"pass\",\\n' >\"$path\"",
                 "no program": "exit 126"}
        base, head = self.world.repository({"README.md": "text\n"}, CLEAN)
        self.world.checkout()
        for name, script in cases.items():
            with self.subTest(name):
                self.world.answers(script)
                job = self.world.job("pull_request", pull_request(base, head)).run()
                self.assertEqual(job.outputs["verdict"], "error", job.log)
                self.assertNotEqual(job.outputs["exit-code"], "0")
                self.assertTrue(job.failed)


class Trust(Case):
    def test_settings_come_from_the_base_whatever_the_change_makes_of_them(self):
        changed = BAD | {".llmux/config.toml": '[gate]\nfail_on = "never"\n[backends.x]\ncommand = "/bin/touch"\n'}
        job = self.pull(changed).run(**ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)

    def test_a_named_configuration_is_the_base_s_too(self):
        limit = {"ci/llmux.toml": '[gate]\nfail_on = "never"\n'}
        job = self.pull(BAD | limit, {"ci/llmux.toml": ""}).run(config="ci/llmux.toml", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)

    def test_models_run_without_a_token_and_posting_without_keys(self):
        env = {"OPENAI_API_KEY": KEY, "GITHUB_TOKEN": "of-the-user", "GH_TOKEN": "of-the-user"}
        job = self.pull(CLEAN, env=env).run(comment="summary", **ONLY_RULES)
        ask, post = self.call(0), self.call(1)
        self.assertEqual(ask[1]["OPENAI_API_KEY"], KEY)
        for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"):
            self.assertNotIn(name, ask[1])
        self.assertNotIn("the-token-of-the-job", "".join(ask[1].values()))
        self.assertEqual(post[0][:1] + post[0][2:3], ["review", "--post=summary"])
        self.assertEqual(post[1]["GITHUB_TOKEN"], "the-token-of-the-job")
        self.assertNotIn(KEY, "".join(post[1].values()))
        with_token = {name for name, env in job.environments.items()
                      if "the-token-of-the-job" in env.values()}
        self.assertEqual(with_token, {"Fetch the change", "Post to the pull request"})

    def test_nothing_is_posted_where_nothing_was_wished_or_nothing_is_to_post_to(self):
        job = self.pull(CLEAN).run(**ONLY_RULES)
        self.assertEqual(job.outcome("Post to the pull request"), "skipped")
        self.assertEqual(job.outcome("Upload to code scanning"), "skipped")
        workspace = self.world.folder / "workspace"
        push = self.world.job("push", {"before": "0" * 40}, workspace, github={"sha": self.head})
        push.run(comment="review", range="HEAD", **ONLY_RULES)
        self.assertEqual(push.outcome("Post to the pull request"), "skipped")
        self.assertIn("::notice title=llmux::nothing is posted", push.log)

    def test_commits_of_a_private_repository_are_fetched_with_the_token(self):
        job = self.pull(BAD).run(**ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertTrue([path for path in self.world.asked if "git-upload-pack" in path])
        self.assertIn("::add-mask::", job.noted["Fetch the change"]["log"])

    def test_a_credential_that_the_checkout_left_does_no_harm(self):
        base, head = self.world.repository({"README.md": "text\n"}, BAD)
        workspace = self.world.checkout()
        git(workspace, "config", f"http.{self.world.address}/.extraheader", "AUTHORIZATION: basic b2xk")
        job = self.world.job("pull_request", pull_request(base, head)).run(**ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)

    def test_a_full_checkout_needs_no_fetch(self):
        base, head = self.world.repository({"README.md": "text\n"}, BAD)
        self.world.checkout(depth=0)
        job = self.world.job("pull_request", pull_request(base, head)).run(token="", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertFalse([path for path in self.world.asked if "octo" in path])

    def test_without_rights_to_fetch_the_job_says_what_is_missing(self):
        job = self.pull(BAD).run(token="", **ONLY_RULES)
        self.assertTrue(job.failed)
        self.assertIn("fetch-depth: 0", job.log)
        self.assertEqual(job.outcome("Run llmux"), "skipped")
        self.assertEqual(job.outputs["verdict"], "")

    def test_a_fork_reads_the_change_and_names_no_head_to_code_scanning(self):
        job = self.pull(BAD, repository="stranger/repo").run(upload_sarif="true", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertEqual((job.noted[UPLOAD]["ref"], job.noted[UPLOAD]["sha"]), ("", ""))

    def test_code_scanning_without_rights_changes_no_verdict(self):
        job = self.pull(CLEAN, uses={UPLOAD: lambda given: False}).run(upload_sarif="true", **ONLY_RULES)
        self.assertFalse(job.failed, job.log)
        self.assertEqual(job.outputs["verdict"], "pass")
        self.assertIn("::warning title=llmux::code scanning took no findings", job.log)

    def test_the_target_event_reviews_from_the_base_s_checkout(self):
        job = self.pull(BAD, ref="refs/heads/main", event_name="pull_request_target",
                        repository="stranger/repo").run(upload_sarif="true", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertFalse((self.world.folder / "workspace" / "app.py").exists())
        self.assertEqual(job.noted[UPLOAD]["sha"], self.head)


class Events(Case):
    def test_a_push_is_reviewed_from_what_stood_before(self):
        base, head = self.world.repository({"README.md": "text\n"}, BAD)
        self.world.checkout("refs/pull/5/head")
        job = self.world.job("push", {"before": base}, github={"sha": head}).run(**ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertEqual(self.call()[0][-2:], ["--", f"{base}..{head}"])

    def test_a_merge_queue_is_reviewed_against_its_base(self):
        base, head = self.world.repository({"README.md": "text\n"}, BAD)
        self.world.checkout("refs/pull/5/head")
        event = {"merge_group": {"base_sha": base, "head_sha": head}}
        job = self.world.job("merge_group", event, github={"sha": head}).run(**ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertEqual(self.call()[0][-1], f"{base}...{head}")

    def test_a_folder_of_the_checkout_is_worked_in(self):
        job = self.pull({"sub/app.py": BAD["app.py"]}, {"sub/README.md": "text\n"})
        job.run(working_directory="sub", reports="json=out/own.json", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "blocked", job.log)
        self.assertTrue(self.call()[2].endswith("/workspace/sub"))
        self.assertTrue((self.world.folder / "workspace" / "sub" / "out" / "own.json").is_file())

    def model(self):
        """A model that finds nothing, and where its answers are kept."""
        program = self.world.folder / "model"
        program.write_text("#!/bin/sh\ncat >/dev/null\necho '{\"findings\":[]}'\n")
        program.chmod(0o755)
        return {".llmux/config.toml": f'[backends.one]\ncommand = "{program}"\n'}

    def test_answers_are_restored_and_kept_by_what_is_asked(self):
        job = self.pull(CLEAN, self.model()).run()
        self.assertEqual(job.outputs["verdict"], "pass", job.log)
        restored, kept = job.noted[RESTORE], job.noted[SAVE]
        self.assertEqual(restored["key"], kept["key"])
        self.assertEqual(restored["path"], self.call()[1]["LLMUX_CACHE_DIR"])
        prefixes = restored["restore-keys"].split()
        self.assertTrue(all(kept["key"].startswith(prefix) for prefix in prefixes))
        self.assertTrue(pathlib.Path(kept["path"]).is_dir())
        none = self.world.job("pull_request", pull_request(self.base, self.head)).run(cache="false")
        self.assertEqual((none.outcome("Restore answers"), none.outcome("Keep answers")), ("skipped", "skipped"))

    def test_a_run_that_asked_nobody_anew_keeps_nothing(self):
        env = {"LLMUX_CACHE_DIR": str(self.world.folder / "store")}
        job = self.pull(CLEAN, self.model(), env=env).run()
        self.assertEqual(job.outcome("Keep answers"), "success")
        for inputs in ({}, ONLY_RULES):
            again = self.world.job("pull_request", pull_request(self.base, self.head), env=env).run(**inputs)
            self.assertEqual(again.outputs["verdict"], "pass", again.log)
            self.assertEqual(again.outcome("Keep answers"), "skipped")


class Parts(Case):
    """Jobs that hand on what they know: shards, and the pair for pull requests of forks."""

    def elsewhere(self, event_name="push", event=None):
        """A job on another machine without a checkout, which has what artifacts bring."""
        empty = self.world.folder / "elsewhere"
        empty.mkdir(exist_ok=True)
        return self.world.job(event_name, event or {}, empty, github={"sha": self.base})

    def test_one_job_asks_and_another_one_without_checkout_and_key_tells(self):
        there = self.world.folder / "elsewhere" / "llmux.part"
        there.parent.mkdir()
        asked = self.pull(BAD, ref="refs/heads/main", event_name="pull_request_target",
                          repository="stranger/repo").run(part=str(there), **ONLY_RULES)
        self.assertEqual((asked.outputs["part-file"], asked.outputs["exit-code"]), (str(there), "14"), asked.log)
        event = pull_request(self.base, self.head, "stranger/repo")
        told = self.elsewhere("pull_request_target", event).run(
            from_="llmux.part", args="--offline", upload_sarif="true")
        self.assertEqual(told.outputs["verdict"], "blocked", told.log)
        self.assertEqual(told.outputs["findings"], "2")
        self.assertEqual(told.noted["Fail by the verdict"]["code"], 14)
        self.assertEqual((told.noted[UPLOAD]["ref"], told.noted[UPLOAD]["sha"]),
                         ("refs/pull/5/head", self.head))
        self.assertEqual(told.outcome("Restore answers"), "skipped")
        self.assertTrue(pathlib.Path(told.outputs["part-file"]).is_file())

    def shards(self, of):
        files = {f"file {number}.py": BAD["app.py"] for number in range(6)}
        base, head = self.world.repository({"README.md": "text\n"}, files)
        self.base, self.head = base, head
        self.world.checkout("refs/pull/5/head", 0)
        folder = self.world.folder / "elsewhere" / "the parts"
        folder.mkdir(parents=True)
        for number in range(1, of + 1):
            job = self.world.job("push", {"before": base}, github={"sha": head}).run(
                shard=f"{number}/{of}", part=str(folder / f"{number}.part"), **ONLY_RULES)
            self.assertIn(job.outputs["exit-code"], ("0", "14"), job.log)
            self.assertTrue((folder / f"{number}.part").is_file(), job.log)
            if job.outputs["findings"] != "0":
                # The change is small: which shard has its only packet is for llmux to say.
                full = number
        return folder, full

    def test_shards_are_joined_by_a_glob_with_spaces(self):
        self.shards(2)
        whole = self.world.job("push", {"before": self.base}, github={"sha": self.head}).run(**ONLY_RULES)
        joined = self.elsewhere().run(from_="the parts/*.part")
        self.assertEqual(joined.outputs["verdict"], "blocked", joined.log)
        for name in ("report-file", "sarif-file"):
            self.assertEqual(pathlib.Path(joined.outputs[name]).read_text(),
                             pathlib.Path(whole.outputs[name]).read_text())

    def test_a_part_that_is_missing_is_named_and_no_pass(self):
        folder, full = self.shards(2)
        (folder / f"{full}.part").unlink()
        joined = self.elsewhere().run(from_="the parts/*.part")
        self.assertEqual((joined.outputs["verdict"], joined.outputs["exit-code"]), ("incomplete", "3"), joined.log)
        self.assertIn(f"part {full} is missing", joined.log)

    def test_no_part_at_all_is_told(self):
        self.base = "0" * 40
        job = self.elsewhere().run(from_="parts/*.part")
        self.assertEqual(job.noted["Run llmux"]["code"], 2, job.log)
        self.assertIn("no file is there as the input from says", job.log)
        self.assertTrue(job.failed)
        self.assertEqual(job.outputs["verdict"], "")


class Posting(Case):
    STEP = "Post to the pull request"

    def test_the_summary_is_posted_with_the_token_and_the_verdict_stands(self):
        job = self.pull(BAD).run(comment="summary", **ONLY_RULES)
        self.assertEqual(job.outcome(self.STEP), "success")
        self.assertEqual([one[:2] for one in self.world.posted], [("POST", "/api/repos/octo/repo/issues/5/comments")], job.log)
        self.assertIn("the-token-of-the-job", self.world.posted[0][2])
        self.assertIn("insecure-tls", self.world.posted[0][3])
        self.assertEqual(job.noted["Fail by the verdict"]["code"], 14)

    def test_a_token_that_only_reads_turns_posting_into_a_warning(self):
        self.world.may_post = False
        for changed, verdict, code in ((CLEAN, "pass", 0), (BAD, "blocked", 14)):
            with self.subTest(verdict):
                if changed is BAD:
                    self.doCleanups()
                    self.setUp()
                    self.world.may_post = False
                job = self.pull(changed).run(comment="review", **ONLY_RULES)
                self.assertTrue(self.world.posted, job.log)
                self.assertEqual(job.outcome(self.STEP), "success")
                self.assertRegex(job.noted[self.STEP]["log"], r"warning: the review is not posted")
                self.assertEqual(job.outputs["verdict"], verdict)
                self.assertEqual(job.noted["Fail by the verdict"]["code"], code)
                self.assertTrue(job.noted["Write the summary"]["summary"].strip())
                self.assertEqual(job.noted[self.STEP]["summary"], "", "it stands in the summary once")

    def test_a_pass_that_could_not_be_posted_fails(self):
        job = self.pull(CLEAN, github={"api_url": "http://127.0.0.1:9"}).run(comment="summary", **ONLY_RULES)
        self.assertEqual(job.outputs["verdict"], "pass", job.log)
        self.assertIn("::error title=llmux::posting to the pull request failed", job.log)
        self.assertTrue(job.failed)
        self.assertEqual(job.noted["Fail by the verdict"]["code"], 1)

    def test_a_job_without_checkout_posts_what_another_one_asked(self):
        there = self.world.folder / "elsewhere" / "llmux.part"
        there.parent.mkdir()
        self.pull(BAD, ref="refs/heads/main", event_name="pull_request_target",
                  repository="stranger/repo").run(part=str(there), **ONLY_RULES)
        self.assertEqual(self.world.posted, [])
        event = pull_request(self.base, self.head, "stranger/repo")
        told = self.world.job("pull_request_target", event, there.parent, github={"sha": self.base})
        told.run(from_="llmux.part", args="--offline", comment="summary")
        self.assertEqual([one[0] for one in self.world.posted], ["POST"], told.log)
        self.assertIn("insecure-tls", self.world.posted[0][3])
        self.assertEqual(told.noted["Fail by the verdict"]["code"], 14)


class Hostile(Case):
    """No input is a part of a script: what looks like one is a value, or is refused."""

    TEXTS = ['"; touch {mark}; "', "$(touch {mark})", "`touch {mark}`", "'; touch {mark} #",
             "x %0A::error::pwned", "--config=/etc/passwd", "${{{{ github.token }}}}", "$((1+1)) | & > {mark}"]
    ONE_LINE = ("version", "command", "range", "config", "fail_on", "threshold", "budget", "comment",
                "upload_sarif", "cache", "working_directory", "part", "shard")
    MANY_LINES = ("backends", "reports", "args", "paths", "from")

    def setUp(self):
        super().setUp()
        self.base, self.head = self.world.repository({"README.md": "text\n"}, CLEAN)
        self.world.checkout(depth=0)
        self.mark = self.world.folder / "mark"
        self.world.answers(f"printf '%s\\0' \"$@\" >'{self.world.folder}/seen'; exit 0")

    def job(self, **inputs):
        return self.world.job("push", {"before": self.base}, github={"sha": self.head}).run(**inputs)

    def test_no_input_is_executed(self):
        for name in self.ONE_LINE + self.MANY_LINES:
            for pattern in self.TEXTS:
                text = pattern.format(mark=self.mark)
                with self.subTest(input=name, text=text):
                    (self.world.folder / "seen").unlink(missing_ok=True)
                    # A range and paths go with commands of their own.
                    command = {"paths": "audit", "from": "merge"}.get(name, "diff")
                    inputs = {"command": command} | {name: text}
                    job = self.job(**inputs)
                    self.assertFalse(self.mark.exists())
                    self.assertTrue(job.failed, "the double writes no report")
                    self.assertNotRegex(job.log, r"(?m)^::error::pwned")
                    seen = self.world.folder / "seen"
                    if seen.exists() and name in ("range", "paths", "fail_on", "threshold", "budget", "config"):
                        arguments = seen.read_text().split("\0")
                        holding = [word for word in arguments if word.endswith(text)]
                        self.assertEqual(len(holding), 1, arguments)

    def test_values_stay_values_of_their_options(self):
        self.job(command="diff", range="--output=/tmp/x", fail_on="--help", config="-x")
        arguments = (self.world.folder / "seen").read_text().split("\0")[:-1]
        self.assertEqual(arguments[-2:], ["--", "--output=/tmp/x"])
        self.assertIn("--fail-on=--help", arguments)
        self.assertIn("--config=-x", arguments)

    def test_a_line_break_is_refused_before_anything_is_installed(self):
        for name in self.ONE_LINE:
            for text in ("a\n::error::pwned", "a\rverdict=pass"):
                with self.subTest(input=name, text=text):
                    job = self.job(**{name: text})
                    self.assertEqual(job.outcome("Check the inputs"), "failure")
                    self.assertEqual(job.outcome("Install llmux"), "skipped")
                    self.assertNotRegex(job.log, r"(?m)^::error::pwned")
                    self.assertEqual(job.outputs["verdict"], "")

    def test_inputs_that_do_not_go_together_are_told_at_once(self):
        wrong = [{"command": "fix"}, {"comment": "all"}, {"cache": "yes"}, {"upload_sarif": "1"},
                 {"shard": "0/2", "part": "p"}, {"shard": "1/2"}, {"command": "merge"},
                 {"command": "review", "range": "HEAD"}, {"paths": "src"}, {"command": "diff", "from": "p"},
                 {"shard": "1/2", "part": "p", "comment": "review"}]
        for inputs in wrong:
            with self.subTest(inputs):
                job = self.job(**inputs)
                self.assertEqual(job.noted["Check the inputs"]["code"], 2)
                self.assertRegex(job.log, r"(?m)^::error title=llmux::")

    def test_every_script_stands_in_a_file_and_takes_nothing_by_text(self):
        text = (self.world.action / "action.yml").read_text()
        for run in re.findall(r"(?m)^ +run: (.*(?:\n {8,}.*)*)", text):
            self.assertNotIn("${{", run)


if __name__ == "__main__":
    unittest.main(verbosity=1)
