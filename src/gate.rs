//! From what a run brought to what CI is told.

use serde::{Deserialize, Serialize};

use crate::change::{LeftOut, Reason};
use crate::engine::{Run, Status};
use crate::findings::{Finding, History, Measure, Severity, Standing};
use crate::units::brief;

/// Findings without their votes that are told one by one.
const MAX_OPEN: usize = 3;

/// `[gate]`: what blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Lowest severity of a confirmed finding that blocks.
    pub fail_on: FailOn,
    /// Whether an incomplete run passes with a warning.
    pub allow_incomplete: bool,
}

/// Lowest severity that blocks; `never` blocks nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Any confirmed finding.
    Note,
    /// Low and up.
    Low,
    /// Medium and up.
    Medium,
    /// High and up.
    High,
    /// Critical alone.
    Critical,
    /// Nothing blocks.
    Never,
}

impl FailOn {
    /// The lower-case word that reports and configuration use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Never => "never",
        }
    }

    /// The lowest severity that blocks; none where nothing does.
    pub fn least(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
            Self::Never => None,
        }
    }

    /// Whether a confirmed finding of that severity blocks.
    pub fn blocks(self, severity: Severity) -> bool {
        self.least().is_some_and(|least| severity >= least)
    }
}

/// What a run ends with.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the run brought.
    pub run: Run,
    /// What CI is told.
    pub verdict: Verdict,
    /// What it was judged by.
    pub policy: Settings,
}

/// What CI is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Complete, and nothing at or above `fail_on`.
    Pass,
    /// A confirmed finding at or above `fail_on`; the highest confirmed severity.
    Blocked(Severity),
    /// Not enough was read to say "pass"; why, one sentence each.
    Incomplete(Vec<String>),
}

impl Verdict {
    /// The word that reports use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Blocked(_) => "blocked",
            Self::Incomplete(_) => "incomplete",
        }
    }
}

impl Outcome {
    /// Findings that count, in report order; suppressed ones do not.
    pub fn confirmed(&self) -> impl Iterator<Item = &Finding> {
        with_standing(&self.run.findings, Standing::Confirmed)
    }

    /// Findings that block, in report order.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.confirmed()
            .filter(|finding| self.policy.fail_on.blocks(finding.severity))
    }

    /// Findings that are listed apart, in report order.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &Finding> {
        with_standing(&self.run.findings, Standing::Unconfirmed)
    }

    /// Confirmed findings that earlier runs know so, suppressed ones among them.
    pub fn with_history(&self, history: History) -> impl Iterator<Item = &Finding> {
        let findings = self.run.findings.iter();
        findings.filter(move |finding| {
            finding.history == Some(history)
                && finding.vote.standing == Standing::Confirmed
                // What only the code's comments took out has no say in what is new.
                && (finding.suppression.is_none() || history == History::Known)
        })
    }

    /// Findings that do not count by somebody's word, in report order.
    pub fn suppressed(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.run.findings.iter();
        findings.filter(|finding| finding.suppression.is_some())
    }
}

fn with_standing(findings: &[Finding], standing: Standing) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(move |finding| finding.vote.standing == standing && finding.suppression.is_none())
}

/// Judges a run. A blocking finding blocks even where coverage is missing: it is
/// there whatever else was not read.
pub fn judge(run: Run, policy: Settings) -> Outcome {
    let highest = with_standing(&run.findings, Standing::Confirmed)
        .map(|finding| finding.severity)
        .max();
    let verdict = match highest {
        Some(severity) if policy.fail_on.blocks(severity) => Verdict::Blocked(severity),
        _ => {
            let gaps = gaps(&run, policy.fail_on);
            if gaps.is_empty() {
                Verdict::Pass
            } else {
                Verdict::Incomplete(gaps)
            }
        }
    };
    Outcome {
        run,
        verdict,
        policy,
    }
}

/// A finding that those who gave no answer could have confirmed.
fn votes_missing(finding: &Finding) -> String {
    let (place, vote) = (&finding.location, &finding.vote);
    let lacks = match vote.measure {
        Measure::Weight => format!(
            "has {} of {} votes that it needs",
            brief(vote.weight),
            brief(vote.threshold)
        ),
        Measure::Probability => format!(
            "is real with a probability of {}, and needs {}",
            finding.confidence, vote.threshold
        ),
    };
    format!(
        "{}:{}: a finding ({}) {lacks}, and {} gave no answer",
        place.path,
        place.start_line,
        finding.severity,
        vote.silent.join(", ")
    )
}

/// Reasons why "no findings" would not mean "nothing there".
fn gaps(run: &Run, fail_on: FailOn) -> Vec<String> {
    let mut gaps = run.incomplete.clone();
    let would_block = |finding: &&Finding| {
        let counts = finding.vote.is_open && finding.suppression.is_none();
        counts && fail_on.blocks(finding.severity)
    };
    let mut open = run.findings.iter().filter(would_block);
    gaps.extend(open.by_ref().take(MAX_OPEN).map(votes_missing));
    match open.count() {
        0 => {}
        more => gaps.push(format!("{more} more findings lack votes in the same way")),
    }
    match run.status {
        // Where money ran out is among the run's own reasons.
        Status::Success | Status::Degraded | Status::BudgetExhausted => {}
        Status::Partial => gaps.push("interrupted before the end".to_owned()),
        Status::Timeout => gaps.push("the run's time limit passed before the end".to_owned()),
        Status::SystemFailure => gaps.push("no backend gave an answer".to_owned()),
    }
    // Its scope leaves other files out on purpose; what is in conflict has no text to read yet.
    let in_conflict = |file: &&LeftOut| file.reason == Reason::Unmerged;
    for file in run.change.left_out.iter().filter(in_conflict) {
        gaps.push(format!("{} was not read, it is {}", file.path, file.reason));
    }
    let uncovered: Vec<_> = run
        .coverage
        .files
        .iter()
        .filter(|file| !file.covered)
        .map(|file| file.path.to_string())
        .collect();
    match uncovered.as_slice() {
        [] => {}
        [one] => gaps.push(format!("{one} was not read by enough backends")),
        [first, rest @ ..] => gaps.push(format!(
            "{} files were not read by enough backends ({first} and {} more)",
            uncovered.len(),
            rest.len()
        )),
    }
    gaps
}
