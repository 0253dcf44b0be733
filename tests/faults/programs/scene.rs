//! A place where nothing may be left: a mark that every process of a test inherits, and a
//! folder for everything temporary.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::Repo;

/// The variable that carries the mark.
pub(super) const MARK: &str = "LLMUX_TEST_MARK";
/// How long what was killed may take to be gone on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer that finds nothing.
pub(super) const NOTHING: &str = "echo '{\"findings\": []}'";

pub(super) struct Scene {
    pub(super) repo: Repo,
    tmp: TempDir,
    mark: String,
}

impl Scene {
    /// A change and one backend, `bad`, that is this shell script.
    pub(super) fn new(script: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let repo = Repo::new();
        repo.write("a.py", "x = 1\n");
        repo.commit("before");
        repo.write("a.py", "x = 2\n");
        repo.commit("after");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let scene = Self {
            repo,
            tmp: TempDir::new().unwrap(),
            mark: format!("{}-{count}", std::process::id()),
        };
        fs::write(scene.script(), script).unwrap();
        scene.configure("timeout = \"2s\"\n");
        scene
    }

    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    fn script(&self) -> PathBuf {
        self.repo.outside("program.sh")
    }

    /// The backend, with more keys.
    pub(super) fn configure(&self, keys: &str) {
        self.repo.config(&format!(
            "[backends.bad]\ncommand = \"sh\"\nargs = [\"{}\"]\nenv = [\"{MARK}\"]\nretries = 0\n{keys}",
            self.script().display()
        ));
    }

    /// A review by the backend, not yet started.
    pub(super) fn review(&self) -> Command {
        let mut review = self.repo.llmux_process(&[
            "diff",
            "HEAD~1",
            "--format",
            "json",
            "--quiet",
            "--backend",
            "bad",
        ]);
        review
            .env(MARK, &self.mark)
            .env("TMPDIR", self.tmp.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        review
    }

    /// A review from start to end, and what it left.
    pub(super) fn run(&self) -> Seen {
        let started = Instant::now();
        let child = self.review().spawn().unwrap();
        let seen = Seen::of(child, started);
        self.assert_nothing_left();
        seen
    }

    /// Processes that carry the mark, or run in the folder for temporary things; zombies
    /// carry nothing.
    pub(super) fn processes(&self) -> Vec<String> {
        let mark = format!("{MARK}={}\0", self.mark);
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let processes = entries.map(|entry| entry.path()).filter(|process| {
            let has_mark = fs::read(process.join("environ"))
                .is_ok_and(|text| contains(&text, mark.as_bytes()));
            let is_inside = fs::read_link(process.join("cwd"))
                .is_ok_and(|folder| folder.starts_with(self.tmp.path()));
            has_mark || is_inside
        });
        processes
            .map(|process| {
                let words = fs::read(process.join("cmdline")).unwrap_or_default();
                let words = String::from_utf8_lossy(&words).replace('\0', " ");
                format!("{} {words}", process.display())
            })
            .collect()
    }

    /// Names in the folder for temporary things.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.tmp.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    pub(super) fn assert_nothing_left(&self) {
        let end = Instant::now() + PATIENCE;
        loop {
            let (processes, files) = (self.processes(), self.files());
            if processes.is_empty() && files.is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "left: {processes:#?}, {files:#?} in {}",
                self.tmp.path().display()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the script has made that file beside the repository.
    pub(super) fn wait_for(&self, name: &str) -> String {
        let file = self.repo.outside(name);
        let end = Instant::now() + PATIENCE;
        loop {
            match fs::read_to_string(&file) {
                Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
                _ => assert!(Instant::now() < end, "the script did not make {name}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Where the script can write what [`Self::wait_for`] waits for.
    pub(super) fn outside(&self, name: &str) -> PathBuf {
        self.repo.outside(name)
    }

    /// The script once more, when it needs to know a path of the scene.
    pub(super) fn rewrite(&self, script: &str) {
        let mut file = fs::File::create(self.script()).unwrap();
        file.write_all(script.as_bytes()).unwrap();
    }
}

/// What came of a review.
pub(super) struct Seen {
    pub(super) code: Option<i32>,
    pub(super) json: Value,
    pub(super) stderr: String,
    /// The most memory that llmux itself had, in KiB.
    pub(super) peak: u64,
    pub(super) took: Duration,
}

impl Seen {
    /// Waits for its end.
    pub(super) fn of(mut child: Child, started: Instant) -> Self {
        let stdout = drain(child.stdout.take().unwrap());
        let stderr = drain(child.stderr.take().unwrap());
        let status = PathBuf::from(format!("/proc/{}/status", child.id()));
        let mut peak = 0;
        let code = loop {
            peak = peak.max(high_water(&status));
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if started.elapsed() > Duration::from_mins(2) {
                child.kill().unwrap();
                panic!("llmux does not end");
            }
            thread::sleep(Duration::from_millis(5));
        };
        let stdout = stdout.join().unwrap();
        Self {
            code,
            json: serde_json::from_str(&stdout).unwrap_or_default(),
            stderr: stderr.join().unwrap(),
            peak,
            took: started.elapsed(),
        }
    }

    /// The run is incomplete, and the report says why the file was not read.
    #[track_caller]
    pub(super) fn assert_unread(&self, state: &str, words: &str) {
        let told = format!("{:#}\n{}", self.json, self.stderr);
        assert_eq!(self.code, Some(3), "{told}");
        assert_eq!(self.json["verdict"], "incomplete", "{told}");
        let reading = &self.json["coverage"][0]["readings"][0];
        assert_eq!(reading["backend"], "bad", "{told}");
        assert_eq!(reading["state"], state, "{told}");
        let reason = reading["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(words), "no {words:?} in {reason:?}");
    }

    /// The answer counts.
    #[track_caller]
    pub(super) fn assert_read(&self) {
        let told = format!("{:#}\n{}", self.json, self.stderr);
        assert_eq!(self.code, Some(0), "{told}");
        assert_eq!(self.json["verdict"], "pass", "{told}");
        assert_eq!(
            self.json["coverage"][0]["readings"][0]["state"], "read",
            "{told}"
        );
    }
}

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn high_water(status: &Path) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
