//! Every stage's errors at one place, each with its exit code.

use std::io;
use std::path::PathBuf;

use super::exit::Exit;
use crate::forge::FetchError;
use crate::{change, config, eval, report, workflow};

/// What stops a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The change could not be read.
    #[error("error: {0}")]
    Change(#[from] change::Error),
    /// The configuration is wrong; every problem with its place.
    #[error("{0}")]
    Config(#[from] config::Errors),
    /// A workflow is wrong; every problem with its place.
    #[error("error: {0}")]
    Workflow(#[from] workflow::FindError),
    /// A report could not be written, or cannot be meant.
    #[error("error: {0}")]
    Report(#[from] report::Error),
    /// Recorded findings cannot be evaluated.
    #[error("error: {0}")]
    Eval(#[from] eval::Error),
    /// Arguments that do not go together, or name what is not there.
    #[error("error: {0}")]
    Usage(String),
    /// The store, where a command is about it.
    #[error("error: {0}")]
    Store(String),
    /// The forge's API, or commits that it should have.
    #[error("error: {0}")]
    Forge(String),
    /// A file could not be written.
    #[error("error: {} cannot be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The machine failed us.
    #[error("error: {0}: {1}")]
    Io(&'static str, io::Error),
}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Change(error) => Self::Change(error),
            error => Self::Forge(error.to_string()),
        }
    }
}

impl Error {
    /// The exit code of the table.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Change(error) if !error.is_usage() => Exit::Failed,
            Self::Report(error) if !error.is_usage() => Exit::Failed,
            Self::Eval(error) if !error.is_usage() => Exit::Failed,
            Self::Store(_) | Self::Forge(_) | Self::Io(..) | Self::File { .. } => Exit::Failed,
            Self::Change(_)
            | Self::Config(_)
            | Self::Workflow(_)
            | Self::Report(_)
            | Self::Eval(_)
            | Self::Usage(_) => Exit::Usage,
        }
    }
}
