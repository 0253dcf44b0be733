//! The noun between git's trees and the files of a change: two sides of a path.

use bstr::BString;
use gix::ObjectId;
use gix::objs::tree::{EntryKind, EntryMode};

use super::Mode;

/// One path that differs between the two states.
#[derive(Clone, Debug)]
pub(super) struct Delta {
    /// After the change; before it where nothing is left.
    pub path: BString,
    /// Where the file was before, for renames.
    pub moved: Option<Moved>,
    /// The entry before.
    pub old: Option<Entry>,
    /// The entry after.
    pub new: Option<Entry>,
}

/// Where a renamed file came from.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    /// The path before.
    pub from: BString,
    /// Percent.
    pub similarity: u8,
}

/// A side of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// What is there.
    pub mode: Mode,
    /// The object; none for a file of the work tree.
    pub id: Option<ObjectId>,
}

impl Entry {
    /// An entry of a tree; none for a folder.
    pub(super) fn of_tree(mode: EntryMode, id: ObjectId) -> Option<Self> {
        let mode = match mode.kind() {
            EntryKind::Tree => return None,
            EntryKind::Blob => Mode::Regular,
            EntryKind::BlobExecutable => Mode::Executable,
            EntryKind::Link => Mode::Symlink,
            EntryKind::Commit => Mode::Submodule,
        };
        Some(Self { mode, id: Some(id) })
    }
}

impl Mode {
    /// Whether the entry is a file with content of its own.
    pub(super) fn is_file(self) -> bool {
        matches!(self, Self::Regular | Self::Executable)
    }
}
