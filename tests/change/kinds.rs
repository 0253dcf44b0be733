//! One case for each kind of change, from every source that can show it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use bstr::ByteSlice as _;
use llmux::change::{Change, Kind, Mode, Reason, Source};

use super::support::{Repo, everything};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// Files that are about to change in every way.
fn before(repo: &Repo) {
    repo.write("modified.txt", TEXT);
    repo.write("deleted.txt", TEXT.repeat(2));
    repo.write("moved.txt", TEXT.repeat(3));
    repo.write("moved-edited.txt", format!("head\n{}", TEXT.repeat(4)));
    repo.write("mode.sh", "#!/bin/sh\n");
    repo.write("mode-edited.sh", "#!/bin/sh\n");
    repo.write("binary.bin", b"a\0b");
    repo.write("becomes-binary.txt", "text\n");
    repo.write("becomes-link", "was a file\nof two lines\n");
    repo.write("becomes-folder", "was a file\n");
    repo.write("crlf.txt", TEXT.replace('\n', "\r\n"));
    repo.write("loses-crlf.txt", TEXT.replace('\n', "\r\n"));
    repo.write("no-newline.txt", "one\ntwo");
    repo.write("gains-newline.txt", "one\ntwo");
    repo.write("loses-newline.txt", "one\ntwo\n");
    repo.write("latin1.txt", b"stra\xdfe\nm\xfcller\n");
    repo.write(b"caf\xe9.txt", TEXT);
    repo.write("with space.txt", TEXT);
    repo.write("with\ttab.txt", TEXT);
    repo.write("with\"quote\\.txt", TEXT);
    repo.write("with\nnewline.txt", TEXT);
    repo.write("emptied.txt", TEXT);
    repo.write("folder/a.txt", TEXT);
    repo.write("folder.txt", TEXT);
    symlink("modified.txt", repo.path("link")).expect("a link");
    symlink("modified.txt", repo.path("link-becomes-file")).expect("a link");
    submodule(repo, "1");
}

/// Points the submodule at a commit that need not exist.
pub(crate) fn submodule(repo: &Repo, digit: &str) {
    let length = repo.id("HEAD^{tree}").len();
    let entry = format!("160000,{},module", digit.repeat(length));
    repo.git(["update-index", "--add", "--cacheinfo", &entry]);
    fs::create_dir_all(repo.path("module")).expect("a folder");
}

fn after(repo: &Repo) {
    let edited = TEXT.replace("five", "5");
    repo.write("modified.txt", &edited);
    repo.remove("deleted.txt");
    fs::rename(repo.path("moved.txt"), repo.path("moved-to.txt")).expect("a move");
    repo.remove("moved-edited.txt");
    repo.write("moved/edited.txt", format!("kopf\n{}", TEXT.repeat(4)));
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(repo.path("mode.sh"), executable.clone()).expect("a mode");
    repo.write("mode-edited.sh", "#!/bin/sh\nls\n");
    fs::set_permissions(repo.path("mode-edited.sh"), executable).expect("a mode");
    repo.write("binary.bin", b"a\0c");
    repo.write("becomes-binary.txt", b"text\n\0\n");
    repo.remove("becomes-link");
    symlink("modified.txt", repo.path("becomes-link")).expect("a link");
    repo.remove("becomes-folder");
    repo.write("becomes-folder/inside.txt", "new here\n");
    repo.write("crlf.txt", edited.replace('\n', "\r\n"));
    repo.write("loses-crlf.txt", TEXT);
    repo.write("no-newline.txt", "one\nzwei");
    repo.write("gains-newline.txt", "one\ntwo\n");
    repo.write("loses-newline.txt", "one\ntwo");
    repo.write("latin1.txt", b"stra\xdfe\nm\xfcllerin\n");
    repo.write(b"caf\xe9.txt", &edited);
    repo.write("with space.txt", &edited);
    repo.write("with\ttab.txt", &edited);
    repo.write("with\"quote\\.txt", &edited);
    repo.write("with\nnewline.txt", &edited);
    repo.write("emptied.txt", "");
    repo.write("folder/a.txt", &edited);
    repo.write("folder.txt", &edited);
    repo.remove("link");
    symlink("crlf.txt", repo.path("link")).expect("a link");
    repo.remove("link-becomes-file");
    repo.write("link-becomes-file", "is a file\n");
}

