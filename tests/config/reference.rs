//! What people and editors are told of each key.

use std::collections::BTreeSet;

use llmux::config::{self, DEFAULTS, Inputs, Layer};
use serde_json::Value;

fn leaves<'a>(path: &str, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, below) in properties {
            leaves(&format!("{path}.{name}"), below, found);
        }
    } else if schema["additionalProperties"].is_object() {
        leaves(
            &format!("{path}.NAME"),
            &schema["additionalProperties"],
            found,
        );
    } else {
        found.push((path.trim_start_matches('.').to_owned(), schema));
    }
}

fn own(table: &toml::Table, path: &str, into: &mut BTreeSet<String>) {
    for (name, value) in table {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            toml::Value::Table(below) => own(below, &path, into),
            _ => drop(into.insert(path)),
        }
    }
}

/// Nobody is helped by a key without a word.
#[test]
fn every_key_is_explained_with_its_default_or_an_example() {
    let schema: Value = serde_json::from_str(&config::schema()).unwrap();
    let mut found = Vec::new();
    leaves("", &schema, &mut found);
    assert!(found.len() > 100, "only {} keys", found.len());
    let defaults: toml::Table = DEFAULTS.parse().unwrap();
    let mut with_default = BTreeSet::new();
    own(&defaults, "", &mut with_default);
    let reference = config::reference();
    for (path, schema) in found {
        let inherited = path.starts_with("vote.") && path.matches('.').count() == 2;
        assert!(
            schema["description"].is_string() || inherited,
            "{path}: {schema}"
        );
        assert_eq!(
            schema.get("default").is_some(),
            with_default.contains(&path),
            "{path}: {schema}"
        );
        assert!(
            schema.get("default").is_some() || schema.get("examples").is_some(),
            "{path}: {schema}"
        );
        assert!(reference.contains(&format!("\n### `{path}`\n")), "{path}");
    }
}

/// `- variable: …` of the reference is the variable that sets the key above it.
#[test]
fn the_variables_of_the_reference_set_their_keys() {
    let reference = config::reference();
    let mut seen = 0;
    for part in reference.split("\n### `").skip(1) {
        let Some((_, rest)) = part.split_once("- variable: `") else {
            continue;
        };
        let path: Vec<_> = part.split('`').next().unwrap().split('.').collect();
        let value = part
            .split_once("default: `")
            .or(part.split_once("example `"));
        let value = value
            .unwrap()
            .1
            .split('`')
            .next()
            .unwrap()
            .trim_matches('"');
        let inputs = Inputs {
            env: vec![(rest.split('`').next().unwrap().to_owned(), value.to_owned())],
            ..Inputs::default()
        };
        let loaded = config::load(&inputs).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let origin = loaded.origin(&path).unwrap();
        assert_eq!(origin.layer, Layer::Environment, "{path:?}");
        seen += 1;
    }
    assert!(seen > 40, "only {seen} variables");
}
