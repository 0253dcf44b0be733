//! What was spent and what is promised: a call's highest cost is reserved before it is made, and
//! settled with what it did cost. One statement checks and reserves, so that any number of
//! processes on one store cannot promise more than there is.

use serde::{Deserialize, Serialize};
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use super::{Error, Store, clock, placeholders};

/// A line of the ledger, and what it may come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Who spends: `organisation`, `project/P`, `backend/P/NAME`, `team/P/NAME`.
    pub scope: String,
    /// `YYYY-MM-DD` or `YYYY-MM`, in UTC.
    pub period: String,
    /// Billionths of a US dollar at most; none where it is only counted.
    #[serde(skip)]
    pub cap: Option<i64>,
}

/// What is reserved for one call, and on which lines it is spent.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    /// None where nothing had to be reserved.
    id: Option<String>,
    nano_usd: i64,
    entries: Vec<Entry>,
}

/// Why nothing could be reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The line that is full.
    pub entry: Entry,
    /// Billionths of a US dollar that were spent on it.
    pub spent: i64,
    /// Those that are promised to calls that are not settled.
    pub reserved: i64,
}

impl Hold {
    /// Nothing is reserved; what is spent is counted on these lines.
    pub fn counting(entries: Vec<Entry>) -> Self {
        Self {
            id: None,
            nano_usd: 0,
            entries: sorted(entries),
        }
    }
}

/// In one order everywhere, so that two transactions never wait for each other crosswise.
fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort();
    entries
}

impl Store {
    /// Reserves so many billionths of a US dollar on all lines, or on none.
    ///
    /// # Errors
    /// Where the store cannot be written; what is full is no error.
    pub async fn reserve(
        &self,
        run: &str,
        backend: &str,
        nano_usd: i64,
        entries: Vec<Entry>,
    ) -> Result<Result<Hold, Short>, Error> {
        let entries = sorted(entries);
        let mut transaction = self.begin().await?;
        let capped = entries.iter().filter_map(|entry| Some((entry, entry.cap?)));
        let capped: Vec<(&Entry, i64)> = capped.collect();
        for (entry, cap) in &capped {
            book(&mut transaction, &[entry], 0, 0).await?;
            let done = sqlx::query(
                "UPDATE ledger SET reserved = reserved + $1 \
                 WHERE scope = $2 AND period = $3 AND spent + reserved <= $4 - $1",
            )
            .bind(nano_usd)
            .bind(&entry.scope)
            .bind(&entry.period)
            .bind(*cap)
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() == 0 {
                let short = short(&mut transaction, entry).await?;
                transaction.rollback().await?;
                return Ok(Err(short));
            }
        }
        let id = super::new_id();
        let lines: Vec<&Entry> = capped.iter().map(|(entry, _)| *entry).collect();
        let lines = serde_json::to_string(&lines).unwrap_or_default();
        sqlx::query(
            "INSERT INTO reservations (id, run, backend, nano_usd, entries, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(run)
        .bind(backend)
        .bind(nano_usd)
        .bind(&lines)
        .bind(clock::now())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Ok(Hold {
            id: Some(id),
            nano_usd,
            entries,
        }))
    }

    /// Gives back what was reserved for a call that brought nothing.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn release(&self, hold: &Hold) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        settle(&mut transaction, hold, 0).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What stands on a line: (spent, reserved), in billionths of a US dollar.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn standing(&self, scope: &str, period: &str) -> Result<(i64, i64), Error> {
        let row =
            sqlx::query("SELECT spent, reserved FROM ledger WHERE scope = $1 AND period = $2")
                .bind(scope)
                .bind(period)
                .fetch_optional(&self.pool)
                .await?;
        match row {
            Some(row) => Ok((row.try_get(0)?, row.try_get(1)?)),
            None => Ok((0, 0)),
        }
    }
}

/// Adds to lines, which are made where they are not there.
async fn book(
    transaction: &mut Transaction<'_, Any>,
    entries: &[&Entry],
    spent: i64,
    freed: i64,
) -> Result<(), Error> {
    let text = format!(
        "INSERT INTO ledger (scope, period, spent, reserved) VALUES {} \
         ON CONFLICT (scope, period) DO UPDATE SET spent = ledger.spent + excluded.spent, \
         reserved = ledger.reserved + excluded.reserved",
        placeholders(entries.len(), 4)
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for entry in entries {
        // Only lines with a cap hold reservations.
        let freed = if entry.cap.is_some() { freed } else { 0 };
        query = query
            .bind(entry.scope.clone())
            .bind(entry.period.clone())
            .bind(spent)
            .bind(-freed);
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn short(transaction: &mut Transaction<'_, Any>, entry: &Entry) -> Result<Short, Error> {
    let row = sqlx::query("SELECT spent, reserved FROM ledger WHERE scope = $1 AND period = $2")
        .bind(&entry.scope)
        .bind(&entry.period)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(Short {
        entry: entry.clone(),
        spent: row.try_get(0)?,
        reserved: row.try_get(1)?,
    })
}

/// Books what a call did cost, and takes its reservation off the lines.
pub(super) async fn settle(
    transaction: &mut Transaction<'_, Any>,
    hold: &Hold,
    cost: i64,
) -> Result<(), Error> {
    let mut reserved = 0;
    if let Some(id) = &hold.id {
        let gone = sqlx::query("DELETE FROM reservations WHERE id = $1")
            .bind(id)
            .execute(&mut **transaction)
            .await?;
        // Never twice.
        if gone.rows_affected() == 0 {
            return Ok(());
        }
        reserved = hold.nano_usd;
    }
    if (reserved == 0 && cost == 0) || hold.entries.is_empty() {
        return Ok(());
    }
    let entries: Vec<&Entry> = hold.entries.iter().collect();
    book(transaction, &entries, cost, reserved).await
}
