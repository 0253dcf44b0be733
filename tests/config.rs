//! Configuration through the public API: layers, origins, errors, teams.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, which clippy does not know as tests"
)]

use std::path::Path;

use llmux::config::{self, Errors, Flag, Inputs, Loaded};
use tempfile::TempDir;

mod agreement;
mod errors;
mod layers;
mod reference;
mod schema;
mod taxonomy;
mod teams;

/// A project folder with this configuration.
fn project(text: impl AsRef<[u8]>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join(".llmux/config.toml"), text);
    dir
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn inputs(dir: &TempDir) -> Inputs {
    Inputs {
        project: llmux::change::Project::Folder(dir.path().to_owned()),
        ..Inputs::default()
    }
}

fn with_env(text: &str, env: &[(&str, &str)]) -> Result<Loaded, Errors> {
    let dir = project(text);
    config::load(&Inputs {
        env: env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..inputs(&dir)
    })
}

fn load(text: impl AsRef<[u8]>) -> Result<Loaded, Errors> {
    let loaded = config::load(&inputs(&project(text.as_ref())));
    if let (Ok(_), Ok(text)) = (&loaded, std::str::from_utf8(text.as_ref())) {
        schema::agree(text);
    }
    loaded
}

fn rendered(text: impl AsRef<[u8]>) -> String {
    load(text).expect_err("this must not load").to_string()
}

fn flag(key: &str, value: impl Into<toml::Value>, name: &str) -> Flag {
    Flag {
        key: key.to_owned(),
        value: value.into(),
        name: name.to_owned(),
    }
}

fn snapshot(name: &str, text: impl AsRef<str>) {
    insta::assert_snapshot!(name, text.as_ref());
}
