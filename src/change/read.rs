//! The story of a change: source, paths that differ, renames, scope, hunks.

use std::path::Path;

use super::delta::Delta;
use super::scope::Scope;
use super::{Change, Error, LeftOut, Reason, RepoPath, Settings, Source};
use super::{attributes, files, git, patch, push, renames, revs, staged, trees, worktree};

/// Reads the change that `source` names, as seen from `dir`.
///
/// Inside a git hook the environment that git sets (`GIT_DIR`,
/// `GIT_INDEX_FILE`, …) wins over what lies at `dir`, as it does for git itself.
///
/// # Errors
/// Where there is no such change, or it cannot be read; see [`Error`].
pub fn read(dir: &Path, source: &Source, settings: &Settings) -> Result<Change, Error> {
    match source {
        Source::Range(Some(range)) => {
            let repo = git::open(dir)?;
            let range = revs::resolve(&repo, range)?;
            of_range(&repo, range, settings)
        }
        Source::Range(None) => {
            let repo = git::open(dir)?;
            let range = revs::default(&repo)?;
            of_range(&repo, range, settings)
        }
        Source::Push(push) => {
            let repo = git::open(dir)?;
            let range = push::resolve(&repo, push)?;
            of_range(&repo, range, settings)
        }
        Source::Staged => of_index(&git::open(dir)?, settings),
        Source::Worktree => of_work_tree(&git::open(dir)?, settings),
        Source::Patch(path) => patch::read(dir, path, settings),
    }
}

fn of_range(
    repo: &gix::Repository,
    range: revs::Range,
    settings: &Settings,
) -> Result<Change, Error> {
    let deltas = trees::compare(repo, range.base.tree, range.head.tree)?;
    let change = Change {
        title: range.title,
        base: range.base.commit.map(|id| id.to_string()),
        head: range.head.commit.map(|id| id.to_string()),
        ..Change::default()
    };
    finish(repo, change, deltas, range.base, settings)
}

fn of_index(repo: &gix::Repository, settings: &Settings) -> Result<Change, Error> {
    let head = revs::head_or_empty(repo)?;
    let index = staged::open(repo)?;
    let found = match &index {
        Some(index) => staged::compare(repo, head.tree, index)?,
        None => staged::compare(repo, head.tree, &gix::index::State::new(repo.object_hash()))?,
    };
    let change = Change {
        title: "staged changes".to_owned(),
        base: head.commit.map(|id| id.to_string()),
        left_out: found
            .unmerged
            .into_iter()
            .map(|path| LeftOut {
                path: RepoPath::new(path),
                reason: Reason::Unmerged,
            })
            .collect(),
        ..Change::default()
    };
    finish(repo, change, found.deltas, head, settings)
}

fn of_work_tree(repo: &gix::Repository, settings: &Settings) -> Result<Change, Error> {
    let deltas = worktree::compare(repo)?;
    let head = revs::head_or_empty(repo)?;
    let change = Change {
        title: "changes in the work tree".to_owned(),
        base: head.commit.map(|id| id.to_string()),
        ..Change::default()
    };
    finish(repo, change, deltas, head, settings)
}

/// From paths that differ to the whole change; `base` is where attributes are read.
fn finish(
    repo: &gix::Repository,
    mut change: Change,
    deltas: Vec<Delta>,
    base: revs::State,
    settings: &Settings,
) -> Result<Change, Error> {
    let mut scope = Scope::new(settings)?;
    change.root = repo.workdir().and_then(|root| root.canonicalize().ok());
    let deltas = renames::find(repo, deltas)?;
    scope.attributes = attributes::read(repo, base.tree, &deltas)?;
    for sorted in files::read_all(repo, &deltas, &scope)? {
        match sorted {
            Ok(file) => change.files.push(file),
            Err(left_out) => change.left_out.push(left_out),
        }
    }
    change
        .left_out
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(change)
}
