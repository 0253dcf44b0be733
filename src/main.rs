//! llmux: parse, run, and map what came of it to the exit code. The only place that exits.

use std::process::ExitCode;

use clap::Parser as _;
use llmux::cli::{self, Cli};

fn main() -> ExitCode {
    // llmux starts itself again beside each program that it runs.
    if let Some(code) = llmux::backends::guard(std::env::args_os()) {
        return code;
    }
    cli::run(Cli::parse()).into()
}
