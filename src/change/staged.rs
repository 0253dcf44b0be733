//! What differs between a tree and the index.
//!
//! The index remembers the ids of the trees that it was made from (git's cache
//! tree): a folder whose id stands there unchanged is not looked into.

use std::ops::Range;

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use gix::index::entry::{Flags, Mode as IndexMode, Stage};
use gix::index::extension::Tree as CacheTree;
use gix::objs::tree::EntryKind;

use super::delta::{Delta, Entry};
use super::{Error, Mode};
use super::{git, trees};

/// What a comparison with the index found.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// Files that differ, in order of paths.
    pub deltas: Vec<Delta>,
    /// Files whose merge conflict is not resolved, in order of paths.
    pub unmerged: Vec<BString>,
}

/// Opens the index that `GIT_INDEX_FILE` names, else the repository's; none before the first `git add`.
pub(super) fn open(repo: &gix::Repository) -> Result<Option<gix::index::File>, Error> {
    let path = repo.index_path();
    match repo.open_index() {
        Ok(index) => Ok(Some(index)),
        Err(_) if !path.exists() => Ok(None),
        Err(error) => Err(Error::Index {
            path,
            reason: git::one_line(&error),
        }),
    }
}

/// Compares `tree` with the index.
pub(super) fn compare(
    repo: &gix::Repository,
    tree: ObjectId,
    index: &gix::index::State,
) -> Result<Staged, Error> {
    let mut walk = Walk {
        repo,
        index,
        found: Staged::default(),
    };
    walk.folder(
        Some(tree),
        index.tree(),
        BStr::new(""),
        0..index.entries().len(),
    )?;
    let mut found = walk.found;
    found.deltas.sort_by(|one, other| one.path.cmp(&other.path));
    found.unmerged.sort();
    found.unmerged.dedup();
    Ok(found)
}

struct Walk<'a> {
    repo: &'a gix::Repository,
    index: &'a gix::index::State,
    found: Staged,
}

/// An entry of a tree, as far as it is needed here.
struct Item {
    name: BString,
    id: ObjectId,
    /// None for a folder.
    entry: Option<Entry>,
}

