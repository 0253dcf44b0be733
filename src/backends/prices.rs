//! What providers ask for their models by their lists: `rules/prices.toml`, dated.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Price;

/// A price that a provider lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// US dollars for a million tokens.
    pub price: Price,
    /// The day on which the list was read: `2026-11-28`.
    pub as_of: &'static str,
    /// Where it was read, with the version.
    pub source: String,
}

/// The file as written.
#[derive(Deserialize)]
struct List {
    as_of: String,
    source: String,
    /// Provider → model → price.
    #[serde(flatten)]
    providers: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    input: f64,
    output: f64,
    cached_input: Option<f64>,
    cache_write: Option<f64>,
    commit: String,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    toml::from_str(include_str!("../../rules/prices.toml"))
        .unwrap_or_else(|error| unreachable!("rules/prices.toml is tested: {error}"))
});

/// The list price of a model: of the provider or program of that preset, in full (`gpt-5.5`),
/// with the date of a version (`claude-sonnet-4-5-20250929`), or as routers call it
/// (`openai/gpt-5.5`). None where the list has no price for it: no model has that of another
/// whose name begins like its own.
pub fn list_price(preset: &str, model: &str) -> Option<Listed> {
    let (provider, model) = home(preset, model)?;
    let models = LIST.providers.get(provider)?;
    let entry = models.get(model).or_else(|| models.get(undated(model)?))?;
    Some(Listed {
        price: Price {
            input: entry.input,
            output: entry.output,
            cached_input: entry.cached_input,
            cache_write: entry.cache_write,
        },
        as_of: &LIST.as_of,
        source: format!("{}, {}", LIST.source, entry.commit),
    })
}

/// Every provider with each of its models, as the list has them.
pub fn listed_models() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.providers
        .iter()
        .flat_map(|(provider, models)| models.keys().map(|model| (&**provider, &**model)))
}

/// Whose list counts, and what the model is called there.
fn home<'m>(preset: &str, model: &'m str) -> Option<(&'static str, &'m str)> {
    Some(match preset {
        "claude" | "anthropic" => ("anthropic", own(model, "anthropic/")),
        "codex" | "openai" => ("openai", own(model, "openai/")),
        "gemini" | "google" => ("google", own(own(model, "google/"), "models/")),
        "deepseek" => ("deepseek", own(model, "deepseek/")),
        "groq" => ("groq", model),
        "kimi" => ("kimi", own(model, "moonshotai/")),
        "mistral" => ("mistral", own(model, "mistralai/")),
        "xai" => ("xai", own(model, "x-ai/")),
        // It asks what the maker asks, as long as nobody else offers the model.
        "openrouter" => match model.split_once('/')? {
            ("openai", name) if !name.contains("oss") => ("openai", name),
            ("anthropic", name) => ("anthropic", name),
            ("google", name) => ("google", name),
            ("x-ai", name) => ("xai", name),
            _ => return None,
        },
        // Azure's names are those of the customer; others ask more than their makers.
        _ => return None,
    })
}

fn own<'m>(model: &'m str, prefix: &str) -> &'m str {
    model.strip_prefix(prefix).unwrap_or(model)
}

/// A model's name without the date of its version at the end: `-20250929` or `-2025-08-07`.
fn undated(model: &str) -> Option<&str> {
    let is_date = |end: &str| {
        let digits = end.replace('-', "");
        let shape = [end.len(), digits.len()];
        let dashes = |at| end.as_bytes().get(at) == Some(&b'-');
        digits.starts_with("20")
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (shape == [8, 8] || (shape == [10, 8] && dashes(4) && dashes(7)))
    };
    [8, 10].into_iter().find_map(|length| {
        let at = model.len().checked_sub(length)?;
        let name = model.get(..at)?.strip_suffix('-')?;
        is_date(&model[at..]).then_some(name)
    })
}
