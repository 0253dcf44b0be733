//! What a run knows of earlier ones: the baseline, the run before, and what people wrote into
//! the code to be left alone. `docs/remember.md` tells the scheme and its limits.
//!
//! Everything here is pure: who calls it has read the files and asked git.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::change::FileChange;

use super::{Taxonomy, fingerprint};

mod baseline;
mod fate;
mod ignores;
mod marks;
mod matching;
mod previous;
mod recall;
mod record;

pub use baseline::{Baseline, Entry, Note, Updated};
pub use fate::{Fate, Witness};
pub use ignores::{Ignore, IgnoreState};
pub use marks::Marks;
pub(super) use marks::Sheets;
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// What ignores may name; it is of the settings, and not written down here.
    #[serde(skip, default = "shipped")]
    pub taxonomy: Arc<Taxonomy>,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

fn shipped() -> Arc<Taxonomy> {
    Arc::clone(Taxonomy::builtin())
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            taxonomy: shipped(),
            allow_new: true,
            baseline: None,
            revision: None,
            previous: None,
            gone: BTreeSet::new(),
        }
    }
}
