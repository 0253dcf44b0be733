//! What a machine has without any configuration.

use std::ffi::OsStr;

use super::command::agents::AGENTS;
use super::environment::find_program;
use super::{BackendKind, Settings};

/// A provider of OpenAI's chat completions.
struct Provider {
    name: &'static str,
    key: &'static str,
    base_url: &'static str,
    /// One that was offered without an end date in November 2026, or an alias that stays.
    model: &'static str,
}

const PROVIDERS: [Provider; 7] = [
    Provider {
        name: "openai",
        key: "OPENAI_API_KEY",
        base_url: "https://api.openai.com/v1",
        model: "gpt-5.5",
    },
    Provider {
        name: "google",
        key: "GEMINI_API_KEY",
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        model: "gemini-3.8-flash",
    },
    Provider {
        name: "mistral",
        key: "MISTRAL_API_KEY",
        base_url: "https://api.mistral.ai/v1",
        model: "mistral-medium-latest",
    },
    Provider {
        name: "xai",
        key: "XAI_API_KEY",
        base_url: "https://api.x.ai/v1",
        model: "grok-4.3",
    },
    Provider {
        name: "deepseek",
        key: "DEEPSEEK_API_KEY",
        base_url: "https://api.deepseek.com/v1",
        model: "deepseek-flash",
    },
    Provider {
        name: "groq",
        key: "GROQ_API_KEY",
        base_url: "https://api.groq.com/openai/v1",
        model: "openai/gpt-oss-120b",
    },
    Provider {
        name: "openrouter",
        key: "OPENROUTER_API_KEY",
        base_url: "https://openrouter.ai/api/v1",
        model: "openrouter/auto",
    },
];

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
/// the environment, in a fixed order. Sends nothing and starts nothing. `env` gives the
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
    let providers = PROVIDERS
        .iter()
        .filter(|provider| is_set(provider.key))
        .map(|provider| {
            let settings = Settings {
                kind: Some(BackendKind::Http),
                base_url: Some(provider.base_url.to_owned()),
                model: Some(provider.model.to_owned()),
                api_key: Some(format!("${{{}}}", provider.key)),
                ..Settings::default()
            };
            (provider.name.to_owned(), settings)
        });
    programs.chain(providers).collect()
}
