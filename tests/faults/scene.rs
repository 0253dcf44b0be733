//! A change, the binary that reviews it, and what must hold after any run.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::kind::Kind;
use crate::support::Repo;
use crate::support::raw::{Act, Manners, Raw, Seen};

/// The last line of the change, which is wrong.
pub(super) const LINE: &str = "    return items[len(items)]";

/// One step, so that a backend gets one question.
const WORKFLOW: &str = "name = \"one\"\n[[steps]]\nname = \"analyzer\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n";

/// Every kind of report.
pub(super) const FORMATS: [&str; 5] = ["terminal", "markdown", "sarif", "junit", "json"];

/// What a loaded machine may take beyond the limits in force.
const SLACK: Duration = Duration::from_secs(15);

/// The key that every backend of these tests has.
pub(super) fn key() -> String {
    format!("sk-{}", "fault0key".repeat(4))
}

/// A commit to review, in a repository of its own.
pub(super) struct Scene {
    pub(super) repo: Repo,
    runs: AtomicUsize,
}

/// A run that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    /// The report, where standard output held one in JSON.
    pub(super) json: Value,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
    /// Most memory that it held, as the kernel counts it.
    pub(super) peak_mib: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        let repo = Repo::new();
        repo.write("last.py", "def last(items):\n    return items[-1]\n");
        repo.commit("before");
        repo.write("last.py", &format!("def last(items):\n{LINE}\n"));
        repo.commit("after");
        fs::write(repo.outside("one.toml"), WORKFLOW).unwrap();
        let runs = AtomicUsize::new(0);
        Self { repo, runs }
    }

    /// Asks the backends of `config` once each.
    pub(super) fn ask(&self, config: &str) -> Ended {
        self.ask_with(config, &[])
    }

    pub(super) fn ask_with(&self, config: &str, more: &[&str]) -> Ended {
        let workflow = self.repo.outside("one.toml").display().to_string();
        let mut args = vec!["run", &workflow, "HEAD~1", "--format", "json"];
        args.extend(more);
        self.llmux(config, &args)
    }

    /// Reviews with every report, each a file of this folder, and the fullest log.
    pub(super) fn diff_in_full(&self, config: &str, out: &Path, more: &[&str]) -> Ended {
        fs::create_dir(out).unwrap();
        let mut args: Vec<String> = ["diff", "HEAD~1", "-vv", "--report", "terminal"]
            .map(str::to_owned)
            .into();
        for format in FORMATS {
            let path = out.join(format);
            args.extend([
                "--report".to_owned(),
                format!("{format}={}", path.display()),
            ]);
        }
        let args: Vec<&str> = args
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        self.llmux(config, &args)
    }

    /// Runs the binary, and demands what must hold after any run: it ended by itself, in
    /// time, left no process and no file, and said the key to nobody.
    pub(super) fn llmux(&self, config: &str, args: &[&str]) -> Ended {
        let number = self.runs.fetch_add(1, Ordering::SeqCst);
        let place = |name: &str| -> PathBuf { self.repo.outside(&format!("{name}-{number}")) };
        fs::write(place("config"), config).unwrap();
        fs::create_dir(place("tmp")).unwrap();
        let config_file = place("config").display().to_string();
        let mut command = self.repo.llmux_process(args);
        command.args(["--config", &config_file]);
        for name in config.lines().filter_map(backend_name) {
            command.args(["--backend", name]);
        }
        let start = Instant::now();
        let mut child = command
            .env("TMPDIR", place("tmp"))
            .env("FAULT_KEY", key())
            .stdin(Stdio::null())
            .stdout(File::create(place("stdout")).unwrap())
            .stderr(File::create(place("stderr")).unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        let group = nix::unistd::Pid::from_raw(-child.id().cast_signed());
        let mut peak_mib = 0;
        let status = loop {
            peak_mib = peak_mib.max(peak_of(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > Duration::from_secs(80) {
                let _ = nix::sys::signal::kill(group, nix::sys::signal::Signal::SIGKILL);
                panic!("llmux {args:?} does not end; configuration: {config}");
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let took = start.elapsed();
        let read = |name: &str| {
            String::from_utf8_lossy(&fs::read(place(name)).unwrap_or_default()).into_owned()
        };
        let (stdout, stderr) = (read("stdout"), read("stderr"));
        let left: Vec<_> = fs::read_dir(place("tmp")).unwrap().collect();
        assert!(left.is_empty(), "files are left: {left:?}");
        assert!(
            nix::sys::signal::kill(group, None).is_err(),
            "a process is left"
        );
        assert_eq!(self.repo.untracked(), "", "files are left in the work tree");
        let key = key();
        for secret in [&key, &key[..10]] {
            assert!(!stdout.contains(secret), "the key is on standard output");
            assert!(!stderr.contains(secret), "the key is on standard error");
        }
        Ended {
            code: status.code(),
            json: serde_json::from_str(&stdout).unwrap_or_default(),
            stdout,
            stderr,
            took,
            peak_mib,
        }
    }
}

fn backend_name(line: &str) -> Option<&str> {
    line.strip_prefix("[backends.")?
        .strip_suffix(']')
        .filter(|name| !name.contains('.'))
}

#[cfg(target_os = "linux")]
fn peak_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

#[cfg(not(target_os = "linux"))]
fn peak_of(_: u32) -> u64 {
    0
}

impl Ended {
    /// What a backend did with the changed file, and why.
    pub(super) fn reading(&self, backend: &str) -> (String, String) {
        let readings = self.json["coverage"][0]["readings"].as_array();
        let own = readings
            .into_iter()
            .flatten()
            .find(|one| one["backend"] == backend);
        let text = |field: &str| own.and_then(|own| own[field].as_str()).unwrap_or_default();
        (text("state").to_owned(), text("reason").to_owned())
    }

    /// A backend did not read the file, and says why in some of these words.
    #[track_caller]
    pub(super) fn assert_not_read(&self, backend: &str, words: &[&str]) {
        let (state, reason) = self.reading(backend);
        assert!(
            ["failed", "abstained"].contains(&state.as_str()),
            "{backend} {state}: {reason}\n{}",
            self.stderr
        );
        assert!(
            words.iter().any(|word| reason.contains(word)),
            "{backend} {state}: {reason}; one of {words:?} wanted"
        );
        assert!(
            reason.chars().count() < 1000,
            "{backend}: {}",
            reason.chars().count()
        );
        assert!(!reason.contains(char::is_control), "{backend}: {reason:?}");
    }

    /// Nobody read the file, so the run is incomplete.
    #[track_caller]
    pub(super) fn assert_incomplete(&self) {
        assert_eq!(self.code, Some(3), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.json["verdict"], "incomplete", "{:#}", self.json);
        assert_eq!(self.json["coverage"][0]["covered"], false);
        assert_ne!(self.json["status"], "success");
        assert_eq!(self.json["findings"], json!([]));
    }

    /// It took no longer than its limits and what a loaded machine may add.
    #[track_caller]
    pub(super) fn assert_took_at_most(&self, limit: Duration) {
        assert!(self.took < limit + SLACK, "{:?}", self.took);
    }

    #[track_caller]
    pub(super) fn assert_memory(&self) {
        assert!(self.peak_mib < 150, "{} MiB", self.peak_mib);
    }
}

/// Checks all cases at once, since most of their time is waiting.
pub(super) fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    let check = &check;
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || check(case));
        }
    });
}

