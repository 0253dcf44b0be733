//! What a run knows of earlier ones: the baseline, the run before, and what people wrote into
//! the code to be left alone. `docs/remember.md` tells the scheme and its limits.
//!
//! Everything here is pure: who calls it has read the files and asked git.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::change::{FileChange, RepoPath};

use super::{Finding, Scope, fingerprint};

mod baseline;
mod fate;
mod ignores;
mod marks;
mod matching;
mod previous;
mod record;

pub use baseline::{Baseline, Entry, Note, Updated};
pub use fate::{Fate, Witness};
pub use ignores::{Ignore, IgnoreState};
pub use marks::Marks;
pub(super) use marks::Sheets;
use matching::pair_on;
pub use matching::{Reach, pair};
pub use previous::{Previous, ReportFindings, read_report};
pub use record::Record;

/// `[baseline]`: the findings that a project lives with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineSettings {
    /// The file, relative to the project's top folder.
    pub file: String,
}

/// `[suppress]`: what people may take out by a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuppressSettings {
    /// Whether a `llmux:ignore` that the change itself adds counts.
    pub allow_new: bool,
}

/// Why a finding does not count, by somebody's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Where the word stands.
    pub kind: SuppressionKind,
    /// Why, as somebody wrote it; empty where nobody did.
    pub reason: String,
    /// Who, where that is known.
    pub author: Option<String>,
    /// `src/a.rs:12`, `.llmux/baseline.json`, a revision.
    pub place: String,
    /// Whether the change under review says it itself.
    pub added_by_change: bool,
}

/// Where a suppression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// A comment in the code.
    Inline,
    /// The baseline's file, or the revision that stands for one.
    Baseline,
}

/// What an earlier run or the baseline has of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// Nothing.
    New,
    /// The run before had it.
    Still,
    /// The baseline has it.
    Known,
}

/// What a run is told of earlier ones.
#[derive(Clone, Debug)]
pub struct Memory {
    /// `suppress.allow_new`.
    pub allow_new: bool,
    /// The baseline, and where it was read.
    pub baseline: Option<(String, Baseline)>,
    /// What stood at the revision of `--baseline-rev`.
    pub revision: Option<Revision>,
    /// The run before.
    pub previous: Option<Previous>,
    /// Paths of records that the tree after the change has no more.
    pub gone: BTreeSet<String>,
}

/// What a revision says without a model.
#[derive(Clone, Debug)]
pub struct Revision {
    /// For people: as it was written, with the commit.
    pub name: String,
    /// What the built-in rules find there, under the paths of today.
    pub records: Vec<Record>,
    /// The files of the change as they differ from the revision; those that it did not have
    /// are missing.
    pub files: Vec<Arc<FileChange>>,
}

/// What came of it, beside what stands at the findings.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// Where the baseline was read, how many entries it has and how many were found again.
    pub baseline: Option<(String, usize, usize)>,
    /// Fingerprints of the baseline's entries that are fixed.
    pub gone: Vec<String>,
    /// What became of the findings of the run before that this one has not; none without one.
    pub before: Option<Vec<(Record, Fate)>>,
    /// The ignores that matter to the change, by path and line.
    pub ignores: Vec<Ignore>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            allow_new: true,
            baseline: None,
            revision: None,
            previous: None,
            gone: BTreeSet::new(),
        }
    }
}

impl Memory {
    /// The paths that records stand at.
    pub fn paths(&self) -> BTreeSet<&str> {
        let entries = self.baseline.iter().flat_map(|(_, file)| &file.entries);
        let before = self.previous.iter().flat_map(|run| &run.records);
        let entries = entries.map(|entry| entry.record.path.as_str());
        entries
            .chain(before.map(|record| record.path.as_str()))
            .collect()
    }

    /// Says at each finding whether it counts, whether it is new, and by which name earlier
    /// runs know it.
    ///
    /// A finding that the baseline or the run before has takes the fingerprint that it has
    /// there, so that its name outlives other words, another place and another path.
    pub fn recall(&self, findings: &mut [Finding], files: &[Arc<FileChange>]) {
        let sheets = Sheets::new(files);
        let now: Vec<Record> = findings.iter().map(Record::from).collect();
        let mut names: Vec<Option<String>> = vec![None; findings.len()];
        if let Some(previous) = &self.previous {
            let pairs = pair_on(&previous.records, &now, &sheets, &self.gone, Reach::Compare);
            for (at, before) in pairs.into_iter().enumerate() {
                findings[at].history = Some(before.map_or(History::New, |_| History::Still));
                names[at] = before.map(|before| previous.records[before].fingerprint.clone());
            }
        }
        if self.baseline.is_some() || self.revision.is_some() {
            self.recall_baseline(findings, &now, &sheets, &mut names);
        }
        for ignore in ignores::all(files) {
            if !ignore.counts(self.allow_new) {
                continue;
            }
            for finding in findings.iter_mut().filter(|found| ignore.covers(found)) {
                finding.suppression.get_or_insert_with(|| Suppression {
                    kind: SuppressionKind::Inline,
                    reason: ignore.reason.clone(),
                    author: None,
                    place: format!("{}:{}", ignore.path, ignore.line),
                    added_by_change: ignore.is_added,
                });
            }
        }
        for (finding, (at, _)) in findings.iter_mut().zip(now.iter().enumerate()) {
            // Somebody's word in the code is nearer than the baseline's.
            if finding.suppression.is_none()
                && finding.history == Some(History::Known)
                && let Some(suppression) = self.of_baseline(names[at].as_deref(), finding)
            {
                finding.suppression = Some(suppression);
            }
        }
        rename(findings, &names);
    }

