//! Rows of earlier runs, put into a store as a run's end would.

use std::path::Path;

use serde_json::json;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

use super::Repo;

/// What `store.project` is in these tests.
pub(crate) const PROJECT: &str = "shop";

/// A store of a test: a file in the repository's home, or a schema on a server.
pub(crate) struct Rows {
    pool: AnyPool,
    project: String,
}

/// A finding of an earlier run.
#[derive(Clone)]
pub(crate) struct Row<'r> {
    pub(crate) run: &'r str,
    pub(crate) fingerprint: &'r str,
    pub(crate) place: (&'r str, i64),
    pub(crate) rule: &'r str,
    pub(crate) title: &'r str,
    pub(crate) reporters: &'r [&'r str],
    pub(crate) answered: &'r [&'r str],
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self {
            run: "run-1",
            fingerprint: "00000000000000000000000000000000",
            place: ("src/a.py", 10),
            rule: "sql-injection",
            title: "Statement from user input",
            reporters: &["alpha"],
            answered: &["alpha", "beta"],
        }
    }
}

impl Rows {
    /// The file that the repository's llmux uses, which a command has made.
    pub(crate) async fn of(repo: &Repo) -> Self {
        let made = repo.llmux(&["feedback", "list"]).output().unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        Self::at_file(&repo.outside("home/.cache/llmux/llmux.db"), PROJECT).await
    }

    /// A file that is there.
    pub(crate) async fn at_file(file: &Path, project: &str) -> Self {
        Self::open(&format!("sqlite://{}", file.display()), project).await
    }

    /// A server's; its schema is there.
    pub(crate) async fn at(url: &str, project: &str) -> Self {
        let rows = Self::open(url, project).await;
        sqlx::query("SET search_path TO llmux")
            .execute(&rows.pool)
            .await
            .unwrap();
        rows
    }

    async fn open(url: &str, project: &str) -> Self {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(1);
        Self {
            pool: pool.connect(url).await.unwrap(),
            project: project.to_owned(),
        }
    }

    /// A run that began at `started`.
    pub(crate) async fn run(&self, id: &str, started: i64) {
        sqlx::query(
            "INSERT INTO runs (id, key, project, workflow, team, title, started, alive, owner, status) \
             VALUES ($1, 'k', $2, 'diff', '', 't', $3, $3, 'o', 'success')",
        )
        .bind(id)
        .bind(&self.project)
        .bind(started)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    pub(crate) async fn finding(&self, row: &Row<'_>) {
        sqlx::query(
            "INSERT INTO findings (run, fingerprint, standing, path, line, severity, category, rule, \
             title, answered) VALUES ($1, $2, 'confirmed', $3, $4, 'high', 'security', $5, $6, $7)",
        )
        .bind(row.run)
        .bind(row.fingerprint)
        .bind(row.place.0)
        .bind(row.place.1)
        .bind(row.rule)
        .bind(row.title)
        .bind(json!(row.answered).to_string())
        .execute(&self.pool)
        .await
        .unwrap();
        for reporter in row.reporters {
            // In two roles: it is one voter all the same.
            for role in ["analyzer", "security"] {
                let backend = reporter.split('#').next().unwrap();
                sqlx::query(
                    "INSERT INTO claims (run, fingerprint, voter, backend, role, severity) \
                     VALUES ($1, $2, $3, $4, $5, 'high')",
                )
                .bind(row.run)
                .bind(row.fingerprint)
                .bind(*reporter)
                .bind(backend)
                .bind(role)
                .execute(&self.pool)
                .await
                .unwrap();
            }
        }
    }

    /// So many findings of `reporters` that somebody judged, numbered from `first`.
    pub(crate) async fn judged(&self, first: usize, count: usize, reporters: &[&str], real: bool) {
        for number in first..first + count {
            let fingerprint = format!("{number:032x}");
            self.finding(&Row {
                fingerprint: &fingerprint,
                reporters,
                ..Row::default()
            })
            .await;
            self.word(&fingerprint, real).await;
        }
    }

    /// Somebody's word, said at the beginning of time.
    pub(crate) async fn word(&self, fingerprint: &str, real: bool) {
        sqlx::query(
            "INSERT INTO feedback (project, fingerprint, is_real, reason, source, author, at) \
             VALUES ($1, $2, $3, '', 'user', '', 1)",
        )
        .bind(&self.project)
        .bind(fingerprint)
        .bind(i64::from(real))
        .execute(&self.pool)
        .await
        .unwrap();
    }

    pub(crate) async fn run_statement(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.pool).await.unwrap();
    }
}
