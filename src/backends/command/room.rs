//! A call's own folder: an empty one to run in, one for temporary files, and beside them what
//! the agent is told to read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::agents::{Agent, EMPTY, POLICY, POLICY_FILE, SchemaBy};

const TEMPORARY: &str = "tmp";

/// Gone with the call.
pub(super) struct Room {
    folder: TempDir,
}

impl Room {
    /// Makes the folder and the agent's files in it.
    pub(super) fn new(agent: Option<&Agent>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("llmux-").tempdir()?;
        fs::create_dir(folder.path().join(EMPTY))?;
        fs::create_dir(folder.path().join(TEMPORARY))?;
        stop_search(folder.path())?;
        for (path, text) in agent.map_or(&[][..], |agent| agent.files) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        Ok(Self { folder })
    }

    /// Everything that goes with the call.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the program runs.
    pub(super) fn empty(&self) -> PathBuf {
        self.folder.path().join(EMPTY)
    }

    /// Where the program puts its temporary files. Agents leave some behind, such as the prompt
    /// of a question that failed.
    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.path().join(TEMPORARY)
    }

    /// The option that gives a schema, with its value.
    pub(super) fn schema(
        &self,
        by: &SchemaBy,
        schema: Option<&Value>,
    ) -> io::Result<Option<[String; 2]>> {
        let Some(schema) = schema else {
            return Ok(None);
        };
        let text = schema.to_string();
        let option = by.names().first().map(ToString::to_string);
        Ok(match (by, option) {
            (SchemaBy::Text(_), Some(option)) => Some([option, text]),
            (SchemaBy::File(_), Some(option)) => {
                let file = self.folder.path().join("schema.json");
                fs::write(&file, text)?;
                Some([option, written(&file)])
            }
            _ => None,
        })
    }

    /// Puts the paths of its files where arguments name them.
    pub(super) fn fill_in(&self, args: &mut [String]) {
        for arg in args.iter_mut().filter(|arg| *arg == POLICY) {
            *arg = written(&self.folder.path().join(POLICY_FILE));
        }
    }
}

/// Agents read instructions in the folders above, up to the top of a checkout. Where the
/// system's temporary folder lies in one, perhaps the reviewed one, a top of our own stands
/// before it.
fn stop_search(folder: &Path) -> io::Result<()> {
    let folder = fs::canonicalize(folder)?;
    if folder.ancestors().any(|above| above.join(GIT).exists()) {
        for part in ["objects", "refs"] {
            fs::create_dir_all(folder.join(GIT).join(part))?;
        }
        fs::write(folder.join(GIT).join("HEAD"), "ref: refs/heads/none\n")?;
    }
    Ok(())
}

const GIT: &str = ".git";

fn written(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
