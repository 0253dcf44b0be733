//! What a store knows of a period: calls, tokens, money, times and findings, by who, in which
//! role, for which team and on which day.

mod fold;
mod latency;

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;

use super::{Error, Store};
use fold::{Call, Gather};

pub use latency::{Latency, nearest_rank};

/// Which part of a store is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// From when on, in milliseconds since 1970; from the beginning where absent.
    pub since: Option<i64>,
    /// Until when, which is not part of it; in milliseconds since 1970.
    pub until: Option<i64>,
    /// Of which project; of all where absent.
    pub project: Option<String>,
}

/// What a store knows of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Which.
    pub period: Period,
    /// Everything together.
    pub total: Group,
    /// By the backend that was asked.
    pub by_backend: BTreeMap<String, Group>,
    /// By role. A call that served several has their names joined by `+`.
    pub by_role: BTreeMap<String, Group>,
    /// By team; empty: none.
    pub by_team: BTreeMap<String, Group>,
    /// By day, `YYYY-MM-DD` in UTC.
    pub by_day: BTreeMap<String, Group>,
    /// Calls by backend and role.
    pub by_backend_and_role: BTreeMap<(String, String), Calls>,
    /// Billionths of a dollar by day and backend.
    pub cost_by_day: BTreeMap<String, BTreeMap<String, u64>>,
    /// Runs that began in the period, by status.
    pub runs: BTreeMap<String, u64>,
    /// Billionths of a dollar that the ledger has as spent, at any time, by backend. They stay
    /// where the rows of calls go.
    pub spent: BTreeMap<String, u64>,
    /// What is promised and not settled, whenever that was.
    pub unsettled: Unsettled,
}

impl Stats {
    /// Whether there is nothing to tell of.
    pub fn is_empty(&self) -> bool {
        self.total == Group::default() && self.runs.is_empty()
    }
}

/// Sums of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What was asked.
    pub calls: Calls,
    /// How long replies took; none where there was none.
    pub latency: Option<Latency>,
    /// What was found.
    pub findings: Findings,
}

/// Calls. What was answered from the tape is counted as `taped` and nowhere else, what was not
/// sent as `unsent`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls with an answer.
    pub answered: u64,
    /// Calls whose reply could not be read.
    pub abstained: u64,
    /// Calls that the model refused.
    pub refused: u64,
    /// Calls without a reply.
    pub failed: u64,
    /// Calls that were not made: the server had failed too often, or there was no time left.
    pub unsent: u64,
    /// Calls answered from the tape: nothing was asked and nothing paid.
    pub taped: u64,
    /// Tokens read, cached ones among them.
    pub input: u64,
    /// Tokens read from the provider's cache.
    pub cached_input: u64,
    /// Tokens written.
    pub output: u64,
    /// Billionths of a dollar, of calls whose price is known.
    pub nano_usd: u64,
    /// Calls with a reply whose price is not known.
    pub unpriced: u64,
}

impl Calls {
    /// How many were asked.
    pub fn asked(&self) -> u64 {
        self.answered + self.abstained + self.refused + self.failed
    }
}

/// Findings. One that several runs of a project saw is one, and stands as the last of them says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// All of them; the four below add up to it.
    pub reported: u64,
    /// With enough votes.
    pub confirmed: u64,
    /// With too few.
    pub unconfirmed: u64,
    /// That critics did away with.
    pub refuted: u64,
    /// That the project's baseline or a mark in its source takes out.
    pub suppressed: u64,
    /// That people say are real, wherever they stand.
    pub real: u64,
    /// That people say are not.
    pub dismissed: u64,
}

impl Findings {
    /// Share of real ones among those that people looked at; none where they looked at none.
    pub fn precision(&self) -> Option<f64> {
        let judged = self.real + self.dismissed;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        (judged > 0).then(|| self.real as f64 / judged as f64)
    }
}

/// Promises that are not settled: their call is still going on, or its run was killed and it may
/// have been billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// How many.
    pub count: u64,
    /// Their sum in billionths of a dollar.
    pub nano_usd: u64,
    /// When the oldest was made, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

/// `$1` and `$2` are the period, `$3` is the project or empty: of all.
const CALLS: &str = "\
SELECT c.backend, c.role, c.team, c.day, c.outcome, c.taped, c.input, c.cached_input, c.output, \
c.nano_usd, c.latency_ms \
FROM calls c JOIN runs r ON r.id = c.run \
WHERE c.at >= $1 AND c.at < $2 AND ($3 = '' OR r.project = $3)";

