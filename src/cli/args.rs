//! Arguments as typed. What they mean is decided in each command's file.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

mod feedback;
mod pull_request;
mod review;
mod stats;

pub(super) use feedback::{Feedback, Word};
pub(super) use pull_request::{Post, PullRequest};
pub(super) use review::{Change, Choice, Judging, Refresh, Review, Shard};
pub(super) use stats::{Stats, StatsFormat};

/// Review a change with several language models at once; report what survives.
#[derive(Debug, Parser)]
#[command(
    name = "llmux",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where, how loud, in which colours.
    #[command(flatten)]
    pub global: Global,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   passed: complete, and nothing at or above --fail-on
  1   llmux failed
  2   usage or configuration
  3   incomplete: coverage or quorum not reached, time limit, budget
  11  blocked; the highest confirmed severity is note
  12  … low
  13  … medium
  14  … high
  15  … critical
  130, 143  interrupted, after writing what it had";

/// The built-in work.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Review a change: a range, the index, the work tree, or a patch
    Diff(Diff),
    /// Review a pull request, and post the review there
    Review(PullRequest),
    /// Run any workflow file over a change
    Run(Run),
    /// List the runs of this project that the store knows
    Runs(Runs),
    /// Vote, gate and report a run again, with no call
    Replay(Replay),
    /// Join the parts of a run in shards into the report that one run gives
    Merge(Merge),
    /// Say which backends, teams and tools answer, and why not
    Doctor(Doctor),
    /// Keep the findings that a project lives with: they do not count any more
    #[command(subcommand)]
    Baseline(Baseline),
    /// Say which findings are real and which are not: runs learn from it
    #[command(subcommand)]
    Feedback(Feedback),
    /// Measure merging, votes and backends by recorded findings with answers
    Eval(Eval),
    /// Tell what calls cost and how long they took, and what came of findings
    Stats(Stats),
    /// Show the configuration in force, or all that can be configured
    #[command(subcommand)]
    Config(Config),
    /// Print completions for a shell
    Completions {
        /// bash, elvish, fish, powershell, zsh
        #[arg(hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands
    Man(Man),
}

/// `llmux diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The change.
    #[command(flatten)]
    pub change: Change,
    /// Policy, backends, reports.
    #[command(flatten)]
    pub review: Review,
}

/// `llmux run`.
#[derive(Debug, Args)]
pub struct Run {
    /// A workflow file, or the name of one (project, user, built-in)
    pub workflow: String,
    /// Values for `args` in the workflow's templates
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = key_value)]
    pub args: Vec<(String, String)>,
    /// The change.
    #[command(flatten)]
    pub change: Change,
    /// Policy, backends, reports.
    #[command(flatten)]
    pub review: Review,
}

/// `llmux runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Those of all projects
    #[arg(long)]
    pub all_projects: bool,
    /// How many, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u32,
    /// How: terminal, json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ShowFormat::Terminal)]
    pub format: ShowFormat,
}

/// `llmux replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The beginning of a run's id, as `llmux runs` shows it
    pub run: String,
    /// How it is judged and told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `llmux merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Files that `--part` wrote
    #[arg(value_name = "PART", required = true)]
    pub parts: Vec<PathBuf>,
    /// Ask nobody: what no part was told (refutation, summary) is missing
    #[arg(long, help_heading = "Backends")]
    pub offline: bool,
    /// Time limit of what is asked now: 90s, 10m
    #[arg(long, value_name = "DURATION", help_heading = "Backends")]
    pub timeout: Option<String>,
    /// US dollars that all parts and what is asked now may cost at most
    #[arg(long, value_name = "USD", help_heading = "Policy")]
    pub budget: Option<f64>,
    /// Write the joined run as one part file, for `llmux review --from`
    #[arg(long, value_name = "FILE", help_heading = "Shards")]
    pub part: Option<PathBuf>,
    /// How it is judged and told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `llmux doctor`.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_HELP)]
pub struct Doctor {
    /// The workflow whose crews are formed: a file, or the name of one (project, user, built-in)
    #[arg(long, value_name = "NAME|FILE", default_value = "diff")]
    pub workflow: String,
    /// Ask each backend one question of one token, which may cost a little; without it nothing is asked and nothing is paid
    #[arg(long)]
    pub probe: bool,
    /// How the answer is written: terminal, json (docs/doctor.md)
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DoctorFormat::Terminal)]
    pub format: DoctorFormat,
    /// Time limit of all looks and probes together: 10s, 2m; a look takes 5s at most, a probe 60s or the backend's own timeout
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub timeout: Option<Duration>,
    /// Who is looked at.
    #[command(flatten)]
    pub choice: Choice,
}

