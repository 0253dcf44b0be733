//! The questions to GitHub's REST API.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::address::Repository;
use super::runner::Runner;
use crate::backends::{Environment, Link};
use crate::forge::client::{Client, Failure, Question};
use crate::forge::pause_of;

/// The version of the API that is spoken.
const VERSION: &str = "2022-11-28";

/// One repository's API.
#[derive(Debug)]
pub struct Api {
    client: Client,
    repository: Repository,
    has_token: bool,
}

/// A pull request as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The tip of the branch that it goes into, hexadecimal.
    pub base: String,
    /// Its own tip, hexadecimal.
    pub head: String,
    /// Whether it is neither closed nor merged.
    pub is_open: bool,
}

/// A comment as REST takes it.
pub(super) struct OnLines {
    pub(super) path: String,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) body: String,
}

#[derive(Deserialize)]
struct RawPull {
    number: u64,
    state: String,
    base: Tip,
    head: Tip,
}

#[derive(Deserialize)]
struct Tip {
    sha: String,
}

impl Api {
    /// The way to that repository's API, with the runner's token for it.
    ///
    /// # Errors
    /// Where the token would travel in the clear.
    pub fn new(
        repository: Repository,
        runner: &Runner,
        environment: &Environment,
    ) -> Result<Self, String> {
        let token = runner.token(&repository.server);
        let link = Link::to(repository.server.api.clone(), token, environment)?;
        let mut headers = vec![
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", VERSION.to_owned()),
        ];
        headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
        let pause: Option<Duration> = pause_of(environment);
        Ok(Self {
            client: Client::new(link, headers, pause),
            has_token: token.is_some(),
            repository,
        })
    }

    /// Whether there is a token at all.
    pub fn has_token(&self) -> bool {
        self.has_token
    }

    /// Which repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The pull request of that number.
    ///
    /// # Errors
    /// Where there is none, or the API cannot be asked.
    pub async fn pull(&self, number: u64) -> Result<PullRequest, Failure> {
        let url = self.url(&format!("pulls/{number}"))?;
        let raw: RawPull = read(self.client.ask(&Question::get(url)).await?)?;
        Ok(PullRequest {
            number: raw.number,
            base: raw.base.sha,
            head: raw.head.sha,
            is_open: raw.state == "open",
        })
    }

    /// The open pull requests of somebody's branch.
    pub(super) async fn pulls_of(
        &self,
        owner: &str,
        branch: &str,
    ) -> Result<Vec<PullRequest>, Failure> {
        let mut url = self.url("pulls")?;
        url.query_pairs_mut()
            .append_pair("state", "open")
            .append_pair("head", &format!("{owner}:{branch}"))
            .append_pair("per_page", "100");
        let all: Vec<RawPull> = read(self.client.ask(&Question::get(url)).await?)?;
        let all = all.into_iter().map(|raw| PullRequest {
            number: raw.number,
            base: raw.base.sha,
            head: raw.head.sha,
            is_open: raw.state == "open",
        });
        Ok(all.collect())
    }

    /// A new comment in the conversation; where it stands.
    pub(super) async fn comment(&self, number: u64, body: &str) -> Result<String, Failure> {
        let url = self.url(&format!("issues/{number}/comments"))?;
        let question = Question::post(url, json!({ "body": body }));
        let answer = self.client.ask(&question).await?;
        Ok(answer["html_url"].as_str().unwrap_or_default().to_owned())
    }

    /// A review with comments on lines of a commit.
    pub(super) async fn review(
        &self,
        number: u64,
        commit: &str,
        body: &str,
        comments: &[OnLines],
    ) -> Result<(), Failure> {
        let url = self.url(&format!("pulls/{number}/reviews"))?;
        let comments: Vec<Value> = comments.iter().map(OnLines::json).collect();
        let body = json!({
            "commit_id": commit,
            "body": body,
            "event": "COMMENT",
            "comments": comments,
        });
        self.client
            .ask(&Question::post(url, body))
            .await
            .map(|_| ())
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = self.repository.api(path);
        url.map_err(|error| Failure::Broken(error.to_string()))
    }
}

impl OnLines {
    fn json(&self) -> Value {
        let mut comment = json!({
            "path": self.path,
            "line": self.end,
            "side": "RIGHT",
            "body": self.body,
        });
        // A start that is the end is refused.
        if self.start < self.end {
            comment["start_line"] = self.start.into();
            comment["start_side"] = "RIGHT".into();
        }
        comment
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|_| {
        let why = "the answer is not that of GitHub's API; check the API's address";
        Failure::Refused(why.to_owned())
    })
}
