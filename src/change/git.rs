//! The repository: found and opened with the least work.

use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};
use gix::ObjectId;
use gix::sec::Trust;
use gix::sec::trust::{DefaultForLevel as _, Mapping};

use super::{Error, RepoPath};

/// Bytes of an object at most: a larger one is refused before memory is taken for it.
pub(super) const LARGEST: u64 = 512 << 20;
/// Bytes of delta bases that a thread keeps.
const DELTA_BASES: usize = 32 << 20;

/// The top folder of the work tree that holds `dir`; none outside of one.
///
/// Looks for `.git` in `dir` and above, and reads nothing of the repository.
pub fn work_root(dir: &Path) -> Option<PathBuf> {
    let (found, _) = gix::discover::upwards(dir).ok()?;
    let (_, root) = found.into_repository_and_work_tree_directories();
    root.and_then(|root| root.canonicalize().ok())
}

/// Opens the repository that holds `dir`, or the one that git names in a hook's environment.
pub(super) fn open(dir: &Path) -> Result<gix::Repository, Error> {
    let limited = |trust| {
        let limit = format!("gitoxide.objects.allocLimit={LARGEST}");
        gix::open::Options::default_for_level(trust).config_overrides([limit])
    };
    let by_trust = Mapping {
        full: limited(Trust::Full),
        reduced: limited(Trust::Reduced),
    };
    let upwards = gix::discover::upwards::Options {
        // As git does: a ceiling that is not above `dir` stops nothing.
        match_ceiling_dir_or_error: false,
        ..Default::default()
    };
    match gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
        dir, upwards, by_trust,
    ) {
        Ok(repo) => Ok(with_cache(repo.to_thread_local())),
        Err(_) if std::env::var_os("GIT_DIR").is_none() && gix::discover::upwards(dir).is_err() => {
            Err(Error::NotARepository {
                dir: dir.to_owned(),
            })
        }
        Err(error) => Err(Error::Open {
            dir: dir.to_owned(),
            reason: one_line(&error),
        }),
    }
}

/// Without a cache every object of a pack is built anew from the first of its deltas.
pub(super) fn with_cache(mut repo: gix::Repository) -> gix::Repository {
    use gix::odb::pack::cache::lru::MemoryCappedHashmap;
    repo.objects
        .set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_BASES)));
    repo
}

/// An error with all its causes in one line.
pub(super) fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Reads an object; `path` is what the message names if it is missing.
pub(super) fn object<'repo>(
    repo: &'repo gix::Repository,
    id: ObjectId,
    path: &BStr,
) -> Result<gix::Object<'repo>, Error> {
    match repo.try_find_object(id) {
        Ok(Some(object)) => Ok(object),
        Ok(None) => Err(Error::MissingObject {
            path: named(path),
            id: id.to_string(),
        }),
        Err(error) => Err(broken(id, path, &error)),
    }
}

/// The size of an object in bytes without reading it whole.
pub(super) fn size(repo: &gix::Repository, id: ObjectId, path: &BStr) -> Result<u64, Error> {
    match repo.try_find_header(id) {
        Ok(Some(header)) => Ok(header.size()),
        Ok(None) => Err(Error::MissingObject {
            path: named(path),
            id: id.to_string(),
        }),
        Err(error) => Err(broken(id, path, &error)),
    }
}

/// An object that is there and not what it should be.
pub(super) fn broken(id: ObjectId, path: &BStr, error: &dyn std::error::Error) -> Error {
    Error::BrokenObject {
        path: named(path),
        id: id.to_string(),
        reason: one_line(error),
    }
}

/// The top folder has no name of its own.
fn named(path: &BStr) -> RepoPath {
    RepoPath::new(if path.is_empty() {
        b".".as_bstr().to_owned()
    } else {
        path.to_owned()
    })
}
