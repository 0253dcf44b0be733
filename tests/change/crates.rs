//! Real code: two versions of a crate, committed after each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bstr::ByteSlice as _;
use llmux::change::Source;
use llmux::{config, context};

use super::support::Repo;

/// Folders of those crates that this build has in several versions, oldest first.
///
/// Whoever runs the tests has their sources: cargo built with them.
fn several_versions() -> BTreeMap<String, Vec<PathBuf>> {
    let rustc = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let said = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(["--filter-platform", host.expect("rustc names its host")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        metadata.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let mut crates: BTreeMap<String, Vec<(Vec<u64>, PathBuf)>> = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let text = |key: &str| package[key].as_str().expect("a text").to_owned();
        let numbers = text("version");
        let numbers = numbers
            .split(['.', '-', '+'])
            .map_while(|it| it.parse().ok());
        let folder = Path::new(&text("manifest_path"))
            .parent()
            .expect("a folder")
            .to_owned();
        crates
            .entry(text("name"))
            .or_default()
            .push((numbers.collect(), folder));
    }
    crates.retain(|_, versions| versions.len() > 1);
    crates
        .into_iter()
        .map(|(name, mut versions)| {
            versions.sort();
            (
                name,
                versions.into_iter().map(|(_, folder)| folder).collect(),
            )
        })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the sources of a crate") {
        let entry = entry.expect("an entry");
        let (kind, target) = (
            entry.file_type().expect("a type"),
            to.join(entry.file_name()),
        );
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A repository for each crate, its versions committed after each other, with the pairs of
/// neighbouring revisions.
fn histories() -> Vec<(Repo, Vec<(String, String)>)> {
    let crates = several_versions();
    assert!(
        !crates.is_empty(),
        "no crate is in Cargo.lock in two versions: name two folders with real code here"
    );
    let commit = |versions: Vec<PathBuf>| {
        let repo = Repo::new();
        for folder in &versions {
            if repo.path("crate").exists() {
                fs::remove_dir_all(repo.path("crate")).expect("an old version");
            }
            copy(folder, &repo.path("crate"));
            repo.commit(&folder.display().to_string());
        }
        let pairs = (1..versions.len())
            .map(|back| (format!("HEAD~{back}"), format!("HEAD~{}", back - 1)))
            .collect();
        (repo, pairs)
    };
    crates.into_values().map(commit).collect()
}

#[test]
fn two_versions_of_a_crate_differ_as_git_says() {
    let mut files = 0;
    for (repo, pairs) in histories() {
        for (old, new) in pairs {
            let range = Source::Range(Some(format!("{old}..{new}")));
            files += repo.assert_like_git(&range, &[&old, &new]).files.len();
        }
    }
    assert!(files >= 20, "{files} changed files are no test of anything");
}

/// What models read costs no more than 1.15 times what `git diff` prints, with the shipped
/// settings and everything that is shown around the hunks.
#[test]
fn packets_of_real_code_cost_little_more_than_the_diff() {
    let defaults = config::load(&config::Inputs::default()).expect("the defaults load");
    let (mut rendered, mut plain) = (0, 0);
    for (repo, pairs) in histories() {
        for (old, new) in pairs {
            let change = repo.read(&Source::Range(Some(format!("{old}..{new}"))));
            let packets = context::pack(&change, &defaults.settings.packets, 100_000);
            rendered += packets.iter().map(|packet| packet.tokens).sum::<usize>();
            let mut args = vec!["diff", "-U3", "-M", &old, &new, "--"];
            let paths: Vec<_> = change
                .files
                .iter()
                .map(|file| file.path.to_string())
                .collect();
            args.extend(paths.iter().map(String::as_str));
            plain += context::tokens(&repo.git(&args).to_str_lossy());
        }
    }
    assert!(plain > 100_000, "{plain} tokens are no measure of anything");
    assert!(
        rendered * 100 < plain * 115,
        "{rendered} tokens rendered, {plain} in the diff"
    );
}