/// Files that are not there before.
pub(crate) fn additions(repo: &Repo) {
    repo.write("added.txt", "brand new\nand different\n");
    repo.write("added-empty.txt", "");
    repo.write("added.bin", b"\0\x01");
    symlink("nowhere", repo.path("added-link")).expect("a link");
}

/// A repository whose work tree changed in every way since its last commit.
pub(crate) fn every_kind(init: &[&str]) -> Repo {
    let repo = Repo::with(init);
    repo.commit("empty");
    before(&repo);
    repo.git(["add", "."]);
    repo.git(["commit", "-q", "-m", "before"]);
    after(&repo);
    repo
}

fn kind(change: &Change, path: &str) -> Kind {
    let found = change.files.iter().find(|it| it.path.as_bstr() == path);
    found
        .unwrap_or_else(|| panic!("{path} is not in {:?}", change.left_out))
        .kind
}

fn reason(change: &Change, path: &str) -> Reason {
    let found = change.left_out.iter().find(|it| it.path.as_bstr() == path);
    found
        .unwrap_or_else(|| panic!("{path} was not left out"))
        .reason
        .clone()
}

fn assert_kinds(change: &Change) {
    assert_eq!(kind(change, "modified.txt"), Kind::Modified);
    assert_eq!(kind(change, "deleted.txt"), Kind::Deleted);
    assert_eq!(kind(change, "mode-edited.sh"), Kind::Modified);
    assert_eq!(kind(change, "becomes-link"), Kind::TypeChanged);
    assert_eq!(kind(change, "link-becomes-file"), Kind::TypeChanged);
    assert_eq!(kind(change, "emptied.txt"), Kind::Modified);
    assert_eq!(reason(change, "mode.sh"), Reason::NoTextChange);
    assert_eq!(reason(change, "binary.bin"), Reason::Binary);
    assert_eq!(reason(change, "becomes-binary.txt"), Reason::Binary);
    assert_eq!(reason(change, "link"), Reason::Symlink);
}

fn assert_kinds_with_additions(change: &Change) {
    assert_kinds(change);
    assert_eq!(kind(change, "added.txt"), Kind::Added);
    assert!(matches!(
        kind(change, "moved/edited.txt"),
        Kind::Renamed(90..=99)
    ));
    assert_eq!(reason(change, "moved-to.txt"), Reason::NoTextChange);
    assert_eq!(reason(change, "added-empty.txt"), Reason::NoTextChange);
    assert_eq!(reason(change, "added.bin"), Reason::Binary);
    assert_eq!(reason(change, "added-link"), Reason::Symlink);
    assert_eq!(reason(change, "module"), Reason::Submodule);
}

#[test]
fn a_range_has_every_kind() {
    let repo = every_kind(&[]);
    additions(&repo);
    repo.git(["add", "."]);
    submodule(&repo, "2");
    repo.git(["commit", "-q", "-m", "after"]);
    let range = Source::Range(Some("HEAD~1..HEAD".to_owned()));
    let change = repo.assert_like_git(&range, &["HEAD~1", "HEAD"]);
    assert_kinds_with_additions(&change);
    assert_eq!(change.base, Some(repo.id("HEAD~1")));
    assert_eq!(change.head, Some(repo.id("HEAD")));
    assert_eq!(change.root, Some(repo.dir.clone()));

    let back = Source::Range(Some("HEAD..HEAD~1".to_owned()));
    repo.assert_like_git(&back, &["HEAD", "HEAD~1"]);
}

#[test]
fn the_index_has_every_kind() {
    let repo = every_kind(&[]);
    additions(&repo);
    repo.git(["add", "."]);
    submodule(&repo, "2");
    let change = repo.assert_like_git(&Source::Staged, &["--cached"]);
    assert_kinds_with_additions(&change);
    assert_eq!(change.base, Some(repo.id("HEAD")));
    assert_eq!(change.head, None);
}

#[test]
fn the_work_tree_has_every_kind() {
    let repo = every_kind(&[]);
    additions(&repo);
    let change = repo.assert_like_git(&Source::Worktree, &[]);
    assert_kinds(&change);
    let untracked = change
        .files
        .iter()
        .any(|it| it.path.as_bstr() == "added.txt");
    assert!(!untracked, "an untracked file is no change");
}

