//! Stores with rows that a test makes up, in a file or a `PostgreSQL` database.

use std::sync::atomic::{AtomicU32, Ordering};

use llmux::store::{Location, Store};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Executor as _};

use super::Repo;

/// When the rows of most tests are from: 2026-11-01 at noon, UTC.
pub(crate) const NOON: i64 = 1_793_534_400_000;
/// A day in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;

/// Rows of an open store.
pub(crate) struct Rows {
    pool: AnyPool,
}

/// A row of `calls` for a test to change.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) backend: &'static str,
    pub(crate) role: &'static str,
    pub(crate) team: &'static str,
    pub(crate) at: i64,
    pub(crate) outcome: &'static str,
    pub(crate) taped: bool,
    /// Input, cached input, output.
    pub(crate) tokens: [i64; 3],
    pub(crate) nano_usd: Option<i64>,
    pub(crate) latency_ms: i64,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            backend: "alpha",
            role: "bugs",
            team: "",
            at: NOON,
            outcome: "answered",
            taped: false,
            tokens: [1_000, 200, 50],
            nano_usd: Some(12_300_000),
            latency_ms: 1_500,
        }
    }
}

impl Repo {
    /// The store that the binary finds in this repository's home.
    pub(crate) async fn store(&self) -> Rows {
        Rows::open(&Location::Folder(self.outside("home/.cache/llmux"))).await
    }
}

impl Rows {
    /// Makes the tables, where they are not there.
    pub(crate) async fn open(location: &Location) -> Self {
        let (store, warning) = Store::open(location).await.unwrap();
        assert_eq!(warning, None);
        store.close().await;
        let (url, first) = match location {
            Location::Folder(folder) => (
                format!("sqlite://{}", folder.join("llmux.db").display()),
                "PRAGMA busy_timeout = 30000",
            ),
            Location::Url(url) => (url.clone(), "SET search_path TO llmux"),
        };
        let options = AnyPoolOptions::new().max_connections(1);
        let options = options.after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(first).await.map(drop) })
        });
        Self {
            pool: options.connect(&url).await.unwrap(),
        }
    }

    /// Lets go of it, so that a file's log is in the file.
    pub(crate) async fn close(self) {
        self.pool.close().await;
    }

    pub(crate) async fn run(
        &self,
        id: &str,
        project: &str,
        team: &str,
        started: i64,
        status: &str,
    ) {
        let run = sqlx::query(
            "INSERT INTO runs VALUES ($1, $1, $2, 'diff', $3, 'title', 'a', 'b', $4, $4, $4, \
             'owner', $5, 'pass', NULL)",
        );
        let run = run.bind(id).bind(project).bind(team);
        run.bind(started)
            .bind(status)
            .execute(&self.pool)
            .await
            .unwrap();
    }

    pub(crate) async fn call(&self, run: &str, call: &Call) {
        static KEY: AtomicU32 = AtomicU32::new(0);
        let key = KEY.fetch_add(1, Ordering::Relaxed).to_string();
        let row = sqlx::query(
            "INSERT INTO calls VALUES ($1, $2, NULL, $3, 'model', $4, $5, $6, $7, $8, $9, $10, \
             $11, $12, $13, $14, '')",
        );
        let row = row.bind(run).bind(key).bind(call.backend).bind(call.role);
        let row = row.bind(call.team).bind(llmux::store::day(call.at));
        let row = row
            .bind(call.at)
            .bind(call.outcome)
            .bind(i64::from(call.taped));
        let [input, cached, output] = call.tokens;
        let row = row.bind(input).bind(cached).bind(output);
        let row = row.bind(call.nano_usd).bind(call.latency_ms);
        row.execute(&self.pool).await.unwrap();
    }

    /// A finding of a run, and who reported it: backends with their roles.
    pub(crate) async fn finding(
        &self,
        run: &str,
        fingerprint: &str,
        standing: &str,
        by: &[(&str, &str)],
    ) {
        let row = sqlx::query(
            "INSERT INTO findings VALUES ($1, $2, $3, 'a.rs', 1, 'high', 'bug', 'rule', 'title', \
             '[]')",
        );
        let row = row.bind(run).bind(fingerprint).bind(standing);
        row.execute(&self.pool).await.unwrap();
        for (backend, role) in by {
            let row = sqlx::query("INSERT INTO claims VALUES ($1, $2, $3, $3, $4, 'high')");
            let row = row.bind(run).bind(fingerprint).bind(*backend).bind(*role);
            row.execute(&self.pool).await.unwrap();
        }
    }

    pub(crate) async fn feedback(&self, project: &str, fingerprint: &str, is_real: bool) {
        let row = sqlx::query("INSERT INTO feedback VALUES ($1, $2, $3, '', 'user', 'me', $4)");
        let row = row.bind(project).bind(fingerprint).bind(i64::from(is_real));
        row.bind(NOON).execute(&self.pool).await.unwrap();
    }

    /// What a day's line of the ledger has as spent, and its month's.
    pub(crate) async fn spent(&self, scope: &str, nano_usd: i64) {
        for period in ["2026-11-01", "2026-11"] {
            let row = sqlx::query("INSERT INTO ledger VALUES ($1, $2, $3, 0)");
            let row = row.bind(scope).bind(period).bind(nano_usd);
            row.execute(&self.pool).await.unwrap();
        }
    }

    pub(crate) async fn reservation(&self, run: &str, nano_usd: i64) {
        let row = sqlx::query("INSERT INTO reservations VALUES ($1, $1, 'alpha', $2, '[]', $3)");
        let row = row.bind(run).bind(nano_usd).bind(NOON);
        row.execute(&self.pool).await.unwrap();
    }
}

/// A new database on the server that `LLMUX_TEST_POSTGRES` names, for this test alone; none where
/// there is no such server.
pub(crate) async fn new_database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("LLMUX_TEST_POSTGRES").ok()?;
    // An error where llmux has done so already.
    let _ = sqlx::any::install_drivers(&[sqlx::postgres::any::DRIVER, sqlx::sqlite::any::DRIVER]);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("llmux_test_{}_{number}", std::process::id());
    let pool = AnyPoolOptions::new().max_connections(1);
    let pool = pool.connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    pool.execute(create).await.unwrap();
    pool.close().await;
    let (before, options) = server.split_once('?').unwrap_or((&server, ""));
    let (host, _) = before.rsplit_once('/').unwrap();
    Some(format!("{host}/{name}?{options}"))
}
