//! The run before, from its JSON report.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::Severity;
use super::marks::Marks;
use super::record::Record;

/// The version of the report that is understood.
const VERSION: u64 = 1;

/// What a run left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Everything that it listed, and what it had not seen of the run before it.
    pub records: Vec<Record>,
    /// Fingerprints of what counted: only that can be fixed.
    pub counted: BTreeSet<String>,
}

/// A JSON report, as far as a later run needs it.
#[derive(Debug, Deserialize)]
struct Report {
    schema_version: u64,
    findings: Vec<ReportFinding>,
    unconfirmed: Vec<ReportFinding>,
    #[serde(default)]
    suppressed: Vec<ReportFinding>,
    #[serde(default)]
    history: Option<ReportHistory>,
    #[serde(default)]
    baseline: Option<ReportBaseline>,
}

#[derive(Debug, Deserialize)]
struct ReportHistory {
    not_seen: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct ReportBaseline {
    gone: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ReportFinding {
    fingerprint: String,
    location: ReportPlace,
    severity: Severity,
    category: String,
    rule: String,
    title: String,
    message: String,
    vote: ReportVote,
    #[serde(default)]
    marks: Marks,
    #[serde(default)]
    suppression: Option<ReportSuppression>,
}

#[derive(Debug, Deserialize)]
struct ReportPlace {
    path: String,
}

#[derive(Debug, Deserialize)]
struct ReportVote {
    voters: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ReportSuppression {
    kind: String,
}

/// What a JSON report says of findings.
#[derive(Debug)]
pub struct ReportFindings {
    /// Confirmed ones that count.
    pub counted: Vec<Record>,
    /// Those with too few votes.
    pub unconfirmed: Vec<Record>,
    /// Those that the baseline has.
    pub known: Vec<Record>,
    /// Those that an inline ignore takes out.
    pub ignored: Vec<Record>,
    /// What it had not seen of the run before it.
    pub not_seen: Vec<Record>,
    /// Fingerprints of the baseline's entries that it found fixed.
    pub gone: Vec<String>,
}

/// Reads a JSON report.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read_report(text: &str) -> Result<ReportFindings, String> {
    let report: Report = serde_json::from_str(text)
        .map_err(|error| super::baseline::placed(&error, "llmux' JSON report"))?;
    if report.schema_version != VERSION {
        return Err(format!(
            "1:1: schema_version is {}, and this llmux reads {VERSION}; write it with this version",
            report.schema_version
        ));
    }
    let records = |list: Vec<ReportFinding>| list.into_iter().map(Record::from).collect();
    let is_ignored = |found: &ReportFinding| {
        let suppression = found.suppression.as_ref();
        suppression.is_some_and(|it| it.kind == "inline")
    };
    let (ignored, known) = report.suppressed.into_iter().partition(is_ignored);
    Ok(ReportFindings {
        counted: records(report.findings),
        unconfirmed: records(report.unconfirmed),
        known: records(known),
        ignored: records(ignored),
        not_seen: report.history.map_or_else(Vec::new, |it| it.not_seen),
        gone: report.baseline.map_or_else(Vec::new, |it| it.gone),
    })
}

impl From<ReportFindings> for Previous {
    fn from(report: ReportFindings) -> Self {
        let counting = report.counted.iter().chain(&report.not_seen);
        let counted = counting.map(|record| record.fingerprint.clone()).collect();
        let lists = [
            report.counted,
            report.unconfirmed,
            report.known,
            report.ignored,
            report.not_seen,
        ];
        Self {
            records: lists.into_iter().flatten().collect(),
            counted,
        }
    }
}

impl From<ReportFinding> for Record {
    fn from(found: ReportFinding) -> Self {
        Self {
            fingerprint: found.fingerprint,
            path: found.location.path,
            rule: found.rule,
            category: found.category,
            severity: found.severity,
            title: found.title,
            message: found.message,
            voters: found.vote.voters,
            marks: found.marks,
        }
    }
}
