"""dist/install.sh, alone and as the action's step: from a server on loopback, and by a double of cargo."""

import os
import pathlib
import subprocess
import unittest

from world import LLMUX, NOTING, TARGET, VERSION, World

STEP = "Install llmux"
# Notes what it was called with and what it could see, then leaves a program as cargo would.
CARGO = """#!/bin/sh
printf '%s\\n' "$@" >"{folder}/cargo-arguments"
env >"{folder}/cargo-environment"
while [ $# -gt 0 ]; do [ "$1" != --root ] || root=$2; shift; done
mkdir -p "$root/bin" && ln -s "{program}" "$root/bin/llmux"
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.folder = self.world.folder
        (self.folder / "workspace").mkdir()
        self.tools = self.folder / "tools"
        self.tools.mkdir()

    def cargo(self, script=CARGO):
        (self.tools / "cargo").write_text(script.format(folder=self.folder, program=LLMUX))
        (self.tools / "cargo").chmod(0o755)

    def step(self, env=None, **inputs):
        """The job up to the step; there is no repository, so it fails after it."""
        job = self.world.job("push", {}, env={"PATH": self.path()} | (env or {}))
        return job.run(**inputs)

    def path(self):
        """The tools of this machine, with a double of cargo or with none."""
        around = [name for name in os.environ["PATH"].split(os.pathsep)
                  if not (pathlib.Path(name) / "cargo").exists()]
        return os.pathsep.join([str(self.tools), *around])

    def alone(self, *arguments, shell="sh", script=None, **env):
        return subprocess.run(
            [shell, str(script or self.world.action / "dist" / "install.sh"), *arguments],
            capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": self.path(), "HOME": str(self.folder / "home"),
                 "INSTALL_LLMUX_FROM": f"{self.world.address}/releases"} | env)


class AsStep(Case):
    def test_the_newest_binary_of_the_table_is_taken_and_put_on_the_path(self):
        self.world.release(NOTING.format(record=self.world.record, program=LLMUX), "1.0.0")
        job = self.step()
        self.assertEqual(job.outcome(STEP), "success", job.log)
        self.assertEqual(self.world.asked, [f"/releases/v1.0.0/llmux-1.0.0-{TARGET}.tar.gz"])
        self.assertTrue((pathlib.Path(job.paths[0]) / "llmux").is_file())

    def test_a_named_version_is_taken_with_and_without_its_v(self):
        self.world.release(NOTING.format(record=self.world.record, program=LLMUX), "1.0.0")
        for version in (VERSION, f"v{VERSION}"):
            self.assertEqual(self.step(version=version).outcome(STEP), "success")
        self.assertEqual(len([path for path in self.world.asked if VERSION in path]), 2)

    def test_another_sum_than_the_table_s_is_refused_and_not_built_around(self):
        self.cargo()
        self.world.list("0" * 64)
        job = self.step()
        self.assertEqual(job.outcome(STEP), "failure")
        self.assertRegex(job.log, r"::error title=llmux::.*SHA-256 [0-9a-f]{64}, the table says 0{64}: nothing was installed")
        self.assertFalse((self.folder / "cargo-arguments").exists())
        self.assertFalse(list(job.temp.rglob("llmux")))

    def test_an_unknown_version_is_built_by_cargo_without_any_key(self):
        self.cargo()
        job = self.step(env={"OPENAI_API_KEY": "sk-secret", "CARGO_HOME": "/somewhere"}, version="7.7.7")
        self.assertEqual(job.outcome(STEP), "success", job.log)
        self.assertIn("::notice title=llmux::checksums.txt lists no binary of 7.7.7", job.log)
        arguments = (self.folder / "cargo-arguments").read_text().split("\n")
        self.assertEqual(arguments[:2], ["install", "--locked"])
        self.assertEqual(arguments[4:7], ["llmux", "--version", "=7.7.7"])
        environment = (self.folder / "cargo-environment").read_text()
        self.assertNotIn("sk-secret", environment)
        self.assertIn("CARGO_HOME=/somewhere", environment)
        self.assertEqual(self.world.asked, [], "what is not listed is not even downloaded")

    def test_the_version_of_the_action_s_own_sources_is_built_from_them(self):
        self.cargo()
        (self.world.action / "Cargo.toml").write_text('[package]\nname = "llmux"\nversion = "3.2.1"\n')
        for version in ("3.2.1", ""):
            with self.subTest(version=version):
                if not version:
                    (self.world.action / "dist" / "checksums.txt").write_text("# none yet\n")
                job = self.step(version=version)
                self.assertEqual(job.outcome(STEP), "success", job.log)
                arguments = (self.folder / "cargo-arguments").read_text().split("\n")
                self.assertIn("--path", arguments)
                self.assertNotIn("--version", arguments)

    def test_a_binary_that_cannot_be_had_is_built(self):
        self.cargo()
        for file in self.world.releases.rglob("*.gz"):
            file.unlink()
        job = self.step()
        self.assertEqual(job.outcome(STEP), "success", job.log)
        self.assertIn("could not be downloaded: building", job.log)

    def test_without_cargo_the_job_ends_with_what_to_do(self):
        job = self.step(version="7.7.7")
        self.assertEqual(job.outcome(STEP), "failure")
        self.assertIn("::error title=llmux::checksums.txt lists no binary of 7.7.7", job.log)
        self.assertIn("install Rust, or choose a version that checksums.txt lists", job.log)

    def test_a_cargo_that_fails_installs_nothing(self):
        self.cargo("#!/bin/sh\nexit 101\n")
        job = self.step(version="7.7.7")
        self.assertEqual(job.outcome(STEP), "failure")
        self.assertIn("cargo could not build llmux 7.7.7", job.log)

    def test_a_version_that_is_none_reaches_no_address(self):
        for version in ("../../x", "1/../../2", "$(id)", "1.0 2", "-x", "latest"):
            with self.subTest(version):
                job = self.step(version=version)
                self.assertEqual(job.noted[STEP]["code"], 2, job.log)
        self.assertEqual(self.world.asked, [])


class Alone(Case):
    def test_it_installs_outside_of_actions_and_prints_the_path(self):
        for shell in ("sh", "dash", "bash"):
            to = self.folder / shell
            done = self.alone("--version", VERSION, "--to", str(to), shell=shell)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.strip(), str(to / "llmux"))
            self.assertEqual([path.name for path in to.iterdir()], ["llmux"])
            self.assertTrue(os.access(to / "llmux", os.X_OK))

    def test_what_runs_meanwhile_is_replaced_whole(self):
        to = self.folder / "bin"
        to.mkdir()
        (to / "llmux").write_text("old")
        with open(to / "llmux", encoding="utf-8") as old:
            self.assertEqual(self.alone("--to", str(to)).returncode, 0)
            self.assertEqual(old.read(), "old", "the old file is left to who has it open")
        self.assertNotEqual((to / "llmux").read_text(), "old")

    def test_a_refused_archive_leaves_what_is_there(self):
        to = self.folder / "bin"
        to.mkdir()
        (to / "llmux").write_text("old")
        self.world.list("f" * 64)
        done = self.alone("--to", str(to))
        self.assertEqual(done.returncode, 1)
        self.assertIn("install.sh: error: the archive", done.stderr)
        self.assertEqual([path.read_text() for path in to.iterdir()], ["old"])

    def test_two_sums_for_one_archive_count_as_none(self):
        with open(self.world.action / "dist" / "checksums.txt", "a", encoding="utf-8") as table:
            table.write(f"{VERSION} {TARGET} {'a' * 64}\n")
        done = self.alone("--version", VERSION, "--no-cargo", "--to", str(self.folder / "bin"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("lists no binary", done.stderr)
        self.assertEqual(self.world.asked, [])

    def test_a_binary_that_does_not_run_here_is_refused(self):
        self.world.release("#!/bin/sh\nexit 1\n")
        done = self.alone("--to", str(self.folder / "bin"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not run on this machine", done.stderr)
        self.assertEqual(list((self.folder / "bin").iterdir()), [])

    def test_only_https_and_this_machine_are_asked(self):
        for address in ("http://example.invalid/x", "ftp://127.0.0.1/x", "file:///tmp", "http://127.0.0.1.example.invalid/"):
            done = self.alone("--to", str(self.folder / "bin"), INSTALL_LLMUX_FROM=address)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("must be an https:// address", done.stderr)

    def test_without_the_table_nothing_is_installed(self):
        lonely = self.folder / "lonely.sh"
        lonely.write_text((self.world.action / "dist" / "install.sh").read_text())
        done = self.alone("--version", VERSION, script=lonely)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no table of checksums", done.stderr)

    def test_wrong_arguments_are_told(self):
        for arguments in (["--verison", "1"], ["--to"], ["1.0.0"]):
            self.assertEqual(self.alone(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
