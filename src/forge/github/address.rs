//! Where a pull request is: the server, its API, the repository, the number.

use reqwest::Url;

use super::names;
use super::runner::Runner;

/// A server and its API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What people open: `https://github.com/`.
    pub web: Url,
    /// `https://api.github.com/`, or `https://HOST/api/v3/`; always ends with a slash.
    pub api: Url,
    /// GraphQL's one address.
    pub graphql: Url,
}

/// A repository on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Where.
    pub server: Server,
    /// Whose.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither a number nor a URL.
    #[error(
        "`{0}` is no pull request: name it by its number, or by its URL (https://github.com/OWNER/NAME/pull/NUMBER)"
    )]
    Written(String),
    /// Nothing says which repository the number is of.
    #[error(
        "nothing says which repository the pull request is of: name it by its URL, run llmux in a clone whose remote `origin` is there, or set GITHUB_REPOSITORY"
    )]
    NoRepository,
    /// A variable that holds no address.
    #[error("{0} holds no address that begins with https://")]
    Variable(&'static str),
}

impl Server {
    /// The server at that address, with the API that the runner names where it is the runner's.
    ///
    /// # Errors
    /// Where a variable of the runner's holds no address.
    pub fn at(web: &Url, runner: &Runner) -> Result<Self, AddressError> {
        let is_own = runner
            .server()?
            .is_some_and(|own| own.origin() == web.origin());
        let (api, graphql) = match runner.api()? {
            Some(api) if is_own => {
                let graphql = runner.graphql()?;
                let graphql = graphql.filter(|it| it.origin() == api.origin());
                (api.clone(), graphql.unwrap_or_else(|| graphql_of(&api)))
            }
            _ => {
                let api = api_of(web);
                (api.clone(), graphql_of(&api))
            }
        };
        Ok(Self {
            web: with_slash(web.clone()),
            api: with_slash(api),
            graphql,
        })
    }

    /// Whether it is github.com or one of its tenants, which `GITHUB_TOKEN` is always for.
    pub fn is_github(&self) -> bool {
        let host = self.web.host_str().unwrap_or_default();
        host == "github.com" || host.ends_with(".ghe.com")
    }
}

impl Repository {
    /// `https://github.com/OWNER/NAME`
    pub fn url(&self) -> String {
        format!("{}{}/{}", self.server.web, self.owner, self.name)
    }

    /// An address below the repository's in the API; none of the parts is escaped.
    pub(super) fn api(&self, path: &str) -> Result<Url, AddressError> {
        let path = format!("repos/{}/{}/{path}", self.owner, self.name);
        let joined = self.server.api.join(&path);
        joined.map_err(|_| AddressError::Variable("GITHUB_API_URL"))
    }

    /// `host/owner/name`, as remotes are compared.
    pub fn place(&self) -> String {
        let host = self.server.web.host_str().unwrap_or_default();
        let port = self.server.web.port();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{host}{port}/{}/{}", self.owner, self.name)
    }
}

/// A pull request as a person writes it; the repository where the writing says it.
///
/// # Errors
/// Where it is neither a number nor the URL of a pull request.
pub(super) fn read(
    written: &str,
    runner: &Runner,
) -> Result<(Option<Repository>, u64), AddressError> {
    let wrong = || AddressError::Written(written.chars().take(200).collect());
    let number = written.trim().trim_start_matches('#');
    if let Ok(number) = number.parse::<u64>() {
        return (number > 0).then_some((None, number)).ok_or_else(wrong);
    }
    let url = Url::parse(written.trim()).map_err(|_| wrong())?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "https" | "http") || has_login {
        return Err(wrong());
    }
    let parts: Vec<_> = url.path_segments().ok_or_else(wrong)?.collect();
    let [owner, name, "pull", number, ..] = parts.as_slice() else {
        return Err(wrong());
    };
    let number = number.parse().ok().filter(|number| *number > 0);
    let number = number.ok_or_else(wrong)?;
    if !names::is_name(owner) || !names::is_name(name) {
        return Err(wrong());
    }
    let mut web = url.clone();
    web.set_path("/");
    web.set_query(None);
    web.set_fragment(None);
    let repository = Repository {
        server: Server::at(&web, runner)?,
        owner: (*owner).to_owned(),
        name: (*name).to_owned(),
    };
    Ok((Some(repository), number))
}

/// The repository of the runner, else that of the remote (`host/owner/name`).
///
/// # Errors
/// Where neither is known.
pub(super) fn here(
    named: Option<&str>,
    remote: Option<&str>,
    runner: &Runner,
) -> Result<Repository, AddressError> {
    let named = named.or(runner.repository.as_deref());
    if let Some((owner, name)) = named
        .filter(|it| names::is_repository(it))
        .and_then(|it| it.split_once('/'))
    {
        let web = match runner.server()? {
            Some(web) => web,
            None => github(),
        };
        return Ok(Repository {
            server: Server::at(&web, runner)?,
            owner: owner.to_owned(),
            name: name.to_owned(),
        });
    }
    let remote = remote.ok_or(AddressError::NoRepository)?;
    let parts: Vec<_> = remote.split('/').collect();
    let [host, owner, name] = parts.as_slice() else {
        return Err(AddressError::NoRepository);
    };
    let web = Url::parse(&format!("https://{host}/")).map_err(|_| AddressError::NoRepository)?;
    if !names::is_name(owner) || !names::is_name(name) {
        return Err(AddressError::NoRepository);
    }
    Ok(Repository {
        server: Server::at(&web, runner)?,
        owner: (*owner).to_owned(),
        name: (*name).to_owned(),
    })
}

fn github() -> Url {
    // A constant that parses; the fallback is never reached.
    Url::parse("https://github.com/").unwrap_or_else(|_| unreachable!("a constant address"))
}

/// Where a server has its API by GitHub's custom.
fn api_of(web: &Url) -> Url {
    let mut api = web.clone();
    let host = web.host_str().unwrap_or_default().to_owned();
    if host == "github.com" || host.ends_with(".ghe.com") {
        // Both are names, to which one more label can be added.
        let _ = api.set_host(Some(&format!("api.{host}")));
        api.set_path("/");
    } else {
        api.set_path("/api/v3/");
    }
    api
}

fn graphql_of(api: &Url) -> Url {
    let mut graphql = api.clone();
    let path = api.path().trim_end_matches('/');
    let path = path.strip_suffix("/v3").unwrap_or(path);
    graphql.set_path(&format!("{path}/graphql"));
    graphql
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}
