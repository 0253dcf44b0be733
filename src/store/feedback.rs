//! What people said of findings, and what runs know of those findings.

use std::collections::BTreeMap;

use super::calls::clean;
use super::{Error, Store};

/// Somebody's word on a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The finding's.
    pub fingerprint: String,
    /// Whether the finding is real.
    pub is_real: bool,
    /// Why; may be empty.
    pub reason: String,
    /// Where it was said: `user`, `github`.
    pub source: String,
    /// Who said it; may be empty.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// A finding as the newest run that reported it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is known by.
    pub fingerprint: String,
    /// Where.
    pub path: String,
    /// From 1.
    pub line: i64,
    /// Slug of the taxonomy.
    pub rule: String,
    /// One line; empty where content is kept out of the store.
    pub title: String,
}

/// A finding with somebody's word on it, as the newest run that reported it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it is known by.
    pub fingerprint: String,
    /// Slug of the taxonomy.
    pub category: String,
    /// Voters that reported it, sorted; a sample is `NAME#K`.
    pub reporters: Vec<String>,
    /// Voters that answered for its place, reporters among them or not.
    pub answered: Vec<String>,
    /// Whether it is real.
    pub is_real: bool,
}

impl Store {
    /// Records words on findings of a project: all of them or none. Of two on one finding the
    /// later counts, and of two at one time the one that is recorded later. Gives how many
    /// changed what is known.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn record_feedback(&self, project: &str, words: &[Feedback]) -> Result<u64, Error> {
        let mut changed = 0;
        let mut transaction = self.begin().await?;
        for word in words {
            let done = sqlx::query(
                "INSERT INTO feedback (project, fingerprint, is_real, reason, source, author, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (project, fingerprint) DO UPDATE SET is_real = excluded.is_real, \
                 reason = excluded.reason, source = excluded.source, author = excluded.author, \
                 at = excluded.at WHERE excluded.at >= feedback.at",
            )
            .bind(project)
            .bind(&word.fingerprint)
            .bind(i64::from(word.is_real))
            .bind(clean(&word.reason))
            .bind(&word.source)
            .bind(clean(&word.author))
            .bind(word.at)
            .execute(&mut *transaction)
            .await?;
            changed += done.rows_affected();
        }
        transaction.commit().await?;
        Ok(changed)
    }

    /// All words on findings of a project, the newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn feedback(&self, project: &str) -> Result<Vec<Feedback>, Error> {
        let rows: Vec<(String, i64, String, String, String, i64)> = sqlx::query_as(
            "SELECT fingerprint, is_real, reason, source, author, at FROM feedback \
             WHERE project = $1 ORDER BY at DESC, fingerprint",
        )
        .bind(project)
        .fetch_all(&self.pool)
        .await?;
        let rows = rows.into_iter();
        let words = rows.map(
            |(fingerprint, is_real, reason, source, author, at)| Feedback {
                fingerprint,
                is_real: is_real != 0,
                reason,
                source,
                author,
                at,
            },
        );
        Ok(words.collect())
    }

    /// Takes words on findings of a project back: all of them or none.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn remove_feedback(
        &self,
        project: &str,
        fingerprints: &[String],
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for fingerprint in fingerprints {
            sqlx::query("DELETE FROM feedback WHERE project = $1 AND fingerprint = $2")
                .bind(project)
                .bind(fingerprint)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Findings of a project whose fingerprint begins with `prefix`, of hexadecimal digits, each
    /// once; sorted by it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn known_findings(&self, project: &str, prefix: &str) -> Result<Vec<Known>, Error> {
        let rows: Vec<(String, String, i64, String, String)> = sqlx::query_as(
            "SELECT fingerprint, path, line, rule, title FROM ( \
             SELECT f.fingerprint, f.path, f.line, f.rule, f.title, ROW_NUMBER() OVER \
             (PARTITION BY f.fingerprint ORDER BY r.started DESC, r.id DESC) AS age \
             FROM findings f JOIN runs r ON r.id = f.run \
             WHERE r.project = $1 AND f.fingerprint LIKE $2) AS known \
             WHERE age = 1 ORDER BY fingerprint",
        )
        .bind(project)
        .bind(format!("{prefix}%"))
        .fetch_all(&self.pool)
        .await?;
        let known = rows
            .into_iter()
            .map(|(fingerprint, path, line, rule, title)| Known {
                fingerprint,
                path,
                line,
                rule,
                title,
            });
        Ok(known.collect())
    }

    /// The findings of a project that somebody judged, sorted by fingerprint; those that no run
    /// of the store reported are left out.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn judgements(&self, project: &str) -> Result<Vec<Judgement>, Error> {
        // One statement: a run that ends meanwhile is in all of it or in nothing.
        let rows: Vec<(String, String, String, i64, Option<String>)> = sqlx::query_as(
            "SELECT j.fingerprint, j.category, j.answered, j.is_real, c.voter FROM ( \
             SELECT f.run, f.fingerprint, f.category, f.answered, b.is_real, ROW_NUMBER() OVER \
             (PARTITION BY f.fingerprint ORDER BY r.started DESC, r.id DESC) AS age \
             FROM feedback b JOIN findings f ON f.fingerprint = b.fingerprint \
             JOIN runs r ON r.id = f.run AND r.project = b.project \
             WHERE b.project = $1) AS j \
             LEFT JOIN claims c ON c.run = j.run AND c.fingerprint = j.fingerprint \
             WHERE j.age = 1",
        )
        .bind(project)
        .fetch_all(&self.pool)
        .await?;
        let mut judgements: BTreeMap<String, Judgement> = BTreeMap::new();
        for (fingerprint, category, answered, is_real, voter) in rows {
            let judgement = judgements
                .entry(fingerprint.clone())
                .or_insert_with(|| Judgement {
                    fingerprint,
                    category,
                    reporters: Vec::new(),
                    // Who wrote it otherwise is no llmux; then nobody is known to have kept silent.
                    answered: serde_json::from_str(&answered).unwrap_or_default(),
                    is_real: is_real != 0,
                });
            judgement.reporters.extend(voter);
        }
        let mut judgements: Vec<Judgement> = judgements.into_values().collect();
        for judgement in &mut judgements {
            // Once for each role, and databases sort by their own rules.
            judgement.reporters.sort();
            judgement.reporters.dedup();
        }
        Ok(judgements)
    }
}
