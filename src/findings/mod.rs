//! From what models say to what llmux reports: parse, anchor, merge, vote, refute.

use serde::{Deserialize, Serialize};

use crate::change::RepoPath;
pub use crate::units::Severity;

mod anchor;
pub mod confidence;
mod fingerprint;
mod merge;
mod parse;
mod refute;
pub mod remember;
pub mod taxonomy;
mod vote;

pub use anchor::{anchor, find_quote};
pub use confidence::backend_of;
pub use merge::{
    Judgements, MergeSettings, Place, Statement, cluster, cluster_judged, doubts, in_doubt, merge,
    merge_judged,
};
pub use parse::{
    Break, Complaint, EntryComplaint, Form, PAIRS, RawOpinion, RawPair, Salvage, VERDICTS,
    check_pairs, pair_schema, parse, parse_lenient, parse_verdicts, parse_verdicts_lenient, schema,
    verdict_schema,
};
pub use refute::{Ballot, Checked, Opinion, check_opinions, is_refuted};
pub use remember::{History, Marks, Memory, Suppression};
pub use taxonomy::Taxonomy;
pub use vote::{
    Thresholds, Turnout, VoteSettings, Voter, is_enough, joint_weight, recount, sort, vote,
};

/// `[anchor]`: which places count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorSettings {
    /// Where a claim may stand.
    pub scope: Scope,
}

/// Where a claim may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// On lines that the change added, or between whose neighbours it removed some.
    Diff,
    /// Anywhere in the changed files.
    Files,
}

/// A place in a file's text after the change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// First line, from 1.
    pub start_line: u32,
    /// First column, from 1, in Unicode scalar values.
    pub start_column: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// Column after the last character, from 1, in Unicode scalar values.
    pub end_column: u32,
}

/// One backend's assertion as its answer has it, before anchoring: nothing of it
/// has been checked against the code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawClaim {
    /// The role that the claim was made in, where one call serves several.
    pub role: Option<String>,
    /// The file's name as written, without a line number after it.
    pub file: String,
    /// First line, from 1.
    pub line: Option<u32>,
    /// Last line, from 1.
    pub end_line: Option<u32>,
    /// The code that the claim is about; may be empty.
    pub quote: String,
    /// Where it is one of the five or a synonym.
    pub severity: Option<Severity>,
    /// A category of the taxonomy where the word was understood, else as written.
    pub category: String,
    /// As written.
    pub rule: String,
    /// One line, never empty.
    pub title: String,
    /// What is wrong, why, and when it shows; never empty.
    pub message: String,
    /// Replacement of the quoted text.
    pub suggestion: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f64>,
}

/// Why a claim was dropped and counted (DESIGN §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DropReason {
    /// No file of that name, and none that alone holds the quote.
    #[error("no file of that name is in the change")]
    UnknownFile,
    /// The quote is not in the file.
    #[error("the quote is not in the file")]
    QuoteNotFound,
    /// The quote touches no added line and stands beside no removed one.
    #[error("the quote is outside the change")]
    OutsideChange,
}

/// One backend's assertion about one place, after parsing and anchoring.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Who said it: a backend, or a sample of one as `NAME#K`.
    pub backend: String,
    /// In which role.
    pub role: String,
    /// Where the quote was found.
    pub location: Location,
    /// The text of the file at `location`, exactly.
    pub quote: String,
    /// Within the taxonomy's bounds.
    pub severity: Severity,
    /// A category of the taxonomy: bug, security, ….
    pub category: String,
    /// A slug of the taxonomy.
    pub rule: String,
    /// One line.
    pub title: String,
    /// What is wrong, why, and when it shows.
    pub message: String,
    /// Replacement of the quoted text.
    pub suggestion: Option<String>,
    /// The model's own word, 0 to 1; shown, never counted. Not [`Finding::confidence`].
    pub confidence: Option<f64>,
}

impl Claim {
    /// What it asserts, whoever made it: place, title and message.
    pub fn assertion(&self) -> (&Location, &str, &str) {
        (&self.location, &self.title, &self.message)
    }
}

/// Claims that mean the same: what is voted on, gated, reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Hexadecimal, stable over moved lines, renamed files and other words; see `remember`.
    pub fingerprint: String,
    /// What its place is known by.
    pub marks: Marks,
    /// Why it does not count, where somebody said so.
    pub suppression: Option<Suppression>,
    /// Whether an earlier run or the baseline has it; none where there is nothing to compare with.
    pub history: Option<History>,
    /// The place that most claims share.
    pub location: Location,
    /// The text of the file at `location`, exactly.
    pub quote: String,
    /// Median of the voters', within the taxonomy's bounds.
    pub severity: Severity,
    /// A category of the taxonomy.
    pub category: String,
    /// A slug of the taxonomy.
    pub rule: String,
    /// One line, of the clearest claim.
    pub title: String,
    /// Of the clearest claim.
    pub message: String,
    /// Replacement of the quoted text, of the clearest claim that has one.
    pub suggestion: Option<String>,
    /// Confirmed or not, and by whom.
    pub vote: Vote,
    /// The probability that it is real, 0 to 1, from who reported it, who answered and did not,
    /// and its category (see [`confidence`]); 1 where an authoritative backend reported it.
    pub confidence: f64,
    /// Everything that was said, in order of backend and place.
    pub claims: Vec<Claim>,
    /// What critics said of it, in the order in which they were asked; empty where it was put
    /// before none.
    pub ballots: Vec<Ballot>,
}

/// How a finding's vote went.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// Backends or samples (`NAME#K`) that reported it, and backends that confirmed it as critics,
    /// sorted.
    pub voters: Vec<String>,
    /// Those that answered for the place, sorted; authoritative ones count only where they voted.
    pub answered: Vec<String>,
    /// Those that were asked about the place, as reviewers or as critics, and gave no answer
    /// that could be read, sorted.
    pub silent: Vec<String>,
    /// What the voters weigh together.
    pub weight: f64,
    /// What is needed, by `measure`.
    pub threshold: f64,
    /// What is measured against `threshold`.
    pub measure: Measure,
    /// Whether it is not confirmed and would be, had the silent ones voted for it too.
    pub is_open: bool,
    /// Whether the finding gates.
    pub standing: Standing,
}

/// What a finding is confirmed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// [`Vote::weight`].
    Weight,
    /// [`Finding::confidence`].
    Probability,
}

/// Whether a finding counts for the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Quorum reached, or an authoritative backend said it.
    Confirmed,
    /// Listed apart; never gates.
    Unconfirmed,
}
