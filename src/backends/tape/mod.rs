//! Recorded replies: one JSON file for each call, named by what was asked.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Backend, Reply, Request, Stop, Usage};

mod taped;

use crate::units::hex;
pub use taped::{Mode, Taped};

/// Version of the files.
const VERSION: u32 = 1;

/// A folder of recorded replies.
#[derive(Debug)]
pub struct Tape {
    folder: PathBuf,
}

/// What is wrong with a tape.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The folder to replay from is not there.
    #[error("there is no tape {}; record one with --record", .0.display())]
    Missing(PathBuf),
    /// The file system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// "read" or "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file is no entry, or not the one that its name says.
    #[error(
        "{} is no entry of a tape: {reason}; remove it, or record again with --record",
        .path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// One backend was recorded under several configurations, so that its name alone does
    /// not say which replies to play.
    #[error(
        "the tape {} holds replies of `{backend}` under {count} configurations; replay with the configuration that recorded them",
        .folder.display()
    )]
    Ambiguous {
        /// The tape.
        folder: PathBuf,
        /// Name of the backend.
        backend: String,
        /// How many there are.
        count: usize,
    },
}

/// One recorded reply, as its file holds it. No prompt, no key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Version of the format.
    llmux_tape: u32,
    /// Hash of what was asked, of whom, under which configuration; the file's name.
    hash: String,
    /// Name of the backend.
    backend: String,
    /// Hash of the backend's identity: the identity itself shows arguments.
    configuration: String,
    model: Option<String>,
    text: String,
    usage: Option<Usage>,
    cost_usd: Option<f64>,
    stop: Stop,
    /// Why there was no reply; the fields above are empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// What a replay without the configuration must know, since the questions depend on it:
    /// whether a temperature would have had no effect. Told with samples alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ignores_temperature: bool,
}

impl Tape {
    /// Opens a tape to record on; makes the folder.
    ///
    /// # Errors
    /// Where the folder cannot be made or written.
    pub fn record(folder: impl Into<PathBuf>) -> Result<Self, TapeError> {
        let folder = folder.into();
        let tried = fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder));
        tried.map_err(|source| failed("write", &folder, source))?;
        Ok(Self { folder })
    }

    /// Opens a tape to replay.
    ///
    /// # Errors
    /// Where there is no such folder.
    pub fn replay(folder: impl Into<PathBuf>) -> Result<Self, TapeError> {
        let folder = folder.into();
        if folder.is_dir() {
            Ok(Self { folder })
        } else {
            Err(TapeError::Missing(folder))
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names of the backends that have an entry, sorted: who can be replayed without the
    /// configuration that recorded it.
    ///
    /// # Errors
    /// Names the first file that is no entry.
    pub fn backends(&self) -> Result<Vec<String>, TapeError> {
        let names: BTreeSet<_> = self
            .entries()?
            .into_iter()
            .map(|entry| entry.backend)
            .collect();
        Ok(names.into_iter().collect())
    }

    /// Every entry, in the order of file names. Other files than `*.json` are not the tape's.
    fn entries(&self) -> Result<Vec<Entry>, TapeError> {
        let unreadable = |source| failed("read", &self.folder, source);
        let mut paths = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = file.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }

    /// The entry of that hash, if there is one.
    fn find(&self, hash: &str) -> Result<Option<Entry>, TapeError> {
        match read(&self.path(hash)) {
            Ok(entry) => Ok(Some(entry)),
            Err(TapeError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes an entry whole or not at all, and returns it as a reader will find it.
    fn keep(&self, entry: &Entry) -> Result<Entry, TapeError> {
        let path = self.path(&entry.hash);
        let write = || {
            let mut text = serde_json::to_vec_pretty(entry)?;
            text.push(b'\n');
            let mut file = tempfile::Builder::new()
                .prefix(".llmux-")
                .tempfile_in(&self.folder)?;
            file.write_all(&text)?;
            file.persist(&path)?;
            io::Result::Ok(())
        };
        write().map_err(|source| failed("write", &path, source))?;
        read(&path)
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{hash}.json"))
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> TapeError {
    let path = path.to_owned();
    TapeError::Io {
        action,
        path,
        source,
    }
}

fn read(path: &Path) -> Result<Entry, TapeError> {
    let text = fs::read(path).map_err(|source| failed("read", path, source))?;
    let corrupt = |reason: String| TapeError::Corrupt {
        path: path.to_owned(),
        reason,
    };
    let entry: Entry = serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))?;
    if entry.llmux_tape != VERSION {
        return Err(corrupt(format!(
            "its version is {}, and this llmux reads {VERSION}",
            entry.llmux_tape
        )));
    }
    if path.file_stem().is_none_or(|stem| *stem != *entry.hash) {
        return Err(corrupt(format!("it belongs to {}.json", entry.hash)));
    }
    Ok(entry)
}

impl Entry {
    fn of(reply: &Reply, backend: &str, configuration: &str, hash: String) -> Self {
        Self {
            llmux_tape: VERSION,
            hash,
            backend: backend.to_owned(),
            configuration: configuration.to_owned(),
            model: reply.model.clone(),
            text: reply.text.clone(),
            usage: reply.usage,
            cost_usd: reply.cost_usd,
            stop: reply.stop,
            failure: None,
            ignores_temperature: false,
        }
    }

    fn of_failure(message: &str, backend: &str, configuration: &str, hash: String) -> Self {
        Self {
            failure: Some(message.to_owned()),
            ..Self::of(&Reply::default(), backend, configuration, hash)
        }
    }

    /// The reply, or why there was none.
    fn into_reply(self) -> Result<Reply, String> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        Ok(Reply {
            text: self.text,
            model: self.model,
            usage: self.usage,
            cost_usd: self.cost_usd,
            stop: self.stop,
            ..Reply::default()
        })
    }
}

/// What a question of this backend is known by: everything that changes the answer, and nothing
/// else. `configuration` is [`configuration_of`] the backend.
pub fn question_key(backend: &str, configuration: &str, request: &Request) -> String {
    hash(backend, configuration, request)
}

/// Hash of what of a backend's configuration changes its answers.
pub fn configuration_of(backend: &dyn Backend) -> String {
    hash_of(&[Some(&backend.identity())])
}

/// The name of a call: everything that changes the answer, and nothing else. Roles do not:
/// a prompt that is the same for two roles has the same answer.
fn hash(backend: &str, configuration: &str, request: &Request) -> String {
    let prompt = &request.prompt;
    let schema = request.schema.as_ref().map(ToString::to_string);
    let most = request
        .limits
        .max_output_tokens
        .map(|most| most.to_string());
    let temperature = request.limits.temperature.map(|heat| heat.to_string());
    // The first sample is the same question as one without samples.
    let sample = (request.sample > 1).then(|| format!("sample {}", request.sample));
    let mut parts = vec![
        Some(backend),
        Some(configuration),
        Some(&prompt.fixed),
        Some(&prompt.packet),
        Some(&prompt.task),
        schema.as_deref(),
        most.as_deref(),
        temperature.as_deref(),
        request.model.as_deref(),
    ];
    parts.extend(sample.as_deref().map(Some));
    hash_of(&parts)
}

/// SHA-256 in hexadecimal, over the parts with their lengths, so that no two lists meet.
fn hash_of(parts: &[Option<&str>]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        digest.update(length.to_le_bytes());
        digest.update(part.unwrap_or_default());
    }
    hex(&digest.finalize())
}
