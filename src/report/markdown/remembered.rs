//! What somebody took out, and what is fixed since the run before.

use std::fmt::{self, Write as _};

use super::super::memory;
use super::{MAX_ROWS, Page, inline};
use crate::engine::Run;

impl Page<'_> {
    /// What somebody took out, who and why.
    pub(super) fn suppressed(&self) -> Result<Option<String>, fmt::Error> {
        let findings: Vec<_> = self.outcome.suppressed().collect();
        let Some(counts) = memory::suppressed(self.outcome) else {
            return Ok(None);
        };
        let summary = format!("Suppressed: {counts}");
        self.folded(&summary, &findings, memory::suppression)
            .map(Some)
    }
}

/// What the run before had and this one looked for in vain.
pub(super) fn fixed(run: &Run) -> Result<Option<String>, fmt::Error> {
    let before = run.remembered.before.iter().flatten();
    let fixed: Vec<_> = before.filter(|(_, fate)| fate.is_fixed()).collect();
    if fixed.is_empty() {
        return Ok(None);
    }
    let mut text = format!(
        "<details><summary>Fixed since the run before: {}</summary>\n\n",
        fixed.len()
    );
    for (record, _) in fixed.iter().take(MAX_ROWS) {
        writeln!(text, "- {}", inline(&memory::fixed(record)))?;
    }
    if fixed.len() > MAX_ROWS {
        writeln!(text, "- and {} more", fixed.len() - MAX_ROWS)?;
    }
    text.push_str("\n</details>\n");
    Ok(Some(text))
}
