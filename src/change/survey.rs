//! What a repository is like, before a change is read from it.

use std::path::{Path, PathBuf};

use super::{Error, git, revs};

/// A repository as it stands.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The top folder of its work tree; the repository itself where it has none.
    pub root: PathBuf,
    /// The branch that is checked out; none where HEAD names a commit.
    pub branch: Option<String>,
    /// HEAD's commit, hexadecimal; none before the first.
    pub head: Option<String>,
    /// The branch that a change is compared with: `origin/main`.
    pub default_branch: Option<String>,
    /// Whether a part of the history was not cloned.
    pub shallow: bool,
}

/// What is reviewed where nobody names a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultRange {
    /// `origin/main...HEAD`
    pub title: String,
    /// The commit before, hexadecimal; none for the first commit.
    pub base: Option<String>,
}

/// Looks at the repository that holds `dir`; reads no file of it.
///
/// # Errors
/// Where there is none, or it cannot be read.
pub fn survey(dir: &Path) -> Result<Survey, Error> {
    let repo = git::open(dir)?;
    let branch = repo.head_name().ok().flatten();
    Ok(Survey {
        root: repo.workdir().unwrap_or_else(|| repo.git_dir()).to_owned(),
        branch: branch.map(|name| name.shorten().to_string()),
        head: revs::head_commit(&repo)?.map(|id| id.to_string()),
        default_branch: revs::default_branch(&repo)?.map(|(name, _)| name),
        shallow: revs::is_shallow(&repo),
    })
}

/// The range that is reviewed where nobody names one.
///
/// # Errors
/// Those of a review without a range: no merge base, no commit, a shallow clone.
pub fn default_range(dir: &Path) -> Result<DefaultRange, Error> {
    let range = revs::default(&git::open(dir)?)?;
    Ok(DefaultRange {
        title: range.title,
        base: range.base.commit.map(|id| id.to_string()),
    })
}
