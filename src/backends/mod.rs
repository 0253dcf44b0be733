//! Backends: raw connections to models and scanners. Configuration only, no policy.
//!
//! A backend gets a [`Request`] and gives a [`Reply`] or a [`CallError`]. It does
//! not retry, does not vote and does not read the answer: the engine and
//! `findings` do.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

mod build;
mod call;
mod command;
mod detect;
mod environment;
mod http;
mod inspect;
mod presets;
mod prices;
mod recorded;
mod refused;
pub mod rules;
mod secrets;
mod settings;
mod tape;
mod text;
mod words;

pub use build::{BuildError, build, kind_of, needs_no_network};
pub use call::{CallError, ErrorKind, Limits, Prompt, Reply, Request, Stop, Usage};
pub use command::guard;
pub use detect::{detect, detection_rank};
pub use environment::Environment;
pub use http::{Answer, Call, Link, NoAnswer, is_listed, unlisted};
pub use inspect::{Inspection, KeyState};
pub use presets::{complete, own_bytes, presets};
pub use prices::{Listed, list_price, listed_models};
pub use recorded::Recorded;
pub use settings::{BackendKind, DialectName, Input, Price, Settings};
pub use tape::{Mode, Tape, TapeError, Taped, configuration_of, question_key};

/// How long a backend may take to end its work after [`Request::cancel`]; then its future is
/// dropped. A program and all that it started need so long at most, see `command`'s process:
/// to end by themselves, to be killed, and to be looked for once more. Servers and rules need
/// no time.
pub const TIME_TO_END: Duration = Duration::from_millis(3500);

/// A boxed future, so that [`Backend`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A raw connection to a model or scanner.
pub trait Backend: Send + Sync + fmt::Debug {
    /// The name under `[backends]`.
    fn name(&self) -> &str;

    /// Whether it can be asked at all: program found, key present. Sends nothing.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do.
    fn available(&self) -> Result<(), String>;

    /// What of the configuration changes the answer (model, arguments, parameters): part
    /// of the tape's key. Holds no secret.
    fn identity(&self) -> String;

    /// Whether it can write prose; a scanner only fills in the findings' schema.
    fn writes_text(&self) -> bool {
        true
    }

    /// Whether [`Request::model`] has any effect; a program whose arguments have no place
    /// for a model always asks the same one.
    fn takes_model(&self) -> bool {
        true
    }

    /// Whether [`Limits::temperature`] has any effect.
    fn takes_temperature(&self) -> bool {
        true
    }

    /// Looks at it without asking a model: its program's version, its server's models, its keys.
    /// Ends when `cancel` is cancelled; never longer than a few seconds.
    fn inspect<'a>(&'a self, cancel: &'a CancellationToken) -> BoxFuture<'a, Inspection> {
        let _ = cancel;
        let trouble = self.available().err();
        Box::pin(std::future::ready(Inspection {
            trouble,
            ..Inspection::default()
        }))
    }

    /// Asks once.
    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>>;
}
