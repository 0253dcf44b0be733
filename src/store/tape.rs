//! The tape: replies by what was asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::{Error, Kind, Store};
use crate::backends::{Reply, Stop, Usage};

/// A reply from the tape.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// The reply, with the latency that it had.
    pub reply: Reply,
}

/// A reply as the tape has it.
#[derive(Serialize, Deserialize)]
struct Written {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
    stop: Stop,
    latency_ms: u64,
}

impl Written {
    fn of(reply: &Reply) -> Self {
        Self {
            text: reply.text.clone(),
            model: reply.model.clone(),
            usage: reply.usage,
            cost_usd: reply.cost_usd,
            stop: reply.stop,
            latency_ms: milliseconds(reply.latency),
        }
    }

    fn into_reply(self) -> Reply {
        Reply {
            text: self.text,
            model: self.model,
            usage: self.usage,
            cost_usd: self.cost_usd,
            latency: Duration::from_millis(self.latency_ms),
            stop: self.stop,
        }
    }
}

/// At least one: zero is what a call that was not made takes.
pub(super) fn milliseconds(latency: Duration) -> u64 {
    u64::try_from(latency.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, 1 << 40)
}

impl Store {
    /// The newest answer to a question that is not older than `since`. What a refusal, an
    /// abstention or a failure was is no answer.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn answer(&self, key: &str, since: i64) -> Result<Option<Kept>, Error> {
        let row = sqlx::query(
            "SELECT id, reply FROM tape WHERE key = $1 AND state = 'answer' AND at >= $2 \
             ORDER BY at DESC LIMIT 1",
        )
        .bind(key)
        .bind(since)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(kept).transpose().map(Option::flatten)
    }

    /// A reply by its id, whatever it is worth.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn reply(&self, id: &str) -> Result<Option<Kept>, Error> {
        let row = sqlx::query("SELECT id, reply FROM tape WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(kept).transpose().map(Option::flatten)
    }
}

/// A reply as the tape has it, outside of it.
pub(super) mod reply {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Written;
    use crate::backends::Reply;

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in crate::store) fn serialize<S: Serializer>(
        reply: &Option<Reply>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        reply.as_ref().map(Written::of).serialize(to)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Reply>, D::Error> {
        let written = Option::<Written>::deserialize(from)?;
        Ok(written.map(Written::into_reply))
    }
}

/// None where what stands there is no reply: it is asked for again.
pub(super) fn read_reply(text: &str) -> Option<Reply> {
    let written = serde_json::from_str::<Written>(text).ok();
    written.map(Written::into_reply)
}

fn kept(row: &AnyRow) -> Result<Option<Kept>, Error> {
    let id = row.try_get(0)?;
    let reply = read_reply(row.try_get(1)?);
    Ok(reply.map(|reply| Kept { id, reply }))
}

pub(super) async fn write_reply(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    key: &str,
    state: &str,
    reply: &Reply,
    now: i64,
) -> Result<(), Error> {
    // PostgreSQL's text holds no NUL; as JSON it is escaped.
    let text = serde_json::to_string(&Written::of(reply))
        .map_err(|error| Error::new(Kind::Other, error.to_string()))?;
    sqlx::query(
        "INSERT INTO tape (id, key, state, reply, bytes, at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(key)
    .bind(state)
    .bind(&text)
    .bind(i64::try_from(text.len()).unwrap_or(i64::MAX))
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
