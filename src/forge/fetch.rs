//! Commits of a pull request that the clone lacks, by the program `git`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::process::Command;
use tokio::time::timeout;

use crate::change::{self, Reach};
use crate::clean;

/// How deep a shallow clone is made, step by step, before its whole history is fetched.
const DEPTHS: [u32; 3] = [50, 250, 1250];
/// Longest time of one fetch.
const LIMIT: Duration = Duration::from_mins(5);
/// Characters of what git says.
const MAX_SAID: usize = 400;
/// Variables that would let git show what it sends.
const TRACES: &[&str] = &[
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_CURL_VERBOSE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
];

/// Where commits are fetched from.
pub struct Origin<'o> {
    /// `host/owner/name`: which of the clone's remotes it is.
    pub place: String,
    /// The address, where no remote is that.
    pub url: String,
    /// The server's address, which alone the login is for: `https://host/`.
    pub server: &'o str,
    /// The user's name and the token for a fetch over HTTP.
    pub login: Option<(&'o str, &'o str)>,
}

/// Why the commits are not there.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The repository here cannot be read.
    #[error(transparent)]
    Change(#[from] change::Error),
    /// The program cannot be started.
    #[error(
        "the commits of the pull request are not in this clone, and `git` cannot be started to fetch them: {0}; install git, or let actions/checkout fetch them (`fetch-depth: 0`)"
    )]
    NoGit(std::io::Error),
    /// It failed.
    #[error(
        "the commits of the pull request are not in this clone, and git cannot fetch them from {place}: {said}; fetch them before: `git fetch {url} {base} {head}`, or let actions/checkout fetch the whole history (`fetch-depth: 0`)"
    )]
    Failed {
        /// Where from.
        place: String,
        /// What git said.
        said: String,
        /// The address.
        url: String,
        /// The commit that the change goes into.
        base: String,
        /// The commit of the change.
        head: String,
    },
    /// It succeeded, and they are not there all the same.
    #[error(
        "the commits {base} and {head} of the pull request have no common ancestor, also after all of their history was fetched from {place}; check that this clone is of that repository"
    )]
    Unrelated {
        /// Where from.
        place: String,
        /// The commit that the change goes into.
        base: String,
        /// The commit of the change.
        head: String,
    },
}

/// Fetches what is lacking of two commits and their common ancestor; nothing where all is there.
/// A shallow clone is deepened as far as it takes.
///
/// # Errors
/// What lacks, and how to get it.
pub async fn fetch(
    dir: &Path,
    origin: &Origin<'_>,
    base: &str,
    head: &str,
) -> Result<(), FetchError> {
    if change::reach(dir, base, head)? == Reach::Whole {
        return Ok(());
    }
    let remotes = change::remotes(dir)?;
    let mut named = remotes.into_iter();
    let own = named.find(|(name, _)| name.eq_ignore_ascii_case(&origin.place));
    let url = own.map_or_else(|| origin.url.clone(), |(_, url)| url);
    let git = Git { dir, origin, url };
    let is_shallow = change::survey(dir)?.shallow;
    if is_shallow {
        for depth in DEPTHS {
            git.fetch(&[&format!("--depth={depth}")], base, head)
                .await?;
            if change::reach(dir, base, head)? == Reach::Whole {
                return Ok(());
            }
        }
    }
    let all: &[&str] = if change::survey(dir)?.shallow {
        &["--unshallow"]
    } else {
        &[]
    };
    git.fetch(all, base, head).await?;
    match change::reach(dir, base, head)? {
        Reach::Whole => Ok(()),
        Reach::Lacks | Reach::NoFork => Err(FetchError::Unrelated {
            place: origin.place.clone(),
            base: base.to_owned(),
            head: head.to_owned(),
        }),
    }
}

struct Git<'g> {
    dir: &'g Path,
    origin: &'g Origin<'g>,
    url: String,
}

impl Git<'_> {
    /// With the clone's own login first: a second one beside it would be refused.
    async fn fetch(&self, how: &[&str], base: &str, head: &str) -> Result<(), FetchError> {
        let mut said = match self.run(how, base, head, None).await? {
            Ok(()) => return Ok(()),
            Err(said) => said,
        };
        let is_http = self.url.starts_with(self.origin.server);
        if let Some(login) = self.origin.login.filter(|_| is_http) {
            said = match self.run(how, base, head, Some(login)).await? {
                Ok(()) => return Ok(()),
                Err(said) => said.replace(login.1, "[key]"),
            };
        }
        Err(FetchError::Failed {
            place: self.origin.place.clone(),
            said,
            url: self.origin.url.clone(),
            base: base.to_owned(),
            head: head.to_owned(),
        })
    }

    /// What git said, where it failed.
    async fn run(
        &self,
        how: &[&str],
        base: &str,
        head: &str,
        login: Option<(&str, &str)>,
    ) -> Result<Result<(), String>, FetchError> {
        let mut command = Command::new("git");
        command
            .current_dir(self.dir)
            // Nothing of the repository runs.
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.fsmonitor=false",
            ])
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
            .args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"])
            .args(["--no-write-fetch-head", "--no-auto-maintenance"])
            .args(how)
            .args(["--", &self.url, base, head])
            .env("GIT_ALLOW_PROTOCOL", self.protocols())
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GCM_INTERACTIVE", "never")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        }
        for trace in TRACES {
            command.env_remove(trace);
        }
        if let Some((user, token)) = login {
            // Variables, since arguments can be seen by everybody on the machine. An empty
            // value takes back what the clone has.
            let header = STANDARD.encode(format!("{user}:{token}"));
            let key = format!("http.{}.extraheader", self.origin.server);
            command
                .env("GIT_CONFIG_COUNT", "2")
                .env("GIT_CONFIG_KEY_0", &key)
                .env("GIT_CONFIG_VALUE_0", "")
                .env("GIT_CONFIG_KEY_1", &key)
                .env(
                    "GIT_CONFIG_VALUE_1",
                    format!("AUTHORIZATION: basic {header}"),
                );
        }
        let Ok(output) = timeout(LIMIT, command.output()).await else {
            let limit = humantime::format_duration(LIMIT);
            return Ok(Err(format!("it took longer than {limit}")));
        };
        let output = output.map_err(FetchError::NoGit)?;
        if output.status.success() {
            return Ok(Ok(()));
        }
        let said = clean::log_line(&String::from_utf8_lossy(&output.stderr));
        Ok(Err(clean::cut(&said, MAX_SAID).into_owned()))
    }

    /// Plain HTTP only where the server itself is reached so.
    fn protocols(&self) -> &'static str {
        if self.origin.server.starts_with("http://") {
            "http:https:ssh"
        } else {
            "https:ssh"
        }
    }
}
