//! Known programs and providers: what stands where `[backends.NAME]` says nothing.

use reqwest::Url;

use super::build::{BuildError, is_url};
use super::command::agents::{AGENTS, program_name};
use super::environment::Environment;
use super::http::{Quirks, dialect_at};
use super::{BackendKind, DialectName, Settings};

mod home;
mod providers;

pub(crate) use providers::{PROVIDERS, Provider};

/// A known program or provider.
#[derive(Clone, Copy)]
enum Preset {
    /// An agent CLI, by the name of its program.
    Agent(&'static str),
    Provider(&'static Provider),
}

/// The settings with what their preset says where they say nothing: kind, command, address,
/// dialect, key, model. Settings without a preset stay as they are. Sends nothing.
///
/// A preset's key goes to its provider's own address and nowhere else: with an address of
/// the user's own, `api_key` must name the variable.
///
/// # Errors
/// Where `preset` is unknown or contradicts the rest, and where an address is missing.
pub fn complete(
    name: &str,
    settings: &Settings,
    environment: &Environment,
) -> Result<Settings, BuildError> {
    let mut settings = settings.clone();
    match find(name, &settings, environment)? {
        Some(Preset::Agent(program)) => {
            settings.kind = Some(BackendKind::Command);
            settings.command.get_or_insert_with(|| program.to_owned());
            settings.preset = Some(program.to_owned());
        }
        Some(Preset::Provider(provider)) => fill(name, &mut settings, provider, environment)?,
        None => {}
    }
    Ok(settings)
}

/// Bytes that a known program adds to each question: what it tells its model by itself. 0 of a
/// server, and of a program that nobody knows.
pub fn own_bytes(settings: &Settings) -> usize {
    let preset = settings.preset.as_deref();
    let mut agents = AGENTS.iter();
    let agent = agents.find(|agent| Some(agent.name) == preset);
    agent.map_or(0, |agent| agent.own_bytes)
}

/// The names that `preset` may have, and that a backend may have without saying what it is.
pub fn presets() -> impl Iterator<Item = &'static str> {
    let agents = AGENTS.iter().map(|agent| agent.name);
    agents.chain(PROVIDERS.iter().map(|provider| provider.name))
}

fn named(name: &str) -> Option<Preset> {
    let mut agents = AGENTS.iter().map(|agent| agent.name);
    let agent = agents.find(|known| *known == name).map(Preset::Agent);
    agent.or_else(|| Provider::named(name).map(Preset::Provider))
}

/// `preset`, else the backend's own name where nothing contradicts it, else its program.
fn find(
    name: &str,
    settings: &Settings,
    environment: &Environment,
) -> Result<Option<Preset>, BuildError> {
    if let Some(written) = settings.preset.as_deref() {
        let preset = named(written).ok_or_else(|| unknown(name, written))?;
        return match misfit(preset, settings) {
            None => Ok(Some(preset)),
            Some(reason) => Err(BuildError::Preset {
                name: name.to_owned(),
                preset: written.to_owned(),
                reason: reason.to_owned(),
            }),
        };
    }
    let own = named(name).filter(|preset| {
        misfit(*preset, settings).is_none() && fits(*preset, settings, environment)
    });
    Ok(own.or_else(|| {
        let program = settings.command.as_deref().filter(|text| !is_url(text))?;
        named(program_name(program)?)
            .filter(|preset| matches!(preset, Preset::Agent(_)))
            .filter(|preset| misfit(*preset, settings).is_none())
    }))
}

/// Why a preset cannot be meant.
fn misfit(preset: Preset, settings: &Settings) -> Option<&'static str> {
    let url = settings.base_url.is_some() || settings.command.as_deref().is_some_and(is_url);
    let program = settings
        .command
        .as_deref()
        .is_some_and(|text| !is_url(text));
    match (preset, settings.kind) {
        (Preset::Agent(_), Some(BackendKind::Http | BackendKind::Rules)) => {
            Some("it is a program, and `kind` says otherwise")
        }
        (Preset::Agent(_), _) if url => Some("it is a program, and there is a server's URL"),
        (Preset::Provider(_), Some(BackendKind::Command | BackendKind::Rules)) => {
            Some("it is a server, and `kind` says otherwise")
        }
        (Preset::Provider(_), _) if program => Some("it is a server, and `command` is a program"),
        _ => None,
    }
}

