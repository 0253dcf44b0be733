//! What a place is known by when lines move, files are renamed and models quote anew.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::change::{FileChange, RepoPath};
use crate::context::Symbols;
use crate::units::hex;

/// Bytes of a line's hash that are kept.
const BYTES: usize = 6;
/// Lines above and below that are kept.
const NEIGHBOURS: usize = 2;

/// Hashes of the first telling line of a place and of what stands around it. White space does
/// not count, and lines that say nothing (`}`) are left out. Hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Marks {
    /// The line.
    pub line: String,
    /// The line that opens the function, type or section around it; empty where there is none.
    pub scope: String,
    /// Telling lines above, the nearest first.
    pub above: Vec<String>,
    /// Telling lines below, the nearest first.
    pub below: Vec<String>,
    /// Lines of the file that read like it, itself among them; 0 where the file is not known.
    pub twins: u32,
}

impl Marks {
    /// Of a quote whose file is not known.
    pub(in crate::findings) fn of_quote(quote: &str) -> Self {
        let line = quote.lines().find(|line| tells(line)).unwrap_or(quote);
        Self {
            line: mark(line),
            ..Self::default()
        }
    }

    /// What stands around both, and how much of it is the same: (same, known of either).
    pub(super) fn agreement(&self, other: &Self) -> (u32, u32) {
        let (mut same, mut known) = (0, 0);
        let mut count = |one: Option<&String>, two: Option<&String>| {
            let (one, two) = (
                one.filter(|it| !it.is_empty()),
                two.filter(|it| !it.is_empty()),
            );
            known += u32::from(one.is_some() || two.is_some());
            same += u32::from(one.is_some() && one == two);
        };
        count(Some(&self.scope), Some(&other.scope));
        for at in 0..NEIGHBOURS {
            count(self.above.get(at), other.above.get(at));
            count(self.below.get(at), other.below.get(at));
        }
        (same, known)
    }

    /// Whether both are of the same line of one file: where others read like it, what stands
    /// around it must agree.
    pub(super) fn is_line_of(&self, other: &Self) -> bool {
        !self.line.is_empty()
            && self.line == other.line
            && ((self.twins <= 1 && other.twins <= 1) || self.agreement(other).0 >= 2)
    }
}

/// Whether a line says anything.
fn tells(line: &str) -> bool {
    line.chars().filter(|ch| ch.is_alphanumeric()).count() >= 3
}

/// A line's hash.
fn mark(line: &str) -> String {
    let squeezed: String = line.chars().filter(|ch| !ch.is_whitespace()).collect();
    hex(&Sha256::digest(squeezed.as_bytes())[..BYTES])
}

/// A file's telling lines, found by their hashes.
pub(in crate::findings) struct Sheet<'f> {
    pub(super) file: &'f FileChange,
    /// Number and hash of each telling line, in order.
    rows: Vec<(u32, String)>,
    /// Hash → indices into `rows`.
    places: HashMap<String, Vec<usize>>,
    symbols: Symbols<'f>,
}

