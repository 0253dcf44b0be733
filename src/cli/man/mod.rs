//! `llmux completions` and `llmux man`: the command line as shells, `man` and people read it. What
//! they write depends on the arguments in `args.rs` alone: no date, no width of a terminal.

mod markdown;
mod page;

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::args::{Cli, Man};
use super::error::Error;
use super::exit::Exit;
use super::screen;

pub(super) fn completions(shell: Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "llmux", &mut script);
    screen::print(&script)?;
    Ok(Exit::Passed)
}

pub(super) fn man(args: &Man) -> Result<Exit, Error> {
    let command = built();
    match &args.out {
        Some(dir) => write_pages(&command, dir)?,
        None if args.markdown => screen::print(markdown::reference(&command).as_bytes())?,
        None => screen::print(page_of(&command)?.1.as_bytes())?,
    }
    Ok(Exit::Passed)
}

/// All commands with the options that they share.
fn built() -> Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

fn write_pages(command: &Command, dir: &Path) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    for command in all(command) {
        let (name, text) = page_of(command)?;
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}

fn page_of(command: &Command) -> Result<(String, String), Error> {
    page::of(command).map_err(|error| Error::Io("the manual page cannot be written", error))
}

/// A command and those below it, in the order of the help.
fn all(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|it| !it.is_hide_set());
    std::iter::once(command)
        .chain(below.flat_map(all))
        .collect()
}
