//! Arguments of `llmux stats`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::stats::By;

/// `llmux stats`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Stats {
    /// From when on: a span back from now such as 12h or 30d, which from 1d on begins at midnight, or a day such as 2026-11-01 (UTC)
    #[arg(long, value_name = "SPAN|DAY", default_value = "30d")]
    pub since: String,
    /// Until when: a span back from now, or a day, which is counted in; without: until now
    #[arg(long, value_name = "SPAN|DAY")]
    pub until: Option<String>,
    /// Of this project of the store; without: of the present one
    #[arg(long, value_name = "NAME", conflicts_with = "all_projects")]
    pub project: Option<String>,
    /// Of all projects of the store together
    #[arg(long)]
    pub all_projects: bool,
    /// Tables by backend, role, team, day (repeatable; default: all)
    #[arg(long, value_name = "GROUP", value_enum)]
    pub by: Vec<StatsBy>,
    /// How: terminal, json (docs/stats.md), html (one page with charts); default: terminal, or nothing where --prometheus is given alone
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<StatsFormat>,
    /// Where to, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write counters of the whole store, every project and all time, for the textfile collector of Prometheus' node exporter; its name must end in .prom there
    #[arg(long, value_name = "FILE")]
    pub prometheus: Option<PathBuf>,
}

const HELP: &str = "\
Calls answered from the tape are counted as taped; tokens, cost and times are those of calls that
were really made. A finding that several runs saw counts once (docs/stats.md).

Exit codes:
  0   written, also where the store is empty
  1   the store cannot be read, or a file cannot be written
  2   usage or configuration, or there is no store: store.enabled is false";

/// A way to group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatsBy {
    /// By the backend that was asked
    Backend,
    /// By the role in which it was asked
    Role,
    /// By the team of the run
    Team,
    /// By day, in UTC
    Day,
}

impl From<StatsBy> for By {
    fn from(by: StatsBy) -> Self {
        match by {
            StatsBy::Backend => Self::Backend,
            StatsBy::Role => Self::Role,
            StatsBy::Team => Self::Team,
            StatsBy::Day => Self::Day,
        }
    }
}

/// How statistics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatsFormat {
    /// For people
    Terminal,
    /// For programs
    Json,
    /// A page that needs nothing else
    Html,
}
