//! `llmux config show`: what is in force, and where it comes from.

use super::args::{Config, Global};
use super::error::Error;
use super::exit::Exit;
use super::screen;
use super::settings::{Place, inputs};
use crate::config;

pub(super) fn config(command: &Config, global: &Global) -> Result<Exit, Error> {
    let Config::Show { origin } = command;
    let here = Place::find(global)?;
    let loaded = config::load(&inputs(&here, global, Vec::new()))?;
    screen::print(loaded.show(*origin).as_bytes())?;
    Ok(Exit::Passed)
}
