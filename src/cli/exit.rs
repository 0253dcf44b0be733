//! Exit codes: the one table (DESIGN §3.2), and what maps to it.

use crate::findings::Severity;
use crate::gate::{Outcome, Verdict};

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: complete, and nothing at or above `fail_on`.
    Passed,
    /// 1: llmux failed.
    Failed,
    /// 2: usage or configuration.
    Usage,
    /// 3: coverage or quorum not reached, or the time limit passed.
    Incomplete,
    /// 11 to 15: blocked; the highest confirmed severity is note, low, medium, high, critical.
    Blocked(Severity),
    /// 130: Ctrl-C, after writing what it had.
    Interrupted,
    /// 143: SIGTERM, after writing what it had.
    Terminated,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Blocked(Severity::Note) => 11,
            Self::Blocked(Severity::Low) => 12,
            Self::Blocked(Severity::Medium) => 13,
            Self::Blocked(Severity::High) => 14,
            Self::Blocked(Severity::Critical) => 15,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match &outcome.verdict {
            Verdict::Pass => Self::Passed,
            Verdict::Blocked(severity) => Self::Blocked(*severity),
            Verdict::Incomplete(_) if outcome.policy.allow_incomplete => Self::Passed,
            Verdict::Incomplete(_) => Self::Incomplete,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