#[test]
fn sha256_repositories_are_read() {
    let repo = every_kind(&["--object-format=sha256"]);
    additions(&repo);
    repo.git(["add", "."]);
    submodule(&repo, "2");
    repo.assert_like_git(&Source::Staged, &["--cached"]);
    repo.git(["commit", "-q", "-m", "after"]);
    let range = Source::Range(Some("HEAD~1..HEAD".to_owned()));
    repo.assert_like_git(&range, &["HEAD~1", "HEAD"]);
    repo.write("modified.txt", "other\n");
    repo.assert_like_git(&Source::Worktree, &[]);
}

#[test]
fn modes_before_and_after_are_kept() {
    let repo = every_kind(&[]);
    repo.git(["add", "."]);
    let change = repo.read(&Source::Staged);
    let modes = |path: &str| {
        let file = change.files.iter().find(|it| it.path.as_bstr() == path);
        let file = file.expect("a changed file");
        (file.old_mode, file.new_mode)
    };
    let (regular, executable) = (Some(Mode::Regular), Some(Mode::Executable));
    assert_eq!(modes("modified.txt"), (regular, regular));
    assert_eq!(modes("mode-edited.sh"), (regular, executable));
    assert_eq!(modes("deleted.txt"), (regular, None));
    assert_eq!(modes("becomes-link"), (regular, Some(Mode::Symlink)));
}

#[test]
fn a_deleted_file_has_its_lines_and_no_new_text() {
    let repo = every_kind(&[]);
    repo.git(["add", "."]);
    let change = repo.read(&Source::Staged);
    let gone = change
        .files
        .iter()
        .find(|it| it.path.as_bstr() == "deleted.txt");
    let gone = gone.expect("the deleted file");
    assert_eq!(gone.hunks[0].lines.len(), 20);
    assert_eq!((gone.hunks[0].new_start, gone.hunks[0].new_count), (0, 0));
    assert_eq!(gone.new.lines().count(), 0);
}

#[test]
fn attributes_do_not_hide_code() {
    let repo = Repo::new();
    repo.write("a.rs", TEXT);
    repo.commit("before");
    repo.write("a.rs", TEXT.replace("five", "5"));
    repo.write(".gitattributes", "*.rs -diff binary\n");
    repo.commit("after");
    let change = repo.range("HEAD~1..HEAD");
    assert_eq!(kind(&change, "a.rs"), Kind::Modified);
}

#[test]
fn only_the_first_8000_bytes_make_a_file_binary() {
    let repo = Repo::new();
    repo.commit("empty");
    let long = "x\n".repeat(4000);
    repo.write("late.txt", format!("{long}\0\n"));
    repo.write("early.txt", format!("{}\0\n", &long[1..]));
    repo.commit("after");
    let range = Source::Range(Some("HEAD~1..HEAD".to_owned()));
    let change = repo.assert_like_git(&range, &["HEAD~1", "HEAD"]);
    assert_eq!(kind(&change, "late.txt"), Kind::Added);
    assert_eq!(reason(&change, "early.txt"), Reason::Binary);
}

#[test]
fn paths_keep_their_bytes() {
    let repo = every_kind(&[]);
    repo.git(["add", "."]);
    let change = repo.read(&Source::Staged);
    let has = |path: &[u8]| {
        change
            .files
            .iter()
            .any(|it| it.path.as_bstr() == path.as_bstr())
    };
    for path in [
        b"caf\xe9.txt".as_slice(),
        b"with space.txt",
        b"with\ttab.txt",
        b"with\"quote\\.txt",
        b"with\nnewline.txt",
    ] {
        assert!(has(path), "{}", path.as_bstr());
    }
}

#[test]
fn many_threads_give_the_same_as_one() {
    let repo = Repo::new();
    repo.commit("empty");
    for number in 0..300 {
        repo.write(format!("f{number}.txt"), format!("{TEXT}{number}\n"));
    }
    repo.commit("after");
    let source = Source::Range(Some("HEAD~1..HEAD".to_owned()));
    let change = repo.assert_like_git(&source, &["HEAD~1", "HEAD"]);
    assert!(change.files.is_sorted_by_key(|file| file.path.clone()));
    let again = llmux::change::read(&repo.dir, &source, &everything()).expect("a change");
    assert_eq!(format!("{change:?}"), format!("{again:?}"));
}
