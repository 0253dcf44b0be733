//! llmux's own JSON: every fact of a run, for programs. Documented field by
//! field in `docs/json-report.md`; its types are apart from the run's own, so
//! that those can change without breaking readers.

use std::io::{self, Write};

use serde::Serialize;

use self::learned::JsonLearned;
use self::remembered::{JsonBaseline, JsonHistory, JsonIgnore, JsonSuppression};
use self::routing::JsonRouting;
use super::place::Places;
use super::{json_text, words};
use crate::backends::Usage;
use crate::change::{LeftOut, Reason};
use crate::engine::{BackendReport, Dropped, FileCoverage, Status};
use crate::findings::{
    Ballot, Claim, Finding, History, Location, Marks, Measure, Opinion, Severity, Standing,
};
use crate::gate::{FailOn, Outcome, Verdict};
use crate::units::rounded;

mod learned;
mod remembered;
mod routing;

/// Grows by one when a field goes or changes its meaning; new fields do not count.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole report.
#[derive(Debug, Serialize)]
struct Report<'o> {
    schema_version: u32,
    tool: Tool,
    verdict: &'static str,
    severity: Option<Severity>,
    reasons: &'o [String],
    status: Status,
    policy: Policy,
    workflow: &'o str,
    team: Option<&'o str>,
    change: Change<'o>,
    findings: Vec<JsonFinding<'o>>,
    unconfirmed: Vec<JsonFinding<'o>>,
    refuted: Vec<JsonFinding<'o>>,
    suppressed: Vec<JsonFinding<'o>>,
    history: Option<JsonHistory<'o>>,
    baseline: Option<JsonBaseline<'o>>,
    ignores: Vec<JsonIgnore<'o>>,
    dropped: Dropped,
    coverage: Vec<JsonCoverage<'o>>,
    left_out: Vec<JsonLeftOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<JsonRouting<'o>>,
    backends: Vec<JsonBackend<'o>>,
    texts: Vec<Text<'o>>,
    learned: Option<JsonLearned<'o>>,
    notices: &'o [String],
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Policy {
    fail_on: FailOn,
    allow_incomplete: bool,
}

#[derive(Debug, Serialize)]
struct Change<'o> {
    title: &'o str,
    base: Option<&'o str>,
    head: Option<&'o str>,
}

#[derive(Debug, Serialize)]
struct JsonLocation {
    path: String,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
struct JsonFinding<'o> {
    fingerprint: &'o str,
    primary_location_line_hash: Option<String>,
    marks: &'o Marks,
    history: Option<History>,
    suppression: Option<JsonSuppression<'o>>,
    location: JsonLocation,
    severity: Severity,
    category: &'o str,
    rule: &'o str,
    title: &'o str,
    message: &'o str,
    quote: &'o str,
    suggestion: Option<&'o str>,
    vote: JsonVote<'o>,
    confidence: f64,
    refutation: Option<JsonRefutation<'o>>,
    claims: Vec<JsonClaim<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonVote<'o> {
    standing: Standing,
    voters: &'o [String],
    answered: &'o [String],
    silent: &'o [String],
    weight: f64,
    threshold: f64,
    measure: Measure,
    open: bool,
}

#[derive(Debug, Serialize)]
struct JsonRefutation<'o> {
    asked: Vec<&'o str>,
    confirmed_by: Vec<JsonBallot<'o>>,
    refuted_by: Vec<JsonBallot<'o>>,
    unsure: Vec<JsonBallot<'o>>,
    silent: Vec<JsonBallot<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonBallot<'o> {
    backend: &'o str,
    quote: Option<&'o str>,
    reason: &'o str,
}

#[derive(Debug, Serialize)]
struct JsonClaim<'o> {
    backend: &'o str,
    role: &'o str,
    location: JsonLocation,
    severity: Severity,
    category: &'o str,
    rule: &'o str,
    title: &'o str,
    message: &'o str,
    quote: &'o str,
    suggestion: Option<&'o str>,
    confidence: Option<f64>,
}

#[derive(Debug, Serialize)]
struct JsonCoverage<'o> {
    path: String,
    covered: bool,
    readings: Vec<JsonReading<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonReading<'o> {
    backend: &'o str,
    state: &'static str,
    reason: Option<&'o str>,
}

#[derive(Debug, Serialize)]
struct JsonLeftOut {
    path: String,
    reason: &'static str,
    detail: String,
}

#[derive(Debug, Serialize)]
struct JsonBackend<'o> {
    name: &'o str,
    model: Option<&'o str>,
    answered: usize,
    taped: usize,
    abstained: usize,
    failed: usize,
    tokens: Usage,
    cost_usd: Option<f64>,
    error: Option<&'o str>,
}

#[derive(Debug, Serialize)]
struct Text<'o> {
    step: &'o str,
    text: &'o str,
}

/// Writes the report. Paths that are not UTF-8 hold U+FFFD.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    json_text::write(&report(outcome), out)
}

