//! Throw-away repositories, the binary in a scrubbed environment, models on loopback.

pub(crate) mod crowd;
pub(crate) mod feedback_rows;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod model;
pub(crate) mod proxy;
pub(crate) mod raw;
pub(crate) mod schema;
pub(crate) mod store;
pub(crate) mod tls;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use tempfile::TempDir;

/// Variables that each child gets and no others: no key, no HOME of the developer, no
/// configuration of git's but the test's.
fn scrub(home: &Path) -> Vec<(&'static str, String)> {
    let home = home.display().to_string();
    vec![
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", home.clone()),
        ("XDG_CONFIG_HOME", format!("{home}/.config")),
        ("XDG_CACHE_HOME", format!("{home}/.cache")),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
        ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
        ("GIT_AUTHOR_NAME", "A".to_owned()),
        ("GIT_AUTHOR_EMAIL", "a@example.org".to_owned()),
        ("GIT_COMMITTER_NAME", "A".to_owned()),
        ("GIT_COMMITTER_EMAIL", "a@example.org".to_owned()),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z".to_owned()),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z".to_owned()),
    ]
}

/// A git repository in a temporary folder, with a home of its own beside it.
pub(crate) struct Repo {
    /// Holds `repo` and `home`; removed at the end.
    base: TempDir,
}

impl Repo {
    pub(crate) fn new() -> Self {
        let base = TempDir::new().unwrap();
        fs::create_dir(base.path().join("repo")).unwrap();
        fs::create_dir(base.path().join("home")).unwrap();
        let repo = Self { base };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.base.path().join("repo")
    }

    /// A place outside the repository.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.base.path().join(name)
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = Process::new("git")
            .args(args)
            .current_dir(self.dir())
            .env_clear()
            .envs(scrub(&self.base.path().join("home")))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The project's configuration.
    pub(crate) fn config(&self, toml: &str) {
        schema::agree(toml);
        self.write(".llmux/config.toml", toml);
    }

    /// The binary, in the repository.
    pub(crate) fn llmux(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_llmux"));
        command
            .args(args)
            .current_dir(self.dir())
            .env_clear()
            .envs(scrub(&self.base.path().join("home")))
            .timeout(std::time::Duration::from_mins(2));
        command
    }

    /// The same as a process of the standard library, for signals and pipes.
    pub(crate) fn llmux_process(&self, args: &[&str]) -> Process {
        let mut command = Process::new(env!("CARGO_BIN_EXE_llmux"));
        command
            .args(args)
            .current_dir(self.dir())
            .env_clear()
            .envs(scrub(&self.base.path().join("home")));
        command
    }

    /// Names in the work tree's top folder that git does not know, ignoring the configuration.
    pub(crate) fn untracked(&self) -> String {
        self.git(&[
            "status",
            "--porcelain",
            "--untracked-files=all",
            "--",
            ":!.llmux",
        ])
    }
}
