//! The commands: one file each, reading as that command's story.

mod answers;
mod args;
mod baseline;
mod ci;
mod config;
mod context_files;
mod crew;
mod diff;
mod doctor;
mod dry_run;
mod error;
mod eval;
mod exit;
mod experience;
mod feedback;
mod formation;
mod keep;
mod man;
mod memory;
mod merge;
mod merge_request;
mod part;
mod plan;
mod posting;
mod prices;
mod priors;
mod progress;
mod pull_request;
mod recipe;
mod replay;
mod review;
mod roles;
mod rule_files;
mod runs;
mod runtime;
mod screen;
mod settings;
mod signals;
mod stats;
mod store;

use std::io::Write as _;

pub use args::Cli;
use args::Command;
pub use exit::Exit;

/// Does what the arguments say and tells what to exit with. Everything that went wrong
/// has been said on standard error by then.
pub fn run(cli: Cli) -> Exit {
    let screen = screen::Screen::new(&cli.global);
    screen.start_logging();
    let result = match cli.command {
        Command::Diff(args) => diff::diff(&args, &cli.global, &screen),
        Command::Review(args) => pull_request::review(&args, &cli.global, &screen),
        Command::Run(args) => diff::run(&args, &cli.global, &screen),
        Command::Runs(args) => runs::runs(&args, &cli.global, &screen),
        Command::Replay(args) => replay::replay(&args, &cli.global, &screen),
        Command::Merge(args) => merge::merge(&args, &cli.global, &screen),
        Command::Doctor(args) => doctor::doctor(&args, &cli.global, &screen),
        Command::Baseline(args) => baseline::baseline(&args, &cli.global, &screen),
        Command::Feedback(args) => feedback::feedback(&args, &cli.global, &screen),
        Command::Eval(args) => eval::eval(&args, &cli.global, &screen),
        Command::Stats(args) => stats::stats(&args, &cli.global, &screen),
        Command::Config(args) => config::config(&args, &cli.global),
        Command::Completions { shell } => man::completions(shell),
        Command::Man(args) => man::man(&args),
    };
    result.unwrap_or_else(|error| {
        let said = match &error {
            // It may name what strangers wrote.
            error::Error::Change(_) | error::Error::Forge(_) => {
                crate::report::log_line(&error.to_string())
            }
            _ => error.to_string(),
        };
        // Where standard error is closed there is nobody left to tell.
        let _ = writeln!(anstream::stderr(), "{said}");
        error.exit()
    })
}
