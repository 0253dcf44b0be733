//! Five severities in the three words that GitHub, SARIF and reviewdog have.

use crate::findings::Severity;

/// The most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Critical and high.
    Error,
    /// Medium.
    Warning,
    /// Low and note.
    Note,
}

impl Level {
    /// The word for a severity: one table, so that no two formats differ.
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Note => Self::Note,
        }
    }
}
