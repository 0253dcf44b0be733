//! Ranges, the index and the work tree in every state that git leaves them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bstr::ByteSlice as _;
use llmux::change::{self, Change, Error, Reason, Source};

use super::support::{Repo, assert_same, everything, git_in};

fn paths(change: &Change) -> Vec<String> {
    change.files.iter().map(|it| it.path.to_string()).collect()
}

fn range(range: &str) -> Source {
    Source::Range(Some(range.to_owned()))
}

/// `main` with two commits, `topic` with two of its own from the first.
fn forked() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "a\n");
    repo.commit("one");
    repo.git(["branch", "topic"]);
    repo.write("main.txt", "main\n");
    repo.commit("two");
    repo.git(["checkout", "-q", "topic"]);
    repo.write("topic.txt", "topic\n");
    repo.commit("three");
    repo.write("topic2.txt", "topic\n");
    repo.commit("four");
    repo
}

#[test]
fn ranges_mean_what_git_means() {
    let repo = forked();
    for (source, args) in [
        ("main..topic", vec!["main", "topic"]),
        ("main...topic", vec!["main...topic"]),
        ("main", vec!["main...HEAD"]),
        ("main..", vec!["main", "HEAD"]),
        ("..main", vec!["HEAD", "main"]),
        ("main...", vec!["main...HEAD"]),
        ("HEAD~1", vec!["HEAD~1", "HEAD"]),
        ("HEAD..HEAD", vec!["HEAD", "HEAD"]),
        ("HEAD^{tree}..main^{tree}", vec!["HEAD", "main"]),
    ] {
        let change = repo.assert_like_git(&range(source), &args);
        assert!(change.title.contains(source), "{}", change.title);
    }
    let change = repo.range("main");
    assert_eq!(change.base, Some(repo.id("main~1")));
    assert_eq!(change.head, Some(repo.id("topic")));
    assert_eq!(paths(&change), ["topic.txt", "topic2.txt"]);
}

#[test]
fn tags_are_followed() {
    let repo = forked();
    repo.git(["tag", "-a", "-m", "annotated", "v1", "main"]);
    repo.git(["tag", "-a", "-m", "of a tag", "v2", "v1"]);
    repo.assert_like_git(&range("v2..HEAD"), &["v2", "HEAD"]);
    repo.assert_like_git(&range("v2...HEAD"), &["v2...HEAD"]);
}

#[test]
fn the_default_is_what_head_adds_to_the_default_branch() {
    let repo = forked();
    let change = repo.read(&Source::Range(None));
    assert_eq!(change.title, "main...HEAD");
    assert_eq!(paths(&change), ["topic.txt", "topic2.txt"]);

    // The remote's idea of it wins over the local branch.
    repo.git(["update-ref", "refs/remotes/origin/trunk", "topic~1"]);
    let head = "refs/remotes/origin/HEAD";
    repo.git(["symbolic-ref", head, "refs/remotes/origin/trunk"]);
    let change = repo.read(&Source::Range(None));
    assert_eq!(change.title, "origin/trunk...HEAD");
    assert_eq!(paths(&change), ["topic2.txt"]);
    repo.git(["symbolic-ref", "-d", head]);
    repo.git(["update-ref", "refs/remotes/origin/main", "topic~1"]);
    assert_eq!(repo.read(&Source::Range(None)).title, "origin/main...HEAD");
}

#[test]
fn the_default_on_the_default_branch_is_the_last_commit() {
    let repo = forked();
    repo.git(["checkout", "-q", "main"]);
    let change = repo.read(&Source::Range(None));
    assert_eq!(change.title, "HEAD~1..HEAD");
    assert_eq!(paths(&change), ["main.txt"]);
    // As after a push: the remote has it already.
    repo.git(["update-ref", "refs/remotes/origin/main", "main"]);
    assert_eq!(paths(&repo.read(&Source::Range(None))), ["main.txt"]);
}

#[test]
fn the_first_commit_is_compared_with_nothing() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n");
    repo.commit("one");
    let change = repo.read(&Source::Range(None));
    assert_eq!(change.base, None);
    assert_eq!(change.head, Some(repo.id("HEAD")));
    let empty = repo.git(["hash-object", "-t", "tree", "/dev/null"]);
    let empty = empty.trim().to_str().expect("an id");
    assert_same(&change, &repo.expected(&[empty, "HEAD"]));
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let repo = Repo::new();
    assert_eq!(paths(&repo.read(&Source::Staged)), [""; 0]);
    repo.write("a.txt", "a\n");
    repo.git(["add", "."]);
    repo.assert_like_git(&Source::Staged, &["--cached"]);
    let error = change::read(&repo.dir, &Source::Range(None), &everything());
    let error = error.expect_err("no commit");
    assert!(matches!(error, Error::NoCommit { .. }) && error.is_usage());
}

