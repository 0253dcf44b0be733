//! Where objects lie in the packs: read in that order, what an object is a delta
//! of has just been read before it.

use gix::ObjectId;
use gix::odb::pack::index;

/// The places of `ids` (none stands for no object) in the order of the packs.
/// What is in no pack comes first; without any pack nothing moves.
pub(super) fn order(repo: &gix::Repository, ids: &[Option<ObjectId>]) -> Vec<usize> {
    let packs = open(repo);
    let mut places: Vec<(Option<(usize, u64)>, usize)> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| (id.and_then(|id| find(&packs, id)), at))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, at)| at).collect()
}

/// The pack indices in order of their names. One that cannot be read only costs time.
fn open(repo: &gix::Repository) -> Vec<index::File> {
    let Ok(entries) = std::fs::read_dir(repo.common_dir().join("objects/pack")) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "idx"))
        .collect();
    paths.sort();
    let open = |path| index::File::at(path, repo.object_hash()).ok();
    paths.into_iter().filter_map(open).collect()
}

/// The pack and the offset in it.
fn find(packs: &[index::File], id: ObjectId) -> Option<(usize, u64)> {
    packs.iter().enumerate().find_map(|(number, pack)| {
        let at = pack.lookup(id)?;
        Some((number, pack.pack_offset_at_index(at)))
    })
}
