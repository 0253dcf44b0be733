//! The questions to GitLab's REST API.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::runner::{Project, Runner};
use crate::backends::{Environment, Link};
use crate::forge::client::{Again, Client, Failure, Question};
use crate::forge::marker::is_commit;
use crate::forge::pause_of;

/// Things of one page of a list; GitLab gives no more.
const PAGE: usize = 100;
/// Pages of a list.
const MAX_PAGES: usize = 50;

/// One project's API.
#[derive(Debug)]
pub struct Api {
    client: Client,
    project: Project,
    has_token: bool,
}

/// A merge request as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRequest {
    /// Its number within the project.
    pub iid: u64,
    /// Whether it is neither closed nor merged.
    pub is_open: bool,
    /// The commits of its newest version.
    pub refs: Refs,
}

/// The three commits that a place in a diff is given by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refs {
    /// Where the branches parted.
    pub base: String,
    /// The tip of the branch that it goes into.
    pub start: String,
    /// Its own tip.
    pub head: String,
}

#[derive(Deserialize)]
struct RawRequest {
    iid: u64,
    state: String,
    diff_refs: Option<RawRefs>,
}

#[derive(Deserialize)]
struct RawRefs {
    #[serde(rename = "base_sha")]
    base: String,
    #[serde(rename = "start_sha")]
    start: String,
    #[serde(rename = "head_sha")]
    head: String,
}

#[derive(Deserialize)]
struct RawVersion {
    #[serde(rename = "base_commit_sha")]
    base: String,
    #[serde(rename = "start_commit_sha")]
    start: String,
    #[serde(rename = "head_commit_sha")]
    head: String,
}

#[derive(Clone, Debug, Deserialize)]
struct User {
    id: u64,
}

/// A thread, or a comment alone.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discussion {
    pub(super) id: String,
    pub(super) notes: Vec<Note>,
}

/// A comment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) body: String,
    author: User,
    #[serde(default)]
    system: bool,
    #[serde(default)]
    pub(super) resolved: bool,
    pub(super) position: Option<Position>,
}

/// Where a comment stands.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Position {
    pub(super) new_path: Option<String>,
    pub(super) new_line: Option<u32>,
}

impl Api {
    /// The way to that project's API, with the job's token for it.
    ///
    /// # Errors
    /// Where the token would travel in the clear.
    pub fn new(
        project: Project,
        runner: &Runner,
        environment: &Environment,
    ) -> Result<Self, String> {
        let token = runner.token(&project);
        let link = Link::to(project.api.clone(), token, environment)?;
        let mut headers = vec![("accept", "application/json".to_owned())];
        headers.extend(token.map(|token| ("private-token", token.to_owned())));
        Ok(Self {
            client: Client::new(link, headers, pause_of(environment)),
            has_token: token.is_some(),
            project,
        })
    }

    /// Whether there is a token at all.
    pub fn has_token(&self) -> bool {
        self.has_token
    }

    /// Which project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The merge request of that number.
    ///
    /// # Errors
    /// Where there is none, or the API cannot be asked.
    pub async fn merge_request(&self, iid: u64) -> Result<MergeRequest, Failure> {
        let path = format!("merge_requests/{iid}");
        let raw: RawRequest = self.read(&path).await?;
        let refs = raw.diff_refs.ok_or_else(|| {
            Failure::Refused(format!("merge request {iid} has no diff yet; try again"))
        })?;
        Ok(MergeRequest {
            iid: raw.iid,
            is_open: raw.state == "opened",
            refs: checked(Refs {
                base: refs.base,
                start: refs.start,
                head: refs.head,
            })?,
        })
    }

    /// The version of the diff whose tip is `head`; none where GitLab has none.
    pub(super) async fn version(&self, iid: u64, head: &str) -> Result<Option<Refs>, Failure> {
        let path = format!("merge_requests/{iid}/versions");
        let all: Vec<RawVersion> = self.list(&path).await?;
        let own = all.into_iter().find(|it| it.head == head);
        own.map(|it| {
            checked(Refs {
                base: it.base,
                start: it.start,
                head: it.head,
            })
        })
        .transpose()
    }

