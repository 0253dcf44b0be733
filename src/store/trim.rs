//! The store stays within its size: the oldest replies go first, then the oldest runs.

use std::time::Duration;

use sqlx::{Executor as _, Row as _};

use super::{Error, Flavour, Store, clock};

/// Rounds at most: each takes a tenth of what is left.
const ROUNDS: usize = 60;

impl Store {
    /// Deletes replies that are too old to answer, and the oldest ones until the store takes no
    /// more than `max_size` bytes. What was spent, and what people said of findings, stays.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn trim(&self, max_size: u64, ttl: Duration) -> Result<(), Error> {
        let age = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        let expired = sqlx::query("DELETE FROM tape WHERE at < $1")
            .bind(clock::now().saturating_sub(age))
            .execute(&self.pool)
            .await?;
        let mut is_changed = expired.rows_affected() > 0;
        for _ in 0..ROUNDS {
            if self.size().await? <= max_size {
                break;
            }
            if self.drop_replies().await? == 0 && self.drop_runs().await? == 0 {
                break;
            }
            is_changed = true;
        }
        if is_changed && matches!(self.flavour, Flavour::Sqlite(_)) {
            self.pool.execute("PRAGMA incremental_vacuum").await?;
        }
        Ok(())
    }

    /// Bytes in use: of a file its pages, of a server what the replies take.
    async fn size(&self) -> Result<u64, Error> {
        let text = match self.flavour {
            Flavour::Sqlite(_) => {
                "SELECT (p.page_count - f.freelist_count) * s.page_size \
                 FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s"
            }
            Flavour::Postgres => "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM tape",
        };
        let bytes: i64 = sqlx::query(text).fetch_one(&self.pool).await?.try_get(0)?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// The oldest tenth of the replies, and what only a replay with them needs.
    async fn drop_replies(&self) -> Result<u64, Error> {
        let done = sqlx::query(
            "DELETE FROM tape WHERE id IN (SELECT id FROM tape ORDER BY at, id \
             LIMIT (SELECT (count(*) + 9) / 10 FROM tape))",
        )
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "UPDATE runs SET recipe = NULL WHERE recipe IS NOT NULL AND ended IS NOT NULL \
             AND started < (SELECT COALESCE(MIN(at), $1) FROM tape)",
        )
        .bind(clock::now())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// The oldest tenth of the runs that ended, with all that is known of them.
    async fn drop_runs(&self) -> Result<u64, Error> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "SELECT id FROM runs WHERE ended IS NOT NULL ORDER BY started, id \
             LIMIT (SELECT (count(*) + 9) / 10 FROM runs WHERE ended IS NOT NULL)",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for row in &rows {
            let id: &str = row.try_get(0)?;
            for text in [
                "DELETE FROM calls WHERE run = $1",
                "DELETE FROM claims WHERE run = $1",
                "DELETE FROM findings WHERE run = $1",
                "DELETE FROM runs WHERE id = $1",
            ] {
                sqlx::query(text)
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(rows.len() as u64)
    }
}
