//! What findings are known by, which is which, and what comments say.

mod baseline;
mod ignores;
mod pairs;
mod prints;

use llmux::findings::confidence::Model;
use std::sync::Arc;

use llmux::change::FileChange;
use llmux::findings::remember::Record;
use llmux::findings::{Claim, Finding, Location, Memory, Severity, Taxonomy, vote};
use llmux::units::Threshold;

use super::claim;

/// The finding of one claim about whole lines of a file.
fn found(file: &Arc<FileChange>, lines: (u32, u32), rule: &str, words: &str) -> Finding {
    findings(std::slice::from_ref(file), &[(lines, rule, words)]).remove(0)
}

/// Findings in the first file, one for each (lines, rule, words).
fn findings(files: &[Arc<FileChange>], said: &[((u32, u32), &str, &str)]) -> Vec<Finding> {
    let groups = said.iter().map(|((first, last), rule, words)| {
        let end = files[0].new.line(*last).unwrap_or_default().chars().count();
        let location = Location {
            path: files[0].path.clone(),
            start_line: *first,
            start_column: 1,
            end_line: *last,
            end_column: u32::try_from(end).unwrap() + 1,
        };
        vec![Claim {
            location,
            ..claim(
                "alpha",
                *first,
                rule,
                words,
                &format!("{words}, which is wrong."),
            )
        }]
    });
    let mut findings = vote(
        groups.collect(),
        &|_: &[Claim], _: &str, _| vec![Threshold::Auto],
        &|_: &Location, _: &[Claim]| Vec::new(),
        files,
        Taxonomy::builtin(),
        Model::builtin(),
    );
    findings.sort_by_key(|finding| finding.location.start_line);
    findings
}

fn record(file: &Arc<FileChange>, line: u32, rule: &str, words: &str) -> Record {
    Record::from(&found(file, (line, line), rule, words))
}

/// The findings as a run without earlier ones has them.
fn recalled(files: &[Arc<FileChange>], said: &[((u32, u32), &str, &str)]) -> Vec<Finding> {
    let mut findings = findings(files, said);
    Memory::default().recall(&mut findings, files);
    findings
}

fn severe(mut record: Record, severity: Severity) -> Record {
    record.severity = severity;
    record
}
