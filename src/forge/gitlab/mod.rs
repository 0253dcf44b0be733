//! GitLab, its own or a company's: from a job's variables to discussions on a merge request.

mod api;
mod post;
mod quiet;
mod runner;

pub use api::{Api, MergeRequest};
pub use post::post;
pub use runner::{Project, Runner};

/// A merge request as it was named, before anybody was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Of which project.
    pub project: Project,
    /// Its number within the project.
    pub iid: u64,
    /// The commits that the job is about, where it says so.
    pub at: Option<(String, String)>,
}

/// Why no merge request is named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A job without one.
    #[error(
        "this pipeline is not of a merge request: CI_MERGE_REQUEST_IID is not set; let the job run by `rules: - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"`, or name the merge request by its URL"
    )]
    NotOfMergeRequest,
    /// A number without its project.
    #[error(
        "nothing says which project the merge request is of: name it by its URL (https://gitlab.example/GROUP/PROJECT/-/merge_requests/NUMBER)"
    )]
    NoProject,
    /// Neither a number nor a URL.
    #[error(
        "`{0}` is no merge request: name it by its number, or by its URL (https://gitlab.example/GROUP/PROJECT/-/merge_requests/NUMBER)"
    )]
    Written(String),
    /// A variable that holds something else.
    #[error("{0} does not hold what GitLab writes there")]
    Variable(&'static str),
}

/// Whether GitLab is meant: by a URL of a merge request, or since this is a job of GitLab's.
pub fn is_meant(written: Option<&str>, runner: &Runner) -> bool {
    match written {
        Some(written) if written.contains("://") => written.contains("/-/merge_requests/"),
        _ => runner.is_here(),
    }
}

/// Which merge request: the one that is written, else the job's.
///
/// # Errors
/// Where none is named.
pub fn request(written: Option<&str>, runner: &Runner) -> Result<Request, RequestError> {
    let Some(written) = written else {
        return runner.request();
    };
    let wrong = || RequestError::Written(written.chars().take(200).collect());
    let number = written.trim().trim_start_matches(['!', '#']);
    if let Ok(iid) = number.parse::<u64>() {
        return Ok(Request {
            project: runner.project()?,
            iid: Some(iid).filter(|iid| *iid > 0).ok_or_else(wrong)?,
            at: None,
        });
    }
    let (project, rest) = written
        .trim()
        .split_once("/-/merge_requests/")
        .ok_or_else(wrong)?;
    let iid = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let iid = iid.parse().ok().filter(|iid| *iid > 0).ok_or_else(wrong)?;
    Ok(Request {
        project: runner.project_at(project).ok_or_else(wrong)?,
        iid,
        at: None,
    })
}
