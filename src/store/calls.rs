//! Questions of each run, and what came of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use super::ledger;
use super::tape::{milliseconds, read_reply, write_reply};
use super::writer::Record;
use super::{Error, Store, clock, nearest_rank, placeholders};
use crate::backends::Reply;

/// Rows in one statement; PostgreSQL takes 65,535 parameters, SQLite 32,766.
const ROWS: usize = 500;
/// Bytes of replies that are held at once.
const AT_ONCE: i64 = 16 << 20;

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallOutcome {
    /// An answer.
    Answered,
    /// Text in which no answer could be read.
    Abstained,
    /// The model or its provider would not answer.
    Refused,
    /// No reply at all.
    Failed,
    /// It was not asked: its server had failed too often, or there was no time left.
    Unsent,
}

impl CallOutcome {
    /// The word in the tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abstained => "abstained",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unsent => "unsent",
        }
    }

    fn read(word: &str) -> Self {
        match word {
            "answered" => Self::Answered,
            "abstained" => Self::Abstained,
            "refused" => Self::Refused,
            "unsent" => Self::Unsent,
            _ => Self::Failed,
        }
    }
}

/// One question of a run, and what came of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Id of the run.
    pub run: String,
    /// What the question is known by.
    pub key: String,
    /// Name of the backend.
    pub backend: String,
    /// The model that answered, by its own word, else the one that was asked; may be empty.
    pub model: String,
    /// The roles that asked.
    pub roles: Vec<String>,
    /// Name of the team; may be empty.
    pub team: String,
    /// What came of it.
    pub outcome: CallOutcome,
    /// The reply, where there is one.
    pub reply: Option<Reply>,
    /// Billionths of a US dollar; none where no price is known.
    pub nano_usd: Option<i64>,
    /// Why there is no reply.
    pub message: String,
}

/// A call of an earlier process of the same run, or of the run that is replayed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// What came of it.
    pub outcome: CallOutcome,
    /// Whether nothing was paid for it.
    pub taped: bool,
    /// Id of its reply on the tape of a store.
    #[serde(skip)]
    pub tape: Option<String>,
    /// Why there is no reply.
    pub message: String,
    /// The reply, where all of the run's are small enough to be looked up at once.
    #[serde(with = "super::tape::reply")]
    pub reply: Option<Reply>,
}

