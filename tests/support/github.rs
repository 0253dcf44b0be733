//! GitHub on loopback, as far as a review needs it: a pull request with comments, threads and
//! reviews, which remembers what was posted and refuses what GitHub refuses.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use serde_json::{Value, json};

use super::raw::{Act, Raw, Seen};

/// Whose token is used.
pub(crate) const OWN: &str = "github-actions[bot]";
/// The token that may write.
pub(crate) const TOKEN: &str = "ghs_16C7e42F292c6912E7710c838347Ae178B4a";

/// A comment in the conversation.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) author: String,
    pub(crate) body: String,
}

/// A comment on lines.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) path: String,
    pub(crate) start: Option<u64>,
    pub(crate) line: Option<u64>,
    pub(crate) commit: String,
    pub(crate) resolved: bool,
    /// Index of its review.
    pub(crate) review: usize,
}

/// A review.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) comments: usize,
    pub(crate) minimized: bool,
}

/// An answer out of turn.
#[derive(Clone, Debug)]
pub(crate) struct Odd {
    pub(crate) status: u16,
    pub(crate) headers: &'static str,
    pub(crate) body: Value,
    /// Whether the request is done all the same.
    pub(crate) done: bool,
}

/// What stands on it.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The repository that the pull request is of.
    pub(crate) dir: PathBuf,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) closed: bool,
    pub(crate) notes: Vec<Note>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) reviews: Vec<Review>,
    /// Operations that the token may not do: `write`, `Resolve`, `Minimize`, ….
    pub(crate) denied: BTreeSet<&'static str>,
    /// Lines that are refused although the diff has them.
    pub(crate) spoiled: BTreeSet<u64>,
    /// For the next requests that write.
    pub(crate) odd: VecDeque<Odd>,
    /// When something was written, and what.
    pub(crate) writes: Vec<(Instant, String)>,
    /// Tokens that came, each once.
    pub(crate) tokens: BTreeSet<String>,
}

/// A server that lives as long as this value.
pub(crate) struct GitHub {
    raw: Raw,
    state: Arc<Mutex<State>>,
}

impl GitHub {
    /// One pull request, number 7 of `octo/shop`, between two commits of the repository at `dir`.
    pub(crate) fn new(dir: PathBuf, base: &str, head: &str) -> Self {
        let state = Arc::new(Mutex::new(State {
            dir,
            base: base.trim().to_owned(),
            head: head.trim().to_owned(),
            ..State::default()
        }));
        let own = Arc::clone(&state);
        let raw = Raw::new(move |seen| {
            if seen.path.contains("git-upload-pack") {
                return backend(&own.lock().unwrap().dir, seen);
            }
            let (status, headers, body) = own.lock().unwrap().answer(seen);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
                body.len()
            );
            vec![Act::Send([head.into_bytes(), body.into_bytes()].concat())]
        });
        Self { raw, state }
    }

    pub(crate) fn uri(&self) -> String {
        self.raw.uri()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// All requests so far, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.raw.requests();
        let shown = requests
            .iter()
            .map(|it| format!("{} {}", it.method, it.path));
        shown.collect()
    }
}

impl State {
    /// Own comments of the conversation.
    pub(crate) fn summaries(&self) -> Vec<&str> {
        let own = self.notes.iter().filter(|note| note.author == OWN);
        own.map(|note| note.body.as_str()).collect()
    }

