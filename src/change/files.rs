//! From paths that differ to files with hunks, on several threads.

use std::sync::Arc;

use bstr::{BStr, ByteSlice as _};

use super::contents::{Content, Contents};
use super::delta::{Delta, Entry};
use super::hunks;
use super::parallel;
use super::scope::Scope;
use super::{Error, FileChange, Kind, LeftOut, Mode, Reason, RepoPath, Text};

/// What becomes of a path that differs.
pub(super) type Sorted = Result<Arc<FileChange>, LeftOut>;

/// Reads all deltas; the answers are in the order of the questions.
pub(super) fn read_all(
    repo: &gix::Repository,
    deltas: &[Delta],
    scope: &Scope,
) -> Result<Vec<Sorted>, Error> {
    let id = |delta: &Delta| delta.new.or(delta.old).and_then(|entry| entry.id);
    parallel::map(repo, deltas, id, |contents, delta| {
        read(contents, delta, scope)
    })
}

/// One file: the cheap reasons to leave it out come before its content is read.
fn read(contents: &Contents<'_>, delta: &Delta, scope: &Scope) -> Result<Sorted, Error> {
    let path = RepoPath::new(delta.path.clone());
    let left_out = |reason| {
        Ok(Err(LeftOut {
            path: path.clone(),
            reason,
        }))
    };
    if let Some(reason) = scope.by_path(path.as_bstr()) {
        return left_out(reason);
    }
    let (old, new) = match text_sides(delta) {
        Ok(sides) => sides,
        Err(reason) => return left_out(reason),
    };
    let from = delta
        .moved
        .as_ref()
        .map_or(delta.path.as_bstr(), |moved| moved.from.as_bstr());
    // git packs an old text as what differs from a newer one: read first, the
    // newer one is at hand for the older.
    let after = content(contents, delta.path.as_bstr(), new)?;
    let before = content(contents, from, old)?;
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(bytes), _) | (_, Err(bytes)) => return left_out(scope.too_large(bytes)),
    };
    let larger = before.iter().chain(&after).map(Vec::len).max();
    if let Some(reason) = scope.by_size(larger.unwrap_or(0) as u64) {
        return left_out(reason);
    }
    let reason = scope
        .by_content(before.as_deref(), after.as_deref())
        .or_else(|| {
            let head = before.as_deref().or(after.as_deref());
            scope.by_head(path.as_bstr(), head.unwrap_or_default())
        });
    if let Some(reason) = reason {
        return left_out(reason);
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let hunks = hunks::compare(&before, &after);
    if hunks.is_empty() {
        return left_out(Reason::NoTextChange);
    }
    Ok(Ok(Arc::new(FileChange {
        kind: kind_of(delta),
        old_path: delta
            .moved
            .as_ref()
            .map(|moved| RepoPath::new(moved.from.clone())),
        old_mode: delta.old.map(|entry| entry.mode),
        new_mode: delta.new.map(|entry| entry.mode),
        new: Text::whole(&after),
        hunks,
        path,
    })))
}

/// The sides that hold text. Where a file became a link or the other way round
/// the link is no text: the file's lines are all removed or all added.
fn text_sides(delta: &Delta) -> Result<(Option<Entry>, Option<Entry>), Reason> {
    let file = |side: Option<Entry>| side.filter(|entry| entry.mode.is_file());
    let (old, new) = (file(delta.old), file(delta.new));
    match (old, new) {
        (None, None) => match delta.new.or(delta.old).map(|entry| entry.mode) {
            Some(Mode::Submodule) => Err(Reason::Submodule),
            _ => Err(Reason::Symlink),
        },
        (Some(old), Some(new)) if old.id.is_some() && old.id == new.id => Err(Reason::NoTextChange),
        sides => Ok(sides),
    }
}

/// The bytes of a side, or their number where they are too many; none without that side.
fn content(
    contents: &Contents<'_>,
    path: &BStr,
    side: Option<Entry>,
) -> Result<Result<Option<Vec<u8>>, u64>, Error> {
    let Some(entry) = side else {
        return Ok(Ok(None));
    };
    Ok(match contents.read(path, entry)? {
        Content::Bytes(bytes) => Ok(Some(bytes)),
        Content::TooLarge(bytes) => Err(bytes),
    })
}

fn kind_of(delta: &Delta) -> Kind {
    match (&delta.old, &delta.new, &delta.moved) {
        (_, _, Some(moved)) => Kind::Renamed(moved.similarity),
        (None, _, _) => Kind::Added,
        (_, None, _) => Kind::Deleted,
        (Some(old), Some(new), None) if old.mode.is_file() != new.mode.is_file() => {
            Kind::TypeChanged
        }
        _ => Kind::Modified,
    }
}
