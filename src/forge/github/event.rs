//! Which pull request an event of GitHub is about. Pure: from a payload's bytes.

use serde::Deserialize;
use serde_json::Value;

use super::names;
use crate::forge::marker::is_commit;

/// Bytes of a payload: GitHub sends none that is larger.
pub const LARGEST: usize = 25 << 20;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `owner/name`, where the payload says it.
    pub repository: Option<String>,
    /// Which pull request.
    pub subject: Subject,
}

/// Which pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// This one, at these commits.
    At {
        /// Its number.
        number: u64,
        /// The tip of the branch that it goes into, hexadecimal.
        base: String,
        /// Its own tip, hexadecimal.
        head: String,
    },
    /// This one, as it stands now.
    Number(u64),
    /// The open one of this branch, as long as this is its tip.
    Branch {
        /// Who owns the branch: for a fork another one than the repository's.
        owner: String,
        /// The branch.
        branch: String,
        /// The commit, hexadecimal.
        head: String,
    },
}

/// Why an event names no pull request that is to be reviewed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Larger than any payload.
    #[error("the event's payload has more than {LARGEST} bytes, which none of GitHub's has")]
    TooLarge,
    /// No JSON, or not that of the event.
    #[error("the event's payload is not that of `{event}`: {why}")]
    Malformed {
        /// The event.
        event: String,
        /// What is missing or wrong.
        why: String,
    },
    /// An event that is about no pull request.
    #[error(
        "the event `{0}` names no pull request; start llmux by `pull_request`, `pull_request_target`, `issue_comment`, `workflow_dispatch` or `workflow_run`, or name the pull request: `llmux review NUMBER`"
    )]
    Unknown(String),
    /// A comment on an issue.
    #[error(
        "the comment stands on an issue, and not on a pull request; let the job run `if: github.event.issue.pull_request`"
    )]
    OnIssue,
    /// A comment that was edited or deleted.
    #[error("the comment was {0}; only a new comment asks for a review")]
    NotCreated(String),
    /// A comment by somebody who may not spend money here.
    #[error(
        "the comment's author is no owner, member or collaborator of the repository (author_association: {0}), and may not start a review; let the job run only for those"
    )]
    Stranger(String),
    /// A dispatch without a pull request.
    #[error("no input of `workflow_dispatch` names a pull request: give it one called `pr`")]
    NoInput,
    /// A run that no pull request started.
    #[error("the workflow run was started by `{0}`, and not by a pull request")]
    OtherRun(String),
}

/// Reads the payload of an event.
///
/// # Errors
/// Where it names no pull request, or its author may not ask for a review.
pub fn parse(event: &str, payload: &[u8]) -> Result<Event, EventError> {
    if payload.len() > LARGEST {
        return Err(EventError::TooLarge);
    }
    let subject = match event {
        "pull_request" | "pull_request_target" => of_pull_request(event, payload),
        "issue_comment" => of_comment(event, payload),
        "workflow_dispatch" => of_dispatch(event, payload),
        "workflow_run" => of_run(event, payload),
        _ => Err(EventError::Unknown(event.chars().take(60).collect())),
    }?;
    let Repository { repository } = read(event, payload)?;
    let repository = repository.map(|it| it.full_name);
    if let Some(name) = &repository
        && !names::is_repository(name)
    {
        return Err(malformed(
            event,
            "`repository.full_name` is no `owner/name`",
        ));
    }
    Ok(Event {
        repository,
        subject,
    })
}

#[derive(Deserialize)]
struct Repository {
    repository: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    full_name: String,
}

#[derive(Deserialize)]
struct PullEvent {
    pull_request: Pull,
}

#[derive(Deserialize)]
struct Pull {
    number: u64,
    base: Tip,
    head: Tip,
}

#[derive(Deserialize)]
struct Tip {
    sha: String,
}

fn of_pull_request(event: &str, payload: &[u8]) -> Result<Subject, EventError> {
    let PullEvent { pull_request: pull } = read(event, payload)?;
    for sha in [&pull.base.sha, &pull.head.sha] {
        check_commit(event, sha)?;
    }
    Ok(Subject::At {
        number: checked(event, pull.number)?,
        base: pull.base.sha,
        head: pull.head.sha,
    })
}

