//! Reports: one file per format, each writing the same [`Outcome`] to a sink.
//!
//! Equal outcomes give equal bytes: no format writes a time, a duration or
//! anything of the machine. Text from models and files is data: what a
//! terminal, a browser or a CI runner would obey is made harmless in `clean`.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use crate::clean;
use crate::gate::Outcome;

mod excerpt;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
mod json_text;
pub mod junit;
mod level;
pub mod line_hash;
pub mod markdown;
mod memory;
mod page;
mod place;
pub mod rdjsonl;
mod routing;
pub mod sarif;
mod sink;
pub mod stats;
pub mod terminal;
mod words;

pub use crate::clean::{log_line, log_text};
pub use json_text::write as write_json;
pub use page::Page;
pub use routing::lines as routing;
pub use sink::{check, write_file};
pub use words::{learned as learned_line, verdict as verdict_line};

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal or in a CI log.
    Terminal,
    /// For a pull-request comment or a step summary.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, for CI test tabs.
    Junit,
    /// llmux's own, versioned: `docs/json-report.md`.
    Json,
    /// Workflow commands of GitHub Actions: annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// reviewdog's diagnostics, one a line.
    Rdjsonl,
    /// One page for a browser, with filters.
    Html,
}

impl Format {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Terminal,
        Self::Markdown,
        Self::Sarif,
        Self::Junit,
        Self::Json,
        Self::Github,
        Self::Gitlab,
        Self::Rdjsonl,
        Self::Html,
    ];

    /// Their words, in the same order.
    pub const WORDS: [&'static str; Self::ALL.len()] = {
        let mut words = [""; Self::ALL.len()];
        let mut at = 0;
        while at < words.len() {
            words[at] = Self::ALL[at].as_str();
            at += 1;
        }
        words
    };

    /// The word that flags and configuration use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Json => "json",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Rdjsonl => "rdjsonl",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| Error::UnknownFormat {
                word: word.to_owned(),
                nearest: nearest(word),
            })
    }
}

/// The format whose word is most like `word`, where one is like it at all.
fn nearest(word: &str) -> Option<Format> {
    let likeness = |format: &Format| strsim::jaro_winkler(format.as_str(), &word.to_lowercase());
    Format::ALL
        .into_iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|format| likeness(format) > 0.7)
}

/// One report: `FORMAT` to standard output, `FORMAT=PATH` to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// As what.
    pub format: Format,
    /// Where to; standard output where absent.
    pub path: Option<PathBuf>,
}

impl FromStr for Spec {
    type Err = Error;

    /// Reads `FORMAT[=PATH]`; `-` as the path is standard output.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (format, path) = match text.split_once('=') {
            Some((format, "")) => {
                return Err(Error::EmptyPath {
                    format: format.to_owned(),
                });
            }
            Some((format, "-")) => (format, None),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        Ok(Self {
            format: format.parse()?,
            path,
        })
    }
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are written; never to files.
    pub color: bool,
    /// Columns to fill; prose is wrapped there, source is cut.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
        }
    }
}

/// Why reports cannot be written as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No format of that name.
    #[error(
        "`{word}` is no report format: use {}{}",
        Format::WORDS.join(", "),
        nearest.map(|format| format!("; did you mean `{format}`?")).unwrap_or_default()
    )]
    UnknownFormat {
        /// What was written.
        word: String,
        /// The format that was probably meant.
        nearest: Option<Format>,
    },
    /// `FORMAT=` with nothing behind it.
    #[error("`{format}=` names no file: write `{format}=PATH`, or `{format}` for standard output")]
    EmptyPath {
        /// What stands before the equals sign.
        format: String,
    },
    /// Two reports on standard output would be one broken one.
    #[error(
        "{first} and {second} would both go to standard output: give one of them a file, as in `{second}=PATH`"
    )]
    SharedStdout {
        /// The report named first.
        first: Format,
        /// The report named later.
        second: Format,
    },
    /// Two reports in one file.
    #[error(
        "{first} and {second} would both be written to {}: give each its own file",
        path.display()
    )]
    SharedPath {
        /// The report named first.
        first: Format,
        /// The report named later.
        second: Format,
        /// The file, as the later one names it.
        path: PathBuf,
    },
    /// The folder of a report is not there.
    #[error(
        "{format} report {}: there is no folder {}; create it first",
        path.display(),
        folder.display()
    )]
    NoFolder {
        /// The report.
        format: Format,
        /// Where it was to go.
        path: PathBuf,
        /// What is missing.
        folder: PathBuf,
    },
    /// A folder stands where the report should go.
    #[error("{format} report {}: this is a folder; name a file in it", path.display())]
    IsFolder {
        /// The report.
        format: Format,
        /// Where it was to go.
        path: PathBuf,
    },
    /// The file could not be written; nothing was left behind.
    #[error("cannot write the {format} report {}: {source}", path.display())]
    File {
        /// The report.
        format: Format,
        /// Where it was to go.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard output could not be written, though its reader is there.
    #[error("cannot write the {format} report to standard output: {source}")]
    Stdout {
        /// The report.
        format: Format,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Whether the user asked for something impossible (exit code 2), rather
    /// than the system failing at something possible.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::Stdout { .. })
    }
}

/// Writes every report. A file appears whole or not at all; a reader that
/// closed standard output is no error; one report that fails does not keep the
/// others from being written.
///
/// # Errors
/// The first that occurred; those of [`check`] before anything is written.
pub fn write_all(
    outcome: &Outcome,
    specs: &[Spec],
    style: Style,
    stdout: &mut impl Write,
) -> Result<(), Error> {
    check(specs)?;
    let mut result = Ok(());
    for spec in specs {
        let written = match &spec.path {
            Some(path) => sink::write_file(path, |file| {
                let plain = Style {
                    color: false,
                    ..style
                };
                write_one(outcome, spec.format, plain, file)
            })
            .map_err(|source| Error::File {
                format: spec.format,
                path: path.clone(),
                source,
            }),
            None => sink::write_stream(stdout, |buffer| {
                write_one(outcome, spec.format, style, buffer)
            })
            .map_err(|source| Error::Stdout {
                format: spec.format,
                source,
            }),
        };
        result = result.and(written);
    }
    result
}

fn write_one(
    outcome: &Outcome,
    format: Format,
    style: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Terminal => terminal::write(outcome, style, out),
        Format::Markdown => markdown::write(outcome, &markdown::Options::default(), out),
        Format::Sarif => sarif::write(outcome, None, out),
        Format::Junit => junit::write(outcome, out),
        Format::Json => json::write(outcome, out),
        Format::Github => github::write(outcome, out),
        Format::Gitlab => gitlab::write(outcome, out),
        Format::Rdjsonl => rdjsonl::write(outcome, out),
        Format::Html => html::write(outcome, out),
    }
}
