//! The bytes of an entry: from the object database or from disk.

use std::cell::RefCell;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _, ByteVec as _};

use super::delta::Entry;
use super::git;
use super::{Error, Mode};

/// Reads sides of a delta; one for each thread.
pub(super) struct Contents<'repo> {
    repo: &'repo gix::Repository,
    /// Turns files into what git would store (line ends, filters); made when the first is read.
    filters: RefCell<Option<Filters<'repo>>>,
}

/// What is in a file.
pub(super) enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// More than is ever read; its size in bytes.
    TooLarge(u64),
}

struct Filters<'repo> {
    pipeline: gix::filter::Pipeline<'repo>,
    index: gix::worktree::IndexPersistedOrInMemory,
}

impl<'repo> Contents<'repo> {
    pub(super) fn new(repo: &'repo gix::Repository) -> Self {
        Self {
            repo,
            filters: RefCell::new(None),
        }
    }

    /// The content as git stores it.
    pub(super) fn read(&self, path: &BStr, entry: Entry) -> Result<Content, Error> {
        let Some(id) = entry.id else {
            return self.read_file(path, entry.mode);
        };
        // To ask for the size first would cost every small object a second look.
        match git::object(self.repo, id, path) {
            Ok(object) => Ok(Content::Bytes(object.detach().data)),
            Err(error) => match git::size(self.repo, id, path) {
                Ok(bytes) if bytes > git::LARGEST => Ok(Content::TooLarge(bytes)),
                _ => Err(error),
            },
        }
    }

    fn read_file(&self, path: &BStr, mode: Mode) -> Result<Content, Error> {
        let place = self.place(path)?;
        let content = place.symlink_metadata().and_then(|found| {
            if found.len() > git::LARGEST {
                return Ok(Content::TooLarge(found.len()));
            }
            self.disk(path, &place, mode).map(Content::Bytes)
        });
        content.map_err(|source| Error::Unreadable {
            path: place,
            source,
        })
    }

    fn place(&self, path: &BStr) -> Result<PathBuf, Error> {
        self.repo
            .workdir_path(path)
            .ok_or_else(|| Error::NoWorkTree {
                dir: self.repo.git_dir().to_owned(),
            })
    }

    fn disk(&self, path: &BStr, place: &Path, mode: Mode) -> io::Result<Vec<u8>> {
        if mode == Mode::Symlink {
            let target = std::fs::read_link(place)?;
            return Vec::from_path_buf(target)
                .map_err(|_| io::Error::other("the link's target is not readable text"));
        }
        let file = std::fs::File::open(place)?;
        let mut filters = self.filters.borrow_mut();
        if filters.is_none() {
            let (pipeline, index) = self
                .repo
                .filter_pipeline(None)
                .map_err(|error| other(&error))?;
            *filters = Some(Filters { pipeline, index });
        }
        let Some(Filters { pipeline, index }) = filters.as_mut() else {
            return Err(io::Error::other("no filters"));
        };
        let relative = path.to_path().map_err(io::Error::other)?;
        let mut content = Vec::new();
        pipeline
            .convert_to_git(file, relative, index)
            .map_err(|error| other(&error))?
            .read_to_end(&mut content)?;
        Ok(content)
    }
}

fn other(error: &gix::Error) -> io::Error {
    io::Error::other(git::one_line(error))
}