#[derive(Deserialize)]
struct CommentEvent {
    action: String,
    issue: Issue,
    comment: Comment,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
    pull_request: Option<Value>,
}

#[derive(Deserialize)]
struct Comment {
    author_association: String,
}

/// What the comment says is not looked at: when to start is the workflow's business.
fn of_comment(event: &str, payload: &[u8]) -> Result<Subject, EventError> {
    let told: CommentEvent = read(event, payload)?;
    let word = |word: &str| word.chars().take(40).collect::<String>();
    if told.issue.pull_request.is_none_or(|it| it.is_null()) {
        return Err(EventError::OnIssue);
    }
    if told.action != "created" {
        return Err(EventError::NotCreated(word(&told.action)));
    }
    let who = told.comment.author_association.as_str();
    if !matches!(who, "OWNER" | "MEMBER" | "COLLABORATOR") {
        return Err(EventError::Stranger(word(who)));
    }
    Ok(Subject::Number(checked(event, told.issue.number)?))
}

#[derive(Deserialize)]
struct Dispatch {
    inputs: Option<serde_json::Map<String, Value>>,
}

fn of_dispatch(event: &str, payload: &[u8]) -> Result<Subject, EventError> {
    const NAMES: [&str; 4] = ["pr", "pull-request", "pull_request", "number"];
    let Dispatch { inputs } = read(event, payload)?;
    let inputs = inputs.unwrap_or_default();
    let written = NAMES.iter().find_map(|name| match inputs.get(*name)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    });
    let written = written.ok_or(EventError::NoInput)?;
    let number = written.trim_start_matches('#').parse();
    let number = number.map_err(|_| malformed(event, "its input names no number"))?;
    Ok(Subject::Number(checked(event, number)?))
}

#[derive(Deserialize)]
struct RunEvent {
    workflow_run: WorkflowRun,
}

#[derive(Deserialize)]
struct WorkflowRun {
    event: String,
    head_sha: String,
    head_branch: Option<String>,
    head_repository: Option<Named>,
}

/// The list of pull requests in the payload is empty for forks: the branch says more.
fn of_run(event: &str, payload: &[u8]) -> Result<Subject, EventError> {
    let RunEvent { workflow_run: run } = read(event, payload)?;
    if !matches!(run.event.as_str(), "pull_request" | "pull_request_target") {
        return Err(EventError::OtherRun(run.event.chars().take(40).collect()));
    }
    check_commit(event, &run.head_sha)?;
    let from = run.head_repository.map(|it| it.full_name);
    let owner = from.filter(|name| names::is_repository(name));
    let owner = owner.and_then(|name| Some(name.split_once('/')?.0.to_owned()));
    let branch = run.head_branch.filter(|branch| !branch.is_empty());
    let (Some(owner), Some(branch)) = (owner, branch) else {
        return Err(malformed(event, "it names no branch and its repository"));
    };
    if branch.len() > 1024 {
        return Err(malformed(event, "the branch's name has no end"));
    }
    Ok(Subject::Branch {
        owner,
        branch,
        head: run.head_sha,
    })
}

fn read<'p, T: Deserialize<'p>>(event: &str, payload: &'p [u8]) -> Result<T, EventError> {
    // The text of the error may quote the payload, which strangers write.
    serde_json::from_slice(payload).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "something that it must have is missing or wrong",
            _ => "it is no JSON",
        };
        malformed(event, &format!("{what} (line {})", error.line()))
    })
}

fn checked(event: &str, number: u64) -> Result<u64, EventError> {
    match number {
        0 => Err(malformed(event, "its number is 0")),
        number => Ok(number),
    }
}

fn check_commit(event: &str, sha: &str) -> Result<(), EventError> {
    if is_commit(sha) {
        return Ok(());
    }
    Err(malformed(event, "a commit in it is no hash"))
}

fn malformed(event: &str, why: &str) -> EventError {
    EventError::Malformed {
        event: event.to_owned(),
        why: why.to_owned(),
    }
}