const RUNS: &str = "\
SELECT r.status, count(*) FROM runs r \
WHERE r.started >= $1 AND r.started < $2 AND ($3 = '' OR r.project = $3) \
GROUP BY r.status";

/// The newest run last, so that its word is the last.
const FINDINGS: &str = "\
SELECT r.project, f.fingerprint, r.team, r.started, f.standing \
FROM findings f JOIN runs r ON r.id = f.run \
WHERE r.started >= $1 AND r.started < $2 AND ($3 = '' OR r.project = $3) \
ORDER BY r.started, r.id";

const CLAIMS: &str = "\
SELECT DISTINCT r.project, c.fingerprint, c.backend, c.role \
FROM claims c JOIN runs r ON r.id = c.run \
WHERE r.started >= $1 AND r.started < $2 AND ($3 = '' OR r.project = $3)";

const FEEDBACK: &str = "\
SELECT project, fingerprint, is_real FROM feedback WHERE $1 = '' OR project = $1";

/// Lines `backend/PROJECT/NAME` of days; months have them once more.
const SPENT: &str = "\
SELECT scope, CAST(sum(spent) AS BIGINT) FROM ledger \
WHERE substr(scope, 1, 8) = 'backend/' AND length(period) = 10 \
AND ($1 = '' OR substr(scope, 1, length($1) + 9) = 'backend/' || $1 || '/') \
GROUP BY scope";

const UNSETTLED: &str = "\
SELECT count(*), CAST(COALESCE(sum(p.nano_usd), 0) AS BIGINT), min(p.at) FROM reservations p \
WHERE $1 = '' OR EXISTS (SELECT 1 FROM runs r WHERE r.id = p.run AND r.project = $1)";

impl Store {
    /// What is known of a period. Calls belong to it by when they were over, runs and what they
    /// found by when the run began; what people say of a finding counts whenever they said it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn stats(&self, period: Period) -> Result<Stats, Error> {
        let since = period.since.unwrap_or(i64::MIN);
        let until = period.until.unwrap_or(i64::MAX);
        let project = period.project.clone().unwrap_or_default();
        let mut gather = Gather::default();

        let calls = sqlx::query_as::<_, Call>(CALLS);
        let mut calls = calls
            .bind(since)
            .bind(until)
            .bind(&project)
            .fetch(&self.pool);
        while let Some(call) = calls.try_next().await? {
            gather.call(&call);
        }
        drop(calls);

        let findings = sqlx::query_as(FINDINGS).bind(since).bind(until);
        let mut findings = findings.bind(&project).fetch(&self.pool);
        while let Some(row) = findings.try_next().await? {
            gather.finding(row);
        }
        drop(findings);

        let claims = sqlx::query_as(CLAIMS).bind(since).bind(until);
        let mut claims = claims.bind(&project).fetch(&self.pool);
        while let Some(row) = claims.try_next().await? {
            gather.claim(row);
        }
        drop(claims);

        let feedback = sqlx::query_as(FEEDBACK).bind(&project);
        for row in feedback.fetch_all(&self.pool).await? {
            gather.feedback(row);
        }

        let mut stats = gather.finish(period);
        let runs = sqlx::query_as(RUNS).bind(since).bind(until).bind(&project);
        let runs: Vec<(String, i64)> = runs.fetch_all(&self.pool).await?;
        stats.runs = runs
            .into_iter()
            .map(|(status, count)| (status, fold::count(count)))
            .collect();
        let spent = sqlx::query_as(SPENT).bind(&project);
        let spent: Vec<(String, i64)> = spent.fetch_all(&self.pool).await?;
        for (scope, nano_usd) in spent {
            // Projects have slashes in their names, backends have none.
            let backend = scope.rsplit('/').next().unwrap_or_default().to_owned();
            let sum = stats.spent.entry(backend).or_default();
            *sum = sum.saturating_add(fold::count(nano_usd));
        }
        let unsettled = sqlx::query_as(UNSETTLED).bind(&project);
        let (count, nano_usd, oldest): (i64, i64, Option<i64>) =
            unsettled.fetch_one(&self.pool).await?;
        stats.unsettled = Unsettled {
            count: fold::count(count),
            nano_usd: fold::count(nano_usd),
            oldest,
        };
        Ok(stats)
    }
}
