//! What can go wrong between asking for a change and having it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::RepoPath;

/// Why a change could not be read. Each message names the place and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No repository at the folder or above it.
    #[error(
        "{}: not in a git repository; run llmux inside one, or give it a diff with `--patch FILE`",
        dir.display()
    )]
    NotARepository {
        /// Where the search began.
        dir: PathBuf,
    },
    /// The repository is there and cannot be opened.
    #[error("{}: cannot open the git repository: {reason}", dir.display())]
    Open {
        /// Where the search began.
        dir: PathBuf,
        /// What git's files have against it.
        reason: String,
    },
    /// The source needs files on disk, and the repository is bare.
    #[error("{}: has no work tree; compare two commits instead (`A..B`)", dir.display())]
    NoWorkTree {
        /// The repository.
        dir: PathBuf,
    },
    /// A name that git does not know.
    #[error("unknown revision `{rev}`{}", Hint { near, shallow: *shallow })]
    UnknownRevision {
        /// As it was written.
        rev: String,
        /// Branches and tags whose names look like it.
        near: Vec<String>,
        /// Whether the clone lacks a part of the history.
        shallow: bool,
    },
    /// A revision that names no commit where one is needed.
    #[error("`{rev}` is a {kind}, not a commit; name a commit, a branch or a tag")]
    NotACommit {
        /// As it was written.
        rev: String,
        /// `tree`, `blob`.
        kind: String,
    },
    /// Nothing is committed yet.
    #[error("{}: there is no commit yet; commit first, or review what is staged with `--staged`", dir.display())]
    NoCommit {
        /// The repository.
        dir: PathBuf,
    },
    /// Two commits without a common ancestor, as far as the clone knows.
    #[error("no merge base of `{one}` and `{other}`{}", if *shallow { SHALLOW } else { UNRELATED })]
    NoMergeBase {
        /// The base as written.
        one: String,
        /// The head as written.
        other: String,
        /// Whether the clone lacks a part of the history.
        shallow: bool,
    },
    /// HEAD's parent exists and was not cloned.
    #[error("the parent of HEAD is not here{SHALLOW}")]
    ShallowHead,
    /// A partial clone left this object on the server.
    #[error(
        "{path}: object {id} is missing; in a partial clone fetch it first (`git fetch --refetch --no-filter`), \
         otherwise check the repository with `git fsck`"
    )]
    MissingObject {
        /// The file (or folder, for a tree) it belongs to.
        path: RepoPath,
        /// Hexadecimal.
        id: String,
    },
    /// An object that is there and cannot be read.
    #[error("{path}: object {id} cannot be read: {reason}; check the repository with `git fsck`")]
    BrokenObject {
        /// The file (or folder, for a tree) it belongs to.
        path: RepoPath,
        /// Hexadecimal.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The index cannot be read.
    #[error("{}: cannot read the index: {reason}; `git status` shows whether git can", path.display())]
    Index {
        /// The index file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The index could not be compared with the files on disk.
    #[error("{}: cannot compare the index with the work tree: {reason}", dir.display())]
    Status {
        /// The work tree.
        dir: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A file that is there and cannot be read.
    #[error("{}: cannot read: {source}; check that the file exists and may be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A patch that is no patch.
    #[error("{name}:{line}: {problem}")]
    Patch {
        /// The file, or `standard input`.
        name: String,
        /// Line in the patch, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A glob of the settings that is none.
    #[error("`{glob}` is no glob: {reason}; see `change.include` and `change.exclude`")]
    Glob {
        /// As it was written.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
}

const SHALLOW: &str = ": this clone is shallow; fetch the whole history (`fetch-depth: 0` for \
     actions/checkout, `GIT_DEPTH: 0` in GitLab, or `git fetch --unshallow`)";
const UNRELATED: &str = ": their histories are unrelated; compare them directly with `A..B`";

impl Error {
    /// Whether the caller asked for something that is not there or makes no
    /// sense (exit code 2), as opposed to a failure on the way (exit code 1).
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NotARepository { .. }
            | Self::NoWorkTree { .. }
            | Self::UnknownRevision { .. }
            | Self::NotACommit { .. }
            | Self::NoCommit { .. }
            | Self::NoMergeBase { .. }
            | Self::ShallowHead
            | Self::Unreadable { .. }
            | Self::Patch { .. }
            | Self::Glob { .. } => true,
            Self::Open { .. }
            | Self::MissingObject { .. }
            | Self::BrokenObject { .. }
            | Self::Index { .. }
            | Self::Status { .. } => false,
        }
    }
}

/// The end of the message about an unknown revision.
struct Hint<'a> {
    near: &'a [String],
    shallow: bool,
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.near {
            [] if self.shallow => f.write_str(SHALLOW),
            [] => f.write_str("; `git branch -a` and `git tag` list what there is"),
            names => write!(f, "; did you mean `{}`?", names.join("`, `")),
        }
    }
}
