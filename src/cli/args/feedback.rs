//! `llmux feedback`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ShowFormat;

/// `llmux feedback`.
#[derive(Debug, Subcommand)]
pub enum Feedback {
    /// Record that a finding is real
    Real(Word),
    /// Record that a finding is not real
    False(Word),
    /// Record what was said of GitHub's code scanning alerts: gh api --paginate 'repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed' | llmux feedback import -
    Import {
        /// The alerts as GitHub's REST API lists them; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An alert that was fixed was real; without it, fixed alerts are left out
        #[arg(long)]
        fixed_is_real: bool,
    },
    /// Show what was recorded, the newest first
    List {
        /// How: terminal, json (docs/feedback.md)
        #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ShowFormat::Terminal)]
        format: ShowFormat,
    },
    /// Take back what was recorded of a finding
    Remove {
        /// As in `real`
        #[arg(long, value_name = "FP", required = true)]
        fingerprint: Vec<String>,
    },
}

/// What somebody says of findings.
#[derive(Debug, Args)]
pub struct Word {
    /// The finding's fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)
    #[arg(long, value_name = "FP", required = true)]
    pub fingerprint: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Who says so
    #[arg(long, value_name = "NAME", default_value = "")]
    pub author: String,
}
