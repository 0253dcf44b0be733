//! What is kept of a finding from one run to the next.

use serde::{Deserialize, Serialize};

use crate::change::FileChange;

use super::super::{Finding, Severity};
use super::marks::{Marks, Sheet};

/// A finding as the baseline and the JSON report keep it: its name, what it says, and what its
/// place is known by. No line number is kept: lines move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// See [`Finding::fingerprint`].
    pub fingerprint: String,
    /// The path with `/`; bytes that are not UTF-8 are U+FFFD.
    pub path: String,
    /// A slug of the taxonomy.
    pub rule: String,
    /// A category of the taxonomy.
    pub category: String,
    /// As it was reported.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What is wrong.
    pub message: String,
    /// Backends that reported it, sorted.
    pub voters: Vec<String>,
    /// What its place is known by.
    pub marks: Marks,
}

impl From<&Finding> for Record {
    fn from(finding: &Finding) -> Self {
        Self {
            fingerprint: finding.fingerprint.clone(),
            path: finding.location.path.to_string(),
            rule: finding.rule.clone(),
            category: finding.category.clone(),
            severity: finding.severity,
            title: finding.title.clone(),
            message: finding.message.clone(),
            voters: finding.vote.voters.clone(),
            marks: finding.marks.clone(),
        }
    }
}

impl Record {
    /// Sets path, marks and fingerprint to those of lines of a file.
    #[must_use]
    pub fn at(mut self, file: &FileChange, first: u32, last: u32) -> Self {
        let (marks, nth) = Sheet::new(file).marks(first, last);
        self.path = file.path.to_string();
        self.fingerprint = super::fingerprint::of_place(&marks, nth);
        self.marks = marks;
        self
    }

    /// Whether both say the same to the letter, as a rule does of each of its places.
    pub(super) fn has_words_of(&self, other: &Self) -> bool {
        self.title == other.title && self.message == other.message
    }
}
