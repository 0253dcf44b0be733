//! What runs found, and who said it.

use sqlx::AssertSqlSafe;

use super::calls::clean;
use super::{Error, Store, placeholders};

/// Rows in one statement; see `calls`.
const ROWS: usize = 500;

/// A finding of a run.
#[derive(Clone, Debug, Default)]
pub struct FindingRow {
    /// What it is known by over runs.
    pub fingerprint: String,
    /// `confirmed`, `unconfirmed`, `refuted` or `suppressed`.
    pub standing: String,
    /// Its file.
    pub path: String,
    /// Its first line, from 1.
    pub line: u32,
    /// As in reports.
    pub severity: String,
    /// As in reports.
    pub category: String,
    /// As in reports.
    pub rule: String,
    /// As in reports; empty where content is kept out.
    pub title: String,
    /// Voters that answered for its place.
    pub answered: Vec<String>,
    /// Who said it.
    pub said: Vec<Said>,
}

/// One voter's word.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The voter; a sample is `NAME#K`.
    pub voter: String,
    /// Its backend.
    pub backend: String,
    /// The role in which it was asked.
    pub role: String,
    /// The severity that it named.
    pub severity: String,
}

impl Store {
    /// Writes down what a run found, in place of what it had found before.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn keep_findings(&self, run: &str, findings: &[FindingRow]) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for text in [
            "DELETE FROM claims WHERE run = $1",
            "DELETE FROM findings WHERE run = $1",
        ] {
            sqlx::query(text)
                .bind(run)
                .execute(&mut *transaction)
                .await?;
        }
        for part in findings.chunks(ROWS) {
            let text = format!(
                "INSERT INTO findings (run, fingerprint, standing, path, line, severity, \
                 category, rule, title, answered) VALUES {} \
                 ON CONFLICT (run, fingerprint) DO NOTHING",
                placeholders(part.len(), 10)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for row in part {
                let answered = serde_json::to_string(&row.answered).unwrap_or_default();
                query = query
                    .bind(run)
                    .bind(clean(&row.fingerprint))
                    .bind(clean(&row.standing))
                    .bind(clean(&row.path))
                    .bind(i64::from(row.line))
                    .bind(clean(&row.severity))
                    .bind(clean(&row.category))
                    .bind(clean(&row.rule))
                    .bind(clean(&row.title))
                    .bind(clean(&answered));
            }
            query.execute(&mut *transaction).await?;
        }
        let said = findings
            .iter()
            .flat_map(|row| row.said.iter().map(|said| (&row.fingerprint, said)));
        let said: Vec<_> = said.collect();
        for part in said.chunks(ROWS) {
            let text = format!(
                "INSERT INTO claims (run, fingerprint, voter, backend, role, severity) \
                 VALUES {} ON CONFLICT (run, fingerprint, voter, role) DO NOTHING",
                placeholders(part.len(), 6)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for (fingerprint, said) in part {
                query = query
                    .bind(run)
                    .bind(clean(fingerprint))
                    .bind(clean(&said.voter))
                    .bind(clean(&said.backend))
                    .bind(clean(&said.role))
                    .bind(clean(&said.severity));
            }
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
