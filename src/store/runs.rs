//! Runs: begun, gone on with, ended, listed.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::calls::clean;
use super::{Error, Store, clock, owner};

/// A run that begins.
#[derive(Clone, Debug, Default)]
pub struct NewRun {
    /// What it is known by.
    pub id: String,
    /// What will be asked: the same command on the same change has the same.
    pub key: String,
    /// What the project is called.
    pub project: String,
    /// Name of the workflow.
    pub workflow: String,
    /// Name of the team; may be empty.
    pub team: String,
    /// Of the change.
    pub title: String,
    /// The commit compared from.
    pub base: Option<String>,
    /// The commit compared to.
    pub head: Option<String>,
    /// What a replay needs, as JSON; none where content is kept out.
    pub recipe: Option<String>,
}

/// A run as the store has it.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// What it is known by.
    pub id: String,
    /// What was asked.
    pub key: String,
    /// What the project is called.
    pub project: String,
    /// Name of the workflow.
    pub workflow: String,
    /// Name of the team; may be empty.
    pub team: String,
    /// Of the change.
    pub title: String,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
    /// When it ended.
    pub ended: Option<i64>,
    /// When it was last seen at work.
    pub alive: i64,
    /// Who works on it, or did.
    pub owner: String,
    /// `running`, or how it ended.
    pub status: String,
    /// `pass`, `blocked` or `incomplete`, where it ended.
    pub verdict: Option<String>,
    /// Calls that were made.
    pub calls: i64,
    /// Calls that the tape answered.
    pub taped: i64,
    /// Billionths of a US dollar.
    pub nano_usd: i64,
}

impl RunRow {
    /// Whether nothing is left to be asked: it ended, and said something of everything.
    pub fn is_settled(&self) -> bool {
        matches!(self.status.as_str(), "success" | "degraded")
            && self.verdict.as_deref() != Some("incomplete")
    }
}

const COLUMNS: &str = "SELECT r.id, r.key, r.project, r.workflow, r.team, r.title, r.started, \
     r.ended, r.alive, r.owner, r.status, r.verdict, \
     CAST(COALESCE(SUM(CASE WHEN c.taped = 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
     CAST(COALESCE(SUM(c.taped), 0) AS BIGINT), \
     CAST(COALESCE(SUM(CASE WHEN c.taped = 0 THEN c.nano_usd ELSE 0 END), 0) AS BIGINT) \
     FROM runs r LEFT JOIN calls c ON c.run = r.id ";
const GROUPED: &str = " GROUP BY r.id, r.key, r.project, r.workflow, r.team, r.title, r.started, \
     r.ended, r.alive, r.owner, r.status, r.verdict ORDER BY r.started DESC, r.id";

impl Store {
    /// Enters a run that begins.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn begin_run(&self, run: &NewRun) -> Result<(), Error> {
        let now = clock::now();
        sqlx::query(
            "INSERT INTO runs (id, key, project, workflow, team, title, base, head, started, \
             alive, owner, status, recipe) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, 'running', $11)",
        )
        .bind(&run.id)
        .bind(&run.key)
        .bind(clean(&run.project))
        .bind(clean(&run.workflow))
        .bind(clean(&run.team))
        .bind(clean(&run.title))
        .bind(run.base.as_deref())
        .bind(run.head.as_deref())
        .bind(now)
        .bind(owner::this_process())
        .bind(run.recipe.as_deref())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The newest run that asked the same.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn newest_run(&self, project: &str, key: &str) -> Result<Option<RunRow>, Error> {
        let text = format!("{COLUMNS} WHERE r.project = $1 AND r.key = $2 {GROUPED} LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(clean(project))
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes over for this process a run that nobody works on; false where somebody else was faster.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn take_over(&self, run: &RunRow) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE runs SET owner = $1, alive = $2, status = 'running', verdict = NULL, \
             ended = NULL WHERE id = $3 AND owner = $4 AND alive = $5",
        )
        .bind(owner::this_process())
        .bind(clock::now().max(run.alive + 1))
        .bind(&run.id)
        .bind(&run.owner)
        .bind(run.alive)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a sign of life.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn beat(&self, run: &str) -> Result<(), Error> {
        sqlx::query("UPDATE runs SET alive = $1 WHERE id = $2")
            .bind(clock::now())
            .bind(run)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Enters how a run ended.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn end_run(&self, run: &str, status: &str, verdict: &str) -> Result<(), Error> {
        sqlx::query(
            "UPDATE runs SET status = $1, verdict = $2, ended = $3, alive = $3 WHERE id = $4",
        )
        .bind(status)
        .bind(verdict)
        .bind(clock::now())
        .bind(run)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The newest runs, of one project or of all, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn runs(&self, project: Option<&str>, most: u32) -> Result<Vec<RunRow>, Error> {
        let text = format!("{COLUMNS} WHERE $1 = '' OR r.project = $1 {GROUPED} LIMIT $2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(project.map_or_else(String::new, clean))
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Runs whose id begins so; two at most, since more would not tell more.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn find_runs(&self, beginning: &str) -> Result<Vec<RunRow>, Error> {
        let text = format!("{COLUMNS} WHERE substr(r.id, 1, $1) = $2 {GROUPED} LIMIT 2");
        let length = i32::try_from(beginning.len()).unwrap_or(i32::MAX);
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(length)
            .bind(beginning)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// What a replay of a run needs, where it was kept.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn recipe(&self, run: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT recipe FROM runs WHERE id = $1")
            .bind(run)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }

    /// Billionths of a US dollar that a run's calls did cost, by backend.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn spent_by(&self, run: &str) -> Result<Vec<(String, i64)>, Error> {
        let rows = sqlx::query(
            "SELECT backend, CAST(COALESCE(SUM(nano_usd), 0) AS BIGINT) FROM calls \
             WHERE run = $1 AND taped = 0 GROUP BY backend ORDER BY backend",
        )
        .bind(run)
        .fetch_all(&self.pool)
        .await?;
        let pairs = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        pairs.collect()
    }
}

fn read(row: &AnyRow) -> Result<RunRow, Error> {
    Ok(RunRow {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        project: row.try_get(2)?,
        workflow: row.try_get(3)?,
        team: row.try_get(4)?,
        title: row.try_get(5)?,
        started: row.try_get(6)?,
        ended: row.try_get(7)?,
        alive: row.try_get(8)?,
        owner: row.try_get(9)?,
        status: row.try_get(10)?,
        verdict: row.try_get(11)?,
        calls: row.try_get(12)?,
        taped: row.try_get(13)?,
        nano_usd: row.try_get(14)?,
    })
}
