//! `linguist-generated` and `linguist-vendored` of the base's `.gitattributes`.
//!
//! They are read from the base and never from the change: otherwise a pull
//! request could take its own code out of the review.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use gix::attrs::StateRef;
use gix::attrs::search::{MetadataCollection, Outcome};
use gix::objs::tree::EntryKind;

use super::Error;
use super::delta::Delta;
use super::git;

const FILE: &str = ".gitattributes";
const NAMES: [&str; 2] = ["linguist-generated", "linguist-vendored"];

/// The attributes of a tree.
#[derive(Default)]
pub(super) struct Attributes {
    search: gix::attrs::Search,
    names: MetadataCollection,
}

/// What the attributes say of a path; none where they say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// `linguist-generated`
    pub generated: Option<bool>,
    /// `linguist-vendored`
    pub vendored: Option<bool>,
}

/// Reads the `.gitattributes` of every folder in `tree` that holds a changed path.
pub(super) fn read(
    repo: &gix::Repository,
    tree: ObjectId,
    deltas: &[Delta],
) -> Result<Attributes, Error> {
    let mut found = Attributes::default();
    if deltas.is_empty() || tree.is_empty_tree() {
        return Ok(found);
    }
    let folders: BTreeSet<&BStr> = deltas
        .iter()
        .flat_map(|delta| folders_of(delta.path.as_bstr()))
        .collect();
    // A folder sorts after those above it: their trees are known when it is met.
    let mut trees = HashMap::from([(BString::default(), tree)]);
    for folder in folders {
        let Some(id) = trees.get(folder).copied() else {
            continue;
        };
        let object = git::object(repo, id, folder)?;
        for entry in gix::objs::TreeRefIter::from_bytes(&object.data, repo.object_hash()) {
            let entry = entry.map_err(|error| git::broken(id, folder, &error))?;
            match entry.mode.kind() {
                EntryKind::Tree => {
                    trees.insert(below(folder, entry.filename), entry.oid.to_owned());
                }
                EntryKind::Blob | EntryKind::BlobExecutable if entry.filename == FILE => {
                    found.add(repo, folder, entry.oid.to_owned())?;
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

/// The folders above a path, the top (empty) first.
fn folders_of(path: &BStr) -> impl Iterator<Item = &BStr> {
    std::iter::once(BStr::new("")).chain(path.find_iter("/").map(|end| path[..end].as_bstr()))
}

fn below(folder: &BStr, name: &BStr) -> BString {
    let mut path = folder.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

impl Attributes {
    fn add(&mut self, repo: &gix::Repository, folder: &BStr, id: ObjectId) -> Result<(), Error> {
        let path = below(folder, BStr::new(FILE));
        let object = git::object(repo, id, path.as_bstr())?;
        // A folder whose name is no path of this system holds no file either.
        let Ok(source) = path.to_path().map(Path::to_owned) else {
            return Ok(());
        };
        // git takes macros from the top folder alone.
        let macros = folder.is_empty();
        self.search
            .add_patterns_buffer(
                &object.data,
                source,
                Some(Path::new("")),
                &mut self.names,
                macros,
            )
            .map_err(|error| git::broken(id, path.as_bstr(), &error))
    }

    /// What the attributes say of `path`.
    pub(super) fn marks(&self, path: &BStr) -> Marks {
        if self.search.num_pattern_lists() == 0 {
            return Marks::default();
        }
        let mut outcome = Outcome::default();
        outcome.initialize_with_selection(&self.names, NAMES);
        self.search.pattern_matching_relative_path(
            path,
            gix::glob::pattern::Case::Sensitive,
            Some(false),
            &mut outcome,
        );
        let mut states = outcome
            .iter_selected()
            .map(|found| truth(found.assignment.state));
        Marks {
            generated: states.next().flatten(),
            vendored: states.next().flatten(),
        }
    }
}

/// Linguist reads `attribute=false` like `-attribute`.
fn truth(state: StateRef<'_>) -> Option<bool> {
    match state {
        StateRef::Set => Some(true),
        StateRef::Unset => Some(false),
        StateRef::Value(value) => Some(value.as_bstr() != "false"),
        StateRef::Unspecified => None,
    }
}