    fn recall_baseline(
        &self,
        findings: &mut [Finding],
        now: &[Record],
        sheets: &Sheets<'_>,
        names: &mut [Option<String>],
    ) {
        let records = self.baseline_records();
        let pairs = pair_on(&records, now, sheets, &self.gone, Reach::Suppress);
        let old = self.at_revision(findings, now, sheets);
        for (at, entry) in pairs.into_iter().enumerate() {
            if let Some(entry) = entry {
                findings[at].history = Some(History::Known);
                names[at] = Some(records[entry].fingerprint.clone());
            } else if old[at] {
                findings[at].history = Some(History::Known);
            } else {
                findings[at].history.get_or_insert(History::New);
            }
        }
    }

    /// Which findings the revision has: by its rules, or since their lines are older.
    fn at_revision(&self, findings: &[Finding], now: &[Record], sheets: &Sheets<'_>) -> Vec<bool> {
        let Some(revision) = &self.revision else {
            return vec![false; findings.len()];
        };
        let ruled = pair_on(&revision.records, now, sheets, &self.gone, Reach::Place);
        let is_old = |finding: &Finding| {
            let place = &finding.location;
            revision.files.iter().any(|file| {
                file.path == place.path
                    && !super::anchor::touches(file, place.start_line, place.end_line)
            })
        };
        let findings = findings.iter().zip(ruled);
        findings
            .map(|(finding, ruled)| ruled.is_some() || is_old(finding))
            .collect()
    }

    fn baseline_records(&self) -> Vec<Record> {
        let entries = self.baseline.iter().flat_map(|(_, file)| &file.entries);
        entries.map(|entry| entry.record.clone()).collect()
    }

    fn of_baseline(&self, name: Option<&str>, finding: &Finding) -> Option<Suppression> {
        let entry = self.baseline.iter().find_map(|(source, file)| {
            let name = name?;
            let mut entries = file.entries.iter();
            let entry = entries.find(|entry| entry.record.fingerprint == name)?;
            Some((source, entry))
        });
        if let Some((source, entry)) = entry {
            return Some(Suppression {
                kind: SuppressionKind::Baseline,
                reason: entry.reason.clone(),
                author: entry.author.clone(),
                place: source.clone(),
                added_by_change: false,
            });
        }
        let revision = self.revision.as_ref()?;
        Some(Suppression {
            kind: SuppressionKind::Baseline,
            reason: format!("{} has it already", revision.name),
            author: None,
            place: format!("{} at {}", finding.location.path, revision.name),
            added_by_change: false,
        })
    }

    /// What became of what this run has not: fixed only where it was looked for.
    ///
    /// `witness` tells who read a file of the change in this run.
    pub fn conclude(
        &self,
        findings: &[Finding],
        files: &[Arc<FileChange>],
        scope: Scope,
        witness: &dyn Fn(&RepoPath) -> Witness,
    ) -> Remembered {
        let sheets = Sheets::new(files);
        let now: Vec<Record> = findings.iter().map(Record::from).collect();
        let fates = |records: &[Record], reach| -> (usize, Vec<(usize, Fate)>) {
            let pairs = pair_on(records, &now, &sheets, &self.gone, reach);
            let found: BTreeSet<usize> = pairs.into_iter().flatten().collect();
            let rest = (0..records.len()).filter(|at| !found.contains(at));
            let fate = |at: usize| fate::of(&records[at], &sheets, scope, witness);
            (found.len(), rest.map(|at| (at, fate(at))).collect())
        };
        let mut remembered = Remembered {
            ignores: ignores::of_change(findings, files, scope, self.allow_new, witness),
            ..Remembered::default()
        };
        if let Some((source, file)) = &self.baseline {
            let records = self.baseline_records();
            let (found, lost) = fates(&records, Reach::Suppress);
            remembered.baseline = Some((source.clone(), file.entries.len(), found));
            let fixed = lost.into_iter().filter(|(_, fate)| fate.is_fixed());
            remembered.gone = fixed
                .map(|(at, _)| records[at].fingerprint.clone())
                .collect();
            remembered.gone.sort();
        }
        if let Some(previous) = &self.previous {
            let (_, lost) = fates(&previous.records, Reach::Compare);
            let mut before: Vec<_> = lost
                .into_iter()
                .filter(|(at, _)| {
                    previous
                        .counted
                        .contains(&previous.records[*at].fingerprint)
                })
                .map(|(at, fate)| (previous.records[at].clone(), fate))
                .collect();
            before.sort_by(|one, other| one.0.cmp(&other.0));
            remembered.before = Some(before);
        }
        remembered
    }
}

/// Gives the findings the names that earlier runs know them by; each name stays one finding's.
fn rename(findings: &mut [Finding], names: &[Option<String>]) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let inherited = (0..findings.len()).filter(|at| names[*at].is_some());
    let own = (0..findings.len()).filter(|at| names[*at].is_none());
    for at in inherited.chain(own) {
        let name = names[at]
            .clone()
            .unwrap_or_else(|| findings[at].fingerprint.clone());
        let count = taken.entry(name.clone()).or_default();
        findings[at].fingerprint = match *count {
            0 => name,
            count => fingerprint::further(&name, count),
        };
        *count += 1;
    }
}
