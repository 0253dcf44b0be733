//! What git says: the files, hunks and lines between two states.
//!
//! This is the lowest room of the house: everything above reads a [`Change`]
//! and nothing here knows about models, findings or reports. gix stays behind
//! this folder's door.

mod attributes;
mod contents;
mod delta;
mod error;
mod files;
mod git;
mod hunks;
mod packed;
mod parallel;
mod past;
mod patch;
mod project;
mod push;
mod read;
mod remote;
mod renames;
mod revs;
mod scope;
mod similarity;
mod staged;
mod survey;
mod text;
mod trees;
mod worktree;
mod written;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice as _};

use serde::{Deserialize, Serialize};

pub use error::Error;
pub use git::work_root;
pub use past::{Since, file_at, gone, since};
pub use patch::parse as parse_patch;
pub use project::{Entry, Project};
pub use read::read;
pub use remote::{Reach, reach, remote_name, remotes};
pub use scope::Globs;
pub use survey::{DefaultRange, Survey, default_range, survey};
pub use text::{Fragment, Text};

/// Which two states to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A range as git understands it: `A..B`, `A...B`, or one revision, which
    /// means `REV...HEAD`. `None` is the default range: merge base of HEAD with
    /// the default branch, else `HEAD~1`.
    Range(Option<String>),
    /// What a push brings to a remote.
    Push(Push),
    /// HEAD against the index (the one `GIT_INDEX_FILE` names in a hook).
    Staged,
    /// The index against the work tree.
    Worktree,
    /// A unified diff from a file; `-` is standard input.
    Patch(PathBuf),
}

/// A branch before and after a push, as git tells a `pre-push` hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// What the remote has of the branch; none, or zeros, where the branch is new there.
    pub from: Option<String>,
    /// What it will have; zeros where the branch is deleted.
    pub to: String,
}

/// `[change]`: what of a change is reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Globs of paths to review; empty means all.
    pub include: Vec<String>,
    /// Globs of paths to leave out; wins over `include`.
    pub exclude: Vec<String>,
    /// Bytes of the larger side of a file.
    pub max_file_size: u64,
    /// Whether generated files (by attribute or by their head) are reviewed.
    pub generated: bool,
    /// Whether lock files are reviewed.
    pub lock_files: bool,
    /// Whether vendored folders are reviewed.
    pub vendored: bool,
    /// Whether minified files are reviewed.
    pub minified: bool,
}

/// A path inside the repository: bytes, `/` as separator, no leading `./`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RepoPath(#[serde(with = "written")] BString);

impl RepoPath {
    /// Takes the path's bytes as git stores them.
    pub fn new(bytes: impl Into<BString>) -> Self {
        Self(bytes.into())
    }

    /// The bytes as git stores them.
    pub fn as_bstr(&self) -> &BStr {
        self.0.as_bstr()
    }

    /// The part after the last `/`.
    pub fn file_name(&self) -> &BStr {
        let start = self.0.rfind_byte(b'/').map_or(0, |at| at + 1);
        self.0[start..].as_bstr()
    }
}

/// Bytes that are not UTF-8 are shown as U+FFFD, as everywhere in the reports.
impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_str_lossy())
    }
}

/// A set of changed files, with what was left out and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Change {
    /// For people: `main...HEAD`, `staged changes`, `changes.patch`.
    pub title: String,
    /// The commit compared from, hexadecimal; none for a patch or a first commit.
    pub base: Option<String>,
    /// The commit compared to, hexadecimal; none for index, work tree, patch.
    pub head: Option<String>,
    /// The top folder of the work tree, where there is one.
    pub root: Option<PathBuf>,
    /// Files to review, sorted by path.
    pub files: Vec<Arc<FileChange>>,
    /// Files that changed and are not to be reviewed, sorted by path.
    pub left_out: Vec<LeftOut>,
}

