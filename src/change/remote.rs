//! What a repository is called beside its folder.

use std::path::Path;

use bstr::ByteSlice as _;
use gix::ObjectId;

use super::{Error, git, revs};

/// Where `origin` is, without a login, a scheme and `.git`: `github.com/owner/name`, however it is
/// fetched. None where there is no such remote, or no repository.
pub fn remote_name(dir: &Path) -> Option<String> {
    let repo = git::open(dir).ok()?;
    let url = repo.config_snapshot().string("remote.origin.url")?;
    named(&url.to_str_lossy())
}

/// All remotes: each where it is, as [`remote_name`] says it, and its address as configured.
///
/// # Errors
/// Where there is no repository.
pub fn remotes(dir: &Path) -> Result<Vec<(String, String)>, Error> {
    let repo = git::open(dir)?;
    let config = repo.config_snapshot();
    let remotes = repo.remote_names().into_iter().filter_map(|name| {
        let url = config.string(&format!("remote.{}.url", name.to_str_lossy()))?;
        let url = url.to_str_lossy().into_owned();
        Some((named(&url)?, url))
    });
    Ok(remotes.collect())
}

/// What of a pull request's history a clone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Both commits, and where they part.
    Whole,
    /// Both commits, and not where they part.
    NoFork,
    /// Not both commits.
    Lacks,
}

/// What a clone has of the history between two commits, each a whole hash.
///
/// # Errors
/// Where there is no repository, or it cannot be read.
pub fn reach(dir: &Path, base: &str, head: &str) -> Result<Reach, Error> {
    let repo = git::open(dir)?;
    let commit = |hex: &str| {
        let id = ObjectId::from_hex(hex.as_bytes()).ok();
        id.filter(|id| repo.has_object(*id))
    };
    let (Some(base_id), Some(head_id)) = (commit(base), commit(head)) else {
        return Ok(Reach::Lacks);
    };
    match revs::merge_base(&repo, (base, base_id), (head, head_id)) {
        Ok(_) => Ok(Reach::Whole),
        Err(Error::NoMergeBase { .. }) => Ok(Reach::NoFork),
        Err(error) => Err(error),
    }
}

/// `git@github.com:a/b.git`, `https://user:pass@github.com/a/b` → `github.com/a/b`.
fn named(url: &str) -> Option<String> {
    let (is_url, rest) = match url.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, url),
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) if is_url => (authority, path.to_owned()),
        // `host:path`, as scp writes it; what has no host is a folder and no name that another
        // machine knows.
        _ => match rest.split_once(':') {
            Some((host, path)) if !is_url && !host.contains('/') => (host, path.to_owned()),
            _ => return None,
        },
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.trim_matches('/').trim_end_matches(".git");
    (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}"))
}
