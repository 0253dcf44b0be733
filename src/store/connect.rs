//! Opening: one SQLite file, or a PostgreSQL database, brought up to today's tables.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Once;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlStr};
use tokio::time::timeout;

use super::error::{Error, Kind};
use super::{Flavour, clock};

/// Name of the file in llmux's cache folder.
const FILE: &str = "llmux.db";
/// First bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// How many of them tell whose it is: the application's number is the last of them.
const HEAD: usize = 72;
/// `llmx`, at `PRAGMA application_id`.
const OURS: u32 = 0x6c6c_6d78;
/// How long a writer waits for others.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server may take to take a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// What stands in a URL's path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');
/// Longer is worth a line in the log.
const SLOW: Duration = Duration::from_secs(5);
/// Connections to a server; a file has one, whose writers would wait for each other anyway.
const CONNECTIONS: u32 = 4;

/// The steps to today's tables, oldest first: never changed once released.
const MIGRATIONS: &[(i64, &str, &str)] = &[(
    1,
    "tape, calls, runs, ledger, findings, feedback",
    include_str!("migrations/0001_tape_calls_runs_ledger_findings_feedback.sql"),
)];

/// What a file's beginning tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// It is ours.
    Ours,
    /// Nothing is in it yet.
    New,
}

pub(super) struct Connected {
    pub(super) pool: AnyPool,
    pub(super) flavour: Flavour,
    /// What a reader must know: a broken file that was set aside.
    pub(super) warning: Option<String>,
}

/// Opens the file in `folder`, which is made. One that is broken is set aside and made again.
pub(super) async fn sqlite(folder: &Path) -> Result<Connected, Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
    let path = folder.join(FILE);
    // Others may be about to make the same file.
    let _turn = turn(&path)?;
    make_private(&path).map_err(|error| Error::io(&path, &error))?;
    let mut warning = None;
    let mut tried = match check_head(&path).await {
        Ok(head) => open_file(&path, head).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &tried
        && error.kind == Kind::Corrupt
    {
        let aside = set_aside(&path)?;
        make_private(&path).map_err(|error| Error::io(&path, &error))?;
        warning = Some(format!(
            "the store {} is broken ({error}): it is now {}, and a new one is begun; what was \
             spent before is not known any more",
            path.display(),
            aside.display()
        ));
        tried = open_file(&path, Head::New).await;
    }
    let pool = tried.map_err(|error| Error {
        message: format!("{}: {}", path.display(), error.message),
        ..error
    })?;
    Ok(Connected {
        pool,
        flavour: Flavour::Sqlite(path),
        warning,
    })
}

/// What models say of somebody's code is for its user alone. SQLite gives its log the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whose a file is, by its first bytes: a file that is somebody else's must not even be opened,
/// since the log that we want would be written into it.
async fn check_head(path: &Path) -> Result<Head, Error> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| Error::io(path, &error))?;
    file.take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| Error::io(path, &error))?;
    if head.is_empty() {
        return Ok(Head::New);
    }
    if head.len() < HEAD || !head.starts_with(MAGIC) {
        return Err(Error::new(Kind::Corrupt, "it is no SQLite file"));
    }
    if head[HEAD - 4..] == OURS.to_be_bytes() {
        return Ok(Head::Ours);
    }
    // Whoever was about to mark it may have been killed before.
    if head[HEAD - 4..] == [0; 4] && is_bare(path).await? {
        return Ok(Head::New);
    }
    let why = "it is the database of another program";
    Err(Error::new(Kind::Foreign, why))
}

/// Whether a database has no table.
async fn is_bare(path: &Path) -> Result<bool, Error> {
    let options = AnyPoolOptions::new().max_connections(1);
    let pool = connect(options, &url_of(path, "rw")).await?;
    let tables = sqlx::query("SELECT count(*) FROM sqlite_master").fetch_one(&pool);
    let tables: i64 = tables.await?.try_get(0)?;
    pool.close().await;
    Ok(tables == 0)
}

