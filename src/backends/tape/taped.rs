//! A backend whose replies go to a tape, or come from one.

use std::sync::Arc;
use std::time::Duration;

use super::{Entry, Tape, TapeError, configuration_of, hash};
use crate::backends::{Backend, BoxFuture, CallError, ErrorKind, Reply, Request};

/// What a tape is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every call is made, and its reply written, or why there was none: a replay must not
    /// take a backend that failed for one that was never asked.
    Record,
    /// No call is made.
    Replay,
}

/// A backend with a tape.
#[derive(Debug)]
pub struct Taped {
    name: String,
    /// Absent where the tape alone is known.
    inner: Option<Arc<dyn Backend>>,
    tape: Arc<Tape>,
    mode: Mode,
    /// Hash of the backend's identity.
    configuration: String,
    takes_temperature: bool,
}

impl Taped {
    /// Records or replays a configured backend.
    pub fn new(inner: Arc<dyn Backend>, tape: Arc<Tape>, mode: Mode) -> Self {
        Self {
            name: inner.name().to_owned(),
            configuration: configuration_of(&*inner),
            takes_temperature: inner.takes_temperature(),
            inner: Some(inner),
            tape,
            mode,
        }
    }

    /// Replays a backend of which only the name is known; see [`Tape::backends`].
    ///
    /// # Errors
    /// Where the tape cannot be read, or holds its replies under several configurations.
    pub fn player(name: &str, tape: Arc<Tape>) -> Result<Self, TapeError> {
        let mut entries = tape.entries()?;
        entries.retain(|entry| entry.backend == name);
        let takes_temperature = !entries.iter().any(|entry| entry.ignores_temperature);
        let mut configurations: Vec<_> = entries
            .into_iter()
            .map(|entry| entry.configuration)
            .collect();
        configurations.sort();
        configurations.dedup();
        if configurations.len() > 1 {
            return Err(TapeError::Ambiguous {
                folder: tape.folder.clone(),
                backend: name.to_owned(),
                count: configurations.len(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            inner: None,
            configuration: configurations.pop().unwrap_or_default(),
            takes_temperature,
            tape,
            mode: Mode::Replay,
        })
    }

    async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        let hash = hash(&self.name, &self.configuration, request);
        match (&self.inner, self.mode) {
            (Some(inner), Mode::Record) => {
                let reply = match inner.ask(request).await {
                    Ok(reply) => reply,
                    Err(error) => return Err(self.keep_failure(error, hash, request.sample)),
                };
                let entry = self.told(
                    Entry::of(&reply, &self.name, &self.configuration, hash),
                    request.sample,
                );
                let kept = self.tape.keep(&entry).map_err(|error| permanent(&error))?;
                // What was read back, so that a run and its replay have the same bytes.
                kept.into_reply()
                    .map(|kept| Reply {
                        latency: reply.latency,
                        ..kept
                    })
                    .map_err(for_good)
            }
            _ if request.cancel.is_cancelled() => Err(CallError::cancelled()),
            _ => match self.tape.find(&hash).map_err(|error| permanent(&error))? {
                Some(entry) => entry.into_reply().map_err(for_good),
                None => Err(for_good(format!(
                    "this call of `{}` is not on the tape {}; record it with --record",
                    self.name,
                    self.tape.folder.display()
                ))),
            },
        }
    }

    fn told(&self, entry: Entry, sample: u32) -> Entry {
        Entry {
            ignores_temperature: sample > 1 && !self.takes_temperature,
            ..entry
        }
    }

    /// A call that the run's end cut off is no failure of the backend. Of tries that failed
    /// the last one stays, until one succeeds.
    fn keep_failure(&self, error: CallError, hash: String, sample: u32) -> CallError {
        if error.kind == ErrorKind::Cancelled {
            return error;
        }
        let entry = Entry::of_failure(&error.message, &self.name, &self.configuration, hash);
        let entry = self.told(entry, sample);
        match self.tape.keep(&entry) {
            Ok(_) => error,
            Err(broken) => permanent(&broken),
        }
    }
}

/// What a tape tells of one call, it will always tell: to ask again is of no use, and the
/// backend's other calls are not concerned.
fn for_good(message: String) -> CallError {
    let never = ErrorKind::Transient {
        retry_after: Some(Duration::MAX),
    };
    CallError::new(never, message)
}

fn permanent(error: &TapeError) -> CallError {
    CallError::permanent(error.to_string())
}

impl Backend for Taped {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        if let (Some(inner), Mode::Record) = (&self.inner, self.mode) {
            return inner.available();
        }
        let names = self.tape.backends().map_err(|error| error.to_string())?;
        // One that could be asked here was asked when the tape was made: that it has nothing
        // there is a failure, and not a smaller crew.
        let here = self.inner.as_ref().map(|inner| inner.available());
        if names.contains(&self.name) || here == Some(Ok(())) {
            return Ok(());
        }
        Err(format!(
            "the tape {} holds no reply of `{}`; record it with --record",
            self.tape.folder.display(),
            self.name
        ))
    }

    fn identity(&self) -> String {
        match &self.inner {
            Some(inner) => inner.identity(),
            None => self.configuration.clone(),
        }
    }

    fn writes_text(&self) -> bool {
        self.inner.as_ref().is_none_or(|inner| inner.writes_text())
    }

    fn takes_model(&self) -> bool {
        self.inner.as_ref().is_none_or(|inner| inner.takes_model())
    }

    fn takes_temperature(&self) -> bool {
        self.takes_temperature
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.call(request))
    }
}
