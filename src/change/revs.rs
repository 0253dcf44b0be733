//! From a range as people write it to two trees.

use std::path::Path;

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use gix::objs::Kind as ObjectKind;

use super::Error;
use super::git;

/// The two states of a range.
#[derive(Debug)]
pub(super) struct Range {
    /// For people: as it was written, or what the default turned out to be.
    pub title: String,
    /// The state before.
    pub base: State,
    /// The state after.
    pub head: State,
}

/// A tree, and the commit it was taken from if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// None for a bare tree and for the empty one.
    pub commit: Option<ObjectId>,
    /// The top folder.
    pub tree: ObjectId,
}

/// How far apart a written name and a ref may be to be taken for a slip.
const NEAR: f64 = 0.8;
/// Refs looked at for the message about an unknown revision.
const REFS_COMPARED: usize = 10_000;

/// Resolves `A..B`, `A...B` or one revision, which means `REV...HEAD`.
pub(super) fn resolve(repo: &gix::Repository, range: &str) -> Result<Range, Error> {
    let head_if_empty = |rev: &str| if rev.is_empty() { "HEAD" } else { rev }.to_owned();
    let (one, other, forked) = match (range.split_once("..."), range.split_once("..")) {
        (Some((one, other)), _) => (head_if_empty(one), head_if_empty(other), true),
        (None, Some((one, other))) => (head_if_empty(one), head_if_empty(other), false),
        (None, None) => (head_if_empty(range), "HEAD".to_owned(), true),
    };
    let title = if range.contains("..") {
        range.to_owned()
    } else {
        format!("{one}...{other}")
    };
    let (base, head) = (find(repo, &one)?, find(repo, &other)?);
    if !forked {
        return Ok(Range {
            title,
            base: peel(repo, base, &one)?,
            head: peel(repo, head, &other)?,
        });
    }
    let head = commit(repo, head, &other)?;
    let base = commit(repo, base, &one)?;
    let fork = merge_base(repo, (&one, base), (&other, head))?;
    Ok(Range {
        title,
        base: peel(repo, fork, &one)?,
        head: peel(repo, head, &other)?,
    })
}

/// The state of one revision.
pub(super) fn state(repo: &gix::Repository, rev: &str) -> Result<State, Error> {
    peel(repo, find(repo, rev)?, rev)
}

/// What HEAD adds to the default branch; where it adds nothing, or there is no
/// such branch, what HEAD adds to its first parent.
pub(super) fn default(repo: &gix::Repository) -> Result<Range, Error> {
    let head = head_commit(repo)?.ok_or_else(|| Error::NoCommit {
        dir: place(repo).to_owned(),
    })?;
    let state = peel(repo, head, "HEAD")?;
    if let Some((name, tip)) = default_branch(repo)? {
        let fork = merge_base(repo, (&name, tip), ("HEAD", head))?;
        if fork != head {
            return Ok(Range {
                title: format!("{name}...HEAD"),
                base: peel(repo, fork, &name)?,
                head: state,
            });
        }
    }
    let parent = git::object(repo, head, BStr::new("HEAD"))?
        .to_commit_ref_iter()
        .parent_ids()
        .next();
    match parent {
        // A shallow clone cuts parents off: not to be taken for a first commit.
        Some(parent) if !repo.has_object(parent) => Err(Error::ShallowHead),
        Some(parent) => Ok(Range {
            title: "HEAD~1..HEAD".to_owned(),
            base: peel(repo, parent, "HEAD~1")?,
            head: state,
        }),
        None => Ok(Range {
            title: "HEAD (first commit)".to_owned(),
            base: State {
                commit: None,
                tree: ObjectId::empty_tree(repo.object_hash()),
            },
            head: state,
        }),
    }
}

/// HEAD's tree; the empty one before the first commit.
pub(super) fn head_or_empty(repo: &gix::Repository) -> Result<State, Error> {
    match head_commit(repo)? {
        Some(id) => peel(repo, id, "HEAD"),
        None => Ok(State {
            commit: None,
            tree: ObjectId::empty_tree(repo.object_hash()),
        }),
    }
}

pub(super) fn head_commit(repo: &gix::Repository) -> Result<Option<ObjectId>, Error> {
    let broken = |error: gix::Error| Error::Open {
        dir: place(repo).to_owned(),
        reason: git::one_line(&error),
    };
    let id = repo.head().map_err(broken)?.try_into_peeled_id();
    Ok(id.map_err(broken)?.map(gix::Id::detach))
}