#[test]
fn merge_commits_have_what_they_brought() {
    let repo = forked();
    repo.git(["merge", "-q", "-m", "merge", "main"]);
    let change = repo.assert_like_git(&range("HEAD~1..HEAD"), &["HEAD~1", "HEAD"]);
    assert_eq!(paths(&change), ["main.txt"]);
    repo.assert_like_git(&range("HEAD^2..HEAD"), &["HEAD^2", "HEAD"]);
}

#[test]
fn subfolders_read_the_whole_change() {
    let repo = forked();
    repo.write("sub/folder/a.txt", "a\n");
    repo.git(["add", "."]);
    let dir = repo.path("sub/folder");
    let change = change::read(&dir, &Source::Staged, &everything()).expect("a change");
    assert_eq!(paths(&change), ["sub/folder/a.txt"]);
    assert_eq!(change.root, Some(repo.dir.clone()));
    assert_eq!(change::work_root(&dir), Some(repo.dir.clone()));
    assert_eq!(change::work_root(Path::new("/")), None);
}

#[test]
fn linked_work_trees_have_their_own_head_and_index() {
    let repo = forked();
    let linked = repo.beside("linked");
    repo.git(["worktree", "add", "-q", "--detach", "../linked", "main"]);
    fs::write(linked.join("staged.txt"), "staged\n").expect("a file");
    let added = git_in(&linked).args(["add", "."]).status().expect("git");
    assert!(added.success());
    let read = |source| change::read(&linked, &source, &everything()).expect("a change");
    assert_eq!(paths(&read(Source::Staged)), ["staged.txt"]);
    assert_eq!(paths(&read(range("HEAD~1..HEAD"))), ["main.txt"]);
    assert_eq!(read(Source::Staged).root, Some(linked.clone()));
    fs::write(linked.join("a.txt"), "changed\n").expect("a file");
    assert_eq!(paths(&read(Source::Worktree)), ["a.txt"]);
}

#[test]
fn sparse_checkouts_delete_nothing() {
    for cone in [
        ["--cone", "--no-sparse-index"],
        ["--cone", "--sparse-index"],
    ] {
        let repo = Repo::new();
        for name in ["in/a.txt", "out/b.txt", "out/deep/c.txt", "top.txt"] {
            repo.write(name, "text\n");
        }
        repo.commit("one");
        repo.write("out/b.txt", "changed\n");
        repo.commit("two");
        repo.git(["sparse-checkout", "set", cone[0], cone[1], "in"]);
        assert!(!repo.path("out").exists());
        assert_eq!(paths(&repo.read(&Source::Worktree)), [""; 0]);
        assert_eq!(paths(&repo.read(&Source::Staged)), [""; 0]);
        // HEAD moves, the sparse folder of the index stays.
        repo.git(["reset", "-q", "--soft", "HEAD~1"]);
        let change = repo.assert_like_git(&Source::Staged, &["--cached"]);
        assert_eq!(paths(&change), ["out/b.txt"]);
        repo.write("in/a.txt", "changed\n");
        repo.assert_like_git(&Source::Worktree, &[]);
    }
}

#[test]
fn replaced_objects_are_read_as_git_reads_them() {
    let repo = forked();
    repo.write("a.txt", "one\n");
    repo.commit("five");
    repo.write("other.txt", "replaced\n");
    let blob = repo.git(["hash-object", "-w", "other.txt"]);
    repo.remove("other.txt");
    let blob = blob.trim().to_str().expect("an id");
    repo.git(["replace", &repo.id("HEAD:a.txt"), blob]);
    let change = repo.assert_like_git(&range("HEAD~1..HEAD"), &["HEAD~1", "HEAD"]);
    assert_eq!(change.files[0].new.line(1), Some("replaced"));
    // A commit that stands for another.
    repo.git(["replace", &repo.id("HEAD"), &repo.id("main")]);
    repo.assert_like_git(&range("HEAD~1..HEAD"), &["HEAD~1", "HEAD"]);
}

#[test]
fn packed_repositories_are_read() {
    let repo = forked();
    repo.git(["gc", "-q"]);
    repo.git(["pack-refs", "--all"]);
    repo.git(["commit-graph", "write"]);
    repo.assert_like_git(&range("main...topic"), &["main...topic"]);
}

#[test]
fn bare_repositories_have_ranges_and_no_work_tree() {
    let repo = forked();
    repo.git(["clone", "-q", "--bare", ".", "../bare"]);
    let bare = repo.beside("bare");
    let read = |source| change::read(&bare, &source, &everything());
    let change = read(range("main...topic")).expect("a change");
    assert_same(&change, &repo.expected(&["main...topic"]));
    assert_eq!(change.root, None);
    let error = read(Source::Worktree).expect_err("no work tree");
    assert!(error.is_usage(), "{error}");
}

