//! What cannot be read is said with its place and a remedy.

use std::fs;
use std::path::Path;

use llmux::change::{self, Error, Settings, Source};

use super::support::{Repo, everything};

fn fail(dir: &Path, source: &Source) -> Error {
    change::read(dir, source, &everything()).expect_err("no such change")
}

fn range(range: &str) -> Source {
    Source::Range(Some(range.to_owned()))
}

fn two_commits() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "one\n");
    repo.commit("one");
    repo.write("a.txt", "two\n");
    repo.commit("two");
    repo
}

fn assert_usage(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert!(!text.contains('\n'), "one line: {text}");
    assert!(error.is_usage(), "{text}");
}

#[test]
fn outside_of_a_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = fail(folder.path(), &Source::Staged);
    let place = folder.path().display().to_string();
    assert_usage(&error, &[&place, "not in a git repository", "--patch"]);
}

#[test]
fn unknown_revisions_are_named_with_those_that_look_like_them() {
    let repo = two_commits();
    repo.git(["branch", "feature/login"]);
    let error = fail(&repo.dir, &range("feature/logni..HEAD"));
    assert_usage(&error, &["`feature/logni`", "did you mean `feature/login`"]);
    let error = fail(&repo.dir, &range("HEAD~7"));
    assert_usage(&error, &["`HEAD~7`", "git branch -a"]);
}

#[test]
fn a_file_is_no_commit() {
    let repo = two_commits();
    let error = fail(&repo.dir, &range("HEAD:a.txt...HEAD"));
    assert_usage(&error, &["`HEAD:a.txt`", "blob"]);
}

#[test]
fn unrelated_histories_have_no_merge_base() {
    let repo = two_commits();
    repo.git(["checkout", "-q", "--orphan", "other"]);
    repo.commit("alone");
    let error = fail(&repo.dir, &range("main...HEAD"));
    assert_usage(&error, &["`main`", "`HEAD`", "A..B"]);
    repo.assert_like_git(&range("main..HEAD"), &["main", "HEAD"]);
}

fn shallow_clone(repo: &Repo, depth: &str) -> std::path::PathBuf {
    let url = format!("file://{}", repo.dir.display());
    repo.git([
        "clone",
        "-q",
        "--depth",
        depth,
        "--no-single-branch",
        &url,
        "../shallow",
    ]);
    repo.beside("shallow")
}

#[test]
fn shallow_clones_ask_for_the_whole_history() {
    let repo = two_commits();
    repo.git(["branch", "topic", "HEAD~1"]);
    repo.git(["checkout", "-q", "topic"]);
    repo.write("b.txt", "topic\n");
    repo.commit("three");
    let shallow = shallow_clone(&repo, "1");
    // Both tips are there, what they have in common is not.
    for wanted in ["origin/main...origin/topic", "origin/main", "HEAD~1"] {
        let error = fail(&shallow, &range(wanted));
        assert_usage(&error, &["shallow", "fetch-depth: 0"]);
    }
    let error = fail(&shallow, &Source::Range(None));
    assert_usage(&error, &["shallow", "fetch-depth: 0"]);
    let change = change::read(&shallow, &range("origin/main..origin/topic"), &everything());
    assert_eq!(change.expect("two trees are enough").files.len(), 2);
}

#[test]
fn a_shallow_head_is_no_first_commit() {
    let repo = two_commits();
    let shallow = shallow_clone(&repo, "1");
    let error = fail(&shallow, &Source::Range(None));
    assert_usage(&error, &["parent of HEAD", "fetch-depth: 0"]);
}

#[test]
fn a_shallow_clone_that_is_deep_enough_is_read() {
    let repo = two_commits();
    let shallow = shallow_clone(&repo, "2");
    let change = change::read(&shallow, &Source::Range(None), &everything());
    assert_eq!(change.expect("a change").files.len(), 1);
}

#[test]
fn blobs_that_a_partial_clone_left_behind_are_named() {
    let repo = two_commits();
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.dir.display());
    repo.git([
        "clone",
        "-q",
        "--bare",
        "--filter=blob:none",
        &url,
        "../partial",
    ]);
    let error = fail(&repo.beside("partial"), &range("HEAD~1..HEAD"));
    let text = error.to_string();
    assert!(matches!(error, Error::MissingObject { .. }), "{text}");
    assert!(
        text.contains("a.txt") && text.contains("partial clone"),
        "{text}"
    );
    assert!(!error.is_usage());
}

#[test]
fn a_broken_index_is_named() {
    let repo = two_commits();
    fs::write(repo.path(".git/index"), "no index").expect("a file");
    for source in [Source::Staged, Source::Worktree] {
        let error = fail(&repo.dir, &source);
        assert!(matches!(error, Error::Index { .. }), "{error}");
        assert!(error.to_string().contains(".git/index"), "{error}");
    }
}

#[test]
fn a_glob_that_is_none_is_named() {
    let repo = two_commits();
    let settings = Settings {
        exclude: vec!["*.rs".to_owned(), "[".to_owned()],
        ..everything()
    };
    let error = change::read(&repo.dir, &Source::Staged, &settings).expect_err("no glob");
    assert_usage(&error, &["`[`", "change.exclude"]);
}

#[test]
fn a_missing_patch_is_named() {
    let repo = two_commits();
    let error = fail(&repo.dir, &Source::Patch("missing.patch".into()));
    assert_usage(&error, &["missing.patch"]);
    let error = fail(&repo.dir, &Source::Patch(".".into()));
    assert_usage(&error, &["cannot read"]);
}