    /// What the token's own user has said there, each comment with its discussion's id.
    pub(super) async fn own_notes(&self, iid: u64) -> Result<Vec<(String, Note)>, Failure> {
        let url = self.project.api.join("user").map_err(|_| no_address())?;
        let user: User = read(self.client.ask(&Question::get(url)).await?)?;
        let path = format!("merge_requests/{iid}/discussions");
        let all: Vec<Discussion> = self.list(&path).await?;
        let first = all.into_iter().filter_map(|discussion| {
            let note = discussion.notes.into_iter().next()?;
            Some((discussion.id, note))
        });
        Ok(first
            .filter(|(_, note)| note.author.id == user.id && !note.system)
            .collect())
    }

    /// A comment below the merge request.
    pub(super) async fn say(&self, iid: u64, body: &str) -> Result<u64, Failure> {
        let url = self.url(&format!("merge_requests/{iid}/notes"))?;
        let note: User = read(
            self.client
                .ask(&Question::post(url, json!({ "body": body })))
                .await?,
        )?;
        Ok(note.id)
    }

    /// Other words in a comment.
    pub(super) async fn edit(&self, iid: u64, note: u64, body: &str) -> Result<(), Failure> {
        let url = self.url(&format!("merge_requests/{iid}/notes/{note}"))?;
        self.put(url, json!({ "body": body })).await
    }

    /// A thread on a line of the diff.
    pub(super) async fn discuss(
        &self,
        iid: u64,
        body: &str,
        position: &Value,
    ) -> Result<(), Failure> {
        let url = self.url(&format!("merge_requests/{iid}/discussions"))?;
        let body = json!({ "body": body, "position": position });
        self.client.ask(&Question::post(url, body)).await.map(drop)
    }

    /// Marks a thread as resolved.
    pub(super) async fn resolve(&self, iid: u64, discussion: &str) -> Result<(), Failure> {
        let is_plain = discussion.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_plain {
            return Err(Failure::Refused("a discussion's id is none".to_owned()));
        }
        let url = self.url(&format!("merge_requests/{iid}/discussions/{discussion}"))?;
        self.put(url, json!({ "resolved": true })).await
    }

    async fn put(&self, url: reqwest::Url, body: Value) -> Result<(), Failure> {
        let question = Question {
            method: "PUT",
            again: Again::Harmless,
            ..Question::post(url, body)
        };
        self.client.ask(&question).await.map(drop)
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let url = self.url(path)?;
        read(self.client.ask(&Question::get(url)).await?)
    }

    /// All of a list, page by page.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("{path}?per_page={PAGE}&page={page}");
            let part: Vec<T> = self.read(&path).await?;
            let is_last = part.len() < PAGE;
            all.extend(part);
            if is_last {
                return Ok(all);
            }
        }
        // What is behind could be a comment of ours: to go on would be to say it twice.
        Err(Failure::Refused(format!(
            "there are more than {} discussions, which are too many to look through",
            MAX_PAGES * PAGE
        )))
    }

    fn url(&self, path: &str) -> Result<reqwest::Url, Failure> {
        let path = format!("projects/{}/{path}", self.project.id);
        self.project.api.join(&path).map_err(|_| no_address())
    }
}

fn no_address() -> Failure {
    Failure::Broken("CI_API_V4_URL is no address that paths can be put to".to_owned())
}

fn checked(refs: Refs) -> Result<Refs, Failure> {
    let all = [&refs.base, &refs.start, &refs.head];
    if all.into_iter().all(|sha| is_commit(sha)) {
        return Ok(refs);
    }
    Err(Failure::Refused(
        "a commit of the merge request is no hash".to_owned(),
    ))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|_| {
        Failure::Unsure(
            "the answer lacks what GitLab's API has in it; check its address".to_owned(),
        )
    })
}
