"""dist/package.sh packs what dist/install.sh installs."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tarfile
import unittest

from world import LLMUX, ROOT, TARGET, World


class Package(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        built = self.world.folder / "built"
        built.mkdir()
        self.program = built / "llmux"
        shutil.copy(LLMUX, self.program)
        # What is tested has symbols, which a release has not and which take minutes to pack.
        subprocess.run(["strip", self.program], check=True)

    def pack(self, name):
        output = self.world.folder / name
        done = subprocess.run([ROOT / "dist" / "package.sh", TARGET, self.world.folder / "built", output],
                              capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        archive, checksum = sorted(output.iterdir(), key=lambda path: path.suffix, reverse=True)
        return archive, checksum.read_text()

    def test_the_archive_holds_what_a_release_has_and_can_be_installed(self):
        archive, line = self.pack("one")
        version, target, digest = line.split()
        self.assertEqual(archive.name, f"llmux-{version}-{target}.tar.gz")
        self.assertEqual(digest, hashlib.sha256(archive.read_bytes()).hexdigest())
        with tarfile.open(archive) as packed:
            members = packed.getmembers()
        top = f"llmux-{version}-{target}/"
        names = {member.name.removeprefix(top) for member in members}
        self.assertEqual({member.uid for member in members}, {0})
        for wanted in ("llmux", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE",
                       "llmux.schema.json", "man/llmux.1", "man/llmux-diff.1", "completions/_llmux",
                       "completions/llmux.bash", "completions/llmux.fish", "completions/llmux.ps1"):
            self.assertIn(wanted, names)
        self.assertTrue(all(member.size for member in members))

        (self.world.releases / f"v{version}").mkdir(exist_ok=True)
        shutil.copy(archive, self.world.releases / f"v{version}")
        table = self.world.action / "dist" / "checksums.txt"
        table.write_text((ROOT / "dist" / "checksums.txt").read_text() + line)
        to = self.world.folder / "bin"
        done = subprocess.run(["sh", self.world.action / "dist" / "install.sh", "--version", version, "--to", to],
                              capture_output=True, text=True, check=False, timeout=60,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.world.folder),
                                   "INSTALL_LLMUX_FROM": f"{self.world.address}/releases"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(pathlib.Path(done.stdout.strip()).read_bytes(), self.program.read_bytes())

    def test_equal_input_gives_equal_bytes(self):
        self.assertEqual(self.pack("one")[1], self.pack("two")[1])


if __name__ == "__main__":
    unittest.main()
