//! What stood at a revision: single files, and the files of a change as they differ from it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bstr::{BStr, ByteSlice as _};
use gix::ObjectId;

use super::{Change, Error, FileChange, Kind, RepoPath, Text};
use super::{git, hunks, renames, revs, trees};

/// A file of a change, at a revision and since.
#[derive(Clone, Debug)]
pub struct Since {
    /// The file as it was, under its path of now, as if all of it had been added.
    pub then: Arc<FileChange>,
    /// From then to now.
    pub since: Arc<FileChange>,
}

/// The bytes of a file at a revision; none where there is no such file.
///
/// # Errors
/// Where the repository or the revision cannot be read.
pub fn file_at(dir: &Path, rev: &str, path: &RepoPath) -> Result<Option<Vec<u8>>, Error> {
    let repo = git::open(dir)?;
    let state = revs::state(&repo, rev)?;
    blob(&repo, state.tree, path.as_bstr())
}

/// The commit of a revision, hexadecimal, and the change's files that it has too.
///
/// A file is looked for under its path, then under the one that it had before the change, then
/// where it was moved from since the revision.
///
/// # Errors
/// Where the repository or the revision cannot be read.
pub fn since(dir: &Path, rev: &str, change: &Change) -> Result<(String, Vec<Since>), Error> {
    let repo = git::open(dir)?;
    let state = revs::state(&repo, rev)?;
    let mut files = Vec::new();
    let mut missing = Vec::new();
    for file in change
        .files
        .iter()
        .filter(|file| file.kind != Kind::Deleted)
    {
        let old = file.old_path.as_ref();
        let mut found = None;
        for path in std::iter::once(&file.path).chain(old) {
            found = blob(&repo, state.tree, path.as_bstr())?.map(|text| (path.clone(), text));
            if found.is_some() {
                break;
            }
        }
        match found {
            Some((path, text)) => files.push(compare(file, path, &text)),
            None => missing.push(file),
        }
    }
    let head = change.head.as_deref().filter(|_| !missing.is_empty());
    if let Some(head) = head {
        let head = revs::state(&repo, head)?;
        let deltas = renames::find(&repo, trees::compare(&repo, state.tree, head.tree)?)?;
        for file in missing {
            let mut moves = deltas
                .iter()
                .filter(|delta| delta.path == file.path.as_bstr());
            let from = moves.find_map(|delta| delta.moved.as_ref());
            let Some(from) = from.map(|moved| RepoPath::new(moved.from.clone())) else {
                continue;
            };
            if let Some(text) = blob(&repo, state.tree, from.as_bstr())? {
                files.push(compare(file, from, &text));
            }
        }
    }
    files.sort_by(|one, two| one.since.path.cmp(&two.since.path));
    let id = state.commit.unwrap_or(state.tree);
    Ok((id.to_string(), files))
}

/// Which of these paths the tree after the change does not have.
///
/// Asked is the change's commit, else the disk; where there is neither, nothing is gone.
///
/// # Errors
/// Where the repository cannot be read.
pub fn gone(
    dir: &Path,
    change: &Change,
    paths: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, Error> {
    let is_there = |path: &str| {
        change
            .files
            .iter()
            .any(|file| file.kind != Kind::Deleted && file.path.as_bstr() == path)
    };
    let asked = paths.iter().filter(|path| !is_there(path)).copied();
    let mut gone = BTreeSet::new();
    match (&change.head, &change.root) {
        (Some(head), _) => {
            let repo = git::open(dir)?;
            let tree = revs::state(&repo, head)?.tree;
            for path in asked {
                if entry(&repo, tree, path.as_bytes().as_bstr())?.is_none() {
                    gone.insert(path.to_owned());
                }
            }
        }
        (None, Some(root)) => {
            let missing = asked.filter(|path| root.join(path).symlink_metadata().is_err());
            gone.extend(missing.map(str::to_owned));
        }
        (None, None) => {}
    }
    Ok(gone)
}

fn compare(file: &FileChange, path: RepoPath, text: &[u8]) -> Since {
    // As the new text is known: what is not UTF-8 has become U+FFFD in both.
    let old = Text::whole(text);
    let bytes = |text: &Text| -> Vec<u8> {
        let parts = text.fragments().iter();
        parts.flat_map(|part| part.text.bytes()).collect()
    };
    let (before, now) = (bytes(&old), bytes(&file.new));
    let then = FileChange {
        old_path: None,
        kind: Kind::Added,
        old_mode: None,
        hunks: hunks::compare(b"", &before),
        new: old,
        ..file.clone()
    };
    let since = FileChange {
        old_path: (path != file.path).then_some(path),
        kind: Kind::Modified,
        hunks: hunks::compare(&before, &now),
        ..file.clone()
    };
    Since {
        then: Arc::new(then),
        since: Arc::new(since),
    }
}

fn blob(repo: &gix::Repository, tree: ObjectId, path: &BStr) -> Result<Option<Vec<u8>>, Error> {
    match entry(repo, tree, path)? {
        Some((id, true)) => Ok(Some(git::object(repo, id, path)?.detach().data)),
        _ => Ok(None),
    }
}

/// The object at a path of a tree, and whether it is a file's.
pub(super) fn entry(
    repo: &gix::Repository,
    tree: ObjectId,
    path: &BStr,
) -> Result<Option<(ObjectId, bool)>, Error> {
    let mut at = tree;
    let mut names = path.split_str("/").peekable();
    while let Some(name) = names.next() {
        if at.is_empty_tree() {
            return Ok(None);
        }
        let object = git::object(repo, at, path)?;
        let mut found = None;
        for entry in gix::objs::TreeRefIter::from_bytes(&object.data, repo.object_hash()) {
            let entry = entry.map_err(|error| git::broken(at, path, &error))?;
            if entry.filename == name {
                found = Some((entry.oid.to_owned(), entry.mode));
                break;
            }
        }
        match found {
            Some((id, mode)) if names.peek().is_none() => return Ok(Some((id, mode.is_blob()))),
            Some((id, mode)) if mode.is_tree() => at = id,
            _ => return Ok(None),
        }
    }
    Ok(None)
}
