//! Reading a change, beside the `git diff` process on the same range.
//!
//! `cargo bench --bench change` prints criterion's figures and then, for each
//! repository, the ratio of both medians, taken alternately in one run.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench is a program of its own: it stops where something fails and says what it found"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use llmux::change::{self, Settings, Source};
use tempfile::TempDir;

/// Alternations for a ratio.
const ROUNDS: usize = 21;

fn main() {
    let scenes = [
        Scene::edits("1500 files edited", 1500),
        Scene::moves("3000 files moved and edited", 3000),
        Scene::lines("100000 lines changed in 200 files", 200, 500),
        Scene::nothing_staged("nothing staged of 5000 files", 5000),
    ];
    let mut criterion = Criterion::default()
        .sample_size(20)
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    for scene in &scenes {
        let mut group = criterion.benchmark_group(scene.name);
        group.bench_function("llmux::change::read", |bench| bench.iter(|| scene.read()));
        group.bench_function("git diff", |bench| bench.iter(|| scene.git()));
        group.finish();
    }
    criterion.final_summary();
    for scene in &scenes {
        scene.print_ratio();
    }
}

/// A repository and what is read in it.
struct Scene {
    name: &'static str,
    dir: PathBuf,
    source: Source,
    args: &'static [&'static str],
    _keep: TempDir,
}

impl Scene {
    fn start(name: &'static str) -> Self {
        let keep = tempfile::tempdir().expect("a temporary folder");
        let dir = keep.path().to_owned();
        let scene = Self {
            name,
            dir,
            source: Source::Range(Some("HEAD~1..HEAD".to_owned())),
            args: &["-U3", "-M", "HEAD~1", "HEAD"],
            _keep: keep,
        };
        run(scene.command(&["init", "-q", "-b", "main"]));
        scene
    }

    /// Each file is changed in a few places.
    fn edits(name: &'static str, files: usize) -> Self {
        let scene = Self::start(name);
        scene.fill(files, |file| source_file(file, None));
        scene.commit();
        scene.fill(files, |file| source_file(file, Some(file)));
        scene.pack()
    }

    /// Each file has a new folder, name and a few new lines.
    fn moves(name: &'static str, files: usize) -> Self {
        let scene = Self::start(name);
        scene.fill(files, |file| source_file(file, None));
        scene.commit();
        fs::remove_dir_all(scene.dir.join("src")).expect("the files");
        for file in 0..files {
            let text = source_file(file, Some(file + 1));
            write(
                &scene.dir.join(format!("lib/{}/file{file}.rs", file % 60)),
                &text,
            );
        }
        scene.pack()
    }

    /// Many lines are replaced.
    fn lines(name: &'static str, files: usize, lines: usize) -> Self {
        let scene = Self::start(name);
        let text = |word: &'static str| {
            move |file: usize| {
                let lines =
                    (0..lines).map(|line| format!("    {word}_{file}({line}, \"text\");\n"));
                lines.collect::<Vec<_>>().concat()
            }
        };
        scene.fill(files, text("before"));
        scene.commit();
        scene.fill(files, text("after"));
        scene.pack()
    }

    /// The index is HEAD.
    fn nothing_staged(name: &'static str, files: usize) -> Self {
        let scene = Self::start(name);
        scene.fill(files, |file| source_file(file, None));
        Self {
            source: Source::Staged,
            args: &["--cached", "--quiet"],
            ..scene.pack()
        }
    }

    fn fill(&self, files: usize, text: impl Fn(usize) -> String) {
        for file in 0..files {
            let path = format!("src/{}/{}/file{file}.rs", file % 20, file % 7);
            write(&self.dir.join(path), &text(file));
        }
    }

    fn commit(&self) {
        run(self.command(&["add", "-A"]));
        run(self.command(&["commit", "-q", "-m", "state"]));
    }

    /// Commits, and packs as a clone would have it.
    fn pack(self) -> Self {
        self.commit();
        run(self.command(&["gc", "-q"]));
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(args)
            .current_dir(&self.dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        git
    }

    fn git(&self) {
        run(self.command(&[&["diff", "--no-color", "--no-ext-diff"], self.args].concat()));
    }

    fn read(&self) -> change::Change {
        let settings = Settings {
            include: Vec::new(),
            exclude: Vec::new(),
            max_file_size: 1 << 20,
            generated: false,
            lock_files: false,
            vendored: false,
            minified: false,
        };
        change::read(&self.dir, &self.source, &settings).expect("a change")
    }

    fn print_ratio(&self) {
        let (mut ours, mut gits) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(time(|| drop(self.read())));
            gits.push(time(|| self.git()));
        }
        let change = self.read();
        let (ours, gits) = (median(ours), median(gits));
        println!(
            "{}: {} files, {} left out: llmux {ours:.1?}, git {gits:.1?}, ratio {:.2}",
            self.name,
            change.files.len(),
            change.left_out.len(),
            ours.as_secs_f64() / gits.as_secs_f64(),
        );
    }
}

/// Some 150 lines that look like code; `edit` changes a few of them.
fn source_file(file: usize, edit: Option<usize>) -> String {
    let lines = (0..150).map(|line| match line % 10 {
        0 => format!(
            "fn function_{}_{line}(argument: usize) -> usize {{\n",
            file * 7 % 31
        ),
        8 => "}\n".to_owned(),
        9 => "\n".to_owned(),
        _ if edit.is_some_and(|edit| (line + edit) % 47 == 3) => {
            format!("    let edited_{line} = argument * {file};\n")
        }
        _ => format!("    let value_{line} = argument + {};\n", file * 13 + line),
    });
    lines.collect::<Vec<_>>().concat()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn run(mut command: Command) {
    let status = command.status().expect("git runs");
    assert!(status.success(), "{command:?}");
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
