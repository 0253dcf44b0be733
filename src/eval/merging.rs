//! What merging makes of records: the one place that calls it.

use super::data::Record;
use crate::findings::{MergeSettings, Place, Statement, cluster};

/// Groups records of one pull request that mean the same, as a run over it would: positions
/// in `records`, each group ascending, the groups by their first.
pub(super) fn groups(records: &[&Record], settings: &MergeSettings) -> Vec<Vec<usize>> {
    let statements: Vec<Statement<'_>> = records
        .iter()
        .map(|record| Statement {
            place: place(record),
            backend: &record.tool,
            text: &record.text,
            quote: &record.quote,
            rule: &record.rule,
            category: record.known_category().unwrap_or_default(),
            symbol: record.symbol.as_deref(),
        })
        .collect();
    cluster(&statements, settings)
}

fn place(record: &Record) -> Option<Place<'_>> {
    let (path, line) = (record.path.as_deref()?, record.line?);
    Some(Place {
        path: path.as_bytes(),
        start_line: line,
        end_line: record.end_line.unwrap_or(line),
    })
}
