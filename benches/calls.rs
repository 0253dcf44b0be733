//! The rate of calls against wrk's on the same loopback server in the same run, in turn;
//! the memory they take; what a backend that is down costs. `cargo bench --bench calls`.
//!
//! `-- --quick` makes few calls and one round, to see that it runs. Without `wrk` on the
//! PATH only llmux is measured.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figure"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use tempfile::TempDir;

#[path = "calls/server.rs"]
mod server;
use server::Server;

/// Calls in flight, and wrk's connections.
const IN_FLIGHT: usize = 64;
/// How long the server takes over an answer.
const THINKING: [u64; 3] = [0, 5, 20];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (calls, rounds, seconds) = if quick { (200, 1, 1) } else { (3000, 5, 3) };
    let scene = Scene::new(calls);
    for thinking in THINKING {
        rate(&scene, Duration::from_millis(thinking), rounds, seconds);
    }
    say(&format!(
        "memory: {} MB at most (under 100 wanted)",
        children().max_rss() / 1024
    ));
    for in_flight in [1, IN_FLIGHT] {
        let server = Server::start(Duration::ZERO, 500);
        scene.run(&server, in_flight, 3);
        say(&format!(
            "a server that always fails, {in_flight} in flight: {} of {calls} calls were made",
            server.seen().calls
        ));
    }
}

/// Medians over the rounds of what llmux and wrk reach in turn.
fn rate(scene: &Scene, thinking: Duration, rounds: usize, seconds: u64) {
    let server = Server::start(thinking, 200);
    // Brings the body that wrk sends, and warms the caches.
    scene.run(&server, IN_FLIGHT, 0);
    let script = scene.script(&server.body());
    let (mut whole, mut asking, mut theirs, mut work) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        theirs.extend(wrk(&server, &script, seconds));
        server.forget();
        let start = Instant::now();
        let cpu = scene.run(&server, IN_FLIGHT, 0);
        let took = start.elapsed();
        let seen = server.seen();
        assert_eq!(seen.calls, scene.calls, "one call for each packet");
        whole.push(per_second(seen.calls, took));
        asking.push(per_second(seen.calls, seen.last - seen.first));
        work.push(cpu.as_secs_f64() * 1e6 / f64::from(seen.calls));
    }
    let (whole, asking, work) = (median(whole), median(asking), median(work));
    let mut line = format!(
        "{} calls, {IN_FLIGHT} in flight, {} ms of thinking, {} bytes each: llmux {asking:.0} a second \
         from first to last call, {whole:.0} from start to exit, {work:.0} µs of processor time each",
        scene.calls,
        thinking.as_millis(),
        server.body().len(),
    );
    if !theirs.is_empty() {
        let theirs = median(theirs);
        let (ours, all) = (asking / theirs * 100.0, whole / theirs * 100.0);
        write!(line, "; wrk {theirs:.0}: {ours:.0} % and {all:.0} %").unwrap();
    }
    say(&line);
}

/// A change of so many packets, and a workflow that reads each once.
struct Scene {
    folder: TempDir,
    calls: u32,
}

impl Scene {
    fn new(calls: u32) -> Self {
        let scene = Self {
            folder: TempDir::new().unwrap(),
            calls,
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

    fn outside(&self, name: &str) -> PathBuf {
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
    fn run(&self, server: &Server, in_flight: usize, code: i32) -> Duration {
        let config = self.outside("config.toml");
        let text = format!(
            "[run]\nmax_in_flight = {in_flight}\nretries = 0\n[packets]\nmax_tokens = 500\n\
             [backends.model]\nbase_url = \"{}/v1\"\nmodel = \"m\"\nmax_concurrent = {in_flight}\n\
             [roles.analyzer]\nbackends = [\"model\"]\n",
            server.url()
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
        let status = self.command(env!("CARGO_BIN_EXE_llmux"), &args).status();
        assert_eq!(status.unwrap().code(), Some(code));
        processor_time(&children()).saturating_sub(processor_time(&before))
    }

    /// For wrk: the same question again and again.
    fn script(&self, body: &[u8]) -> PathBuf {
        fs::write(self.outside("body"), body).unwrap();
        let script = self.outside("ask.lua");
        let text = format!(
            "wrk.method = \"POST\"\nlocal file = io.open({:?}, \"rb\")\nwrk.body = file:read(\"*a\")\n\
             wrk.headers[\"content-type\"] = \"application/json\"\n",
            self.outside("body").display().to_string()
        );
        fs::write(&script, text).unwrap();
        script
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

/// Answers a second; none where there is no wrk.
fn wrk(server: &Server, script: &Path, seconds: u64) -> Option<f64> {
    let output = Command::new("wrk")
        .args([
            "-t2",
            &format!("-c{IN_FLIGHT}"),
            &format!("-d{seconds}s"),
            "-s",
        ])
        .arg(script)
        .arg(format!("{}/v1/chat/completions", server.url()))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("Non-2xx"), "{text}");
    let rate = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Some(rate.unwrap().trim().parse().unwrap())
}

/// The kernel's account of all processes that have ended.
fn children() -> Usage {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap()
}

fn processor_time(usage: &Usage) -> Duration {
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap())
}

fn per_second(calls: u32, took: Duration) -> f64 {
    f64::from(calls) / took.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn say(line: &str) {
    println!("{line}");
}
