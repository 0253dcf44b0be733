//! Which finding of now is which of before: one to one, the strict ways before the loose.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::{FileChange, RepoPath};

use super::super::{MergeSettings, Place, Statement, cluster};
use super::marks::{Sheet, Sheets};
use super::record::Record;

/// Lines between two places that may be one problem quoted twice, where no function tells.
const NEAR: u32 = 10;

/// Probability of being one from which a match may hide a finding.
const CERTAIN: f64 = 0.5;

/// How far a match may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The same rule on the same line: for records whose words are a rule's.
    Place,
    /// Also the same problem in other words or on another line that still reads as it did; not
    /// where it is worse than it was. What is matched is hidden, so a doubt is no match.
    Suppress,
    /// Also on the line that took the place of an edited one.
    Compare,
}

/// Finds for each record of now that of before which is the same finding.
///
/// Four ways, each for what the ones before it left over; in each the pair whose surroundings
/// agree most is taken first:
/// 1. one file, one line, one rule;
/// 2. one line and one meaning, whatever the rule;
/// 3. lines near each other and one meaning;
/// 4. one line and one rule or category in a file of another name, where the old name is gone,
///    what stands around the line agrees, and no other pair does equally well.
///
/// One meaning is what [`cluster`] would make one finding of, had both been said in one run; to
/// hide a finding it must be as likely as not. One file has the same path, or was moved by the change. Where several lines of a file read alike,
/// what stands around them must agree. The order of `before` and `now` does not matter.
pub fn pair(
    before: &[Record],
    now: &[Record],
    files: &[Arc<FileChange>],
    gone: &BTreeSet<String>,
    reach: Reach,
) -> Vec<Option<usize>> {
    pair_on(before, now, &Sheets::new(files), gone, reach)
}

/// The same with the files read already.
pub(super) fn pair_on(
    before: &[Record],
    now: &[Record],
    sheets: &Sheets<'_>,
    gone: &BTreeSet<String>,
    reach: Reach,
) -> Vec<Option<usize>> {
    let mut pairing = Pairing::new(before, now, sheets);
    pairing.by_place();
    if reach != Reach::Place {
        pairing.by_meaning(reach);
    }
    pairing.by_content(gone);
    let mut found = vec![None; now.len()];
    for (one, two) in pairing.pairs {
        found[pairing.now[two].0] = Some(pairing.before[one].0);
    }
    found
}

/// The best first: (tier, less agreement, lines apart, ranks of both).
type Candidate = (u8, Reverse<u32>, u32, usize, usize);