    fn answer(&mut self, seen: &Seen) -> (u16, String, Value) {
        let token = seen.header("authorization").unwrap_or_default().to_owned();
        let has_token = token == format!("Bearer {TOKEN}");
        self.tokens.insert(token);
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let operation = body["operationName"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let is_query = matches!(operation.as_str(), "Comments" | "Threads" | "Reviews");
        let writes = seen.method != "GET" && !is_query;
        let mut odd = None;
        if writes {
            let what = format!("{} {} {operation}", seen.method, seen.path);
            self.writes.push((Instant::now(), what.trim().to_owned()));
            odd = self.odd.pop_front();
        }
        if let Some(odd) = odd.as_ref().filter(|odd| !odd.done) {
            return (odd.status, odd.headers.to_owned(), odd.body.clone());
        }
        let may = has_token && !(writes && self.denied.contains("write"));
        let (status, answer) = match (may, seen.path.split('?').next().unwrap_or_default()) {
            (false, "/api/graphql") => (200, integration_error()),
            (false, _) if writes => (
                403,
                json!({"message": "Resource not accessible by integration"}),
            ),
            (_, "/api/graphql") => (200, self.graphql(&operation, &body["variables"])),
            (_, path) => self.rest(&seen.method, path, &body),
        };
        match odd {
            Some(odd) => (odd.status, odd.headers.to_owned(), odd.body),
            None => (status, String::new(), answer),
        }
    }

    fn rest(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let pull = json!({
            "number": 7,
            "state": if self.closed { "closed" } else { "open" },
            "base": {"sha": self.base}, "head": {"sha": self.head},
        });
        match (method, path.strip_prefix("/api/v3/repos/octo/shop/")) {
            ("GET", Some("pulls/7")) => (200, pull),
            ("GET", Some("pulls")) => (200, json!([pull])),
            ("POST", Some("issues/7/comments")) => {
                let text = body["body"].as_str().unwrap_or_default();
                if text.is_empty() || text.chars().count() > 65_536 {
                    return refused("body is too long (maximum is 65536 characters)");
                }
                self.notes.push(Note {
                    author: OWN.to_owned(),
                    body: text.to_owned(),
                });
                let url = format!("https://example.org/c/{}", self.notes.len() - 1);
                (201, json!({"html_url": url}))
            }
            ("POST", Some("pulls/7/reviews")) => self.review(body),
            _ => (404, json!({"message": "Not Found"})),
        }
    }

    fn review(&mut self, body: &Value) -> (u16, Value) {
        let comments = body["comments"].as_array().cloned().unwrap_or_default();
        if comments.len() > 30 {
            return refused("too many comments");
        }
        let commit = body["commit_id"].as_str().unwrap_or_default();
        let shown = self.lines(commit);
        for comment in &comments {
            let line = comment["line"].as_u64().unwrap_or_default();
            let start = comment["start_line"].as_u64();
            let path = comment["path"].as_str().unwrap_or_default();
            let hunk = |line| {
                shown
                    .iter()
                    .find(|(file, at, _)| file == path && *at == line)
            };
            let of = |line| hunk(line).map(|(_, _, hunk)| *hunk);
            let is_shown = of(line).is_some() && start.is_none_or(|start| of(start) == of(line));
            let is_right = comment["side"] == "RIGHT" && start.is_none_or(|start| start < line);
            let long = comment["body"].as_str().unwrap_or_default().chars().count() > 65_536;
            if !is_shown || !is_right || long || self.spoiled.contains(&line) {
                return refused("Pull request review thread line must be part of the diff");
            }
        }
        if body["event"] != "COMMENT" || body["body"].as_str().unwrap_or_default().is_empty() {
            return refused("a comment needs a body");
        }
        let review = self.reviews.len();
        self.reviews.push(Review {
            author: OWN.to_owned(),
            body: body["body"].as_str().unwrap_or_default().to_owned(),
            comments: comments.len(),
            minimized: false,
        });
        for comment in comments {
            self.threads.push(Thread {
                author: OWN.to_owned(),
                body: comment["body"].as_str().unwrap_or_default().to_owned(),
                path: comment["path"].as_str().unwrap_or_default().to_owned(),
                start: comment["start_line"].as_u64(),
                line: comment["line"].as_u64(),
                commit: commit.to_owned(),
                resolved: false,
                review,
            });
        }
        (200, json!({"id": review}))
    }

    /// What git's own diff shows on the right side: path, line, number of the hunk.
    fn lines(&self, commit: &str) -> Vec<(String, u64, usize)> {
        let range = format!("{}...{commit}", self.base);
        let output = Process::new("git")
            .args(["diff", "-U3", "-M", "--no-color", "--no-ext-diff", &range])
            .current_dir(&self.dir)
            .output()
            .unwrap();
        let (mut path, mut line, mut hunk, mut all) = (String::new(), 0, 0, Vec::new());
        for text in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some(name) = text.strip_prefix("+++ b/") {
                name.trim_end().clone_into(&mut path);
            } else if let Some(rest) = text.strip_prefix("@@ ") {
                let new = rest.split(['+', ',', ' ']).collect::<Vec<_>>();
                let at = new.iter().position(|it| it.is_empty()).unwrap();
                line = new[at + 1].parse().unwrap();
                hunk += 1;
            } else if text.starts_with([' ', '+']) && !text.starts_with("+++") {
                all.push((path.clone(), line, hunk));
                line += 1;
            }
        }
        all
    }

