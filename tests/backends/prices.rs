//! The list of prices, and whose price a model has.

use llmux::backends::Environment;
use llmux::backends::{Settings, complete, list_price, listed_models, presets};

fn input(preset: &str, model: &str) -> Option<f64> {
    list_price(preset, model).map(|listed| listed.price.input)
}

#[test]
fn the_list_is_sorted_dated_and_has_no_odd_price() {
    let text = include_str!("../../rules/prices.toml");
    let mut models = 0;
    let (mut table, mut before) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            assert!(*name > *table, "[{name} after [{table}");
            table = name.to_owned();
            before.clear();
        } else if line.starts_with('"') {
            let name = line.split('"').nth(1).unwrap();
            assert!(*name > *before, "{name} after {before}");
            before = name.to_owned();
            models += 1;
        }
    }
    let listed: Vec<_> = listed_models().collect();
    assert_eq!(listed.len(), models);
    let is_day = |day: &str| {
        let parts: Vec<&str> = day.split('-').collect();
        parts.iter().map(|part| part.len()).eq([4, 2, 2])
            && parts.iter().all(|part| part.parse::<u16>().is_ok())
    };
    for (provider, model) in listed {
        let listed = list_price(provider, model).unwrap();
        let price = listed.price;
        assert!(is_day(listed.as_of), "{}", listed.as_of);
        assert!(listed.source.starts_with("https://"), "{}", listed.source);
        let commit = listed.source.rsplit(' ').next().unwrap();
        assert_eq!(commit.len(), 12, "{commit}");
        for each in [
            Some(price.input),
            Some(price.output),
            price.cached_input,
            price.cache_write,
        ] {
            let each = each.unwrap_or_default();
            assert!(
                each.is_finite() && (0.0..1_000.0).contains(&each),
                "{model}: {each}"
            );
        }
        assert!(price.output >= price.input && price.input > 0.0, "{model}");
        assert!(
            price
                .cached_input
                .is_none_or(|cached| cached <= price.input),
            "{model}"
        );
        assert!(
            price.cache_write.is_none_or(|write| write >= price.input),
            "{model}"
        );
        assert!(
            presets().any(|preset| preset == provider),
            "{provider} is no preset"
        );
    }
}

#[test]
fn the_models_that_presets_name_have_a_price() {
    let mut without = Vec::new();
    for preset in presets() {
        let settings = Settings {
            preset: Some(preset.to_owned()),
            ..Settings::default()
        };
        let Ok(full) = complete("x", &settings, &Environment::default()) else {
            continue;
        };
        if let Some(model) = full.model
            && list_price(preset, &model).is_none()
        {
            without.push(model);
        }
    }
    // It chooses another model each time, and tells the cost of each call.
    assert_eq!(without, ["openrouter/auto"]);
}

#[test]
fn no_model_has_the_price_of_another() {
    assert_eq!(input("openai", "gpt-5"), Some(1.25));
    assert_eq!(input("openai", "gpt-5-pro"), Some(15.0));
    assert_eq!(input("openai", "gpt-5-mini"), Some(0.25));
    for model in [
        "gpt-5-turbo",
        "gpt-5.",
        "gpt-5-",
        "gpt-50",
        "gpt",
        "",
        "GPT-5",
        "gpt-5-2025",
        "gpt-5-latest",
        "gpt-5-20250929x",
        "gpt-5-1-2025-08-07",
        "gpt-5--2025-08-07",
        "gpt-5-19991231",
        "gpt-5-2025-0807",
        "xgpt-5",
        "gpt-5-chat-latest",
        "é-20250929",
        "-20250929",
        "20250929",
    ] {
        assert_eq!(input("openai", model), None, "{model}");
    }
}

#[test]
fn dates_and_prefixes_do_not_hide_a_model() {
    for (preset, model, price) in [
        ("openai", "gpt-5-2025-08-07", 1.25),
        ("openai", "openai/gpt-5", 1.25),
        ("codex", "gpt-5.5", 5.0),
        ("anthropic", "claude-sonnet-4-5-20250929", 3.0),
        ("claude", "claude-haiku-4-5-20251001", 1.0),
        ("gemini", "models/gemini-2.5-pro", 1.25),
        ("google", "google/gemini-2.5-pro", 1.25),
        ("groq", "openai/gpt-oss-120b", 0.15),
        ("openrouter", "openai/gpt-5-mini", 0.25),
        ("openrouter", "x-ai/grok-4.7", 2.0),
    ] {
        assert_eq!(input(preset, model), Some(price), "{preset} {model}");
    }
    // Many offer an open model, each for its own price; names of a customer say nothing.
    for (preset, model) in [
        ("openrouter", "openai/gpt-oss-120b"),
        ("openrouter", "deepseek/deepseek-flash"),
        ("openrouter", "gpt-5"),
        ("requesty", "openai/gpt-5"),
        ("azure", "gpt-5"),
        ("ollama", "gpt-5"),
        ("anthropic", "gpt-5"),
        ("openai", "anthropic/gpt-5"),
        ("openai", "openai/openai/gpt-5"),
        ("nobody", "gpt-5"),
    ] {
        assert_eq!(input(preset, model), None, "{preset} {model}");
    }
}
