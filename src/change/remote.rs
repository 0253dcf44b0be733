//! What a repository is called beside its folder.

use std::path::Path;

use bstr::ByteSlice as _;

use super::git;

/// Where `origin` is, without a login, a scheme and `.git`: `github.com/owner/name`, however it is
/// fetched. None where there is no such remote, or no repository.
pub fn remote_name(dir: &Path) -> Option<String> {
    let repo = git::open(dir).ok()?;
    let url = repo.config_snapshot().string("remote.origin.url")?;
    named(&url.to_str_lossy())
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
