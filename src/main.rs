//! llmux: parse, run, and map what came of it to the exit code. The only place that exits.

use std::process::ExitCode;

use clap::Parser as _;
use llmux::cli::{self, Cli};

fn main() -> ExitCode {
    cli::run(Cli::parse()).into()
}
