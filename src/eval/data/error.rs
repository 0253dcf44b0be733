//! What is wrong with a data set, where, and what to do.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

/// Flaws that are listed one by one.
const LISTED: usize = 10;

/// A line that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

/// Why data cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not to be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Lines that are no records.
    #[error("{}", list(.0))]
    Malformed(Vec<Flaw>),
    /// No record at all: nothing to score, and no score.
    #[error(
        "{}: no recorded finding: name a file of them (JSON lines, docs/eval.md), a folder of \
         such files, or a folder of cases",
        path.display()
    )]
    Empty {
        /// The file or folder.
        path: PathBuf,
    },
    /// A folder with records and cases.
    #[error(
        "{}: holds both recorded findings (*.jsonl) and cases (folders with change.diff): name one \
         of them",
        path.display()
    )]
    Mixed {
        /// The folder.
        path: PathBuf,
    },
    /// A record matches a known issue that the list lacks.
    #[error(
        "{}: a record of {pr} matches known issue {golden}, which is not listed here: add it, or \
         name the list that belongs to the data",
        path.display()
    )]
    NoSuchGolden {
        /// The list.
        path: PathBuf,
        /// The pull request.
        pr: String,
        /// The number.
        golden: i64,
    },
    /// `--tools` names what has said nothing.
    #[error("no tool `{name}` in the data: it has {}", known.join(", "))]
    NoSuchTool {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

impl Error {
    /// Whether the user can mend it, by other arguments or other data.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => true,
        }
    }
}

fn list(flaws: &[Flaw]) -> String {
    let mut text = String::new();
    for flaw in flaws.iter().take(LISTED) {
        let _ = writeln!(
            text,
            "{}:{}:{}: {}",
            flaw.path.display(),
            flaw.line,
            flaw.column,
            flaw.what
        );
    }
    if flaws.len() > LISTED {
        let _ = writeln!(text, "… and {} more", flaws.len() - LISTED);
    }
    text.push_str("correct these lines or take them out; docs/eval.md describes the format");
    text
}
