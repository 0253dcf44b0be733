//! Which added file is a deleted one moved.
//!
//! The passes, thresholds and ties are those of git's `diffcore-rename`, so that
//! a change reads as `git diff -M` shows it: the same object first, then the
//! same base name where it is unique on both sides, then the most similar pairs
//! of what is left, unless there are too many of them.

use std::collections::{HashMap, VecDeque};

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;

use super::Error;
use super::contents::{Content, Contents};
use super::delta::{Delta, Entry, Moved};
use super::parallel;
use super::similarity::{self, BEST, Spans};

/// Least similarity of a move: git's 50 %.
const LEAST: u32 = BEST / 2;
/// Least similarity where the unique base name speaks for it: git's 75 %.
const LEAST_BY_NAME: u32 = BEST / 4 * 3;
/// Pairs compared at most: the square of git's `diff.renameLimit`.
const MOST_PAIRS: usize = 1000 * 1000;
/// Equal candidates looked at for one file.
const MOST_EQUAL: usize = 100;

/// Joins deletions and additions that are one move; the order of paths is kept.
pub(super) fn find(repo: &gix::Repository, deltas: Vec<Delta>) -> Result<Vec<Delta>, Error> {
    let (mut deleted, mut added, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for delta in deltas {
        match (delta.old, delta.new) {
            (Some(entry), None) => deleted.push(Side::new(delta.path, entry)),
            (None, Some(entry)) => added.push(Side::new(delta.path, entry)),
            _ => rest.push(delta),
        }
    }
    if !deleted.is_empty() && !added.is_empty() {
        let mut moves = Moves { deleted, added };
        moves.by_object();
        if moves.load(repo)? {
            moves.by_name();
            moves.by_similarity();
        }
        (deleted, added) = (moves.deleted, moves.added);
    }
    for side in &mut added {
        rest.push(side.delta(&mut deleted));
    }
    for side in deleted {
        if !side.taken {
            rest.push(Delta {
                path: side.path,
                moved: None,
                old: Some(side.entry),
                new: None,
            });
        }
    }
    rest.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(rest)
}

/// A path that is on one side alone.
struct Side {
    path: BString,
    entry: Entry,
    /// Whether it is part of a move already.
    taken: bool,
    /// For an added path: the place of the deleted one, and how similar they are.
    from: Option<(usize, u32)>,
    /// None where the content does not count: links, missing objects.
    spans: Option<Spans>,
}

impl Side {
    fn new(path: BString, entry: Entry) -> Self {
        Self {
            path,
            entry,
            taken: false,
            from: None,
            spans: None,
        }
    }

    fn base_name(&self) -> &BStr {
        let start = self.path.rfind_byte(b'/').map_or(0, |at| at + 1);
        self.path[start..].as_bstr()
    }

    /// What an added path is in the end; takes the name from where it came.
    fn delta(&mut self, deleted: &mut [Self]) -> Delta {
        let moved = self.from.map(|(at, score)| Moved {
            from: std::mem::take(&mut deleted[at].path),
            similarity: u8::try_from(score * 100 / BEST).unwrap_or(100),
        });
        Delta {
            old: self.from.map(|(at, _)| deleted[at].entry),
            path: std::mem::take(&mut self.path),
            moved,
            new: Some(self.entry),
        }
    }
}

struct Moves {
    deleted: Vec<Side>,
    added: Vec<Side>,
}

impl Moves {
    fn join(&mut self, from: usize, to: usize, score: u32) {
        self.deleted[from].taken = true;
        self.added[to].taken = true;
        self.added[to].from = Some((from, score));
    }

    /// Places of what is not part of a move yet.
    fn open(sides: &[Side]) -> Vec<usize> {
        (0..sides.len()).filter(|at| !sides[*at].taken).collect()
    }

    /// The same object under another name; the same base name is preferred.
    fn by_object(&mut self) {
        let mut sources: HashMap<ObjectId, VecDeque<usize>> = HashMap::new();
        for (at, side) in self.deleted.iter().enumerate() {
            if let Some(id) = side.entry.id {
                sources.entry(id).or_default().push_back(at);
            }
        }
        for to in 0..self.added.len() {
            let target = &self.added[to];
            let Some(equal) = target.entry.id.and_then(|id| sources.get_mut(&id)) else {
                continue;
            };
            let fits = |from: usize| {
                let (one, other) = (self.deleted[from].entry.mode, target.entry.mode);
                one == other || (one.is_file() && other.is_file())
            };
            let mut first = None;
            let mut best = None;
            for (place, from) in equal.iter().enumerate().take(MOST_EQUAL) {
                if fits(*from) {
                    first = first.or(Some(place));
                    if self.deleted[*from].base_name() == target.base_name() {
                        best = Some(place);
                        break;
                    }
                }
            }
            if let Some(from) = best.or(first).and_then(|place| equal.remove(place)) {
                self.join(from, to, BEST);
            }
        }
    }

    /// Reads what could still be part of a move; false where nothing could.
    fn load(&mut self, repo: &gix::Repository) -> Result<bool, Error> {
        let (deleted, added) = (Self::open(&self.deleted), Self::open(&self.added));
        if deleted.is_empty() || added.is_empty() {
            return Ok(false);
        }
        let sides: Vec<&Side> = deleted
            .iter()
            .map(|at| &self.deleted[*at])
            .chain(added.iter().map(|at| &self.added[*at]))
            .collect();
        let id = |side: &&Side| side.entry.id;
        let spans = parallel::map(repo, &sides, id, |contents, side| Ok(spans(contents, side)))?;
        let mut spans = spans.into_iter();
        for (at, spans) in deleted.into_iter().zip(spans.by_ref()) {
            self.deleted[at].spans = spans;
        }
        for (at, spans) in added.into_iter().zip(spans) {
            self.added[at].spans = spans;
        }
        Ok(true)
    }

    fn score(&self, from: usize, to: usize) -> u32 {
        match (&self.deleted[from].spans, &self.added[to].spans) {
            (Some(old), Some(new)) => similarity::score(old, new, LEAST),
            _ => 0,
        }
    }

    /// A base name that is unique among the deleted and among the added.
    fn by_name(&mut self) {
        let sources = unique_names(&self.deleted);
        let targets = unique_names(&self.added);
        let mut pairs: Vec<(usize, usize)> = sources
            .iter()
            .filter_map(|(name, from)| Some(((*from)?, (*targets.get(name)?)?)))
            .collect();
        pairs.sort_unstable();
        let found: Vec<_> = pairs
            .into_iter()
            .map(|(from, to)| (from, to, self.score(from, to)))
            .filter(|(_, _, score)| *score >= LEAST_BY_NAME)
            .collect();
        for (from, to, score) in found {
            self.join(from, to, score);
        }
    }

    /// The most similar of all remaining pairs first.
    fn by_similarity(&mut self) {
        let (sources, targets) = (Self::open(&self.deleted), Self::open(&self.added));
        if sources.is_empty() || sources.len().saturating_mul(targets.len()) > MOST_PAIRS {
            return;
        }
        let spans: Vec<_> = sources
            .iter()
            .map(|at| self.deleted[*at].spans.as_ref())
            .collect();
        let index = similarity::Index::new(&spans);
        let mut candidates = Vec::new();
        for to in targets {
            let target = &self.added[to];
            let scores = match &target.spans {
                Some(new) => index.scores(new, LEAST),
                None => continue,
            };
            let pairs = sources.iter().zip(scores).map(|(from, score)| Pair {
                same_name: self.deleted[*from].base_name() == target.base_name(),
                from: *from,
                to,
                score,
            });
            candidates.extend(best_of(pairs));
        }
        candidates.sort_by(Pair::better_first);
        for pair in candidates {
            let free = !self.deleted[pair.from].taken && !self.added[pair.to].taken;
            if pair.score >= LEAST && free {
                self.join(pair.from, pair.to, pair.score);
            }
        }
    }
}

/// Each base name that is not taken, with its place; none where it is there twice.
fn unique_names(sides: &[Side]) -> HashMap<&BStr, Option<usize>> {
    let mut names = HashMap::new();
    for (at, side) in sides.iter().enumerate().filter(|(_, side)| !side.taken) {
        names
            .entry(side.base_name())
            .and_modify(|place| *place = None)
            .or_insert(Some(at));
    }
    names
}

/// What is missing or too large has no spans: it can only move unchanged.
fn spans(contents: &Contents<'_>, side: &Side) -> Option<Spans> {
    if !side.entry.mode.is_file() {
        return None;
    }
    match contents.read(side.path.as_bstr(), side.entry) {
        Ok(Content::Bytes(bytes)) => Some(Spans::of(&bytes)),
        Ok(Content::TooLarge(_)) | Err(_) => None,
    }
}

/// A possible move.
#[derive(Clone, Copy)]
struct Pair {
    from: usize,
    to: usize,
    score: u32,
    same_name: bool,
}

impl Pair {
    fn better_first(one: &Self, other: &Self) -> std::cmp::Ordering {
        (other.score, other.same_name).cmp(&(one.score, one.same_name))
    }
}

/// The four best sources of a file. Where many are equally good, which four
/// remain and in which order follows git's, down to the slot.
fn best_of(pairs: impl Iterator<Item = Pair>) -> Vec<Pair> {
    const CANDIDATES: usize = 4;
    let mut best: Vec<Pair> = Vec::with_capacity(CANDIDATES);
    for pair in pairs {
        if best.len() < CANDIDATES {
            best.push(pair);
            continue;
        }
        let mut worst = 0;
        for at in 1..best.len() {
            if Pair::better_first(&best[at], &best[worst]).is_gt() {
                worst = at;
            }
        }
        if Pair::better_first(&best[worst], &pair).is_gt() {
            best[worst] = pair;
        }
    }
    best
}
