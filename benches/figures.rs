//! The whole program against its yardsticks, in one run: start-up against `git`, calls
//! against the ideal, a commit hook whose answers are all on the tape, memory of a big change.
//! `cargo bench --bench figures`.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figure"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use serde_json::json;
use tempfile::TempDir;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const PAUSE: Duration = Duration::from_millis(200);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    startup(&mut criterion);
    warm(&mut criterion);
    calls(&mut criterion);
    criterion.final_summary();
    memory();
}

/// A repository in a temporary folder.
struct Repo(TempDir);

impl Repo {
    fn new() -> Self {
        let repo = Self(TempDir::new().unwrap());
        fs::create_dir(repo.dir()).unwrap();
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("repo")
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.dir())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "A")
                .env(format!("GIT_{who}_EMAIL"), "a@example.org");
        }
        command
    }

    fn git(&self, args: &[&str]) {
        timed(&mut self.command("git", args), 0);
    }

    fn llmux(&self, args: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_llmux"), args)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }
}

/// A server that finds nothing, after a pause.
async fn model() -> MockServer {
    let server = MockServer::start().await;
    let answer = json!({"choices": [{"message": {"content": "{\"findings\": []}"}, "finish_reason": "stop"}]});
    let response = ResponseTemplate::new(200)
        .set_body_json(answer)
        .set_delay(PAUSE);
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

/// Runs a process to its end and demands the exit code.
fn timed(command: &mut Command, code: i32) -> Duration {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().unwrap();
    let elapsed = start.elapsed();
    assert_eq!(status.code(), Some(code), "{command:?}");
    elapsed
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A thousand committed files.
fn thousand() -> Repo {
    let repo = Repo::new();
    for number in 0..1000 {
        repo.write(
            &format!("src/dir{}/file{number}.rs", number % 40),
            &format!("fn f{number}() {{}}\n"),
        );
    }
    repo.commit("a thousand files");
    repo
}

/// An empty `--staged` change, in turn with `git diff --cached --quiet`.
fn startup(criterion: &mut Criterion) {
    let repo = thousand();
    let git = || repo.command("git", &["diff", "--cached", "--quiet"]);
    let llmux = || repo.llmux(&["diff", "--staged", "--quiet"]);
    let mut group = criterion.benchmark_group("empty --staged");
    group.bench_function("git diff --cached --quiet", |b| {
        b.iter_custom(|rounds| (0..rounds).map(|_| timed(&mut git(), 0)).sum());
    });
    group.bench_function("llmux diff --staged", |b| {
        b.iter_custom(|rounds| (0..rounds).map(|_| timed(&mut llmux(), 0)).sum());
    });
    group.finish();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        ours.push(timed(&mut llmux(), 0));
        theirs.push(timed(&mut git(), 0));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    say(&format!(
        "empty --staged: llmux {:.2} ms, git {:.2} ms, ratio {:.2} (under 2 wanted)",
        ours.as_secs_f64() * 1e3,
        theirs.as_secs_f64() * 1e3,
        ours.as_secs_f64() / theirs.as_secs_f64()
    ));
}

/// A staged change of four files that three models and the rules have read already: every answer
/// comes from the tape. In turn with `git diff --cached --quiet`.
fn warm(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let models: Vec<MockServer> = (0..3).map(|_| runtime.block_on(model())).collect();
    let repo = thousand();
    let mut config = String::new();
    for (number, model) in models.iter().enumerate() {
        let uri = model.uri();
        writeln!(
            config,
            "[backends.model{number}]\nbase_url = \"{uri}/v1\"\nmodel = \"m\""
        )
        .unwrap();
    }
    repo.write(".llmux/config.toml", &config);
    for file in 0..4 {
        let mut text = format!("fn f{file}() {{}}\n");
        for line in 0..40 {
            writeln!(text, "fn g{line}(v: u32) -> u32 {{ v + {line} }}").unwrap();
        }
        repo.write(&format!("src/dir{file}/file{file}.rs"), &text);
    }
    repo.git(&["add", "src"]);
    let asked = || {
        let requests = models.iter().map(MockServer::received_requests);
        let requests = requests.map(|requests| runtime.block_on(requests).unwrap_or_default());
        requests.map(|requests| requests.len()).sum::<usize>()
    };
    let git = || repo.command("git", &["diff", "--cached", "--quiet"]);
    let llmux = || repo.llmux(&["diff", "--staged", "--quiet"]);
    timed(&mut llmux(), 0);
    let before = asked();
    assert!(before >= 3, "the models were not asked");
    let mut group = criterion.benchmark_group("warm --staged");
    group.bench_function("llmux diff --staged", |b| {
        b.iter_custom(|rounds| (0..rounds).map(|_| timed(&mut llmux(), 0)).sum());
    });
    group.finish();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        ours.push(timed(&mut llmux(), 0));
        theirs.push(timed(&mut git(), 1));
    }
    assert_eq!(asked(), before, "something was not on the tape");
    say(&format!(
        "warm --staged, 4 files, 3 models: median {:.1} ms, lowest {:.1} ms (under 100 wanted); git {:.2} ms",
        median(ours.clone()).as_secs_f64() * 1e3,
        ours.iter().min().unwrap().as_secs_f64() * 1e3,
        median(theirs).as_secs_f64() * 1e3,
    ));
}

/// 60 calls of 0.2 s over three servers, 20 in flight.
fn calls(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let models: Vec<MockServer> = (0..3).map(|_| runtime.block_on(model())).collect();
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    for number in 0..20 {
        let mut text = String::new();
        for line in 0..60 {
            writeln!(
                text,
                "def function_{number}_{line}(value): return value + {line}"
            )
            .unwrap();
        }
        repo.write(&format!("part{number}/module.py"), &text);
    }
    let mut config = "[run]\nmax_in_flight = 20\n[packets]\nmax_tokens = 1500\n".to_owned();
    for (number, model) in models.iter().enumerate() {
        let uri = model.uri();
        writeln!(
            config,
            "[backends.model{number}]\nbase_url = \"{uri}/v1\"\nmodel = \"m\"\nmax_concurrent = 20"
        )
        .unwrap();
    }
    config.push_str("[roles.analyzer]\nbackends = [\"model0\", \"model1\", \"model2\"]\n");
    repo.write(".llmux/config.toml", &config);
    let workflow = repo.outside("one.toml");
    std::fs::write(
        &workflow,
        "name = \"one\"\n[[steps]]\nname = \"analyzer\"\nrole = \"analyzer\"\nprompt = \"Find bugs.\"\nfor_each = \"packets\"\nproduces = \"findings\"\nparallel = true\n",
    )
    .unwrap();
    repo.git(&["add", "part*"]);
    repo.git(&["commit", "-q", "-m", "after"]);
    let workflow = workflow.display().to_string();
    let run = || {
        repo.llmux(&[
            "run",
            &workflow,
            "HEAD~1",
            // Else the tape answers all but the first.
            "--refresh",
            "--quiet",
            "--report",
            "json=../r.json",
        ])
    };
    timed(&mut run(), 0);
    let asked: usize = models
        .iter()
        .map(|model| {
            runtime
                .block_on(model.received_requests())
                .unwrap_or_default()
                .len()
        })
        .sum();
    assert_eq!(asked, 60, "the change is meant to make 60 calls");
    let ideal = PAUSE * 3;
    let mut group = criterion.benchmark_group("60 calls of 0.2 s, 20 in flight");
    group.sample_size(10);
    group.bench_function("llmux run", |b| {
        b.iter_custom(|rounds| (0..rounds).map(|_| timed(&mut run(), 0)).sum());
    });
    group.finish();
    let took = median((0..9).map(|_| timed(&mut run(), 0)).collect());
    say(&format!(
        "60 calls: {:.3} s, ideal {:.3} s, ratio {:.3} (at most 1.05 wanted)",
        took.as_secs_f64(),
        ideal.as_secs_f64(),
        took.as_secs_f64() / ideal.as_secs_f64()
    ));
}

/// Peak memory of a change of 100,000 lines, from the kernel's account of the child.
fn memory() {
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    for file in 0..400 {
        let mut text = String::new();
        for line in 0..250 {
            writeln!(
                text,
                "    let value_{line} = compute(file_{file}, {line}, \"some text\");"
            )
            .unwrap();
        }
        repo.write(&format!("src/part{}/file{file}.rs", file % 20), &text);
    }
    repo.commit("after");
    let peak = |command: &mut Command| {
        timed(command, 0);
        nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
            .unwrap()
            .max_rss()
    };
    let kib = peak(&mut repo.llmux(&["diff", "HEAD~1", "--quiet", "--report", "json=../r.json"]));
    assert!(Path::new(&repo.outside("r.json")).exists());
    say(&format!(
        "100,000 changed lines: {} MB at most (under 200 wanted)",
        kib / 1024
    ));
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn say(line: &str) {
    println!("{line}");
}
