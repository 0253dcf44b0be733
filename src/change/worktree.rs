//! What differs between the index and the files on disk.

use bstr::BString;
use gix::index::entry::{Mode as IndexMode, Stage};
use gix::status::UntrackedFiles;
use gix::status::index_worktree::Item;
use gix::status::plumbing::index_as_worktree::{Change as DiskChange, EntryStatus};

use super::delta::{Delta, Entry};
use super::{Error, Mode};
use super::{git, staged};

/// Files of the index that differ on disk, in order of paths. Files whose
/// recorded size and time still hold are not read; untracked ones are no change.
pub(super) fn compare(repo: &gix::Repository) -> Result<Vec<Delta>, Error> {
    let Some(root) = repo.workdir() else {
        return Err(Error::NoWorkTree {
            dir: repo.git_dir().to_owned(),
        });
    };
    // Reports a broken index by its name before the status does it by its own.
    if staged::open(repo)?.is_none() {
        return Ok(Vec::new());
    }
    let failed = |error: gix::Error| Error::Status {
        dir: root.to_owned(),
        reason: git::one_line(&error),
    };
    let items = repo
        .status(gix::progress::Discard)
        .map_err(failed)?
        .untracked_files(UntrackedFiles::None)
        .index_worktree_rewrites(None)
        .index_worktree_submodules(gix::status::Submodule::AsConfigured { check_dirty: true })
        .into_index_worktree_iter(Vec::new())
        .map_err(failed)?;
    let mut deltas = Vec::new();
    for item in items {
        if let Item::Modification {
            entry,
            rela_path,
            status,
            ..
        } = item.map_err(failed)?
        {
            deltas.extend(delta_of(repo, &entry, rela_path, status));
        }
    }
    deltas.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(deltas)
}

fn delta_of<T, U>(
    repo: &gix::Repository,
    entry: &gix::index::Entry,
    path: BString,
    status: EntryStatus<T, U>,
) -> Option<Delta> {
    let old = staged::of_index(entry)?;
    let (old, new) = match status {
        EntryStatus::NeedsUpdate(_) => return None,
        EntryStatus::IntentToAdd => (None, on_disk(repo, &path, old.mode)),
        EntryStatus::Change(DiskChange::Removed) => {
            let promised = entry
                .flags
                .contains(gix::index::entry::Flags::INTENT_TO_ADD);
            ((!promised).then_some(old), None)
        }
        EntryStatus::Change(DiskChange::Type { worktree_mode }) => {
            (Some(old), disk_entry(worktree_mode))
        }
        EntryStatus::Change(DiskChange::SubmoduleModification(_)) => {
            (Some(old), Some(Entry { id: None, ..old }))
        }
        EntryStatus::Change(DiskChange::Modification {
            executable_bit_changed,
            content_change,
            ..
        }) => {
            let mode = match (executable_bit_changed, old.mode) {
                (true, Mode::Regular) => Mode::Executable,
                (true, Mode::Executable) => Mode::Regular,
                (_, mode) => mode,
            };
            let id = if content_change.is_some() {
                None
            } else {
                old.id
            };
            (Some(old), Some(Entry { mode, id }))
        }
        // What is being merged is read against our own side, as `git diff --ours`
        // does, so that conflict markers are seen.
        EntryStatus::Conflict { entries, .. } => {
            let side = |stage: Stage| entries[stage as usize - 1].as_ref();
            let ours = side(Stage::Ours).and_then(|it| {
                Some(Entry {
                    mode: staged::mode_of(it.mode)?,
                    id: Some(it.id),
                })
            });
            (ours, on_disk(repo, &path, Mode::Regular))
        }
    };
    (old != new).then_some(Delta {
        path,
        moved: None,
        old,
        new,
    })
}

fn disk_entry(mode: IndexMode) -> Option<Entry> {
    Some(Entry {
        mode: staged::mode_of(mode)?,
        id: None,
    })
}

/// What stands at `path` in the work tree; none where nothing does. `mode` is
/// taken where the system has no executable bit.
fn on_disk(repo: &gix::Repository, path: &BString, mode: Mode) -> Option<Entry> {
    let found = repo.workdir_path(path)?.symlink_metadata().ok()?;
    let mode = if found.is_symlink() {
        Mode::Symlink
    } else if found.is_dir() {
        return None;
    } else {
        file_mode(&found, mode)
    };
    Some(Entry { mode, id: None })
}

/// Whether a file may be run, where the system knows; `otherwise` where not.
fn file_mode(found: &std::fs::Metadata, otherwise: Mode) -> Mode {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = otherwise;
        if found.permissions().mode() & 0o100 == 0 {
            Mode::Regular
        } else {
            Mode::Executable
        }
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        otherwise
    }
}
