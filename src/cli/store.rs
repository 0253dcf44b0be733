//! The store that the settings name, opened; whatever is wrong with it stops no review.

use super::error::Error;
use super::screen::Screen;
use super::settings::{self, Place};
use crate::change;
use crate::config::{self, Settings};
use crate::store::{self, Location, Store};

/// Opens the store for a review. Where there is none, or it cannot be used, the review goes on
/// without it, and says so.
pub(super) async fn for_review(settings: &Settings, screen: &Screen) -> Option<Store> {
    if !settings.store.enabled {
        return None;
    }
    let opened = match location(settings) {
        Ok(location) => open(&location, screen).await,
        Err(why) => Err(why),
    };
    match opened {
        Ok(store) => Some(store),
        Err(why) => {
            let sentence = format!(
                "{why}; this run goes on without a store: nothing is answered from the tape, and \
                 nothing is kept"
            );
            screen.note("warning", &sentence);
            None
        }
    }
}

/// Opens the store for a command that is about it.
pub(super) async fn needed(settings: &Settings, screen: &Screen) -> Result<Store, Error> {
    if !settings.store.enabled {
        let why = "there is no store: `store.enabled` is false";
        return Err(Error::Usage(why.to_owned()));
    }
    let location = location(settings).map_err(Error::Usage)?;
    open(&location, screen).await.map_err(Error::Store)
}

async fn open(location: &Location, screen: &Screen) -> Result<Store, String> {
    let opened = Store::open(location).await;
    let (store, warning) = opened.map_err(|error| match location {
        Location::Folder(_) => format!("the store cannot be used: {error}"),
        // The URL may hold a password.
        Location::Url(_) => format!("the store at `store.url` cannot be used: {error}"),
    })?;
    if let Some(warning) = warning {
        screen.note("warning", &warning);
    }
    Ok(store)
}

fn location(settings: &Settings) -> Result<Location, String> {
    let Some(url) = &settings.store.url else {
        let folder = config::cache_dir();
        let why = "the user has no cache folder: set LLMUX_CACHE_DIR";
        return folder.map(Location::Folder).ok_or_else(|| why.to_owned());
    };
    let variable = url
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(name) = variable else {
        return Ok(Location::Url(url.clone()));
    };
    let value = settings::environment().text(name);
    let value = value.ok_or_else(|| format!("`store.url` names {name}, which is not set"))?;
    if value.starts_with("postgres://") || value.starts_with("postgresql://") {
        Ok(Location::Url(value))
    } else {
        Err(format!(
            "{name}, which `store.url` names, holds no postgres:// URL"
        ))
    }
}

/// What the project is called in the store: as configured, by its remote, by its folder.
pub(super) fn project(here: &Place, settings: &store::Settings) -> String {
    settings
        .project
        .clone()
        .or_else(|| change::remote_name(&here.dir))
        .unwrap_or_else(|| here.folder().display().to_string())
}