struct Pairing<'r, 's, 'f> {
    /// Indices as given and the records, in the records' own order, which ranks are of.
    before: Vec<(usize, &'r Record)>,
    now: Vec<(usize, &'r Record)>,
    sheets: &'s Sheets<'f>,
    /// Path of now → the path that it had before the change.
    moved: BTreeMap<&'r str, Option<String>>,
    pairs: Vec<(usize, usize)>,
    free_before: Vec<bool>,
    free_now: Vec<bool>,
}

impl<'r, 's, 'f> Pairing<'r, 's, 'f> {
    fn new(before: &'r [Record], now: &'r [Record], sheets: &'s Sheets<'f>) -> Self {
        let ranked = |records: &'r [Record]| {
            let mut ranked: Vec<_> = records.iter().enumerate().collect();
            ranked.sort_by(|one, two| one.1.cmp(two.1));
            ranked
        };
        let moved = now
            .iter()
            .map(|record| (record.path.as_str(), sheets.moved_from(&record.path)))
            .collect();
        Self {
            before: ranked(before),
            now: ranked(now),
            sheets,
            moved,
            pairs: Vec::new(),
            free_before: vec![true; before.len()],
            free_now: vec![true; now.len()],
        }
    }

    fn is_one_file(&self, before: &Record, now: &Record) -> bool {
        let moved = self.moved.get(now.path.as_str());
        before.path == now.path
            || moved.is_some_and(|old| old.as_deref() == Some(before.path.as_str()))
    }

    /// Free records of now by a key, as ranks.
    fn free_by<'k>(&self, key: impl Fn(&'r Record) -> &'k str) -> BTreeMap<&'k str, Vec<usize>> {
        let mut ranks: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (rank, (_, record)) in self.now.iter().enumerate() {
            if self.free_now[rank] {
                ranks.entry(key(record)).or_default().push(rank);
            }
        }
        ranks
    }

    /// Takes candidates, the best first, as long as both are free.
    fn take(&mut self, mut candidates: Vec<Candidate>) {
        candidates.sort_unstable();
        for (.., before, now) in candidates {
            if self.free_before[before] && self.free_now[now] {
                self.free_before[before] = false;
                self.free_now[now] = false;
                self.pairs.push((before, now));
            }
        }
    }

    fn by_place(&mut self) {
        let by_line = self.free_by(|record| &record.marks.line);
        let by_name = self.free_by(|record| &record.fingerprint);
        let mut candidates = Vec::new();
        for (one, (_, before)) in self.before.iter().enumerate() {
            let of_line = by_line
                .get(before.marks.line.as_str())
                .into_iter()
                .flatten();
            let of_name = by_name
                .get(before.fingerprint.as_str())
                .into_iter()
                .flatten();
            let all: BTreeSet<usize> = of_line.chain(of_name).copied().collect();
            for two in all {
                let now = self.now[two].1;
                let is_named = before.fingerprint == now.fingerprint;
                // Without marks only the name is left to go by.
                let is_place = before.marks.is_line_of(&now.marks)
                    || (is_named && (before.marks.line.is_empty() || before.marks == now.marks));
                if is_place && before.rule == now.rule && self.is_one_file(before, now) {
                    let agreement = before.marks.agreement(&now.marks).0;
                    let unnamed = u32::from(!is_named);
                    candidates.push((0, Reverse(agreement), unnamed, one, two));
                }
            }
        }
        self.take(candidates);
    }

    fn by_meaning(&mut self, reach: Reach) {
        let places: Vec<Option<Placed<'f>>> = self
            .before
            .iter()
            .map(|(_, record)| placed(record, self.sheets.now_of(&record.path)))
            .collect();
        let now: Vec<Option<Placed<'f>>> = self
            .now
            .iter()
            .map(|(_, record)| placed(record, self.sheets.named(&record.path)))
            .collect();
        let mut candidates = Vec::new();
        for (one, two) in alike((&self.before, &places), (&self.now, &now), reach) {
            let (before, record) = (self.before[one].1, self.now[two].1);
            let (Some(old), Some(new)) = (&places[one], &now[two]) else {
                continue;
            };
            let is_free = self.free_before[one] && self.free_now[two];
            if !is_free || !self.is_one_file(before, record) {
                continue;
            }
            let apart = old.line.abs_diff(new.line);
            let may = match reach {
                Reach::Compare => true,
                _ => old.is_exact && record.severity <= before.severity,
            };
            let is_near = apart <= NEAR
                || (!before.marks.scope.is_empty() && before.marks.scope == record.marks.scope);
            // What says the same of every place must be in the same place.
            let is_apart = apart > 0 && before.has_words_of(record);
            if may && is_near && !is_apart {
                let agreement = before.marks.agreement(&record.marks).0;
                let tier = u8::from(apart > 0) * 2 + u8::from(before.rule != record.rule);
                candidates.push((tier, Reverse(agreement), apart, one, two));
            }
        }
        self.take(candidates);
    }

    fn by_content(&mut self, gone: &BTreeSet<String>) {
        let by_line = self.free_by(|record| &record.marks.line);
        let mut candidates = Vec::new();
        for (one, (_, before)) in self.before.iter().enumerate() {
            if !self.free_before[one] || !gone.contains(&before.path) {
                continue;
            }
            for two in by_line
                .get(before.marks.line.as_str())
                .into_iter()
                .flatten()
            {
                let now = self.now[*two].1;
                let (same, known) = before.marks.agreement(&now.marks);
                let is_place = !before.marks.line.is_empty() && same >= 1 && 4 * same >= 3 * known;
                let is_kind = before.rule == now.rule || before.category == now.category;
                if is_place && is_kind && before.path != now.path {
                    let tier = u8::from(before.rule != now.rule);
                    candidates.push((tier, Reverse(same), 0, one, *two));
                }
            }
        }
        // Copies of one file: nobody knows which of them it is.
        let (mut to, mut from) = (Paths::new(), Paths::new());
        for (.., one, two) in &candidates {
            to.entry(*one).or_default().insert(&self.now[*two].1.path);
            from.entry(*two)
                .or_default()
                .insert(&self.before[*one].1.path);
        }
        candidates.retain(|(.., one, two)| to[one].len() == 1 && from[two].len() == 1);
        self.take(candidates);
    }
}

