//! A change of so many packets, one question for each, and what a run over it takes.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use tempfile::TempDir;

use crate::server::Server;

/// A change of so many packets, and a workflow that reads each once.
pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) calls: u32,
    /// `[store]` and what else a configuration may hold.
    pub(crate) more: String,
    /// Further arguments.
    pub(crate) args: Vec<String>,
}

impl Scene {
    pub(crate) fn new(calls: u32, more: &str) -> Self {
        let scene = Self {
            folder: TempDir::new().unwrap(),
            calls,
            more: more.to_owned(),
            args: Vec::new(),
        };
        fs::create_dir(scene.repo()).unwrap();
        scene.git(&["init", "-q", "-b", "main"]);
        fs::write(scene.repo().join("a.txt"), "\n").unwrap();
        scene.commit("before");
        for number in 0..calls {
            let mut text = String::new();
            for line in 0..24 {
                writeln!(text, "def function_{line}(value): return value + {number}").unwrap();
            }
            let path = scene.repo().join(format!("part{}", number % 50));
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(format!("module{number}.py")), text).unwrap();
        }
        scene.commit("after");
        fs::write(scene.outside("one.toml"), WORKFLOW).unwrap();
        scene
    }

    fn repo(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.repo())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "A")
                .env(format!("GIT_{who}_EMAIL"), "a@example.org");
        }
        command
    }

    fn git(&self, args: &[&str]) {
        assert!(self.command("git", args).status().unwrap().success());
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// A whole run, which must end with that code; the processor time that it took.
    pub(crate) fn run(&self, server: &Server, in_flight: usize, code: i32) -> Duration {
        let config = self.outside("config.toml");
        let text = format!(
            "[run]\nmax_in_flight = {in_flight}\nretries = 0\n[packets]\nmax_tokens = 500\n\
             [backends.model]\nbase_url = \"{}/v1\"\nmodel = \"m\"\nmax_concurrent = {in_flight}\n\
             [roles.analyzer]\nbackends = [\"model\"]\n{}",
            server.url(),
            self.more
        );
        fs::write(&config, text).unwrap();
        let (workflow, config) = (self.outside("one.toml"), config.display().to_string());
        let workflow = workflow.display().to_string();
        let args = [
            "run",
            &workflow,
            "HEAD~1",
            "--config",
            &config,
            "--quiet",
            "--report",
            "json=../r.json",
        ];
        let before = children();
        let mut command = self.command(env!("CARGO_BIN_EXE_llmux"), &args);
        let status = command.args(&self.args).status();
        assert_eq!(status.unwrap().code(), Some(code));
        processor_time(&children()).saturating_sub(processor_time(&before))
    }
}

const WORKFLOW: &str = r#"
name = "one"
fixed = "You review a change. Answer with one JSON object: {\"findings\": [ … ]}."
[[steps]]
name = "analyzer"
role = "analyzer"
prompt = "Find bugs."
for_each = "packets"
produces = "findings"
parallel = true
"#;

/// The kernel's account of all processes that have ended.
pub(crate) fn children() -> Usage {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap()
}

pub(crate) fn processor_time(usage: &Usage) -> Duration {
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap())
}
