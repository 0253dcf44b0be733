//! What a job's variables say: server, API, project, merge request, token.

use reqwest::Url;

use super::{Request, RequestError};
use crate::backends::Environment;
use crate::forge::marker::is_commit;

/// A project on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// What people open: `https://gitlab.example/group/project`.
    pub web: Url,
    /// `https://gitlab.example/api/v4/`; always ends with a slash.
    pub(super) api: Url,
    /// Its number, or its path with `%2F` for slashes.
    pub(super) id: String,
    /// `https://gitlab.example/`, below which everything of the server is.
    pub server: Url,
}

/// A GitLab job's variables, or the few of them that people set.
#[derive(Clone, Default)]
pub struct Runner {
    is_job: bool,
    api: Option<String>,
    server: Option<String>,
    host: Option<String>,
    iid: Option<String>,
    project: Option<String>,
    project_url: Option<String>,
    base: Option<String>,
    head: Option<String>,
    job_url: Option<String>,
    token: Option<String>,
}

impl Runner {
    /// Those of this environment.
    pub fn of(environment: &Environment) -> Self {
        let text = |name: &str| environment.text(name).filter(|text| !text.is_empty());
        Self {
            is_job: text("GITLAB_CI").is_some(),
            api: text("CI_API_V4_URL"),
            server: text("CI_SERVER_URL"),
            host: text("GITLAB_HOST"),
            iid: text("CI_MERGE_REQUEST_IID"),
            // The project that the merge request goes into: a fork's pipeline is the fork's.
            project: text("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| text("CI_PROJECT_ID")),
            project_url: text("CI_MERGE_REQUEST_PROJECT_URL").or_else(|| text("CI_PROJECT_URL")),
            base: text("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
            // In a pipeline of merged results the job's own commit is one that GitLab made.
            head: text("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| text("CI_COMMIT_SHA")),
            job_url: text("CI_JOB_URL"),
            token: text("GITLAB_TOKEN"),
        }
    }

    /// Whether this is a job of GitLab's.
    pub(super) fn is_here(&self) -> bool {
        self.is_job || self.iid.is_some()
    }

    /// The job's page.
    pub fn run_url(&self) -> Option<String> {
        let url = address(self.job_url.as_deref()?)?;
        Some(url.to_string())
    }

    /// The token, for the job's own server, for gitlab.com, and for the one that `GITLAB_HOST`
    /// names: an address alone gets none.
    pub fn token(&self, project: &Project) -> Option<&str> {
        let origin = project.server.origin();
        let own = [self.server.as_deref(), self.api.as_deref()];
        let is_own = own.into_iter().flatten().filter_map(address);
        let is_own = is_own.into_iter().any(|url| url.origin() == origin);
        let host = self.host.as_deref().and_then(|host| {
            let url = address(host).or_else(|| address(&format!("https://{host}")));
            url.filter(|url| url.origin() == origin)
        });
        let is_public =
            project.server.host_str() == Some("gitlab.com") && project.server.scheme() == "https";
        let may = is_own || is_public || host.is_some();
        self.token.as_deref().filter(|_| may)
    }

    pub(super) fn request(&self) -> Result<Request, RequestError> {
        let iid = self.iid.as_deref().ok_or(RequestError::NotOfMergeRequest)?;
        let iid = iid.parse().ok().filter(|iid| *iid > 0);
        let iid = iid.ok_or(RequestError::Variable("CI_MERGE_REQUEST_IID"))?;
        let commit = |name, text: &Option<String>| match text {
            Some(text) if is_commit(text) => Ok(Some(text.clone())),
            Some(_) => Err(RequestError::Variable(name)),
            None => Ok(None),
        };
        let base = commit("CI_MERGE_REQUEST_DIFF_BASE_SHA", &self.base)?;
        let head = commit("CI_COMMIT_SHA", &self.head)?;
        Ok(Request {
            project: self.project()?,
            iid,
            at: base.zip(head),
        })
    }

    /// The job's project.
    pub(super) fn project(&self) -> Result<Project, RequestError> {
        let url = self.project_url.as_deref().ok_or(RequestError::NoProject)?;
        let mut project = self
            .project_at(url)
            .ok_or(RequestError::Variable("CI_PROJECT_URL"))?;
        if let Some(id) = &self.project {
            let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number {
                return Err(RequestError::Variable("CI_PROJECT_ID"));
            }
            project.id.clone_from(id);
        }
        Ok(project)
    }

    /// The project of that page. A server may stand below a path of its host: that of the job
    /// says so itself.
    pub(super) fn project_at(&self, written: &str) -> Option<Project> {
        let web = address(written.trim_end_matches('/'))?;
        let own = self.server.as_deref().and_then(address);
        let own = own.filter(|own| {
            let root = with_slash(own.clone());
            web.origin() == own.origin() && web.path().starts_with(root.path())
        });
        let server = own.map_or_else(
            || {
                let mut root = web.clone();
                root.set_path("/");
                root
            },
            with_slash,
        );
        let path = web.path().strip_prefix(server.path())?;
        let parts: Vec<&str> = path.split('/').collect();
        if parts.len() < 2 || !parts.iter().all(|part| is_name(part)) {
            return None;
        }
        let api = self.api.as_deref().and_then(address);
        let api = api.filter(|api| api.origin() == server.origin());
        let api = match api {
            Some(api) => api,
            None => server.join("api/v4/").ok()?,
        };
        Some(Project {
            api: with_slash(api),
            id: parts.join("%2F"),
            server,
            web,
        })
    }
}

impl Project {
    /// `host/group/project`, as remotes are compared.
    pub fn place(&self) -> String {
        let host = self.web.host_str().unwrap_or_default();
        let port = self.web.port();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{host}{port}{}", self.web.path())
    }
}

/// An address without a login, a query or a fragment.
fn address(written: &str) -> Option<Url> {
    let url = Url::parse(written).ok()?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    (is_plain && is_web).then_some(url)
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

/// A group or a project, as GitLab allows them in paths.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(allowed) && !text.starts_with('.')
}
