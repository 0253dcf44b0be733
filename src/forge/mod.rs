//! Pull requests: which one, its commits, and what is said on it.
//!
//! A [`Posting`](comments) is made from an outcome alone, the same for every forge; a forge's own
//! folder says it there. Everything that comes from a forge is data: of its comments only hashes
//! and slugs in llmux' own marks are read.

mod client;
mod fetch;
pub mod github;
pub mod gitlab;
pub mod marker;
pub mod place;
mod posting;
mod since;
mod suggestion;
mod summary;
mod syntax;

use std::time::Duration;

use crate::backends::Environment;

pub use client::Failure;
pub use fetch::{FetchError, Origin, fetch};
pub use posting::{Comment, MAX_COMMENTS, Words, comments};
pub use since::{Earlier, Fate, Since, compare};
pub use suggestion::Suggestion;
pub use summary::Review;

/// Bytes of a comment: GitHub refuses more characters, and no character is shorter than a byte.
pub const MAX_BODY: usize = 65_536;

/// The variable that lowers the pause between two questions that write, in milliseconds; for
/// servers on this machine alone.
const PAUSE: &str = "LLMUX_FORGE_PAUSE_MS";

/// What is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// The summary, and comments on lines.
    Review,
    /// The summary alone.
    Summary,
    /// Nothing.
    None,
}

/// How a posting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It stands there.
    Posted {
        /// Where the summary is.
        url: String,
        /// What a person should know. One sentence each.
        notes: Vec<String>,
    },
    /// The token may not write there, or there is none; why.
    NotAllowed(String),
    /// There was nothing to post, or nowhere; why.
    Nothing(String),
}

/// The pause that the environment asks for.
fn pause_of(environment: &Environment) -> Option<Duration> {
    let pause = environment.text(PAUSE)?.parse().ok()?;
    Some(Duration::from_millis(pause))
}
