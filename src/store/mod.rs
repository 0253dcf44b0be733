//! What outlives a run: the tape of replies, the ledger of what was spent, runs with their calls
//! and findings, and what people said of findings. One SQLite file, or a PostgreSQL database that
//! several runners share; the same statements for both.
//!
//! Nothing here knows of plans or models: the engine says what to keep and what to reserve.

mod calls;
mod clock;
mod connect;
mod error;
mod feedback;
mod findings;
mod ledger;
mod owner;
mod runs;
mod stats;
mod tape;
mod trim;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyPool, Transaction};

pub use calls::{Call, CallOutcome, Past};
pub use clock::{day, instant, minute, month, now, parse, start_of_day};
pub use error::{Error, Kind};
pub use feedback::{Feedback, Judgement, Known};
pub use findings::{FindingRow, Said};
pub use ledger::{Entry, Hold, Short};
pub use runs::{NewRun, RunRow};
pub use stats::{Calls, Findings, Group, Latency, Period, Stats, Unsettled, nearest_rank};
pub use tape::Kept;

/// `[store]`: what outlives a run, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Whether there is one.
    pub enabled: bool,
    /// `postgres://…`, or `"${NAME}"`: the variable that holds it. Absent: a file in the cache
    /// folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the project is called in a store that several share; by its remote or folder where
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Whether replies and what a replay needs are kept; without them nothing is answered from
    /// the tape.
    pub content: bool,
    /// Bytes of the tape; the oldest replies go first.
    #[serde(with = "crate::units::size")]
    pub max_size: u64,
    /// How old a reply may be that still answers.
    #[serde(with = "crate::units::duration")]
    pub ttl: Duration,
}

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a file in this folder.
    Folder(PathBuf),
    /// At this URL, password and all.
    Url(String),
}

/// Which database it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Flavour {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres,
}

/// An open store.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    flavour: Flavour,
    queue: writer::Queue,
}

impl Store {
    /// Opens a store, brought up to today's tables; and what a reader must know of it.
    ///
    /// # Errors
    /// Where it cannot be used; a broken file is set aside and no error.
    pub async fn open(location: &Location) -> Result<(Self, Option<String>), Error> {
        let connected = match location {
            Location::Folder(folder) => connect::sqlite(folder).await?,
            Location::Url(url) => connect::postgres(url).await?,
        };
        let store = Self {
            pool: connected.pool,
            flavour: connected.flavour,
            queue: writer::Queue::default(),
        };
        Ok((store, connected.warning))
    }

    /// Lets go of it; a file's log is folded into the file.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// Sets a file aside that has shown to be broken while it was used; its new name.
    pub async fn set_aside(self) -> Option<PathBuf> {
        let Flavour::Sqlite(path) = self.flavour.clone() else {
            return None;
        };
        self.pool.close().await;
        connect::set_aside(&path).ok()
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.flavour {
            Flavour::Sqlite(path) => Some(path),
            Flavour::Postgres => None,
        }
    }

    /// A transaction that writes: it waits for other writers at once, not in its middle.
    async fn begin(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        match self.flavour {
            Flavour::Sqlite(_) => self.pool.begin_with("BEGIN IMMEDIATE").await,
            Flavour::Postgres => self.pool.begin().await,
        }
    }
}

/// A name that nobody else gives: random, 32 hexadecimal digits.
pub fn new_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// `($1, $2), ($3, $4)`: so many rows of so many values. What sqlx builds itself has `?`, which
/// PostgreSQL does not know.
fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let values = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