impl Store {
    /// The calls of a run, by key.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn calls_of(&self, run: &str) -> Result<BTreeMap<String, Past>, Error> {
        let size = "SELECT CAST(COALESCE(SUM(t.bytes), 0) AS BIGINT) FROM calls c \
                    JOIN tape t ON t.id = c.tape WHERE c.run = $1";
        let size = sqlx::query(size).bind(run).fetch_one(&self.pool).await?;
        let size: i64 = size.try_get(0)?;
        let text = if size <= AT_ONCE {
            "SELECT c.key, c.outcome, c.taped, c.tape, c.message, t.reply \
             FROM calls c LEFT JOIN tape t ON t.id = c.tape WHERE c.run = $1"
        } else {
            "SELECT key, outcome, taped, tape, message, NULL FROM calls WHERE run = $1"
        };
        let rows = sqlx::query(text).bind(run).fetch_all(&self.pool).await?;
        let past = rows.iter().map(|row| {
            let outcome: String = row.try_get(1)?;
            let taped: i64 = row.try_get(2)?;
            let past = Past {
                outcome: CallOutcome::read(&outcome),
                taped: taped != 0,
                tape: row.try_get(3)?,
                message: row.try_get(4)?,
                reply: row.try_get::<Option<&str>, _>(5)?.and_then(read_reply),
            };
            Ok((row.try_get(0)?, past))
        });
        past.collect()
    }

    /// Backend → median of the time that its newest answers took in a project.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn medians(&self, project: &str) -> Result<BTreeMap<String, Duration>, Error> {
        let rows = sqlx::query(
            "SELECT c.backend, c.latency_ms FROM calls c JOIN runs r ON r.id = c.run \
             WHERE r.project = $1 AND c.taped = 0 AND c.outcome = 'answered' \
             ORDER BY c.at DESC LIMIT 5000",
        )
        .bind(clean(project))
        .fetch_all(&self.pool)
        .await?;
        let mut times: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for row in &rows {
            let time: i64 = row.try_get(1)?;
            let own = times.entry(row.try_get(0)?).or_default();
            own.push(u64::try_from(time).unwrap_or(0));
        }
        let medians = times.into_iter().filter_map(|(name, mut times)| {
            times.sort_unstable();
            Some((name, Duration::from_millis(nearest_rank(&times, 50)?)))
        });
        Ok(medians.collect())
    }

    /// Writes down calls that were made, and settles what was reserved for them, in one
    /// transaction.
    pub(super) async fn record_all(&self, records: &[Record]) -> Result<(), Error> {
        let now = clock::now();
        let mut transaction = self.begin().await?;
        let mut rows: Vec<CallRow<'_>> = Vec::new();
        for Record { call, content, .. } in records {
            // One statement cannot touch a row twice.
            let is_twice = |row: &CallRow<'_>| row.call.run == call.run && row.call.key == call.key;
            if rows.iter().any(is_twice) {
                insert(&mut transaction, &rows, now).await?;
                rows.clear();
            }
            let mut tape = None;
            if let Some(reply) = call.reply.as_ref().filter(|_| *content) {
                let state = match call.outcome {
                    CallOutcome::Answered => "answer",
                    _ => "refusal",
                };
                let id = super::new_id();
                write_reply(&mut transaction, &id, &call.key, state, reply, now).await?;
                tape = Some(id);
            }
            rows.push(CallRow {
                call,
                tape,
                is_taped: false,
            });
        }
        insert(&mut transaction, &rows, now).await?;
        let holds = records
            .iter()
            .map(|one| (&one.hold, one.call.nano_usd.unwrap_or(0)));
        ledger::settle(&mut transaction, holds).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down calls that the tape answered: (the call, its reply's id).
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn record_taped(&self, calls: &[(Call, String)]) -> Result<(), Error> {
        if calls.is_empty() {
            return Ok(());
        }
        let now = clock::now();
        let mut transaction = self.begin().await?;
        for part in calls.chunks(ROWS) {
            let rows: Vec<CallRow<'_>> = part
                .iter()
                .map(|(call, tape)| CallRow {
                    call,
                    tape: Some(tape.clone()),
                    is_taped: true,
                })
                .collect();
            insert(&mut transaction, &rows, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn disown_now(&self, run: &str, keys: &[String]) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for key in keys {
            sqlx::query(
                "UPDATE tape SET state = 'abstained' WHERE state = 'answer' AND id = \
                 (SELECT tape FROM calls WHERE run = $1 AND key = $2)",
            )
            .bind(run)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "UPDATE calls SET outcome = 'abstained' \
                 WHERE run = $1 AND key = $2 AND outcome = 'answered'",
            )
            .bind(run)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

struct CallRow<'c> {
    call: &'c Call,
    tape: Option<String>,
    is_taped: bool,
}

/// A call that the tape answered stands in no place.
const KEEP: &str = " ON CONFLICT (run, key) DO NOTHING";
/// One that was made stands in place of what the run knew of that question before, and adds to
/// what that did cost: a refusal was paid too.
const REPLACE: &str = " ON CONFLICT (run, key) DO UPDATE SET tape = excluded.tape, \
     model = excluded.model, day = excluded.day, at = excluded.at, outcome = excluded.outcome, \
     input = calls.input * (1 - calls.taped) + excluded.input, \
     cached_input = calls.cached_input * (1 - calls.taped) + excluded.cached_input, \
     output = calls.output * (1 - calls.taped) + excluded.output, \
     nano_usd = CASE WHEN calls.nano_usd IS NULL THEN excluded.nano_usd \
     ELSE calls.nano_usd + COALESCE(excluded.nano_usd, 0) END, taped = excluded.taped, \
     latency_ms = excluded.latency_ms, message = excluded.message";

async fn insert(
    transaction: &mut Transaction<'_, Any>,
    rows: &[CallRow<'_>],
    now: i64,
) -> Result<(), Error> {
    let day = clock::day(now);
    let is_taped = rows.iter().all(|row| row.is_taped);
    let text = format!(
        "INSERT INTO calls (run, key, tape, backend, model, role, team, day, at, outcome, taped, \
         input, cached_input, output, nano_usd, latency_ms, message) VALUES {}{}",
        placeholders(rows.len(), 17),
        if is_taped { KEEP } else { REPLACE }
    );
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut query = sqlx::query(AssertSqlSafe(text));
    for CallRow {
        call,
        tape,
        is_taped,
    } in rows
    {
        let reply = call.reply.as_ref();
        let usage = reply.and_then(|reply| reply.usage).unwrap_or_default();
        let latency = reply.map_or(0, |reply| milliseconds(reply.latency));
        query = query
            .bind(clean(&call.run))
            .bind(clean(&call.key))
            .bind(tape.clone())
            .bind(clean(&call.backend))
            .bind(clean(&call.model))
            .bind(clean(&call.roles.join("+")))
            .bind(clean(&call.team))
            .bind(day.clone())
            .bind(now)
            .bind(call.outcome.as_str())
            .bind(i64::from(*is_taped))
            .bind(whole(usage.input))
            .bind(whole(usage.cached_input))
            .bind(whole(usage.output))
            .bind(call.nano_usd)
            .bind(whole(latency))
            .bind(clean(&call.message));
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// PostgreSQL's text holds no NUL.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
