//! What a runner's variables say: server, API, repository, event, token.

use std::path::PathBuf;

use reqwest::Url;

use super::address::{AddressError, Server};
use crate::backends::Environment;

/// A GitHub runner's variables, or the few of them that people set.
#[derive(Clone, Default)]
pub struct Runner {
    server: Option<String>,
    api: Option<String>,
    graphql: Option<String>,
    /// `owner/name`.
    pub(super) repository: Option<String>,
    /// The event's name, and the file of its payload.
    pub event: Option<(String, PathBuf)>,
    /// Where a step's summary goes.
    pub step_summary: Option<PathBuf>,
    run: Option<String>,
    token: Option<String>,
    enterprise_token: Option<String>,
}

impl Runner {
    /// Those of this environment.
    pub fn of(environment: &Environment) -> Self {
        let text = |name: &str| environment.text(name);
        let event = text("GITHUB_EVENT_NAME").zip(text("GITHUB_EVENT_PATH"));
        Self {
            server: text("GITHUB_SERVER_URL"),
            api: text("GITHUB_API_URL"),
            graphql: text("GITHUB_GRAPHQL_URL"),
            repository: text("GITHUB_REPOSITORY"),
            event: event.map(|(name, path)| (name, path.into())),
            step_summary: text("GITHUB_STEP_SUMMARY").map(Into::into),
            run: text("GITHUB_RUN_ID"),
            token: text("GITHUB_TOKEN").or_else(|| text("GH_TOKEN")),
            enterprise_token: text("GH_ENTERPRISE_TOKEN")
                .or_else(|| text("GITHUB_ENTERPRISE_TOKEN")),
        }
    }

    /// The token for that server. `GITHUB_TOKEN` is for the runner's own server and for
    /// github.com; another server gets the one that is meant for others, as with `gh`.
    pub fn token(&self, server: &Server) -> Option<&str> {
        let own = self.server().ok().flatten();
        let is_own = own.is_some_and(|own| own.origin() == server.web.origin());
        if is_own || (server.is_github() && server.web.scheme() == "https") {
            return self.token.as_deref();
        }
        self.enterprise_token.as_deref()
    }

    /// The page of this run; none outside of a runner.
    pub fn run_url(&self) -> Option<String> {
        let (run, repository) = (self.run.as_ref()?, self.repository.as_ref()?);
        let run: u64 = run.parse().ok()?;
        let server = self.server().ok()??;
        let server = server.as_str().trim_end_matches('/');
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    }

    /// Where only the API is named, the server is told by it.
    pub(super) fn server(&self) -> Result<Option<Url>, AddressError> {
        if let Some(server) = url("GITHUB_SERVER_URL", self.server.as_deref())? {
            return Ok(Some(server));
        }
        Ok(self.api()?.map(|api| {
            let mut server = api.clone();
            let host = api.host_str().and_then(|host| host.strip_prefix("api."));
            let of_github = host.filter(|host| *host == "github.com" || host.ends_with(".ghe.com"));
            if let Some(host) = of_github {
                // A name without its first label is still one.
                let _ = server.set_host(Some(host));
            }
            server.set_path("/");
            server
        }))
    }

    pub(super) fn api(&self) -> Result<Option<Url>, AddressError> {
        url("GITHUB_API_URL", self.api.as_deref())
    }

    pub(super) fn graphql(&self) -> Result<Option<Url>, AddressError> {
        url("GITHUB_GRAPHQL_URL", self.graphql.as_deref())
    }
}

fn url(name: &'static str, written: Option<&str>) -> Result<Option<Url>, AddressError> {
    let Some(written) = written else {
        return Ok(None);
    };
    let url = Url::parse(written).ok();
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    url.map(Some).ok_or(AddressError::Variable(name))
}