impl Walk<'_> {
    /// Compares a folder: its tree against the range of index entries below it.
    /// `prefix` is empty or ends with `/`.
    fn folder(
        &mut self,
        tree: Option<ObjectId>,
        cached: Option<&CacheTree>,
        prefix: &BStr,
        mut range: Range<usize>,
    ) -> Result<(), Error> {
        let unchanged = cached.is_some_and(|it| it.num_entries.is_some() && Some(it.id) == tree);
        if unchanged {
            return Ok(());
        }
        let mut items = match tree {
            Some(id) => self.items(id, prefix)?.into_iter().peekable(),
            None => Vec::new().into_iter().peekable(),
        };
        // Both sides are merged by name, folders included; the tree is sorted
        // by whole paths (see `items`), and so is the index.
        while !range.is_empty() {
            let (name, entries) = self.next_name(prefix, &range);
            range.start = entries.end;
            while let Some(item) = items.next_if(|item| order(item) < name.sort_key()) {
                self.gone(&item, prefix)?;
            }
            let item = items.next_if(|item| order(item) == name.sort_key());
            match name {
                Name::Folder(name) => {
                    let path = join(prefix, &name, true);
                    let child = cached.and_then(|it| child(it, name.as_bstr()));
                    self.folder(item.map(|it| it.id), child, path.as_bstr(), entries)?;
                }
                Name::File(name) => {
                    let path = join(prefix, &name, false);
                    self.file(item.and_then(|it| it.entry), path, entries);
                }
                Name::Sparse(name) => {
                    self.sparse(
                        item.map(|it| it.id),
                        &join(prefix, &name, true),
                        entries.start,
                    )?;
                }
            }
        }
        for item in items {
            self.gone(&item, prefix)?;
        }
        Ok(())
    }

    /// The entries of a tree in the order of whole paths.
    fn items(&self, id: ObjectId, prefix: &BStr) -> Result<Vec<Item>, Error> {
        let object = git::object(self.repo, id, prefix)?;
        let mut items = Vec::new();
        for entry in gix::objs::TreeRefIter::from_bytes(&object.data, self.repo.object_hash()) {
            let entry = entry.map_err(|error| git::broken(id, prefix, &error))?;
            items.push(Item {
                name: entry.filename.to_owned(),
                id: entry.oid.to_owned(),
                entry: Entry::of_tree(entry.mode, entry.oid.to_owned()),
            });
        }
        items.sort_by_cached_key(order);
        Ok(items)
    }

    /// The first name below `prefix` in `range`, with the entries that belong to it.
    fn next_name(&self, prefix: &BStr, range: &Range<usize>) -> (Name, Range<usize>) {
        let entries = &self.index.entries()[range.clone()];
        let rest = |entry: &gix::index::Entry| {
            let path = entry.path(self.index);
            path[prefix.len().min(path.len())..].as_bstr()
        };
        let first = rest(&entries[0]);
        let (name, length) = match first.find_byte(b'/') {
            Some(end) if end + 1 == first.len() && entries[0].mode.is_sparse() => {
                (Name::Sparse(first[..end].into()), 1)
            }
            Some(end) => {
                let folder = &first[..=end];
                let length = entries.partition_point(|entry| rest(entry).starts_with(folder));
                (Name::Folder(first[..end].into()), length)
            }
            None => {
                // A path in conflict has up to three entries.
                let stages = entries.iter().take_while(|entry| rest(entry) == first);
                (Name::File(first.into()), stages.count())
            }
        };
        (name, range.start..range.start + length)
    }

    /// A path of the tree that the index lacks.
    fn gone(&mut self, item: &Item, prefix: &BStr) -> Result<(), Error> {
        if let Some(entry) = item.entry {
            self.push(join(prefix, &item.name, false), Some(entry), None);
            return Ok(());
        }
        let path = join(prefix, &item.name, true);
        self.folder(Some(item.id), None, path.as_bstr(), 0..0)
    }

    /// One path of the index: one entry, or up to three in a conflict.
    fn file(&mut self, old: Option<Entry>, path: BString, entries: Range<usize>) {
        let entries = &self.index.entries()[entries];
        if entries.iter().any(|it| it.stage() != Stage::Unconflicted) {
            self.found.unmerged.push(path);
            return;
        }
        // `git add --intent-to-add` stages a name, not a content.
        let new = entries
            .iter()
            .find(|it| !it.flags.contains(Flags::INTENT_TO_ADD))
            .and_then(of_index);
        self.push(path, old, new);
    }

    /// A folder that a sparse index keeps as one entry.
    fn sparse(&mut self, old: Option<ObjectId>, path: &BString, at: usize) -> Result<(), Error> {
        let new = self.index.entries()[at].id;
        let empty = ObjectId::empty_tree(self.repo.object_hash());
        let below = trees::compare(self.repo, old.unwrap_or(empty), new)?;
        self.found
            .deltas
            .extend(below.into_iter().map(|delta| Delta {
                path: join(path, &delta.path, false),
                ..delta
            }));
        Ok(())
    }

    fn push(&mut self, path: BString, old: Option<Entry>, new: Option<Entry>) {
        if old != new {
            self.found.deltas.push(Delta {
                path,
                moved: None,
                old,
                new,
            });
        }
    }
}

/// What stands at a place of the index.
enum Name {
    File(BString),
    Folder(BString),
    Sparse(BString),
}

impl Name {
    /// Where whole paths place it: a folder's name ends with `/`.
    fn sort_key(&self) -> BString {
        match self {
            Self::File(name) => name.clone(),
            Self::Folder(name) | Self::Sparse(name) => join(b"", name, true),
        }
    }
}

fn order(item: &Item) -> BString {
    join(b"", &item.name, item.entry.is_none())
}

fn join(prefix: &[u8], name: &[u8], folder: bool) -> BString {
    let mut path = BString::new(Vec::with_capacity(prefix.len() + name.len() + 1));
    path.extend_from_slice(prefix);
    path.extend_from_slice(name);
    if folder {
        path.push(b'/');
    }
    path
}

fn child<'a>(tree: &'a CacheTree, name: &BStr) -> Option<&'a CacheTree> {
    tree.children.iter().find(|it| it.name.as_slice() == name)
}

/// The entry of a path as the index has it.
pub(super) fn of_index(entry: &gix::index::Entry) -> Option<Entry> {
    Some(Entry {
        mode: mode_of(entry.mode)?,
        id: Some(entry.id),
    })
}

/// A file's mode in the index; none for a folder.
pub(super) fn mode_of(mode: IndexMode) -> Option<Mode> {
    Some(match mode.to_tree_entry_mode()?.kind() {
        EntryKind::Tree => return None,
        EntryKind::Blob => Mode::Regular,
        EntryKind::BlobExecutable => Mode::Executable,
        EntryKind::Link => Mode::Symlink,
        EntryKind::Commit => Mode::Submodule,
    })
}