/// Whether a backend that merely has a preset's name is that program or provider.
fn fits(preset: Preset, settings: &Settings, environment: &Environment) -> bool {
    match preset {
        Preset::Agent(agent) => settings
            .command
            .as_deref()
            .is_none_or(|command| program_name(command) == Some(agent)),
        Preset::Provider(provider) => match home::written(settings) {
            None => true,
            Some(Err(())) => false,
            Some(Ok(url)) if home::is_own(provider, &url, environment) => true,
            // Chat completions are spoken everywhere, so that the name tells nothing about
            // the server; a protocol of the provider's own it does.
            Some(Ok(_)) if provider.dialect == DialectName::Openai => false,
            Some(Ok(url)) => {
                let dialect = settings.dialect.or_else(|| dialect_at(&url));
                let bare = url.path().trim_end_matches('/').is_empty();
                let unsure = bare || !provider.keys.is_empty();
                dialect.map_or(unsure, |dialect| dialect == provider.dialect)
            }
        },
    }
}

fn fill(
    name: &str,
    settings: &mut Settings,
    provider: &Provider,
    environment: &Environment,
) -> Result<(), BuildError> {
    let own = match home::written(settings) {
        Some(Ok(url)) => home::is_own(provider, &url, environment),
        // `build` tells what is wrong with it.
        Some(Err(())) => false,
        None => {
            let address = home::address(provider, environment);
            settings.base_url = Some(address.ok_or_else(|| BuildError::NoAddress {
                name: name.to_owned(),
                variable: provider.address.unwrap_or_default(),
            })?);
            true
        }
    };
    settings.kind = Some(BackendKind::Http);
    settings.preset = Some(provider.name.to_owned());
    if settings.dialect.is_none() {
        let url = home::written(settings).and_then(Result::ok);
        let written = url.as_ref().and_then(dialect_at);
        settings.dialect = Some(written.unwrap_or(provider.dialect));
    }
    if settings.api_key.is_none() && own {
        let set = provider
            .keys
            .iter()
            .find(|key| environment.text(key).is_some());
        let key = set.or(provider.keys.first());
        settings.api_key = key.map(|key| format!("${{{key}}}"));
    }
    if settings.model.is_none() && settings.models.is_empty() {
        settings.model = provider.model.map(str::to_owned);
    }
    Ok(())
}

fn unknown(name: &str, preset: &str) -> BuildError {
    let near = presets()
        .map(|known| (strsim::damerau_levenshtein(preset, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min();
    let list = presets().collect::<Vec<_>>().join(", ");
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}`? The known ones are {list}"),
        None => format!("the known ones are {list}"),
    };
    BuildError::UnknownPreset {
        name: name.to_owned(),
        preset: preset.to_owned(),
        help,
    }
}

/// What the provider at that address, or the one that is named, speaks.
pub(super) fn dialect(settings: &Settings, base: &Url) -> Option<DialectName> {
    provider(settings, base).map(|provider| provider.dialect)
}

/// How the provider at that address, or the one that is named, differs from others.
pub(super) fn quirks(settings: &Settings, base: &Url) -> Quirks {
    provider(settings, base).map_or(Quirks::COMMON, |provider| provider.quirks)
}

fn provider(settings: &Settings, base: &Url) -> Option<&'static Provider> {
    let named = settings.preset.as_deref().and_then(Provider::named);
    named.or_else(|| Provider::at(base))
}