/// Rank → paths that its record could belong to.
type Paths<'r> = BTreeMap<usize, BTreeSet<&'r String>>;

/// Where a record stands now.
struct Placed<'f> {
    path: &'f RepoPath,
    line: u32,
    quote: &'f str,
    symbol: Option<&'f str>,
    /// Whether the line reads as it did.
    is_exact: bool,
}

fn placed<'f>(record: &Record, sheet: Option<&Sheet<'f>>) -> Option<Placed<'f>> {
    let sheet = sheet?;
    let (line, is_exact) = sheet.find(&record.marks)?;
    Some(Placed {
        path: &sheet.file.path,
        line,
        quote: sheet.file.new.line(line)?,
        symbol: sheet.symbol(line),
        is_exact,
    })
}

/// Pairs of ranks that [`cluster`] makes one.
fn alike(
    before: (&[(usize, &Record)], &[Option<Placed<'_>>]),
    now: (&[(usize, &Record)], &[Option<Placed<'_>>]),
    reach: Reach,
) -> Vec<(usize, usize)> {
    let placed = |(records, places): (&[(usize, &Record)], &[Option<Placed<'_>>])| -> Vec<usize> {
        let all = 0..records.len();
        all.filter(|rank| places[*rank].is_some()).collect()
    };
    let (olds, news) = (placed(before), placed(now));
    let all: Vec<_> = olds
        .iter()
        .map(|rank| (BEFORE, before.0[*rank].1, &before.1[*rank]))
        .chain(news.iter().map(|rank| (NOW, now.0[*rank].1, &now.1[*rank])))
        .collect();
    let texts: Vec<String> = all
        .iter()
        .map(|(_, record, _)| format!("{} {}", record.title, record.message))
        .collect();
    let statements: Vec<_> = all
        .iter()
        .zip(&texts)
        .map(|((who, record, place), text)| Statement {
            place: place.as_ref().map(|place| Place {
                path: place.path.as_bstr(),
                start_line: place.line,
                end_line: place.line,
            }),
            backend: who,
            text,
            quote: place.as_ref().map_or("", |place| place.quote),
            rule: &record.rule,
            category: &record.category,
            symbol: place.as_ref().and_then(|place| place.symbol),
        })
        .collect();
    let mut settings = MergeSettings::default();
    if reach != Reach::Compare {
        settings.threshold = settings.threshold.max(CERTAIN);
    }
    let mut pairs = Vec::new();
    for group in cluster(&statements, &settings) {
        let (one, two): (Vec<usize>, Vec<usize>) =
            group.into_iter().partition(|at| *at < olds.len());
        for one in one {
            pairs.extend(two.iter().map(|two| (olds[one], news[two - olds.len()])));
        }
    }
    pairs
}

const BEFORE: &str = "before";
const NOW: &str = "now";
