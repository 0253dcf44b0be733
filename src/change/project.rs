//! A project's own files: as they lie in its folder, or as a commit has them.
//!
//! Whoever wrote a change must not set how it is reviewed: in CI, what a project says about its
//! reviews is read from a commit that its owners have taken in, and the work tree is only data.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};

use super::{Error, git, past, revs};

/// Where a project's own files are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Project {
    /// In this folder.
    Folder(PathBuf),
    /// In a commit.
    Commit(Commit),
    /// As an earlier run read them: path → text.
    Kept(BTreeMap<String, String>),
    /// There are none.
    #[default]
    Nowhere,
}

/// A commit that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// A folder of the repository.
    dir: PathBuf,
    /// Hexadecimal.
    id: String,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without the folder's.
    pub name: String,
    /// Whether it has entries of its own. Links have none.
    pub is_folder: bool,
}

impl Project {
    /// As a revision has it, in the repository that holds `dir`.
    ///
    /// # Errors
    /// Where the repository cannot be read, or has no such commit.
    pub fn at(dir: &Path, rev: &str) -> Result<Self, Error> {
        let repo = git::open(dir)?;
        let state = revs::state(&repo, rev)?;
        Ok(Self::Commit(Commit {
            dir: dir.to_owned(),
            id: state.commit.unwrap_or(state.tree).to_string(),
        }))
    }

    /// The bytes of a file; `path` is relative to the top folder, its parts joined by `/`.
    ///
    /// # Errors
    /// `NotFound` where there is no such file; what the system or git says.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(path)),
            Self::Commit(commit) => commit.read(plain(path)),
            Self::Kept(files) => match files.get(plain(path)) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            Self::Nowhere => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// Those of [`Self::read`]; `InvalidData` for what is not UTF-8.
    pub fn text(&self, path: &str) -> io::Result<String> {
        let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "this is not UTF-8");
        String::from_utf8(self.read(path)?).map_err(invalid)
    }

    /// What a folder has, sorted; `""` is the top folder. One that is not there has nothing.
    ///
    /// # Errors
    /// What the system or git says.
    pub fn entries(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = match self {
            Self::Folder(top) => listed(&top.join(folder))?,
            Self::Commit(commit) => commit.entries(plain(folder))?,
            Self::Kept(files) => below(files, plain(folder)),
            Self::Nowhere => Vec::new(),
        };
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    /// Whether something has that path: a file, a folder, a link.
    pub fn has(&self, path: &str) -> bool {
        match self {
            Self::Folder(top) => top.join(path).exists(),
            Self::Commit(commit) => matches!(commit.find(plain(path)), Ok(Some(_))),
            Self::Kept(files) => files.contains_key(plain(path)),
            Self::Nowhere => false,
        }
    }

    /// Whether a file has that path.
    pub fn has_file(&self, path: &str) -> bool {
        match self {
            Self::Folder(top) => top.join(path).is_file(),
            Self::Commit(commit) => matches!(commit.find(plain(path)), Ok(Some((_, true)))),
            Self::Kept(files) => files.contains_key(plain(path)),
            Self::Nowhere => false,
        }
    }

    /// A path of it as messages name it.
    pub fn named(&self, path: &str) -> String {
        match self {
            Self::Folder(top) => top.join(path).display().to_string(),
            Self::Commit(commit) => {
                let id = commit.id.get(..12).unwrap_or(&commit.id);
                format!("{path} at {id}")
            }
            Self::Kept(_) | Self::Nowhere => path.to_owned(),
        }
    }

    /// The commit that it is read from, hexadecimal.
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Commit(commit) => Some(&commit.id),
            Self::Folder(_) | Self::Kept(_) | Self::Nowhere => None,
        }
    }
}

impl Commit {
    fn open(&self) -> io::Result<(gix::Repository, gix::ObjectId)> {
        let repo = git::open(&self.dir).map_err(io::Error::other)?;
        let state = revs::state(&repo, &self.id).map_err(io::Error::other)?;
        Ok((repo, state.tree))
    }

    fn find(&self, path: &str) -> io::Result<Option<(gix::ObjectId, bool)>> {
        let (repo, tree) = self.open()?;
        entry(&repo, tree, path)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let (repo, tree) = self.open()?;
        match entry(&repo, tree, path)? {
            Some((id, true)) => {
                let object = git::object(&repo, id, BStr::new(path)).map_err(io::Error::other)?;
                Ok(object.detach().data)
            }
            // A link's target is not looked for: it may lie outside of the commit.
            Some(_) => Err(io::Error::other("it is a folder or a link, and no file")),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn entries(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let (repo, mut tree) = self.open()?;
        if !folder.is_empty() {
            let Some((id, false)) = entry(&repo, tree, folder)? else {
                return Ok(Vec::new());
            };
            tree = id;
        }
        let object = git::object(&repo, tree, BStr::new(folder)).map_err(io::Error::other)?;
        if object.kind != gix::objs::Kind::Tree {
            return Ok(Vec::new());
        }
        let entries = gix::objs::TreeRefIter::from_bytes(&object.data, repo.object_hash());
        let entries = entries.map(|entry| {
            let entry = entry.map_err(io::Error::other)?;
            Ok(Entry {
                name: entry.filename.to_str_lossy().into_owned(),
                is_folder: entry.mode.is_tree(),
            })
        });
        entries.collect()
    }
}

/// The object at a path, and whether it is a file's.
fn entry(
    repo: &gix::Repository,
    tree: gix::ObjectId,
    path: &str,
) -> io::Result<Option<(gix::ObjectId, bool)>> {
    past::entry(repo, tree, path.as_bytes().as_bstr()).map_err(io::Error::other)
}

/// As trees write it.
fn plain(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path).trim_matches('/')
}

fn below(files: &BTreeMap<String, String>, folder: &str) -> Vec<Entry> {
    let inside = |path: &'_ str| match folder {
        "" => Some(path.to_owned()),
        folder => Some(path.strip_prefix(folder)?.strip_prefix('/')?.to_owned()),
    };
    let inside = files.keys().filter_map(|path| inside(path));
    let entry = |path: String| match path.split_once('/') {
        Some((name, _)) => (name.to_owned(), true),
        None => (path, false),
    };
    let entries: BTreeMap<String, bool> = inside.map(entry).collect();
    let entries = entries.into_iter();
    entries
        .map(|(name, is_folder)| Entry { name, is_folder })
        .collect()
}

fn listed(folder: &Path) -> io::Result<Vec<Entry>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let entries = entries.map(|entry| {
        let entry = entry?;
        Ok(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_folder: entry.file_type()?.is_dir(),
        })
    });
    entries.collect()
}
