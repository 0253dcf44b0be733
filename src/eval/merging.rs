//! What merging makes of records: the one place that calls it.

use super::data::Record;
use crate::change::RepoPath;
use crate::findings::{self, Claim, Location, Severity};

/// Groups records of one pull request that mean the same: positions in `records`, each
/// group ascending, the groups by their first.
pub(super) fn groups(records: &[&Record]) -> Vec<Vec<usize>> {
    let claims = records.iter().enumerate().map(|(at, record)| {
        let line = record.line.unwrap_or(1);
        Claim {
            backend: record.tool.clone(),
            role: at.to_string(),
            location: Location {
                path: RepoPath::new(record.path.as_deref().unwrap_or("?")),
                start_line: line,
                start_column: 1,
                end_line: record.end_line.unwrap_or(line),
                end_column: 1,
            },
            quote: record.quote.clone(),
            severity: Severity::Medium,
            category: record.category.clone(),
            rule: "bug-other".to_owned(),
            title: String::new(),
            message: record.text.clone(),
            suggestion: None,
            confidence: None,
        }
    });
    let mut groups: Vec<Vec<usize>> = findings::merge(claims.collect())
        .into_iter()
        .map(|group| {
            let mut members: Vec<usize> = group
                .iter()
                .filter_map(|claim| claim.role.parse().ok())
                .collect();
            members.sort_unstable();
            members
        })
        .collect();
    groups.sort();
    groups
}
