//! What runs found, and who said it.

use sqlx::QueryBuilder;

use super::calls::clean;
use super::{Error, Store};

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
            let mut query = QueryBuilder::new(
                "INSERT INTO findings (run, fingerprint, standing, path, line, severity, \
                 category, rule, title, answered) ",
            );
            query.push_values(part, |mut values, row| {
                let answered = serde_json::to_string(&row.answered).unwrap_or_default();
                values
                    .push_bind(run.to_owned())
                    .push_bind(clean(&row.fingerprint))
                    .push_bind(clean(&row.standing))
                    .push_bind(clean(&row.path))
                    .push_bind(i64::from(row.line))
                    .push_bind(clean(&row.severity))
                    .push_bind(clean(&row.category))
                    .push_bind(clean(&row.rule))
                    .push_bind(clean(&row.title))
                    .push_bind(clean(&answered));
            });
            query.push(" ON CONFLICT (run, fingerprint) DO NOTHING");
            query.build().execute(&mut *transaction).await?;
        }
        let said = findings
            .iter()
            .flat_map(|row| row.said.iter().map(|said| (&row.fingerprint, said)));
        let said: Vec<_> = said.collect();
        for part in said.chunks(ROWS) {
            let mut query = QueryBuilder::new(
                "INSERT INTO claims (run, fingerprint, voter, backend, role, severity) ",
            );
            query.push_values(part, |mut values, (fingerprint, said)| {
                values
                    .push_bind(run.to_owned())
                    .push_bind(clean(fingerprint))
                    .push_bind(clean(&said.voter))
                    .push_bind(clean(&said.backend))
                    .push_bind(clean(&said.role))
                    .push_bind(clean(&said.severity));
            });
            query.push(" ON CONFLICT (run, fingerprint, voter, role) DO NOTHING");
            query.build().execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
