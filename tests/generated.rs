//! Files that the binary writes about itself are the ones that are committed.
//!
//! `LLMUX_BLESS=1 cargo test --locked generated` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Repo;

/// Where each committed file comes from.
const FILES: [(&str, &[&str]); 8] = [
    ("dist/completions/llmux.bash", &["completions", "bash"]),
    ("dist/completions/_llmux", &["completions", "zsh"]),
    ("dist/completions/llmux.fish", &["completions", "fish"]),
    (
        "dist/completions/_llmux.ps1",
        &["completions", "powershell"],
    ),
    ("dist/completions/llmux.elv", &["completions", "elvish"]),
    ("dist/llmux.schema.json", &["config", "schema"]),
    ("docs/config.md", &["config", "reference"]),
    ("docs/cli.md", &["man", "--markdown"]),
];

const BLESS: &str = "LLMUX_BLESS=1 cargo test --locked generated writes it anew";

fn committed(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn is_blessing() -> bool {
    std::env::var_os("LLMUX_BLESS").is_some()
}

/// What the binary prints; in a terminal of another width it must be the same.
fn printed(args: &[&str]) -> Vec<u8> {
    let repo = Repo::new();
    let output = repo.llmux(args).env("COLUMNS", "40").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    assert!(output.stderr.is_empty(), "{args:?}");
    output.stdout
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    entries.map(|entry| name(entry.unwrap())).collect()
}

fn same(path: &Path, made: &[u8]) {
    let there = fs::read(path).unwrap_or_default();
    assert!(there == made, "{} is out of date: {BLESS}", path.display());
}

#[test]
fn generated_files_are_up_to_date() {
    for (path, args) in FILES {
        let (path, made) = (committed(path), printed(args));
        if is_blessing() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        same(&path, &made);
    }
    let completions = FILES.iter().filter(|(_, args)| args[0] == "completions");
    let wanted: BTreeSet<_> = completions
        .map(|(path, _)| path.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(names(&committed("dist/completions")), wanted);
}

#[test]
fn generated_manual_pages_are_up_to_date() {
    let repo = Repo::new();
    let made = repo.outside("man");
    let made = made.to_str().unwrap();
    repo.llmux(&["man", "--out", made]).assert().success();
    let (dir, made) = (committed("dist/man"), Path::new(made));
    if is_blessing() {
        // Pages of commands that are gone go too.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        for name in names(made) {
            fs::copy(made.join(&name), dir.join(&name)).unwrap();
        }
    }
    assert_eq!(names(&dir), names(made), "{BLESS}");
    for name in names(made) {
        same(&dir.join(&name), &fs::read(made.join(&name)).unwrap());
    }
    same(&dir.join("llmux.1"), &printed(&["man"]));
}

/// Each command that `--help` lists has a page, a section in the reference and completions.
#[test]
fn generated_files_know_every_command() {
    let help = String::from_utf8(printed(&["--help"])).unwrap();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    // Descriptions are folded at this width, and go on further to the right.
    let commands: Vec<_> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 12, "{commands:?}");
    let reference = String::from_utf8(printed(&["man", "--markdown"])).unwrap();
    let pages = String::from_utf8(printed(&["man"])).unwrap();
    for command in commands {
        let section = format!("\n## llmux {command}\n");
        assert!(reference.contains(&section), "{command}");
        assert!(
            pages.contains(&format!("llmux\\-{command}(1)")),
            "{command}"
        );
        for (_, args) in FILES.iter().filter(|(_, args)| args[0] == "completions") {
            let script = String::from_utf8(printed(args)).unwrap();
            assert!(script.contains(command), "{args:?}: {command}");
        }
    }
}

#[test]
fn pages_that_cannot_be_written_are_an_error() {
    let repo = Repo::new();
    repo.write("taken", "");
    let output = repo.llmux(&["man", "--out", "taken"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("taken cannot be written"), "{said}");
}