impl<'f> Sheet<'f> {
    pub(super) fn new(file: &'f FileChange) -> Self {
        let rows: Vec<_> = file
            .new
            .lines()
            .filter(|(_, line)| tells(line))
            .map(|(number, line)| (number, mark(line)))
            .collect();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, (_, mark)) in rows.iter().enumerate() {
            places.entry(mark.clone()).or_default().push(index);
        }
        Self {
            file,
            rows,
            places,
            symbols: Symbols::new(file),
        }
    }

    /// The marks of the first telling line from `first` to `last`, and how many lines of the
    /// same scope read like it before it.
    pub(in crate::findings) fn marks(&self, first: u32, last: u32) -> (Marks, usize) {
        let at = self.rows.partition_point(|(number, _)| *number < first);
        match self.rows.get(at).filter(|(number, _)| *number <= last) {
            Some(_) => self.marks_of(at),
            None => (
                Marks {
                    line: mark(self.file.new.line(first).unwrap_or_default()),
                    scope: self.scope(first),
                    above: self.neighbours(at, false),
                    below: self.neighbours(at, true),
                    // What says nothing is everywhere.
                    twins: 2,
                },
                0,
            ),
        }
    }

    fn marks_of(&self, at: usize) -> (Marks, usize) {
        let (number, line) = &self.rows[at];
        let scope = self.scope(*number);
        let twins = self.places.get(line).map_or(&[][..], Vec::as_slice);
        let before = twins.iter().take_while(|twin| **twin < at);
        let nth = before
            .filter(|twin| self.scope(self.rows[**twin].0) == scope)
            .count();
        let marks = Marks {
            line: line.clone(),
            above: self.neighbours(at, false),
            below: self.neighbours(at + 1, true),
            twins: u32::try_from(twins.len()).unwrap_or(u32::MAX),
            scope,
        };
        (marks, nth)
    }

    /// Hashes of the telling lines before the row `at`, or from it on.
    fn neighbours(&self, at: usize, below: bool) -> Vec<String> {
        let hashes = |rows: &mut dyn Iterator<Item = &(u32, String)>| {
            rows.take(NEIGHBOURS).map(|row| row.1.clone()).collect()
        };
        if below {
            hashes(&mut self.rows[at..].iter())
        } else {
            hashes(&mut self.rows[..at].iter().rev())
        }
    }

    fn scope(&self, line: u32) -> String {
        self.symbols.at(line).map(mark).unwrap_or_default()
    }

    /// The line that opens what is around a line.
    pub(super) fn symbol(&self, line: u32) -> Option<&'f str> {
        self.symbols.at(line)
    }

    /// Where the marked line is now, and whether it still reads as it did: else it is where
    /// its neighbours stand.
    pub(super) fn find(&self, marks: &Marks) -> Option<(u32, bool)> {
        if let Some(twins) = self.places.get(&marks.line) {
            let agreement = |at: usize| self.marks_of(at).0.agreement(marks).0;
            let best = twins
                .iter()
                .map(|at| (std::cmp::Reverse(agreement(*at)), *at))
                .min()?;
            return Some((self.rows[best.1].0, true));
        }
        let is = |at: Option<usize>, wanted: Option<&String>| {
            let row = at.and_then(|at| self.rows.get(at));
            wanted.is_some() && row.map(|row| &row.1) == wanted
        };
        let between = |at: usize| {
            u32::from(is(at.checked_sub(1), marks.above.first()))
                + u32::from(is(Some(at + 1), marks.below.first()))
        };
        // Both neighbours: one alone may have moved without it.
        let mut beside = marks
            .above
            .first()
            .and_then(|above| self.places.get(above))?
            .iter();
        let at = beside.find(|above| between(**above + 1) == 2)?;
        Some((self.rows[at + 1].0, false))
    }
}

/// The sheets of a change's files, each made when it is asked for.
pub(in crate::findings) struct Sheets<'f> {
    files: BTreeMap<&'f RepoPath, (&'f FileChange, OnceCell<Sheet<'f>>)>,
    /// By the path as people read it; of two that read the same, none.
    names: BTreeMap<String, Option<&'f RepoPath>>,
}

impl<'f> Sheets<'f> {
    pub(in crate::findings) fn new(files: &'f [Arc<FileChange>]) -> Self {
        let mut names = BTreeMap::new();
        for file in files {
            let entry = names.entry(file.path.to_string());
            entry
                .and_modify(|path| *path = None)
                .or_insert(Some(&file.path));
        }
        let files = files.iter();
        Self {
            files: files
                .map(|file| (&file.path, (&**file, OnceCell::new())))
                .collect(),
            names,
        }
    }

    pub(in crate::findings) fn of(&self, path: &RepoPath) -> Option<&Sheet<'f>> {
        let (file, sheet) = self.files.get(path)?;
        Some(sheet.get_or_init(|| Sheet::new(file)))
    }

    /// The sheet of a path as records have it.
    pub(super) fn named(&self, path: &str) -> Option<&Sheet<'f>> {
        self.of((*self.names.get(path)?)?)
    }

    /// The path before the change, where a file of that path was moved.
    pub(super) fn moved_from(&self, path: &str) -> Option<String> {
        let path = (*self.names.get(path)?)?;
        let (file, _) = self.files.get(path)?;
        file.old_path.as_ref().map(ToString::to_string)
    }

    /// The file that has that path now or had it before the change.
    pub(super) fn now_of(&self, path: &str) -> Option<&Sheet<'f>> {
        self.named(path).or_else(|| {
            let mut files = self.files.iter();
            let (now, _) = files.find(|(_, (file, _))| {
                let old = file.old_path.as_ref();
                old.is_some_and(|old| old.to_string() == path)
            })?;
            self.of(now)
        })
    }
}
