//! Which files share a packet.
//!
//! Files that belong together (a source and its tests) are one unit, and the units,
//! sorted by path, are the leaves of a binary tree whose shape depends on the paths
//! alone. A node that fits a packet is one; another is divided into its children;
//! a file that does not fit is divided into parts. So an edit in one file touches
//! only the nodes above it: packets elsewhere keep their text and their id, except
//! those that the file's own packet grew over.
//!
//! A node is divided in the middle half of its units, where the folders differ
//! nearest to the root, and among such places where a hash of the path says. The
//! hash holds the place also when a file joins or leaves the change, where a count
//! from the start would move every border after it.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::change::{FileChange, RepoPath};

use super::{Piece, Settings, related, render};

/// Files that stay together while they fit.
struct Unit {
    /// Indexes into the change's files, ascending.
    files: Vec<usize>,
    /// Of the unit's first source.
    path: RepoPath,
    /// Where among equals a border stands.
    hash: [u8; 8],
}

/// Divides `files` into the pieces of each packet, `room` bytes at most together.
pub(super) fn cut(files: &[Arc<FileChange>], settings: &Settings, room: usize) -> Vec<Vec<Piece>> {
    let mut cutter = Cutter {
        files,
        settings,
        room,
        pieces: files
            .iter()
            .map(|file| Some(render::whole(file, settings, room)))
            .collect(),
        packets: Vec::new(),
    };
    let mut units: Vec<Unit> = related::groups(files)
        .into_iter()
        .map(|(source, members)| Unit::new(&files[source].path, members))
        .collect();
    units.sort_by(|a, b| a.path.cmp(&b.path));
    cutter.divide(&units);
    cutter.packets
}

struct Cutter<'a> {
    files: &'a [Arc<FileChange>],
    settings: &'a Settings,
    room: usize,
    /// Each file in one piece, until it is taken into a packet.
    pieces: Vec<Option<Piece>>,
    packets: Vec<Vec<Piece>>,
}

impl Cutter<'_> {
    fn divide(&mut self, units: &[Unit]) {
        let bytes: usize = units
            .iter()
            .flat_map(|unit| &unit.files)
            .filter_map(|file| self.pieces[*file].as_ref())
            .map(|piece| piece.text.len())
            .sum();
        match units {
            [] => {}
            _ if bytes <= self.room => self.take(units),
            [unit] => self.divide_unit(unit),
            _ => {
                let (left, right) = units.split_at(border(units));
                self.divide(left);
                self.divide(right);
            }
        }
    }

    fn divide_unit(&mut self, unit: &Unit) {
        if let [file] = unit.files[..] {
            self.pieces[file] = None;
            let parts = render::parts(&self.files[file], self.settings, self.room);
            self.packets
                .extend(parts.into_iter().map(|part| vec![part]));
        } else {
            let alone: Vec<Unit> = unit
                .files
                .iter()
                .map(|file| Unit::new(&self.files[*file].path, vec![*file]))
                .collect();
            self.divide(&alone);
        }
    }

    fn take(&mut self, units: &[Unit]) {
        let mut members: Vec<usize> = units
            .iter()
            .flat_map(|unit| unit.files.iter().copied())
            .collect();
        members.sort_unstable();
        let pieces = members
            .into_iter()
            .filter_map(|file| self.pieces[file].take())
            .collect();
        self.packets.push(pieces);
    }
}

impl Unit {
    fn new(path: &RepoPath, files: Vec<usize>) -> Self {
        let digest = Sha256::digest(path.as_bstr());
        let mut hash = [0; 8];
        hash.copy_from_slice(&digest[..8]);
        Self {
            files,
            path: path.clone(),
            hash,
        }
    }
}

/// Where two or more units are divided: the index of the first unit on the right.
fn border(units: &[Unit]) -> usize {
    let margin = (units.len() / 4).max(1);
    (margin..=units.len() - margin)
        .min_by_key(|at| {
            (
                depth(&units[at - 1].path, &units[*at].path),
                units[*at].hash,
            )
        })
        .unwrap_or(1)
}

/// How many folders two paths share from the root; more for equal names but for the extension.
fn depth(left: &RepoPath, right: &RepoPath) -> usize {
    let parts = |path: &RepoPath| -> Vec<Vec<u8>> {
        path.as_bstr()
            .split(|byte| *byte == b'/')
            .map(<[u8]>::to_vec)
            .collect()
    };
    let (left, right) = (parts(left), parts(right));
    let shared = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let stem = |path: &[Vec<u8>]| {
        path.last()
            .and_then(|name| name.split(|byte| *byte == b'.').next().map(<[u8]>::to_vec))
    };
    let siblings = shared + 1 == left.len() && shared + 1 == right.len();
    shared + usize::from(siblings && stem(&left) == stem(&right))
}
