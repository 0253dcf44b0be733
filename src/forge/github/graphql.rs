//! What only GraphQL tells and does: comments of the token's own, threads, what is hidden.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::api::Api;
use crate::clean;
use crate::forge::client::{Again, Failure, Question};

/// All operations; each question names its own.
const QUERIES: &str = include_str!("queries.graphql");
/// Pages of a hundred that are read of one list.
const MAX_PAGES: usize = 50;

/// A comment of the token's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) body: String,
    #[serde(default)]
    pub(super) url: String,
    viewer_did_author: bool,
}

/// A thread that the token's own comment began.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) resolved: bool,
    pub(super) path: String,
    pub(super) line: Option<u32>,
    /// Its first comment.
    pub(super) comment: String,
    pub(super) body: String,
    /// The review that the comment came with.
    pub(super) review: Option<String>,
}

/// A review of the token's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) is_minimized: bool,
    viewer_did_author: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawThread {
    id: String,
    is_resolved: bool,
    path: String,
    line: Option<u32>,
    comments: Nodes<RawComment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawComment {
    id: String,
    body: String,
    viewer_did_author: bool,
    pull_request_review: Option<Identity>,
}

#[derive(Deserialize)]
struct Identity {
    id: String,
}

#[derive(Deserialize)]
struct Nodes<T> {
    // GraphQL writes null for what the token may not see.
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl Api {
    /// Comments in the conversation, of the token's own.
    pub(super) async fn notes(&self, number: u64) -> Result<Vec<Note>, Failure> {
        let all = self.list::<Note>("Comments", "comments", number).await?;
        Ok(all.into_iter().filter(|it| it.viewer_did_author).collect())
    }

    /// Threads on lines that the token's own comments began.
    pub(super) async fn threads(&self, number: u64) -> Result<Vec<Thread>, Failure> {
        let all = self.list::<RawThread>("Threads", "reviewThreads", number);
        let own = all.await?.into_iter().filter_map(|thread| {
            let first = thread.comments.nodes.into_iter().flatten().next()?;
            first.viewer_did_author.then_some(Thread {
                id: thread.id,
                resolved: thread.is_resolved,
                path: thread.path,
                line: thread.line,
                comment: first.id,
                body: first.body,
                review: first.pull_request_review.map(|review| review.id),
            })
        });
        Ok(own.collect())
    }

    /// Reviews of the token's own.
    pub(super) async fn reviews(&self, number: u64) -> Result<Vec<Review>, Failure> {
        let all = self.list::<Review>("Reviews", "reviews", number).await?;
        Ok(all.into_iter().filter(|it| it.viewer_did_author).collect())
    }

    /// Writes a comment of the conversation anew.
    pub(super) async fn edit_note(&self, id: &str, body: &str) -> Result<(), Failure> {
        self.change("EditComment", json!({ "id": id, "body": body }))
            .await
    }

    /// Writes a comment on lines anew.
    pub(super) async fn edit_comment(&self, id: &str, body: &str) -> Result<(), Failure> {
        self.change("EditReviewComment", json!({ "id": id, "body": body }))
            .await
    }

    /// Marks a thread as resolved.
    pub(super) async fn resolve(&self, thread: &str) -> Result<(), Failure> {
        self.change("Resolve", json!({ "id": thread })).await
    }

    /// Folds a review as outdated.
    pub(super) async fn minimize(&self, id: &str) -> Result<(), Failure> {
        self.change("Minimize", json!({ "id": id })).await
    }

    /// All of a list of the pull request.
    async fn list<T: DeserializeOwned>(
        &self,
        operation: &str,
        field: &str,
        number: u64,
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let mut after = None;
        for _ in 0..MAX_PAGES {
            let variables = json!({
                "owner": self.repository().owner,
                "name": self.repository().name,
                "number": number,
                "after": after,
            });
            let mut data = self.query(operation, variables, false).await?;
            let list = data["repository"]["pullRequest"][field].take();
            let page: PageInfo = read(list["pageInfo"].clone())?;
            let nodes: Nodes<T> = read(list)?;
            all.extend(nodes.nodes.into_iter().flatten());
            match page.end_cursor.filter(|_| page.has_next_page) {
                Some(cursor) => after = Some(cursor),
                None => return Ok(all),
            }
        }
        tracing::warn!("the pull request has more {field} than are read");
        Ok(all)
    }

    async fn change(&self, operation: &str, variables: Value) -> Result<(), Failure> {
        self.query(operation, variables, true).await.map(|_| ())
    }

    async fn query(
        &self,
        operation: &str,
        variables: Value,
        writes: bool,
    ) -> Result<Value, Failure> {
        let question = Question {
            method: "POST",
            url: self.repository().server.graphql.clone(),
            body: Some(json!({
                "query": QUERIES,
                "operationName": operation,
                "variables": variables,
            })),
            writes,
            // Each of them may be done twice: they read, or they set.
            again: Again::Harmless,
        };
        let mut answer = self.client().ask(&question).await?;
        match answer["errors"]
            .as_array()
            .and_then(|errors| errors.first())
        {
            Some(error) => Err(failure(operation, error)),
            None => Ok(answer["data"].take()),
        }
    }
}

/// GraphQL says with status 200 what went wrong.
fn failure(operation: &str, error: &Value) -> Failure {
    let said = error["message"].as_str().unwrap_or_default();
    let said = clean::log_line(said);
    let said = format!("{operation}: {}", clean::cut(&said, 300));
    let is_denied =
        said.contains("Resource not accessible") || said.contains("not have permission");
    match error["type"].as_str().unwrap_or_default() {
        "FORBIDDEN" | "INSUFFICIENT_SCOPES" => Failure::Denied(said),
        _ if is_denied => Failure::Denied(said),
        "NOT_FOUND" => Failure::NotFound(said),
        "RATE_LIMITED" => Failure::Limited(said),
        _ => Failure::Refused(said),
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|_| {
        let why = "GraphQL's answer lacks what was asked for; check the API's address";
        Failure::Refused(why.to_owned())
    })
}
