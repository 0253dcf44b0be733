//! Throw-away repositories, and what `git diff` says about them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bstr::{BString, ByteSlice as _};
use llmux::change::{self, Change, FileChange, Kind, LineKind, Settings, Source};
use tempfile::TempDir;

/// Nothing is left out but what is no text.
pub(crate) fn everything() -> Settings {
    Settings {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_size: u64::MAX,
        generated: true,
        lock_files: true,
        vendored: true,
        minified: true,
    }
}

/// What a new configuration says.
pub(crate) fn usual() -> Settings {
    Settings {
        max_file_size: 1 << 20,
        generated: false,
        lock_files: false,
        vendored: false,
        minified: false,
        ..everything()
    }
}

/// A `git` that sees no one's configuration.
pub(crate) fn git_in(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C");
    for (role, name) in [("AUTHOR", "Ada"), ("COMMITTER", "Ada")] {
        git.env(format!("GIT_{role}_NAME"), name)
            .env(format!("GIT_{role}_EMAIL"), "ada@example.org")
            .env(format!("GIT_{role}_DATE"), "2026-01-02T03:04:05Z");
    }
    git
}

/// A repository in a temporary folder.
pub(crate) struct Repo {
    pub(crate) dir: PathBuf,
    _keep: TempDir,
}

impl Repo {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(init: &[&str]) -> Self {
        let keep = tempfile::tempdir().expect("a temporary folder");
        let dir = keep.path().canonicalize().expect("its path").join("repo");
        fs::create_dir(&dir).expect("a folder");
        let repo = Self { dir, _keep: keep };
        let mut args = vec!["init", "-q", "-b", "main"];
        args.extend(init);
        repo.git(args);
        repo
    }

    /// Beside the repository, inside the temporary folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.with_file_name(name)
    }

    pub(crate) fn try_git<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Output {
        git_in(&self.dir).args(args).output().expect("git runs")
    }

    /// Runs git and returns its output.
    pub(crate) fn git<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> BString {
        let output = self.try_git(args);
        assert!(
            output.status.success(),
            "git failed: {}",
            output.stderr.as_bstr()
        );
        output.stdout.into()
    }

    pub(crate) fn id(&self, rev: &str) -> String {
        self.git(["rev-parse", rev]).to_string().trim().to_owned()
    }

    pub(crate) fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.dir.join(name.as_ref().to_path().expect("a path"))
    }

    pub(crate) fn write(&self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    pub(crate) fn remove(&self, name: impl AsRef<[u8]>) {
        fs::remove_file(self.path(name)).expect("a file to remove");
    }

    /// Commits everything and returns the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    pub(crate) fn read(&self, source: &Source) -> Change {
        change::read(&self.dir, source, &everything()).expect("a change")
    }

    pub(crate) fn range(&self, range: &str) -> Change {
        self.read(&Source::Range(Some(range.to_owned())))
    }

    /// Reads `source` and compares it with `git diff ARGS`.
    pub(crate) fn assert_like_git(&self, source: &Source, args: &[&str]) -> Change {
        let change = self.read(source);
        assert_same(&change, &self.expected(args));
        change
    }

    /// What `git diff` says.
    pub(crate) fn expected(&self, args: &[&str]) -> Vec<Expected> {
        const COMMON: [&str; 5] = ["diff", "-M", "--no-color", "--no-ext-diff", "--no-textconv"];
        let run = |more: &[&str]| {
            let options = COMMON.iter().chain(more);
            self.git(options.chain(args.iter()))
        };
        expected_of(&run(&["--raw", "-z", "--abbrev=64"]), &run(&["-U3"]))
    }
}

/// A file of `git diff`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) path: BString,
    pub(crate) old_path: Option<BString>,
    /// `A`, `M`, `D`, `T`, `R086`.
    pub(crate) status: String,
    /// The text from the first `@@` on, without what git adds behind the second `@@`.
    pub(crate) hunks: BString,
}

fn expected_of(raw: &[u8], diff: &[u8]) -> Vec<Expected> {
    let mut sections = sections(diff).into_iter();
    let mut fields = raw.split_str("\0").filter(|field| !field.is_empty());
    let mut all = Vec::new();
    while let Some(field) = fields.next() {
        let columns: Vec<_> = field.split_str(" ").collect();
        let status = columns[4].to_str().expect("a status").to_owned();
        if status == "U" {
            fields.next();
            sections.next();
            continue;
        }
        let mut next = || BString::from(fields.next().expect("a path"));
        let old_path = status.starts_with('R').then(&mut next);
        let path = next();
        let mut hunks = sections.next().expect("a section for each file");
        if status == "T" {
            let added = sections.next().expect("a type change has two");
            if columns[1].starts_with(b"100") {
                hunks = added;
            }
        }
        all.push(Expected {
            path,
            old_path,
            status,
            hunks,
        });
    }
    assert!(sections.next().is_none(), "sections without a file");
    all
}

