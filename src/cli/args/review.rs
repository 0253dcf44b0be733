//! What a review is told: which change, who is asked, how it is judged and told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::change::{Push, Source};
use crate::report;

/// Which change.
#[derive(Debug, Default, Args)]
pub struct Change {
    /// A..B, A...B, or REV (= REV...HEAD); without: merge base with the default branch, else HEAD~1
    #[arg(conflicts_with_all = ["staged", "pre_push", "worktree", "patch"])]
    pub range: Option<String>,
    /// HEAD against the index, as a commit hook sees it
    #[arg(long, conflicts_with_all = ["pre_push", "worktree", "patch"])]
    pub staged: bool,
    /// What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`
    #[arg(long, conflicts_with_all = ["worktree", "patch"])]
    pub pre_push: bool,
    /// The index against the work tree
    #[arg(long, conflicts_with = "patch")]
    pub worktree: bool,
    /// A unified diff; - is standard input
    #[arg(long, value_name = "FILE")]
    pub patch: Option<PathBuf>,
    /// Review only paths that match (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Scope")]
    pub include: Vec<String>,
    /// Leave out paths that match (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Scope")]
    pub exclude: Vec<String>,
}

impl Change {
    /// What the arguments mean.
    pub fn source(&self) -> Source {
        match &self.patch {
            Some(file) => Source::Patch(file.clone()),
            None if self.staged => Source::Staged,
            None if self.pre_push => pushed(|name| std::env::var(name).ok()),
            None if self.worktree => Source::Worktree,
            None => Source::Range(self.range.clone()),
        }
    }
}

/// What pre-commit and prek tell a hook of a push. Where a branch is pushed with its first commit,
/// they name the branch alone; outside of a push they name nothing, and the range is the usual one.
fn pushed(variable: impl Fn(&str) -> Option<String>) -> Source {
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    let to = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
    match to {
        Some(to) => Source::Push(Push {
            from: variable("PRE_COMMIT_FROM_REF"),
            to,
        }),
        None => Source::Range(None),
    }
}

/// Policy, backends, reports.
#[derive(Debug, Default, Args)]
pub struct Review {
    /// How what is said is judged and told.
    #[command(flatten)]
    pub judging: Judging,
    /// Who is asked.
    #[command(flatten)]
    pub choice: Choice,
    /// Time limit of the whole run: 90s, 10m
    #[arg(long, value_name = "DURATION", help_heading = "Backends")]
    pub timeout: Option<String>,
    /// US dollars that the run may cost at most
    #[arg(long, value_name = "USD", help_heading = "Policy")]
    pub budget: Option<f64>,
    /// Print the plan (files, packets, calls, tokens, highest cost) and make no call
    #[arg(long)]
    pub dry_run: bool,
    /// Write down all that is needed to tell this run again on another machine, for `llmux merge`
    /// and `llmux review --from`
    #[arg(long, value_name = "FILE", help_heading = "Shards")]
    pub part: Option<PathBuf>,
    /// Read only this shard's packets, of so many shards; `llmux merge` joins their parts
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "part", conflicts_with = "dry_run", help_heading = "Shards")]
    pub shard: Option<Shard>,
    /// Ask again although the tape has the answer: all, or only what failed
    #[arg(
        long,
        value_name = "all|failed",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        conflicts_with = "replay",
        help_heading = "Tape"
    )]
    pub refresh: Option<Refresh>,
    /// Keep each reply in this folder
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "replay",
        help_heading = "Tape"
    )]
    pub record: Option<PathBuf>,
    /// Answer each call from this folder; make no call
    #[arg(long, value_name = "DIR", help_heading = "Tape")]
    pub replay: Option<PathBuf>,
}

/// One of so many parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// More would be a slip of the pen.
const MAX_SHARDS: u32 = 1_000;

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/');
    let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    let Some((number, of)) = parts else {
        return Err("write I/N, as in 2/4".to_owned());
    };
    if number == 0 || number > of || of > MAX_SHARDS {
        return Err(format!(
            "shards count from 1/N to N/N, and N is {MAX_SHARDS} at most"
        ));
    }
    Ok(Shard { number, of })
}

/// How what was said is judged and told.
#[derive(Clone, Debug, Default, Args)]
pub struct Judging {
    /// Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)
    #[arg(long, value_name = "FORMAT[=PATH]", help_heading = "Reports")]
    pub report: Vec<report::Spec>,
    /// The same as --report FORMAT
    #[arg(long, value_name = "FORMAT", help_heading = "Reports")]
    pub format: Option<report::Format>,
    /// Lowest severity of a confirmed finding that blocks
    #[arg(
        long,
        value_name = "note|low|medium|high|critical|never",
        help_heading = "Policy"
    )]
    pub fail_on: Option<String>,
    /// Votes that confirm a finding: a number, a share such as 50%, or auto
    #[arg(long, value_name = "N|N%|auto", help_heading = "Policy")]
    pub threshold: Option<String>,
    /// Let an incomplete run pass with a warning
    #[arg(long, help_heading = "Policy")]
    pub allow_incomplete: bool,
    /// Findings in this file do not count; without: baseline.file of the commit that the change starts from
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    pub baseline: Option<PathBuf>,
    /// Findings that this revision has already do not count
    #[arg(long, value_name = "REV", help_heading = "Memory")]
    pub baseline_rev: Option<String>,
    /// The JSON report of the run before: tells new, still there, fixed
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    pub previous: Option<PathBuf>,
}

/// What is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Refresh {
    /// Everything
    All,
    /// What brought no answer
    Failed,
}

/// Who is asked.
#[derive(Debug, Default, Args)]
pub struct Choice {
    /// Team, instead of detecting one
    #[arg(long, help_heading = "Backends")]
    pub team: Option<String>,
    /// Ask these backends alone (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Backends")]
    pub backend: Vec<String>,
    /// Ask only what needs no network: rules, servers on this machine, backends marked local
    #[arg(long, help_heading = "Backends")]
    pub offline: bool,
}
