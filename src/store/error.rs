//! What can be wrong with a store, in kinds that decide what happens next.

use std::path::Path;

/// Why the store could not be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What it means.
    pub kind: Kind,
    /// What happened and where; no password.
    pub message: String,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file is broken: it is set aside and made again.
    Corrupt,
    /// The file is somebody else's, or a newer llmux': it is left alone.
    Foreign,
    /// It cannot be written: rights, a full disk.
    Unwritable,
    /// No server, no answer, a lock that never came free.
    Unreachable,
    /// Anything else.
    Other,
}

impl Error {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::ReadOnlyFilesystem
            | std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded => Kind::Unwritable,
            _ => Kind::Other,
        };
        Self::new(kind, format!("{}: {error}", path.display()))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::Database(database) => kind_of(database.code().as_deref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => Kind::Unreachable,
            _ => Kind::Other,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::new(
                Kind::Foreign,
                "it was written by a newer llmux, which this one does not understand",
            ),
            error => Self::new(Kind::Foreign, error.to_string()),
        }
    }
}

/// SQLite tells its extended result code as a decimal number, PostgreSQL five characters.
fn kind_of(code: Option<&str>) -> Kind {
    // PostgreSQL: 53100 disk full, 25006 read-only transaction, 08… connection, 57… shutdown.
    match code {
        Some("53100" | "25006" | "42501") => return Kind::Unwritable,
        Some(code) if code.len() == 5 && (code.starts_with("08") || code.starts_with("57")) => {
            return Kind::Unreachable;
        }
        _ => {}
    }
    let primary = code.and_then(|code| code.parse::<i32>().ok());
    match primary.map(|code| code & 0xff) {
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Some(11 | 26) => Kind::Corrupt,
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
        Some(3 | 8 | 10 | 13 | 14) => Kind::Unwritable,
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(5 | 6) => Kind::Unreachable,
        _ => Kind::Other,
    }
}
