//! What was spent and what is promised: a call's highest cost is reserved before it is made, and
//! settled with what it did cost. One statement checks and reserves, so that any number of
//! processes on one store cannot promise more than there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use super::writer::Wish;
use super::{Error, Kind, Store, clock, placeholders};

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
            entries,
        }
    }
}

impl Store {
    /// Reserves for calls of one backend on the same lines: for all at once where there is room,
    /// else for one after the other. One answer a wish, in their order.
    pub(super) async fn reserve_all(
        &self,
        wishes: &[Wish],
    ) -> Vec<Result<Result<Hold, Short>, Error>> {
        match self.try_reserve(wishes).await {
            Ok(Ok(holds)) => holds.into_iter().map(|hold| Ok(Ok(hold))).collect(),
            Ok(Err(_)) if wishes.len() > 1 => {
                let mut answers = Vec::new();
                for wish in wishes {
                    let answer = self.try_reserve(std::slice::from_ref(wish)).await;
                    // An answer without a hold must not look like money set aside.
                    let lost = || Error::new(Kind::Other, "a reservation is lost");
                    answers.push(match answer {
                        Ok(Ok(mut holds)) => holds.pop().map(Ok).ok_or_else(lost),
                        Ok(Err(short)) => Ok(Err(short)),
                        Err(error) => Err(error),
                    });
                }
                answers
            }
            Ok(Err(short)) => vec![Ok(Err(short))],
            Err(error) => wishes.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// All of them or none.
    async fn try_reserve(&self, wishes: &[Wish]) -> Result<Result<Vec<Hold>, Short>, Error> {
        let Some(Wish { entries, .. }) = wishes.first() else {
            return Ok(Ok(Vec::new()));
        };
        let sum = wishes
            .iter()
            .fold(0_i64, |sum, wish| sum.saturating_add(wish.nano_usd));
        let mut transaction = self.begin().await?;
        let capped = entries.iter().filter_map(|entry| Some((entry, entry.cap?)));
        let capped: Vec<(&Entry, i64)> = capped.collect();
        for (entry, cap) in &capped {
            book(&mut transaction, &[(*entry, 0, 0)]).await?;
            let done = sqlx::query(
                "UPDATE ledger SET reserved = reserved + $1 \
                 WHERE scope = $2 AND period = $3 AND spent + reserved <= $4 - $1",
            )
            .bind(sum)
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
        let lines: Vec<&Entry> = capped.iter().map(|(entry, _)| *entry).collect();
        let lines = serde_json::to_string(&lines).unwrap_or_default();
        let text = format!(
            "INSERT INTO reservations (id, run, backend, nano_usd, entries, at) VALUES {}",
            placeholders(wishes.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        let mut holds = Vec::new();
        for wish in wishes {
            let id = super::new_id();
            query = query
                .bind(id.clone())
                .bind(&wish.run)
                .bind(&wish.backend)
                .bind(wish.nano_usd)
                .bind(lines.clone())
                .bind(clock::now());
            holds.push(Hold {
                id: Some(id),
                nano_usd: wish.nano_usd,
                entries: entries.clone(),
            });
        }
        query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Ok(holds))
    }

    /// Gives back what was reserved for a call that brought nothing.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn release(&self, hold: &Hold) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        settle(&mut transaction, [(hold, 0)].into_iter()).await?;
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

/// Adds to lines, which are made where they are not there: (line, spent, given back), each line
/// once and in order.
async fn book(
    transaction: &mut Transaction<'_, Any>,
    entries: &[(&Entry, i64, i64)],
) -> Result<(), Error> {
    let text = format!(
        "INSERT INTO ledger (scope, period, spent, reserved) VALUES {} \
         ON CONFLICT (scope, period) DO UPDATE SET spent = ledger.spent + excluded.spent, \
         reserved = ledger.reserved + excluded.reserved",
        placeholders(entries.len(), 4)
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for (entry, spent, freed) in entries {
        query = query
            .bind(&entry.scope)
            .bind(&entry.period)
            .bind(*spent)
            .bind(-*freed);
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

/// Books what calls did cost, and takes their reservations off the lines.
pub(super) async fn settle<'h>(
    transaction: &mut Transaction<'_, Any>,
    holds: impl Iterator<Item = (&'h Hold, i64)>,
) -> Result<(), Error> {
    let holds: Vec<(&Hold, i64)> = holds.collect();
    let ids: Vec<&str> = holds
        .iter()
        .filter_map(|(hold, _)| hold.id.as_deref())
        .collect();
    let mut open = BTreeSet::new();
    if !ids.is_empty() {
        let text = format!(
            "DELETE FROM reservations WHERE id IN {} RETURNING id",
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for id in ids {
            query = query.bind(id);
        }
        for row in query.fetch_all(&mut **transaction).await? {
            open.insert(row.try_get::<String, _>(0)?);
        }
    }
    // By scope and period, whatever the cap: in the order in which they are written.
    let mut lines: BTreeMap<(&str, &str), (&Entry, i64, i64)> = BTreeMap::new();
    for (hold, cost) in holds {
        // Never twice.
        if hold.id.as_ref().is_some_and(|id| !open.contains(id)) {
            continue;
        }
        let held = hold.id.as_ref().map_or(0, |_| hold.nano_usd);
        for entry in &hold.entries {
            // Only lines with a cap hold reservations.
            let freed = if entry.cap.is_some() { held } else { 0 };
            let name = (entry.scope.as_str(), entry.period.as_str());
            let (_, spent, given) = lines.entry(name).or_insert((entry, 0, 0));
            *spent += cost;
            *given += freed;
        }
    }
    lines.retain(|_, (_, spent, freed)| *spent != 0 || *freed != 0);
    if lines.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = lines.into_values().collect();
    book(transaction, &lines).await
}