/// A run in which each kind of server commits the same fault.
pub(super) struct Survey {
    pub(super) ended: Ended,
    pub(super) servers: Servers,
}

/// Asks a server of each kind once, all in one run; `run` stands under `[run]`.
pub(super) fn survey(
    kinds: &[Kind],
    run: &str,
    script: impl Fn(Kind, &Seen) -> Vec<Act> + Send + Sync + 'static,
) -> Survey {
    let servers = serve(kinds, Manners::default(), script);
    let ended = Scene::new().ask(&config_of(&servers, run, ""));
    Survey { ended, servers }
}

pub(super) type Servers = Vec<(Kind, Raw)>;

/// A server of each kind.
pub(super) fn serve(
    kinds: &[Kind],
    manners: Manners,
    script: impl Fn(Kind, &Seen) -> Vec<Act> + Send + Sync + 'static,
) -> Servers {
    let script = Arc::new(script);
    let server = |kind: &Kind| {
        let (kind, script) = (*kind, Arc::clone(&script));
        (kind, Raw::with(manners, move |seen| script(kind, seen)))
    };
    kinds.iter().map(server).collect()
}

/// A backend for each server, with these keys; `run` stands under `[run]`.
pub(super) fn config_of(servers: &Servers, run: &str, keys: &str) -> String {
    let mut config = format!("[run]\ntimeout = \"60s\"\nmax_in_flight = 20\n{run}\n");
    for (kind, server) in servers {
        config.push_str(&kind.config(&kind.name(), &server.uri()));
        config.push_str(keys);
    }
    config
}

impl Survey {
    /// Nobody gave an answer, each reading says why in some of these words, and memory stayed small.
    #[track_caller]
    pub(super) fn assert_all_failed(&self, words: &[&str]) {
        self.ended.assert_incomplete();
        for (kind, _) in &self.servers {
            self.ended.assert_not_read(&kind.name(), words);
        }
        self.ended.assert_memory();
    }

    /// All answered that there is nothing.
    #[track_caller]
    pub(super) fn assert_all_read(&self) {
        let ended = &self.ended;
        for (kind, _) in &self.servers {
            let (state, reason) = ended.reading(&kind.name());
            assert_eq!(state, "read", "{}: {reason}", kind.name());
        }
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.json["status"], "success");
    }

    /// Each server got so many questions.
    #[track_caller]
    pub(super) fn assert_asked(&self, times: usize) {
        for (kind, server) in &self.servers {
            assert_eq!(server.count(), times, "{}", kind.name());
        }
    }
}