    fn graphql(&mut self, operation: &str, variables: &Value) -> Value {
        if self.denied.contains(operation) {
            return integration_error();
        }
        let id = variables["id"].as_str().unwrap_or_default();
        let index: usize = id
            .rsplit('_')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or(0);
        let body = variables["body"].as_str().unwrap_or_default().to_owned();
        let (field, nodes): (_, Vec<Value>) = match operation {
            "EditComment" => {
                self.notes[index].body = body;
                return json!({"data": {}});
            }
            "EditReviewComment" => {
                self.threads[index].body = body;
                return json!({"data": {}});
            }
            "Resolve" => {
                self.threads[index].resolved = true;
                return json!({"data": {}});
            }
            "Minimize" => {
                self.reviews[index].minimized = true;
                return json!({"data": {}});
            }
            "Comments" => ("comments", self.notes.iter().enumerate().map(|(at, note)| json!({
                "id": format!("IC_{at}"), "body": note.body, "url": format!("https://example.org/c/{at}"),
                "viewerDidAuthor": note.author == OWN,
            })).collect()),
            "Threads" => ("reviewThreads", self.threads.iter().enumerate().map(|(at, it)| json!({
                "id": format!("PRRT_{at}"), "isResolved": it.resolved, "path": it.path,
                "line": it.line,
                "comments": {"nodes": [{
                    "id": format!("PRRC_{at}"), "body": it.body,
                    "viewerDidAuthor": it.author == OWN,
                    "pullRequestReview": {"id": format!("PRR_{}", it.review)},
                }]},
            })).collect()),
            "Reviews" => ("reviews", self.reviews.iter().enumerate().map(|(at, it)| json!({
                "id": format!("PRR_{at}"), "body": it.body,
                "viewerDidAuthor": it.author == OWN, "isMinimized": it.minimized,
            })).collect()),
            _ => return json!({"errors": [{"message": "unknown operation"}]}),
        };
        let from: usize = variables["after"]
            .as_str()
            .map_or(0, |at| at.parse().unwrap());
        let page: Vec<_> = nodes.iter().skip(from).take(100).cloned().collect();
        let end = from + page.len();
        json!({"data": {"repository": {"pullRequest": {field: {
            "pageInfo": {"hasNextPage": end < nodes.len(), "endCursor": end.to_string()},
            "nodes": page,
        }}}}})
    }
}

fn refused(why: &str) -> (u16, Value) {
    (
        422,
        json!({"message": "Unprocessable Entity", "errors": [why]}),
    )
}

fn integration_error() -> Value {
    json!({"data": null, "errors": [
        {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
    ]})
}

/// Git over HTTP, for a fetch of commits: with the token alone.
fn backend(dir: &std::path::Path, seen: &Seen) -> Vec<Act> {
    use std::io::Write as _;
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let login = seen.header("authorization").unwrap_or_default();
    if !login.starts_with("basic ") {
        let refusal =
            "HTTP/1.1 401 X\r\nwww-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
        return vec![Act::Send(refusal.into())];
    }
    let path = path
        .trim_start_matches("/octo/shop.git")
        .trim_start_matches("/octo/shop");
    let mut child = Process::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", dir.join(".git"))
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &seen.method)
        .env(
            "CONTENT_TYPE",
            seen.header("content-type").unwrap_or_default(),
        )
        .env("CONTENT_LENGTH", seen.body.len().to_string())
        .env(
            "HTTP_CONTENT_ENCODING",
            seen.header("content-encoding").unwrap_or_default(),
        )
        .env(
            "GIT_PROTOCOL",
            seen.header("git-protocol").unwrap_or_default(),
        )
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&seen.body).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let split = output.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&output[..split]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: "));
    let status = status.unwrap_or("200 OK").to_owned();
    let body = &output[split + 4..];
    let head = format!(
        "HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    vec![Act::Send([head.as_bytes(), body].concat())]
}
