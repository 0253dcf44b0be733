//! What differs between two trees.

use bstr::{BStr, BString};
use gix::ObjectId;
use gix::diff::tree::recorder;

use super::Error;
use super::delta::{Delta, Entry};
use super::git;

/// Files that differ between two trees, in order of paths.
pub(super) fn compare(
    repo: &gix::Repository,
    old: ObjectId,
    new: ObjectId,
) -> Result<Vec<Delta>, Error> {
    if old == new {
        return Ok(Vec::new());
    }
    let top = BStr::new("");
    let before = git::object(repo, old, top)?;
    let after = git::object(repo, new, top)?;
    let mut seen = recorder_of(&before, &after, repo)?;
    seen.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(seen)
}

fn recorder_of(
    before: &gix::Object<'_>,
    after: &gix::Object<'_>,
    repo: &gix::Repository,
) -> Result<Vec<Delta>, Error> {
    let mut recorder = gix::diff::tree::Recorder::default();
    gix::diff::tree(
        gix::objs::TreeRefIter::from_bytes(&before.data, repo.object_hash()),
        gix::objs::TreeRefIter::from_bytes(&after.data, repo.object_hash()),
        gix::diff::tree::State::default(),
        &repo.objects,
        &mut recorder,
    )
    .map_err(|error| git::broken(after.id, BStr::new(""), &error))?;
    Ok(recorder.records.into_iter().filter_map(delta_of).collect())
}

/// Folders are left away: their files are reported by themselves.
fn delta_of(change: recorder::Change) -> Option<Delta> {
    let (path, old, new): (BString, _, _) = match change {
        recorder::Change::Addition {
            entry_mode,
            oid,
            path,
            ..
        } => (path, None, Entry::of_tree(entry_mode, oid)),
        recorder::Change::Deletion {
            entry_mode,
            oid,
            path,
            ..
        } => (path, Entry::of_tree(entry_mode, oid), None),
        recorder::Change::Modification {
            previous_entry_mode,
            previous_oid,
            entry_mode,
            oid,
            path,
        } => (
            path,
            Entry::of_tree(previous_entry_mode, previous_oid),
            Entry::of_tree(entry_mode, oid),
        ),
    };
    // Modes that git itself no longer writes (100664) are equal to those it does.
    (old != new).then_some(Delta {
        path,
        moved: None,
        old,
        new,
    })
}
