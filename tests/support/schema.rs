//! Configurations against the schema that `llmux config schema` prints.

use std::sync::LazyLock;

use jsonschema::Validator;
use llmux::config::{self, Inputs};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(&config::schema()).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
});

/// What the schema has against a configuration.
pub(crate) fn complaints(text: &str) -> Vec<String> {
    let document: toml::Table = text.parse().unwrap();
    let document = serde_json::to_value(document).unwrap();
    let errors = SCHEMA.iter_errors(&document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Whether llmux takes it as the project's configuration, with nothing else around.
pub(crate) fn loads(text: &str) -> Result<(), config::Errors> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    let inputs = Inputs {
        config_file: Some(file),
        ..Inputs::default()
    };
    config::load(&inputs).map(drop)
}

/// An editor must not underline what llmux takes.
pub(crate) fn agree(text: &str) {
    if loads(text).is_ok() {
        let complaints = complaints(text);
        assert!(complaints.is_empty(), "{complaints:?} in:\n{text}");
    }
}
