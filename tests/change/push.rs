//! What a push brings, however little of the remote is known.

use llmux::change::{self, Change, Error, Push, Source};

use super::support::{Repo, everything};

const ZEROS: &str = "0000000000000000000000000000000000000000";

fn push(from: Option<&str>, to: &str) -> Source {
    Source::Push(Push {
        from: from.map(str::to_owned),
        to: to.to_owned(),
    })
}

fn paths(change: &Change) -> Vec<String> {
    change.files.iter().map(|it| it.path.to_string()).collect()
}

fn commit(repo: &Repo, name: &str) -> String {
    repo.write(name, format!("{name}\n"));
    repo.commit(name);
    repo.id("HEAD")
}

fn remote_has(repo: &Repo, branch: &str, id: &str) {
    repo.git(["update-ref", &format!("refs/remotes/origin/{branch}"), id]);
}

/// `main` with two commits that the remote has, and `topic` from there with two more.
fn topic() -> Repo {
    let repo = Repo::new();
    commit(&repo, "one");
    let two = commit(&repo, "two");
    remote_has(&repo, "main", &two);
    repo.git(["checkout", "-q", "-b", "topic"]);
    commit(&repo, "three");
    commit(&repo, "four");
    repo
}

#[test]
fn an_update_is_what_the_remote_lacks() {
    let repo = topic();
    let (from, to) = (repo.id("topic~1"), repo.id("topic"));
    let change = repo.assert_like_git(&push(Some(&from), &to), &[&from, &to]);
    assert_eq!(paths(&change), ["four"]);
    assert_eq!(change.base, Some(from.clone()));
    let title = format!("push of {}...{}", &from[..10], &to[..10]);
    assert_eq!(change.title, title);
}

#[test]
fn a_forced_push_is_compared_with_where_both_part() {
    let repo = topic();
    let from = repo.id("topic");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    let to = commit(&repo, "other");
    let range = format!("{from}...{to}");
    let change = repo.assert_like_git(&push(Some(&from), &to), &[&range]);
    assert_eq!(paths(&change), ["other"]);
    // Of another history there is no such place.
    repo.git(["checkout", "-q", "--orphan", "elsewhere"]);
    let to = commit(&repo, "alone");
    let change = repo.assert_like_git(&push(Some(&from), &to), &[&from, &to]);
    assert!(paths(&change).contains(&"alone".to_owned()));
}

#[test]
fn a_new_branch_is_what_no_remote_has() {
    let repo = topic();
    let base = repo.id("main");
    let to = repo.id("topic");
    // Of a commit that was not fetched as little is known as of none.
    let unknown = "00000000000000000000000000000000000000aa";
    for from in [None, Some(ZEROS), Some(unknown)] {
        for to in [to.as_str(), "refs/heads/topic"] {
            let change = repo.assert_like_git(&push(from, to), &[&base, to]);
            assert_eq!(paths(&change), ["four", "three"], "{from:?} {to}");
            assert_eq!(change.base, Some(base.clone()));
        }
    }
    // A branch that starts from another one that was pushed.
    remote_has(&repo, "topic", &to);
    repo.git(["checkout", "-q", "-b", "above"]);
    commit(&repo, "five");
    assert_eq!(paths(&repo.read(&push(None, "above"))), ["five"]);
    // Nothing new: a branch at a commit that is published.
    for to in ["topic", "topic~1", "main"] {
        assert_eq!(paths(&repo.read(&push(None, to))), [""; 0], "{to}");
    }
}

/// Of what was merged from the remote nothing is new.
#[test]
fn a_new_branch_with_a_merge_is_compared_with_the_newest_that_the_remote_has() {
    let repo = topic();
    repo.git(["checkout", "-q", "main"]);
    repo.write("main", "main\n");
    repo.git(["add", "-A"]);
    let mut later = super::support::git_in(&repo.dir);
    later.env("GIT_COMMITTER_DATE", "2026-02-02T03:04:05Z");
    assert!(
        later
            .args(["commit", "-q", "-m", "main"])
            .status()
            .unwrap()
            .success()
    );
    let main = repo.id("main");
    remote_has(&repo, "main", &main);
    repo.git(["checkout", "-q", "topic"]);
    repo.git(["merge", "-q", "--no-edit", "main"]);
    let change = repo.assert_like_git(&push(None, "topic"), &[&main, "topic"]);
    assert_eq!(paths(&change), ["four", "three"]);
}

#[test]
fn a_first_push_is_everything() {
    let repo = Repo::new();
    commit(&repo, "one");
    let to = commit(&repo, "two");
    let change = repo.read(&push(None, &to));
    assert_eq!(paths(&change), ["one", "two"]);
    assert_eq!(change.base, None);
    assert!(
        change.title.ends_with("from its first commit on"),
        "{}",
        change.title
    );
}

#[test]
fn a_deleted_branch_brings_nothing() {
    let repo = topic();
    let change = repo.read(&push(Some(&repo.id("topic")), ZEROS));
    assert_eq!(paths(&change), [""; 0]);
    assert_eq!(change.title, "deletion of a branch");
}

#[test]
fn what_is_not_there_is_an_error() {
    let repo = topic();
    for (from, to) in [(Some("no-such"), "topic"), (None, "no-such")] {
        let error = change::read(&repo.dir, &push(from, to), &everything());
        let error = error.expect_err("no such revision");
        assert!(matches!(error, Error::UnknownRevision { .. }), "{error}");
        assert!(error.is_usage());
    }
}

/// Missing history must not make a push look small.
#[test]
fn a_shallow_clone_says_so() {
    let repo = topic();
    let shallow = repo.beside("shallow");
    let from = format!("file://{}", repo.dir.display());
    let to = shallow.to_str().unwrap();
    repo.git(["clone", "-q", "--depth", "1", "-b", "topic", &from, to]);
    let mut forget = super::support::git_in(&shallow);
    let refs = ["update-ref", "-d", "refs/remotes/origin/topic"];
    assert!(forget.args(refs).status().unwrap().success());
    let error = change::read(&shallow, &push(None, "HEAD"), &everything());
    assert!(matches!(error, Err(Error::ShallowHead)), "{error:?}");
}
