//! Statistics for programs, field by field in `docs/stats.md`; types of their own, so that the
//! store's can change.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::By;
use crate::report::json_text;
use crate::store::{Group, Stats, Unsettled, instant};
use crate::units::dollars;
use crate::units::rounded;

/// Grows by one when a field goes or changes its meaning; new fields do not count.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'s> {
    schema_version: u32,
    tool: Tool,
    project: Option<&'s str>,
    since: Option<String>,
    until: Option<String>,
    runs: JsonRuns<'s>,
    total: JsonGroup<'s>,
    by_backend: Option<Vec<JsonGroup<'s>>>,
    by_role: Option<Vec<JsonGroup<'s>>>,
    by_team: Option<Vec<JsonGroup<'s>>>,
    by_day: Option<Vec<JsonGroup<'s>>>,
    unsettled: JsonUnsettled,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonRuns<'s> {
    count: u64,
    by_status: &'s BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct JsonGroup<'s> {
    name: Option<&'s str>,
    calls: JsonCalls,
    tokens: JsonTokens,
    cost_usd: f64,
    unpriced_calls: u64,
    latency: Option<JsonLatency>,
    findings: JsonFindings,
}

#[derive(Serialize)]
struct JsonCalls {
    made: u64,
    answered: u64,
    abstained: u64,
    refused: u64,
    failed: u64,
    unsent: u64,
    taped: u64,
}

#[derive(Serialize)]
struct JsonTokens {
    input: u64,
    cached_input: u64,
    output: u64,
}

#[derive(Serialize)]
struct JsonLatency {
    count: u64,
    sum_ms: u64,
    median_ms: u64,
    p95_ms: u64,
}

#[derive(Serialize)]
struct JsonFindings {
    reported: u64,
    confirmed: u64,
    unconfirmed: u64,
    refuted: u64,
    suppressed: u64,
    real: u64,
    dismissed: u64,
    precision: Option<f64>,
}

#[derive(Serialize)]
struct JsonUnsettled {
    count: u64,
    cost_usd: f64,
    oldest: Option<String>,
}

/// Writes the statistics; groups that are not among `by` are null.
///
/// # Errors
/// Those of the output.
pub fn write(stats: &Stats, by: &[By], out: &mut impl Write) -> io::Result<()> {
    let groups = |of: By| {
        let wanted = by.contains(&of);
        wanted.then(|| {
            of.groups(stats)
                .iter()
                .map(|(n, g)| group(Some(n), g))
                .collect()
        })
    };
    let report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: "llmux",
            version: env!("CARGO_PKG_VERSION"),
        },
        project: stats.period.project.as_deref(),
        since: stats.period.since.map(instant),
        until: stats.period.until.map(instant),
        runs: JsonRuns {
            count: stats.runs.values().sum(),
            by_status: &stats.runs,
        },
        total: group(None, &stats.total),
        by_backend: groups(By::Backend),
        by_role: groups(By::Role),
        by_team: groups(By::Team),
        by_day: groups(By::Day),
        unsettled: unsettled(&stats.unsettled),
    };
    json_text::write(&report, out)
}

fn group<'s>(name: Option<&'s str>, group: &Group) -> JsonGroup<'s> {
    let (calls, findings) = (&group.calls, &group.findings);
    JsonGroup {
        name,
        calls: JsonCalls {
            made: calls.asked(),
            answered: calls.answered,
            abstained: calls.abstained,
            refused: calls.refused,
            failed: calls.failed,
            unsent: calls.unsent,
            taped: calls.taped,
        },
        tokens: JsonTokens {
            input: calls.input,
            cached_input: calls.cached_input,
            output: calls.output,
        },
        cost_usd: dollars(calls.nano_usd),
        unpriced_calls: calls.unpriced,
        latency: group.latency.map(|latency| JsonLatency {
            count: latency.count,
            sum_ms: latency.sum_ms,
            median_ms: latency.median_ms,
            p95_ms: latency.p95_ms,
        }),
        findings: JsonFindings {
            reported: findings.reported,
            confirmed: findings.confirmed,
            unconfirmed: findings.unconfirmed,
            refuted: findings.refuted,
            suppressed: findings.suppressed,
            real: findings.real,
            dismissed: findings.dismissed,
            precision: findings.precision().map(rounded),
        },
    }
}

fn unsettled(unsettled: &Unsettled) -> JsonUnsettled {
    JsonUnsettled {
        count: unsettled.count,
        cost_usd: dollars(unsettled.nano_usd),
        oldest: unsettled.oldest.map(instant),
    }
}
