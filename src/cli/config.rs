//! `llmux config`: what is in force and where it comes from, and what can be set at all.

use super::args::{Config, Global};
use super::error::Error;
use super::exit::Exit;
use super::screen;
use super::settings::{Place, inputs};
use crate::config;

pub(super) fn config(command: &Config, global: &Global) -> Result<Exit, Error> {
    let text = match command {
        Config::Show { origin } => {
            let here = Place::find(global)?;
            let loaded = config::load(&inputs(&here, global, Vec::new()))?;
            loaded.show(*origin)
        }
        Config::Schema => config::schema(),
        Config::Reference => config::reference(),
    };
    screen::print(text.as_bytes())?;
    Ok(Exit::Passed)
}
