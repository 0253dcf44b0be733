//! `llmux config show`: what is in force, and where it comes from.

use std::io::{self, Write as _};

use super::args::{Config, Global};
use super::error::Error;
use super::exit::Exit;
use super::settings::{Place, inputs};
use crate::config;

pub(super) fn config(command: &Config, global: &Global) -> Result<Exit, Error> {
    let Config::Show { origin } = command;
    let here = Place::find()?;
    let loaded = config::load(&inputs(&here, global, Vec::new()))?;
    match io::stdout()
        .lock()
        .write_all(loaded.show(*origin).as_bytes())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Io("standard output cannot be written", error))
        }
        _ => Ok(Exit::Passed),
    }
}
