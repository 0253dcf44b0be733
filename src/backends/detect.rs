//! What a machine has without any configuration.

use std::ffi::OsStr;

use super::command::agents::AGENTS;
use super::environment::{Environment, find_program};
use super::presets::{PROVIDERS, Provider, complete};
use super::{BackendKind, Settings};

/// The place of a backend of that name among what [`detect`] may find; the last for others.
pub fn detection_rank(name: &str) -> usize {
    let agents = AGENTS.iter().map(|agent| agent.name);
    let providers = PROVIDERS.iter().map(|provider| provider.name);
    agents
        .chain(providers)
        .position(|known| known == name)
        .unwrap_or(usize::MAX)
}

/// Backends that this machine has: agent CLIs on `PATH`, then providers whose key is in
/// the environment and whose model is known, in a fixed order. Sends nothing and starts nothing. `env` gives the
/// value of a variable.
pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> Vec<(String, Settings)> {
    let is_set = |name: &str| env(name).is_some_and(|value| !value.trim().is_empty());
    let path = env("PATH").unwrap_or_default();
    let extensions = env("PATHEXT");
    let programs = AGENTS
        .iter()
        .filter(|agent| {
            find_program(agent.name, OsStr::new(&path), extensions.as_deref()).is_some()
        })
        .map(|agent| {
            let keys = agent.keys.iter().filter(|key| is_set(key));
            let settings = Settings {
                kind: Some(BackendKind::Command),
                command: Some(agent.name.to_owned()),
                env: keys.map(ToString::to_string).collect(),
                ..Settings::default()
            };
            (agent.name.to_owned(), settings)
        });
    let variables = PROVIDERS.iter().flat_map(Provider::variables);
    let seen: Environment = variables
        .filter_map(|name| Some((name, env(name)?)))
        .collect();
    // One without a model of its own needs to be configured.
    let providers = PROVIDERS.iter().filter_map(|provider| {
        let keyed = provider.keys.iter().any(|key| is_set(key));
        let settings = keyed.then(|| complete(provider.name, &Settings::default(), &seen))?;
        let settings = settings.ok().filter(|settings| settings.model.is_some())?;
        Some((provider.name.to_owned(), settings))
    });
    programs.chain(providers).collect()
}
