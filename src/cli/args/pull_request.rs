//! `llmux review`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Review;

/// `llmux review`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct PullRequest {
    /// The pull or merge request: its number or URL; without, that of the CI event or job
    #[arg(value_name = "PR")]
    pub pr: Option<String>,
    /// What is posted: a summary and comments on lines, the summary alone, or nothing
    #[arg(
        long,
        value_name = "review|summary|none",
        value_enum,
        default_value_t = Post::Review,
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "Reports"
    )]
    pub post: Post,
    /// Ask no model: tell and post what this part file says, which another job wrote with --part; needs no clone (repeatable, for all shards of a run)
    #[arg(
        long,
        value_name = "PART",
        conflicts_with_all = ["include", "exclude", "part", "shard", "dry_run", "refresh", "record", "replay", "backend", "team"],
        help_heading = "Shards"
    )]
    pub from: Vec<PathBuf>,
    /// Review only paths that match (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Scope")]
    pub include: Vec<String>,
    /// Leave out paths that match (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Scope")]
    pub exclude: Vec<String>,
    /// Policy, backends, reports.
    #[command(flatten)]
    pub review: Review,
}

const HELP: &str = "\
The token comes from GITHUB_TOKEN or GH_TOKEN, in GitLab from GITLAB_TOKEN (docs/gitlab.md). Where it may not
write, or is not there, the review goes into the step's summary instead, in GitLab into the job's log and reports,
and the exit code stays that of the review (docs/review.md).";

/// What is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Post {
    /// A summary, and comments on lines
    Review,
    /// The summary
    Summary,
    /// Nothing
    None,
}