#[test]
fn intent_to_add_stages_nothing_and_shows_in_the_work_tree() {
    let repo = forked();
    repo.write("promised.txt", "promised\n");
    repo.git(["add", "-N", "promised.txt"]);
    let change = repo.assert_like_git(&Source::Staged, &["--cached"]);
    assert_eq!(paths(&change), [""; 0]);
    let change = repo.assert_like_git(&Source::Worktree, &[]);
    assert_eq!(paths(&change), ["promised.txt"]);
}

#[test]
fn conflicts_are_named_and_their_markers_seen() {
    let repo = forked();
    repo.write("a.txt", "topic\n");
    repo.commit("topic");
    repo.git(["checkout", "-q", "main"]);
    repo.write("a.txt", "main\n");
    repo.commit("main");
    let merged = repo.try_git(["merge", "-q", "topic"]);
    assert!(!merged.status.success(), "a conflict");
    let staged = repo.read(&Source::Staged);
    assert_eq!(paths(&staged), ["topic.txt", "topic2.txt"]);
    assert_eq!(staged.left_out.len(), 1);
    assert_eq!(staged.left_out[0].path.to_string(), "a.txt");
    assert_eq!(staged.left_out[0].reason, Reason::Unmerged);
    let disk = repo.read(&Source::Worktree);
    assert_same(&disk, &repo.expected(&["--ours"]));
    let lines = &disk.files[0].hunks[0].lines;
    assert!(lines.iter().any(|line| line.text.starts_with(b"<<<<<<<")));
}

#[test]
fn line_ends_are_compared_as_git_would_store_them() {
    let repo = Repo::new();
    repo.git(["config", "core.autocrlf", "true"]);
    repo.write("a.txt", "one\r\ntwo\r\nthree\r\n");
    repo.commit("one");
    repo.write("a.txt", "one\r\nzwei\r\nthree\r\n");
    repo.assert_like_git(&Source::Worktree, &[]);
    // Touched, and the same as before.
    repo.write("a.txt", "one\ntwo\nthree\n");
    let change = repo.read(&Source::Worktree);
    assert_eq!(paths(&change), [""; 0]);
}

#[test]
fn clean_files_are_not_read() {
    let repo = forked();
    repo.git(["update-index", "--refresh"]);
    let index = fs::metadata(repo.path(".git/index")).expect("an index");
    let written = index.modified().expect("a time");
    // An index that is younger than all files: their stat data decide alone.
    let later = written + std::time::Duration::from_secs(10);
    let file = fs::File::options()
        .append(true)
        .open(repo.path(".git/index"));
    file.expect("an index").set_modified(later).expect("a time");
    // Of the same size and time, with other content: only who reads it would know.
    let path = repo.path("a.txt");
    let before = fs::metadata(&path)
        .expect("a file")
        .modified()
        .expect("a time");
    fs::write(&path, "b\n").expect("a file");
    let file = fs::File::options()
        .append(true)
        .open(&path)
        .expect("a file");
    file.set_modified(before).expect("a time");
    repo.git(["config", "core.trustctime", "false"]);
    assert_eq!(paths(&repo.read(&Source::Worktree)), [""; 0]);
}

/// A real hook, which runs this very test again: the environment that git sets
/// belongs to a whole process.
#[test]
fn hooks_read_the_index_that_git_names() {
    const CHILD: &str = "LLMUX_TEST_IN_HOOK";
    if std::env::var_os(CHILD).is_some() {
        let change = change::read(Path::new("."), &Source::Staged, &everything());
        assert_eq!(paths(&change.expect("a change")), ["partial.txt"]);
        return;
    }
    let repo = forked();
    repo.git(["worktree", "add", "-q", "--detach", "../linked", "main"]);
    let this = std::env::current_exe().expect("this program");
    let test = "change::sources::hooks_read_the_index_that_git_names";
    let hook = format!(
        "#!/bin/sh\nexec '{}' --exact {test} --nocapture\n",
        this.display()
    );
    repo.write(".git/hooks/pre-commit", hook);
    let runnable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(repo.path(".git/hooks/pre-commit"), runnable).expect("a mode");
    for dir in [repo.dir.clone(), repo.beside("linked")] {
        fs::write(dir.join("partial.txt"), "partial\n").expect("a file");
        fs::write(dir.join("other.txt"), "other\n").expect("a file");
        let added = git_in(&dir).args(["add", "."]).status();
        assert!(added.expect("git").success());
        // For a part of what is staged git makes an index of its own.
        let committed = git_in(&dir)
            .args(["commit", "-m", "part", "partial.txt"])
            .env(CHILD, "1")
            .output()
            .expect("git");
        let said = [committed.stdout, committed.stderr].concat();
        assert!(committed.status.success(), "{}", said.as_bstr());
        assert!(said.contains_str("1 passed"), "{}", said.as_bstr());
    }
}