/// While it is held, nobody else opens the file. SQLite's driver has no lock for migrations of
/// its own.
fn turn(path: &Path) -> Result<File, Error> {
    let lock = path.with_extension("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(|error| Error::io(&lock, &error))?;
    file.lock().map_err(|error| Error::io(&lock, &error))?;
    Ok(file)
}

fn url_of(path: &Path, mode: &str) -> String {
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), IN_PATH);
    format!("sqlite://{path}?mode={mode}")
}

/// Renames a broken file, its log with it, to a name that says since when.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let aside = path.with_extension(format!("broken-{}", clock::now()));
    std::fs::rename(path, &aside).map_err(|error| Error::io(path, &error))?;
    for tail in ["-wal", "-shm"] {
        let mut log = path.as_os_str().to_owned();
        log.push(tail);
        // Not there where the file was closed in order.
        let _ = std::fs::remove_file(log);
    }
    Ok(aside)
}

async fn open_file(path: &Path, head: Head) -> Result<AnyPool, Error> {
    // The one connection is never given up, so that it keeps its settings.
    let options = AnyPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None);
    let pool = connect(options, &url_of(path, "rwc")).await?;
    if head == Head::New {
        // Both only before the first table; the number is `OURS`.
        let whose = "PRAGMA busy_timeout = 30000; PRAGMA auto_vacuum = INCREMENTAL; \
                     PRAGMA application_id = 1819045240";
        pool.execute(whose).await?;
    }
    // No fsync for each call: a killed process loses nothing, a power cut the last moments. The
    // log is folded in seldom, since that is what waits for the disk.
    let pragmas = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; \
                   PRAGMA wal_autocheckpoint = 8000; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY";
    pool.execute(pragmas).await?;
    migrate(&pool).await?;
    Ok(pool)
}

/// Opens a PostgreSQL database; the tables stand in a schema of their own.
pub(super) async fn postgres(url: &str) -> Result<Connected, Error> {
    // A pool would try again until its patience ends, whatever the failure.
    let mut first = timeout(CONNECT, options_of(url)?.connect())
        .await
        .map_err(|_| Error::new(Kind::Unreachable, "it gave no answer in 10 seconds"))??;
    // Several runners may be the first at once. `IF NOT EXISTS` alone asks for the right to make
    // one even where it is there.
    let schema = "SELECT pg_advisory_lock(7817241); \
                  DO $$ BEGIN IF to_regnamespace('llmux') IS NULL THEN \
                  CREATE SCHEMA llmux; END IF; END $$; \
                  SELECT pg_advisory_unlock(7817241)";
    first.execute(schema).await?;
    first.close().await?;
    let options = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT)
        .after_connect(|connection, _| {
            let own = "SET search_path TO llmux";
            Box::pin(async move { connection.execute(own).await.map(drop) })
        });
    let pool = connect(options, url).await?;
    migrate(&pool).await?;
    Ok(Connected {
        pool,
        flavour: Flavour::Postgres,
        warning: None,
    })
}

async fn connect(options: AnyPoolOptions, url: &str) -> Result<AnyPool, Error> {
    Ok(options.connect_with(options_of(url)?).await?)
}

fn options_of(url: &str) -> Result<AnyConnectOptions, Error> {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(|| {
        // It fails only where drivers are installed already.
        let _ =
            sqlx::any::install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
    });
    let options = AnyConnectOptions::from_str(url)
        .map_err(|error| Error::new(Kind::Other, format!("its URL is none: {error}")))?;
    Ok(options
        .log_statements(log::LevelFilter::Off)
        .log_slow_statements(log::LevelFilter::Debug, SLOW))
}

async fn migrate(pool: &AnyPool) -> Result<(), Error> {
    let migration = |(version, name, text): &(i64, &'static str, &'static str)| {
        let kind = MigrationType::Simple;
        Migration::new(
            *version,
            (*name).into(),
            kind,
            SqlStr::from_static(text),
            false,
        )
    };
    let migrations = MIGRATIONS.iter().map(migration).collect();
    Ok(Migrator::with_migrations(migrations).run(pool).await?)
}
