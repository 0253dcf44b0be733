//! The findings that a project lives with, as a file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::Severity;
use super::marks::Marks;
use super::matching::{Reach, pair};
use super::previous::ReportFindings;
use super::record::Record;

/// Grows by one when a field goes or changes its meaning.
const VERSION: u32 = 1;

/// A baseline: entries in order of path, rule, title and fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// What is known.
    pub entries: Vec<Entry>,
}

/// A finding that does not count any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The finding.
    pub record: Record,
    /// Why it may stay, as somebody wrote it; may be empty.
    pub reason: String,
    /// Who says so.
    pub author: Option<String>,
}

/// What new entries are given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Note<'a> {
    /// Why they may stay.
    pub reason: &'a str,
    /// Who says so.
    pub author: Option<&'a str>,
    /// Whether findings with too few votes are entered too.
    pub unconfirmed: bool,
}

impl Note<'_> {
    fn entry(&self, record: Record) -> Entry {
        Entry {
            record,
            reason: self.reason.to_owned(),
            author: self.author.map(str::to_owned),
        }
    }
}

impl Entry {
    /// Words stay as they are, so that a diff shows what moved and no chatter.
    fn move_to(&mut self, record: Record) {
        self.record.path = record.path;
        self.record.marks = record.marks;
    }
}

/// How an update went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    /// Entries that stay.
    pub kept: usize,
    /// Entries that are new.
    pub added: usize,
    /// Entries whose finding is fixed.
    pub dropped: usize,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    llmux_baseline: u32,
    entries: Vec<FileEntry>,
}

/// An entry of the file: what people read first, hashes last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    path: String,
    rule: String,
    category: String,
    severity: Severity,
    title: String,
    message: String,
    #[serde(default)]
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    voters: Vec<String>,
    fingerprint: String,
    marks: Marks,
}

/// A JSON error with its place: `3:7: …`.
pub(super) fn placed(error: &serde_json::Error, what: &str) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    format!(
        "{}:{}: this is no {what}: {text}",
        error.line(),
        error.column()
    )
}

impl Baseline {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File =
            serde_json::from_str(text).map_err(|error| placed(&error, "baseline of llmux"))?;
        if file.llmux_baseline != VERSION {
            return Err(format!(
                "1:1: the baseline has version {}, and this llmux reads {VERSION}",
                file.llmux_baseline
            ));
        }
        let entries = file.entries.into_iter().map(Entry::from).collect();
        Ok(Self { entries }.sorted())
    }

    /// The file's text: the same for the same entries, whatever their order.
    ///
    /// # Errors
    /// None that a user could cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let entries = self.clone().sorted().entries;
        let mut text = serde_json::to_string_pretty(&File {
            llmux_baseline: VERSION,
            entries: entries.into_iter().map(FileEntry::from).collect(),
        })?;
        text.push('\n');
        Ok(text)
    }

    /// A baseline of a run's findings: those that count and those that the baseline before had;
    /// with `unconfirmed` also those with too few votes. Not those that a comment takes out.
    pub fn create(report: ReportFindings, note: &Note<'_>) -> Self {
        let mut records = report.counted;
        records.extend(report.known);
        if note.unconfirmed {
            records.extend(report.unconfirmed);
        }
        let entries = records.into_iter().map(|record| note.entry(record));
        Self {
            entries: entries.collect(),
        }
        .sorted()
    }

    /// Brings the entries up to a run: those that it found again take their place of now and
    /// keep what people wrote, those that it found fixed go, its new findings come.
    ///
    /// Only what the run itself calls fixed goes: it knows who read what. What it did not see
    /// stays.
    pub fn update(&mut self, report: ReportFindings, note: &Note<'_>) -> Updated {
        let gone: BTreeSet<&String> = report.gone.iter().collect();
        let before = self.entries.len();
        self.entries
            .retain(|entry| !gone.contains(&entry.record.fingerprint));
        let kept = self.entries.len();
        // A run gives what the baseline has the name that it has there.
        let mut fresh = Vec::new();
        let mut again = BTreeSet::new();
        for record in report.known {
            let mut entries = self.entries.iter_mut().enumerate();
            let entry = entries.find(|(_, it)| it.record.fingerprint == record.fingerprint);
            match entry {
                Some((at, entry)) => {
                    again.insert(at);
                    entry.move_to(record);
                }
                None => fresh.push(record),
            }
        }
        fresh.extend(report.counted);
        if note.unconfirmed {
            fresh.extend(report.unconfirmed);
        }
        // The others by their place, where the run did not know the baseline.
        let free: Vec<usize> = (0..kept).filter(|at| !again.contains(at)).collect();
        let old: Vec<Record> = free
            .iter()
            .map(|at| self.entries[*at].record.clone())
            .collect();
        let pairs = pair(&old, &fresh, &[], &BTreeSet::new(), Reach::Place);
        for (record, known) in fresh.into_iter().zip(pairs) {
            match known {
                Some(at) => self.entries[free[at]].move_to(record),
                None => self.entries.push(note.entry(record)),
            }
        }
        let added = self.entries.len() - kept;
        *self = std::mem::take(self).sorted();
        Updated {
            kept,
            added,
            dropped: before - kept,
        }
    }

    fn sorted(mut self) -> Self {
        self.entries.sort_by(|one, two| order(one).cmp(&order(two)));
        self
    }
}

fn order(entry: &Entry) -> (&str, &str, &str, &Entry) {
    let record = &entry.record;
    (&record.path, &record.rule, &record.title, entry)
}

impl From<FileEntry> for Entry {
    fn from(entry: FileEntry) -> Self {
        Self {
            record: Record {
                fingerprint: entry.fingerprint,
                path: entry.path,
                rule: entry.rule,
                category: entry.category,
                severity: entry.severity,
                title: entry.title,
                message: entry.message,
                voters: entry.voters,
                marks: entry.marks,
            },
            reason: entry.reason,
            author: entry.author,
        }
    }
}

impl From<Entry> for FileEntry {
    fn from(entry: Entry) -> Self {
        let Entry {
            record,
            reason,
            author,
        } = entry;
        Self {
            path: record.path,
            rule: record.rule,
            category: record.category,
            severity: record.severity,
            title: record.title,
            message: record.message,
            reason,
            author,
            voters: record.voters,
            fingerprint: record.fingerprint,
            marks: record.marks,
        }
    }
}