/// One changed file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileChange {
    /// The path after the change; before it for a deleted file.
    pub path: RepoPath,
    /// The path before the change, where it differs (renamed, copied).
    pub old_path: Option<RepoPath>,
    /// What happened to the file.
    pub kind: Kind,
    /// The mode before; none for an added file.
    pub old_mode: Option<Mode>,
    /// The mode after; none for a deleted file.
    pub new_mode: Option<Mode>,
    /// The text after the change: whole from git, the hunks' lines from a patch.
    pub new: Text,
    /// In order of lines, as `git diff -U3 -M` has them.
    pub hunks: Vec<Hunk>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Not there before.
    Added,
    /// Other content, same path and type (the mode may have changed too).
    Modified,
    /// No longer there.
    Deleted,
    /// Moved; similarity in percent.
    Renamed(u8),
    /// Copied from a file that is still there; similarity in percent.
    Copied(u8),
    /// File, link or submodule became another of these.
    TypeChanged,
    /// The executable bit alone.
    ModeChanged,
}

/// A tree entry's mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// 100644
    Regular,
    /// 100755
    Executable,
    /// 120000
    Symlink,
    /// 160000
    Submodule,
}

/// A hunk with three lines of context, as git cuts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// First line of the old side, from 1; git's convention where it is empty.
    pub old_start: u32,
    /// Lines of the old side.
    pub old_count: u32,
    /// First line of the new side, from 1; git's convention where it is empty.
    pub new_start: u32,
    /// Lines of the new side.
    pub new_count: u32,
    /// Context, removed and added lines in the order of the diff.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its side.
    pub kind: LineKind,
    /// Number on its own side, from 1: the old side for removed lines, the new for others.
    pub number: u32,
    /// Content without the line feed; a carriage return stays.
    #[serde(with = "written")]
    pub text: BString,
    /// Whether the file ends here without a line feed.
    pub no_newline: bool,
}

/// Which side a line of a hunk stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    /// Both sides.
    Context,
    /// The old side alone.
    Removed,
    /// The new side alone.
    Added,
}

/// A changed file that is not reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path after the change (before it for a deleted file).
    pub path: RepoPath,
    /// Why.
    pub reason: Reason,
}

/// Why a changed file is not reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// No `include` glob matches.
    NotIncluded,
    /// This `exclude` glob matches.
    Excluded(String),
    /// `.gitattributes` of the base says `linguist-generated`, or the file's head does.
    Generated,
    /// A lock file.
    LockFile,
    /// In a folder of other people's code.
    Vendored,
    /// Lines too long to have been written by hand.
    Minified,
    /// Holds a NUL byte.
    Binary,
    /// Over the size limit, both in bytes.
    TooLarge {
        /// Size of the larger side.
        bytes: u64,
        /// `change.max_file_size`.
        limit: u64,
    },
    /// A symbolic link.
    Symlink,
    /// A submodule.
    Submodule,
    /// Nothing but the mode changed, or a move without an edit.
    NoTextChange,
    /// Its merge conflict is not resolved: nothing is staged yet.
    Unmerged,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotIncluded => f.write_str("matches no `include` glob"),
            Self::Excluded(glob) => write!(f, "excluded by `{glob}`"),
            Self::Generated => f.write_str("generated"),
            Self::LockFile => f.write_str("lock file"),
            Self::Vendored => f.write_str("vendored"),
            Self::Minified => f.write_str("minified"),
            Self::Binary => f.write_str("binary"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "{bytes} bytes, over the limit of {limit}")
            }
            Self::Symlink => f.write_str("symbolic link"),
            Self::Submodule => f.write_str("submodule"),
            Self::NoTextChange => f.write_str("no text changed"),
            Self::Unmerged => f.write_str("in conflict, not merged yet"),
        }
    }
}

impl FileChange {
    /// Numbers of the added lines, from 1, ascending.
    pub fn added_lines(&self) -> impl Iterator<Item = u32> {
        self.hunks.iter().flat_map(|hunk| {
            hunk.lines
                .iter()
                .filter(|line| line.kind == LineKind::Added)
                .map(|line| line.number)
        })
    }
}
