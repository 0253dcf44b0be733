//! Real code: two versions of a crate, committed after each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use llmux::change::Source;

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

#[test]
fn two_versions_of_a_crate_differ_as_git_says() {
    let crates = several_versions();
    assert!(
        !crates.is_empty(),
        "no crate is in Cargo.lock in two versions: name two folders with real code here"
    );
    let mut files = 0;
    for (name, versions) in crates {
        let repo = Repo::new();
        for folder in &versions {
            if repo.path("crate").exists() {
                fs::remove_dir_all(repo.path("crate")).expect("an old version");
            }
            copy(folder, &repo.path("crate"));
            repo.commit(&folder.display().to_string());
        }
        for back in 1..versions.len() {
            let (old, new) = (format!("HEAD~{back}"), format!("HEAD~{}", back - 1));
            let range = Source::Range(Some(format!("{old}..{new}")));
            files += repo.assert_like_git(&range, &[&old, &new]).files.len();
        }
        assert!(repo.path("crate").exists(), "{name}");
    }
    assert!(files >= 20, "{files} changed files are no test of anything");
}
