//! A call's own folder: an empty one to run in, and beside it what the agent is told to read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::agents::{Agent, EMPTY, POLICY, POLICY_FILE, SCHEMA, SchemaBy};

const SCHEMA_FILE: &str = "schema.json";

/// Gone with the call.
pub(super) struct Room {
    folder: TempDir,
}

impl Room {
    /// Makes the folder and the agent's files in it, the schema's among them where it wants one.
    pub(super) fn new(agent: Option<&Agent>, schema: Option<&str>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("llmux-").tempdir()?;
        fs::create_dir(folder.path().join(EMPTY))?;
        for (path, text) in agent.map_or(&[][..], |agent| agent.files) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        let by_file = agent.is_some_and(|agent| matches!(agent.schema, SchemaBy::File(_)));
        if let Some(schema) = schema.filter(|_| by_file) {
            fs::write(folder.path().join(SCHEMA_FILE), schema)?;
        }
        Ok(Self { folder })
    }

    /// The whole of it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the program runs.
    pub(super) fn empty(&self) -> PathBuf {
        self.folder.path().join(EMPTY)
    }

    /// Puts the paths of its files where arguments name them.
    pub(super) fn fill_in(&self, args: &mut [String]) {
        for arg in args {
            let file = match arg.as_str() {
                POLICY => POLICY_FILE,
                SCHEMA => SCHEMA_FILE,
                _ => continue,
            };
            *arg = self.folder.path().join(file).to_string_lossy().into_owned();
        }
    }
}
