//! GitHub, and GitHub Enterprise: from an event to comments on a pull request.

mod address;
mod api;
mod batch;
pub mod event;
mod graphql;
mod names;
mod post;
mod runner;

use std::io::Read as _;
use std::path::Path;

pub use address::{AddressError, Repository, Server};
pub use api::{Api, PullRequest};
pub use event::{Event, EventError, Subject};
pub use post::post;
pub use runner::Runner;

use super::client::Failure;

/// A pull request as it was named, before anybody was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where.
    pub repository: Repository,
    /// Which.
    pub subject: Subject,
}

/// Why no pull request is named.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// What was written, or a variable.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The event.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The event's file.
    #[error("{}: cannot read the event's payload: {source}", path.display())]
    Payload {
        /// `GITHUB_EVENT_PATH`.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Neither an argument nor an event.
    #[error(
        "no pull request is named: `llmux review NUMBER`, or its URL; in GitHub's Actions the event names it"
    )]
    Nothing,
}

/// Which pull request: the one that is written, else the event's. `remote` is the repository's
/// own remote, `host/owner/name`.
///
/// # Errors
/// Where none is named, or the event's author may not ask for a review.
pub fn request(
    written: Option<&str>,
    remote: Option<&str>,
    runner: &Runner,
) -> Result<Request, RequestError> {
    if let Some(written) = written {
        let (repository, number) = address::read(written, runner)?;
        let repository = match repository {
            Some(repository) => repository,
            None => address::here(None, remote, runner)?,
        };
        return Ok(Request {
            repository,
            subject: Subject::Number(number),
        });
    }
    let (name, path) = runner.event.as_ref().ok_or(RequestError::Nothing)?;
    let event = event::parse(name, &payload(path)?)?;
    Ok(Request {
        repository: address::here(event.repository.as_deref(), remote, runner)?,
        subject: event.subject,
    })
}

/// One byte more than any payload has, so that a larger file is told from it.
fn payload(path: &Path) -> Result<Vec<u8>, RequestError> {
    let failed = |source| RequestError::Payload {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = event::LARGEST as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

impl Api {
    /// The pull request that a request means: its commits are those of the event, where it has
    /// some.
    ///
    /// # Errors
    /// Where there is none, or it has moved on from what the event says.
    pub async fn find(&self, subject: &Subject) -> Result<PullRequest, Failure> {
        match subject {
            Subject::At { number, base, head } => Ok(PullRequest {
                number: *number,
                base: base.clone(),
                head: head.clone(),
                is_open: true,
            }),
            Subject::Number(number) => self.pull(*number).await,
            Subject::Branch {
                owner,
                branch,
                head,
            } => {
                let all = self.pulls_of(owner, branch).await?;
                let mut at = all.into_iter().filter(|pull| pull.head == *head);
                match (at.next(), at.next()) {
                    (Some(pull), None) => Ok(pull),
                    (None, _) => Err(Failure::Refused(format!(
                        "no open pull request of {owner}'s branch stands at {head}: it was pushed to or closed since the run began"
                    ))),
                    (Some(_), Some(_)) => Err(Failure::Refused(format!(
                        "several open pull requests stand at {head}; name one by its number"
                    ))),
                }
            }
        }
    }
}