/// The default branch of the remote, else the local one if it is not checked out.
pub(super) fn default_branch(repo: &gix::Repository) -> Result<Option<(String, ObjectId)>, Error> {
    const REMOTE: [&str; 3] = ["origin/HEAD", "origin/main", "origin/master"];
    const LOCAL: [&str; 2] = ["main", "master"];
    let current = repo.head_name().ok().flatten();
    let remote = REMOTE.map(|name| (name, format!("refs/remotes/{name}")));
    let local = LOCAL.map(|name| (name, format!("refs/heads/{name}")));
    for (name, full) in remote.into_iter().chain(local) {
        if current.as_ref().is_some_and(|it| it.as_bstr() == full) {
            continue;
        }
        let Ok(Some(mut found)) = repo.try_find_reference(full.as_str()) else {
            continue;
        };
        // `origin/HEAD` may point to a branch that was deleted since.
        let Ok(id) = found.peel_to_id() else { continue };
        let name = match found.name().shorten().to_str() {
            Ok(followed) if name == "origin/HEAD" => followed.to_owned(),
            _ => name.to_owned(),
        };
        return Ok(Some((name.clone(), commit(repo, id.detach(), &name)?)));
    }
    Ok(None)
}

/// The object that a name stands for, tags not yet followed.
fn find(repo: &gix::Repository, rev: &str) -> Result<ObjectId, Error> {
    repo.rev_parse_single(rev)
        .map(gix::Id::detach)
        .map_err(|_| Error::UnknownRevision {
            rev: rev.to_owned(),
            near: near(repo, rev),
            shallow: is_shallow(repo),
        })
}

/// Branches and tags whose names look like `rev`, the nearest first, three at most.
fn near(repo: &gix::Repository, rev: &str) -> Vec<String> {
    let Ok(platform) = repo.references() else {
        return Vec::new();
    };
    let Ok(all) = platform.all() else {
        return Vec::new();
    };
    let mut names: Vec<(f64, String)> = all
        .filter_map(Result::ok)
        .take(REFS_COMPARED)
        .map(|found| found.name().shorten().to_str_lossy().into_owned())
        .map(|name| (strsim::jaro_winkler(rev, &name), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .collect();
    names.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    names.dedup_by(|one, other| one.1 == other.1);
    names.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Follows tags to the commit.
fn commit(repo: &gix::Repository, id: ObjectId, rev: &str) -> Result<ObjectId, Error> {
    let (kind, id) = untag(repo, id, rev)?;
    if kind == ObjectKind::Commit {
        return Ok(id);
    }
    Err(Error::NotACommit {
        rev: rev.to_owned(),
        kind: kind.to_string(),
    })
}

/// Follows tags and commits to the tree.
fn peel(repo: &gix::Repository, id: ObjectId, rev: &str) -> Result<State, Error> {
    let (kind, id) = untag(repo, id, rev)?;
    match kind {
        ObjectKind::Commit => {
            let name = BString::from(rev);
            let object = git::object(repo, id, name.as_bstr())?;
            let tree = object
                .to_commit_ref_iter()
                .tree_id()
                .map_err(|error| git::broken(id, name.as_bstr(), &error))?;
            Ok(State {
                commit: Some(id),
                tree,
            })
        }
        ObjectKind::Tree => Ok(State {
            commit: None,
            tree: id,
        }),
        ObjectKind::Blob | ObjectKind::Tag => Err(Error::NotACommit {
            rev: rev.to_owned(),
            kind: kind.to_string(),
        }),
    }
}

fn untag(repo: &gix::Repository, id: ObjectId, rev: &str) -> Result<(ObjectKind, ObjectId), Error> {
    let name = BString::from(rev);
    let object = git::object(repo, id, name.as_bstr())?;
    if object.kind != ObjectKind::Tag {
        return Ok((object.kind, id));
    }
    let peeled = object
        .peel_tags_to_end()
        .map_err(|error| git::broken(id, name.as_bstr(), &error))?;
    Ok((peeled.kind, peeled.id))
}

/// The best common ancestor of two commits, each with its name for the message.
pub(super) fn merge_base(
    repo: &gix::Repository,
    one: (&str, ObjectId),
    other: (&str, ObjectId),
) -> Result<ObjectId, Error> {
    let none = |shallow| Error::NoMergeBase {
        one: one.0.to_owned(),
        other: other.0.to_owned(),
        shallow,
    };
    match repo.merge_base(one.1, other.1) {
        Ok(Some(base)) => Ok(base.detach()),
        Ok(None) => Err(none(is_shallow(repo))),
        Err(_) if is_shallow(repo) => Err(none(true)),
        Err(error) => Err(git::broken(other.1, BStr::new(other.0), &error)),
    }
}

pub(super) fn is_shallow(repo: &gix::Repository) -> bool {
    repo.is_shallow().unwrap_or(false)
}

/// What messages call the repository.
fn place(repo: &gix::Repository) -> &Path {
    repo.workdir().unwrap_or_else(|| repo.git_dir())
}