const DOCTOR_HELP: &str = "\
Programs are started with their option for the version, servers are asked for their models; no model
is asked without --probe. Keys are never shown, only whether the variable that holds one is set.

Exit codes:
  0   every step of the workflow that looks for findings can reach its quorum
  2   the configuration, a rule file or the workflow is wrong; the rest is shown all the same
  3   a step cannot reach its quorum
  130, 143  interrupted, after writing what it had";

/// `llmux eval`.
#[derive(Debug, Args)]
#[command(after_help = EVAL_HELP)]
pub struct Eval {
    /// A file of recorded findings, a folder of such files, or a folder of cases (docs/eval.md)
    pub data: PathBuf,
    /// The list of known issues, for recall; without it, those that some record matches (repeatable)
    #[arg(long, value_name = "FILE")]
    pub goldens: Vec<PathBuf>,
    /// Write which record is in which finding, one line of JSON each; - is standard output
    #[arg(long, value_name = "FILE")]
    pub clusters: Option<PathBuf>,
    /// Write a report: json, markdown, html; to standard output without =PATH (repeatable; default: markdown)
    #[arg(long, value_name = "FORMAT[=PATH]")]
    pub report: Vec<String>,
    /// Write what the data teach of the backends, for vote.priors of the configuration; - is standard output
    #[arg(long, value_name = "FILE")]
    pub write_priors: Option<PathBuf>,
    /// Learn one record for all backends together, for those that the data do not name
    #[arg(long)]
    pub common_record: bool,
    /// Only what these tools said
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub tools: Vec<String>,
    /// Parts that the pull requests are divided into for cross-validation
    #[arg(long, value_name = "K", default_value = "5", value_parser = clap::value_parser!(u16).range(2..))]
    pub folds: u16,
}

const EVAL_HELP: &str = "\
No model is asked: records are merged and voted on as a review would, cases are replayed from their tapes.

Exit codes:
  0   evaluated
  2   the data are malformed or empty, or have no answers and no --clusters is asked for
  3   evaluated, but a case's run is incomplete: what its tape lacks counts as no answer";

/// How `llmux doctor` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people
    Terminal,
    /// For programs
    Json,
}

/// `llmux baseline`.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Make a baseline of a run's findings: llmux diff --format json | llmux baseline create -
    Create {
        /// Where from and where to.
        #[command(flatten)]
        from: FromReport,
        /// Write over a baseline that is there, with the reasons in it
        #[arg(long)]
        force: bool,
    },
    /// Bring a baseline up to a run: new findings come, fixed ones go, reasons stay
    Update {
        /// Where from and where to.
        #[command(flatten)]
        from: FromReport,
    },
    /// Show the entries of a baseline
    Show {
        /// The baseline, instead of the configured one in the work tree
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// How: terminal, json
        #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ShowFormat::Terminal)]
        format: ShowFormat,
    },
}

/// A run's report, and the baseline that it goes into.
#[derive(Debug, Args)]
pub struct FromReport {
    /// A JSON report of llmux; - is standard input
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,
    /// The baseline, instead of the configured one in the work tree
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Why the new entries may stay
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Enter findings with too few votes too
    #[arg(long)]
    pub unconfirmed: bool,
}

/// How a baseline is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// For people
    Terminal,
    /// For programs: the file as it would be written
    Json,
}

/// `llmux config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the merged configuration as TOML
    Show {
        /// Say after each value where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print the JSON Schema of configuration files, for editors
    Schema,
    /// Print the reference of all keys as Markdown (docs/config.md)
    Reference,
}

/// `llmux man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write the pages of all commands into this folder: llmux.1, llmux-diff.1, …
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the reference of all commands as Markdown (docs/cli.md)
    #[arg(long, conflicts_with = "out")]
    pub markdown: bool,
}

/// For every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Project configuration, instead of .llmux/config.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// No progress, no notices
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Log what happens (-vv: more)
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("`{text}` has no `=`"))
}
