//! From what is known of earlier runs to what a run says of its findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::{FileChange, RepoPath};

use super::super::{Finding, Scope, anchor, fingerprint};
use super::matching::{Reach, pair_on};
use super::{
    Fate, History, Memory, Record, Remembered, Sheets, Suppression, SuppressionKind, Witness, fate,
    ignores,
};

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
        for ignore in ignores::all(files, &self.taxonomy) {
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
                file.path == place.path && !anchor::touches(file, place.start_line, place.end_line)
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
            ignores: ignores::of_change(self, findings, files, scope, witness),
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
