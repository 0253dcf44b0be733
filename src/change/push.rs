//! What a push brings: from what the remote has to what it will have.

use std::collections::HashSet;

use bstr::{BStr, ByteSlice as _};
use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::revs::{self, Range, State};
use super::{Error, Push, git};

/// Hexadecimal digits of a commit in the title.
const SHOWN: usize = 10;

/// The two states of a push. A branch that the remote lacks, or of which it has a commit that is
/// not here, is compared with the newest of its commits that some remote has.
pub(super) fn resolve(repo: &gix::Repository, push: &Push) -> Result<Range, Error> {
    if is_null(&push.to) {
        return Ok(Range {
            title: "deletion of a branch".to_owned(),
            base: State::empty(repo),
            head: State::empty(repo),
        });
    }
    let to = revs::commit(repo, revs::find(repo, &push.to)?, &push.to)?;
    let base = match known(repo, push.from.as_deref())? {
        Some((name, from)) => Some(fork(repo, (name, from), (&push.to, to))?),
        None => published(repo, to)?,
    };
    Ok(Range {
        title: title(base, to),
        base: match base {
            Some(base) => revs::peel(repo, base, "the commit before the push")?,
            None => State::empty(repo),
        },
        head: revs::peel(repo, to, &push.to)?,
    })
}

/// What git writes where there is no commit.
fn is_null(rev: &str) -> bool {
    rev.len() >= 40 && rev.bytes().all(|byte| byte == b'0')
}

/// The remote's commit, if there is one and it was fetched.
fn known<'a>(
    repo: &gix::Repository,
    from: Option<&'a str>,
) -> Result<Option<(&'a str, ObjectId)>, Error> {
    let Some(from) = from.filter(|from| !is_null(from)) else {
        return Ok(None);
    };
    if let Ok(id) = ObjectId::from_hex(from.as_bytes())
        && !repo.has_object(id)
    {
        return Ok(None);
    }
    let id = revs::commit(repo, revs::find(repo, from)?, from)?;
    Ok(Some((from, id)))
}

/// Where the two sides of a push part; after a forced push that is before what the remote has.
/// What shares nothing with it is compared with it directly.
fn fork(
    repo: &gix::Repository,
    from: (&str, ObjectId),
    to: (&str, ObjectId),
) -> Result<ObjectId, Error> {
    match revs::merge_base(repo, from, to) {
        Err(Error::NoMergeBase { shallow: false, .. }) => Ok(from.1),
        found => found,
    }
}

/// The newest commit in the history of `to` that some remote has; none where they have nothing of it.
fn published(repo: &gix::Repository, to: ObjectId) -> Result<Option<ObjectId>, Error> {
    let broken = |error: &dyn std::error::Error| git::broken(to, BStr::new("HEAD"), error);
    let tips = remote_tips(repo);
    if tips.contains(&to) {
        return Ok(Some(to));
    }
    let newest_first = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk = repo.rev_walk([to]).sorting(newest_first).with_hidden(tips);
    let mut new = HashSet::new();
    let mut parents = Vec::new();
    for commit in walk.all().map_err(|error| broken(&error))? {
        let commit = commit.map_err(|error| broken(&error))?;
        new.insert(commit.id);
        parents.extend(commit.parent_ids().map(gix::Id::detach));
    }
    if new.is_empty() {
        return Ok(Some(to));
    }
    let mut known: Vec<_> = parents.into_iter().filter(|id| !new.contains(id)).collect();
    // A shallow clone cuts parents off: not to be taken for a first commit.
    if known.iter().any(|id| !repo.has_object(*id)) {
        return Err(Error::ShallowHead);
    }
    let time = |id: &ObjectId| {
        let commit = repo.find_commit(*id).ok();
        commit.and_then(|commit| Some(commit.time().ok()?.seconds))
    };
    known.sort_by_key(|id| (time(id), *id));
    Ok(known.last().copied())
}

/// The commits that remotes were last seen to have.
fn remote_tips(repo: &gix::Repository) -> Vec<ObjectId> {
    let Ok(references) = repo.references() else {
        return Vec::new();
    };
    let Ok(remotes) = references.remote_branches() else {
        return Vec::new();
    };
    let commits = remotes.filter_map(Result::ok).filter_map(|mut reference| {
        let name = reference.name().as_bstr().to_str_lossy().into_owned();
        let id = reference.peel_to_id().ok()?.detach();
        revs::commit(repo, id, &name).ok()
    });
    commits.collect()
}

fn title(base: Option<ObjectId>, to: ObjectId) -> String {
    let to = to.to_hex_with_len(SHOWN);
    match base {
        Some(base) => format!("push of {}...{to}", base.to_hex_with_len(SHOWN)),
        None => format!("push of {to}, from its first commit on"),
    }
}