/// The hunks of each `diff --git` section.
fn sections(patch: &[u8]) -> Vec<BString> {
    let mut all: Vec<BString> = Vec::new();
    let mut in_hunks = false;
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") || line.starts_with(b"* Unmerged path") {
            in_hunks = false;
            all.push(BString::default());
        } else if line.starts_with(b"@@ ") {
            in_hunks = true;
            let end = line[3..].find("@@").expect("a header") + 5;
            let section = all.last_mut().expect("a section");
            section.extend_from_slice(&line[..end]);
            section.push(b'\n');
        } else if in_hunks {
            all.last_mut().expect("a section").extend_from_slice(line);
        }
    }
    all
}

/// The hunks as git writes them.
pub(crate) fn render(file: &FileChange) -> BString {
    let mut text = BString::default();
    let side = |start: u32, count: u32| match count {
        1 => start.to_string(),
        _ => format!("{start},{count}"),
    };
    for hunk in &file.hunks {
        let old = side(hunk.old_start, hunk.old_count);
        let new = side(hunk.new_start, hunk.new_count);
        text.extend_from_slice(format!("@@ -{old} +{new} @@\n").as_bytes());
        for line in &hunk.lines {
            text.push(match line.kind {
                LineKind::Context => b' ',
                LineKind::Removed => b'-',
                LineKind::Added => b'+',
            });
            text.extend_from_slice(&line.text);
            text.push(b'\n');
            if line.no_newline {
                text.extend_from_slice(b"\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// The whole change agrees with git: the same files, and the same lines in each.
pub(crate) fn assert_same(change: &Change, expected: &[Expected]) {
    let mut seen = Vec::new();
    for file in &change.files {
        let wanted = expected
            .iter()
            .find(|it| it.path == file.path.as_bstr())
            .unwrap_or_else(|| panic!("git knows no change of {}", file.path));
        assert_eq!(status(file), wanted.status, "{}", file.path);
        let old_path = file.old_path.as_ref().map(|path| path.as_bstr().to_owned());
        assert_eq!(old_path, wanted.old_path, "{}", file.path);
        let rendered = render(file);
        assert!(
            rendered == wanted.hunks,
            "{}\n--- llmux\n{rendered}\n--- git\n{}",
            file.path,
            wanted.hunks
        );
        assert_numbers(file);
        seen.push(file.path.as_bstr().to_owned());
    }
    seen.extend(
        change
            .left_out
            .iter()
            .map(|left_out| left_out.path.as_bstr().to_owned()),
    );
    seen.sort();
    let mut wanted: Vec<_> = expected.iter().map(|it| it.path.clone()).collect();
    wanted.sort();
    assert_eq!(seen, wanted, "each changed path once, in one of both lists");
}

/// The status letter that `git diff --raw` has.
fn status(file: &FileChange) -> String {
    match file.kind {
        Kind::Added => "A".to_owned(),
        Kind::Modified => "M".to_owned(),
        Kind::Deleted => "D".to_owned(),
        Kind::TypeChanged => "T".to_owned(),
        Kind::Renamed(similarity) => format!("R{similarity:03}"),
        other => panic!("git diff -M makes no {other:?}"),
    }
}

/// Line numbers and the new text say the same as the hunks.
fn assert_numbers(file: &FileChange) {
    for hunk in &file.hunks {
        let (mut old, mut new) = (hunk.old_start, hunk.new_start);
        for line in &hunk.lines {
            let number = match line.kind {
                LineKind::Removed => old,
                LineKind::Context | LineKind::Added => new,
            };
            assert_eq!(line.number, number, "{}", file.path);
            old += u32::from(line.kind != LineKind::Added);
            new += u32::from(line.kind != LineKind::Removed);
            if line.kind != LineKind::Removed {
                let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
                assert_eq!(
                    file.new.line(line.number),
                    Some(text.to_str_lossy().as_ref()),
                    "{}:{}",
                    file.path,
                    line.number
                );
            }
        }
    }
}