fn report(outcome: &Outcome) -> Report<'_> {
    let run = &outcome.run;
    let (severity, reasons) = match &outcome.verdict {
        Verdict::Pass => (None, &[][..]),
        Verdict::Blocked(severity) => (Some(*severity), &[][..]),
        Verdict::Incomplete(reasons) => (None, reasons.as_slice()),
    };
    let mut places = Places::new(&run.change);
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        verdict: outcome.verdict.as_str(),
        severity,
        reasons,
        status: run.status,
        policy: Policy {
            fail_on: outcome.policy.fail_on,
            allow_incomplete: outcome.policy.allow_incomplete,
        },
        workflow: &run.workflow,
        team: run.team.as_deref(),
        change: Change {
            title: &run.change.title,
            base: run.change.base.as_deref(),
            head: run.change.head.as_deref(),
        },
        findings: findings(outcome.confirmed(), &mut places),
        unconfirmed: findings(outcome.unconfirmed(), &mut places),
        refuted: findings(run.refuted.iter(), &mut places),
        suppressed: findings(outcome.suppressed(), &mut places),
        history: remembered::history(outcome),
        baseline: remembered::baseline(&run.remembered),
        ignores: run
            .remembered
            .ignores
            .iter()
            .map(JsonIgnore::from)
            .collect(),
        dropped: run.dropped,
        coverage: run.coverage.files.iter().map(coverage).collect(),
        left_out: run.change.left_out.iter().map(left_out).collect(),
        routing: run.routing.as_ref().map(JsonRouting::from),
        backends: run.backends.iter().map(backend).collect(),
        texts: run
            .texts
            .iter()
            .map(|(step, text)| Text { step, text })
            .collect(),
        learned: run.learning.as_ref().map(JsonLearned::from),
        notices: &run.notices,
    }
}

fn location(location: &Location) -> JsonLocation {
    JsonLocation {
        path: location.path.to_string(),
        start_line: location.start_line,
        start_column: location.start_column,
        end_line: location.end_line,
        end_column: location.end_column,
    }
}

fn findings<'o>(
    findings: impl Iterator<Item = &'o Finding>,
    places: &mut Places<'o>,
) -> Vec<JsonFinding<'o>> {
    findings.map(|it| finding(it, places)).collect()
}

fn finding<'o>(finding: &'o Finding, places: &mut Places<'o>) -> JsonFinding<'o> {
    let vote = &finding.vote;
    JsonFinding {
        fingerprint: &finding.fingerprint,
        primary_location_line_hash: places.of(finding).line_hash,
        marks: &finding.marks,
        history: finding.history,
        suppression: finding.suppression.as_ref().map(JsonSuppression::from),
        location: location(&finding.location),
        severity: finding.severity,
        category: &finding.category,
        rule: &finding.rule,
        title: &finding.title,
        message: &finding.message,
        quote: &finding.quote,
        suggestion: finding.suggestion.as_deref(),
        vote: JsonVote {
            standing: vote.standing,
            voters: &vote.voters,
            answered: &vote.answered,
            silent: &vote.silent,
            weight: rounded(vote.weight),
            threshold: rounded(vote.threshold),
            measure: vote.measure,
            open: vote.is_open,
        },
        confidence: finding.confidence,
        refutation: (!finding.ballots.is_empty()).then(|| refutation(&finding.ballots)),
        claims: finding.claims.iter().map(claim).collect(),
    }
}

fn refutation(ballots: &[Ballot]) -> JsonRefutation<'_> {
    let of = |opinion| {
        let own = ballots.iter().filter(|ballot| ballot.opinion == opinion);
        let own = own.map(|ballot| JsonBallot {
            backend: &ballot.critic,
            quote: ballot.quote.as_deref(),
            reason: &ballot.reason,
        });
        own.collect()
    };
    JsonRefutation {
        asked: ballots.iter().map(|ballot| &*ballot.critic).collect(),
        confirmed_by: of(Opinion::Confirm),
        refuted_by: of(Opinion::Refute),
        unsure: of(Opinion::Unsure),
        silent: of(Opinion::Silent),
    }
}

fn claim(claim: &Claim) -> JsonClaim<'_> {
    JsonClaim {
        backend: &claim.backend,
        role: &claim.role,
        location: location(&claim.location),
        severity: claim.severity,
        category: &claim.category,
        rule: &claim.rule,
        title: &claim.title,
        message: &claim.message,
        quote: &claim.quote,
        suggestion: claim.suggestion.as_deref(),
        confidence: claim.confidence,
    }
}

fn coverage(file: &FileCoverage) -> JsonCoverage<'_> {
    JsonCoverage {
        path: file.path.to_string(),
        covered: file.covered,
        readings: file
            .readings
            .iter()
            .map(|(backend, reading)| {
                let (state, reason) = words::reading(reading);
                JsonReading {
                    backend,
                    state,
                    reason,
                }
            })
            .collect(),
    }
}

fn left_out(file: &LeftOut) -> JsonLeftOut {
    JsonLeftOut {
        path: file.path.to_string(),
        reason: match &file.reason {
            Reason::NotIncluded => "not_included",
            Reason::Excluded(_) => "excluded",
            Reason::Generated => "generated",
            Reason::LockFile => "lock_file",
            Reason::Vendored => "vendored",
            Reason::Minified => "minified",
            Reason::Binary => "binary",
            Reason::TooLarge { .. } => "too_large",
            Reason::Symlink => "symlink",
            Reason::Submodule => "submodule",
            Reason::NoTextChange => "no_text_change",
            Reason::Unmerged => "unmerged",
        },
        detail: file.reason.to_string(),
    }
}

fn backend(backend: &BackendReport) -> JsonBackend<'_> {
    JsonBackend {
        name: &backend.name,
        model: backend.model.as_deref(),
        answered: backend.answered,
        taped: backend.taped,
        abstained: backend.abstained,
        failed: backend.failed,
        tokens: backend.usage,
        cost_usd: backend.cost_usd,
        error: backend.error.as_deref(),
    }
}
