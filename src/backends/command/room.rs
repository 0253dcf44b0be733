//! A call's own folder: an empty one to run in, one for temporary files, and beside them what
//! the agent is told to read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::agents::{Agent, EMPTY, POLICY, POLICY_FILE, SCHEMA, SchemaBy};

const SCHEMA_FILE: &str = "schema.json";
const TEMPORARY: &str = "tmp";
const GIT: &str = ".git";

/// Gone with the call.
pub(super) struct Room {
    folder: TempDir,
}

impl Room {
    /// Makes the folder and the agent's files in it, the schema's among them where it wants one.
    pub(super) fn new(agent: Option<&Agent>, schema: Option<&str>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("llmux-").tempdir()?;
        fs::create_dir(folder.path().join(EMPTY))?;
        fs::create_dir(folder.path().join(TEMPORARY))?;
        stop_search(folder.path())?;
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

    /// Where the program puts its temporary files. Agents leave some behind, such as the prompt
    /// of a question that failed.
    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.path().join(TEMPORARY)
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
