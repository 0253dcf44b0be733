//! GitLab on loopback, as far as a review needs it: a merge request with notes and discussions,
//! which remembers what was posted, takes what GitLab's API takes and refuses what it refuses.

use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use super::raw::{Act, Raw, Seen};

/// The token that may write.
pub(crate) const TOKEN: &str = "glpat-Zx81kQ2mNv7LrT4sYw9B";
/// The user whose token it is.
const OWN: u64 = 77;

/// A discussion; a note alone has no position.
#[derive(Clone, Debug)]
pub(crate) struct Discussion {
    pub(crate) author: u64,
    pub(crate) body: String,
    pub(crate) position: Value,
    pub(crate) resolved: bool,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    dir: PathBuf,
    pub(crate) base: String,
    pub(crate) head: String,
    /// Tips of all versions so far.
    pub(crate) versions: Vec<String>,
    pub(crate) closed: bool,
    pub(crate) all: Vec<Discussion>,
    /// Whether the token may only read.
    pub(crate) read_only: bool,
    /// Whether the token's role may not resolve discussions.
    pub(crate) keeps_open: bool,
    /// Lines that are refused although the diff has them.
    pub(crate) spoiled: Vec<u64>,
    /// Writes that are done and answered with 502.
    pub(crate) lost_answers: usize,
    /// `METHOD path` of what was written.
    pub(crate) writes: Vec<String>,
    /// Quick actions that GitLab would have obeyed.
    pub(crate) actions: Vec<String>,
}

/// A server that lives as long as this value.
pub(crate) struct GitLab {
    raw: Raw,
    state: Arc<Mutex<State>>,
}

impl GitLab {
    /// One merge request, number 5 of project 42 (`group/sub/shop`).
    pub(crate) fn new(dir: PathBuf, base: &str, head: &str) -> Self {
        let head = head.trim().to_owned();
        let state = Arc::new(Mutex::new(State {
            dir,
            base: base.trim().to_owned(),
            versions: vec![head.clone()],
            head,
            ..State::default()
        }));
        let own = Arc::clone(&state);
        let raw = Raw::new(move |seen| {
            let (status, body) = own.lock().unwrap().answer(seen);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
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

    /// Paths that were asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        let requests = self.raw.requests();
        requests.iter().map(|it| it.path.clone()).collect()
    }
}

impl State {
    /// Somebody else says something.
    pub(crate) fn other(&mut self, body: &str) {
        self.all.push(Discussion {
            author: 1,
            body: body.to_owned(),
            position: Value::Null,
            resolved: false,
        });
    }

    /// Own notes that stand alone.
    pub(crate) fn summaries(&self) -> Vec<&str> {
        let own = self
            .all
            .iter()
            .filter(|it| it.author == OWN && it.position.is_null());
        own.map(|it| it.body.as_str()).collect()
    }

    /// Own discussions on lines.
    pub(crate) fn threads(&self) -> Vec<&Discussion> {
        let own = self.all.iter();
        own.filter(|it| it.author == OWN && !it.position.is_null())
            .collect()
    }

    fn answer(&mut self, seen: &Seen) -> (u16, Value) {
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        match seen.header("private-token") {
            None => return (401, json!({"message": "401 Unauthorized"})),
            Some(token) if token != TOKEN => {
                return (401, json!({"error": "invalid_token"}));
            }
            Some(_) => {}
        }
        if seen.method != "GET" {
            self.writes.push(format!("{} {path}", seen.method));
            if self.read_only {
                return (
                    403,
                    json!({"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.", "scope": "api"}),
                );
            }
        }
        if (seen.method.as_str(), path) == ("GET", "/api/v4/user") {
            return (200, json!({"id": OWN, "username": "project_42_bot"}));
        }
        let own = [
            "/api/v4/projects/42/",
            "/api/v4/projects/group%2Fsub%2Fshop/",
        ];
        let Some(rest) = own.iter().find_map(|own| path.strip_prefix(own)) else {
            return (404, json!({"message": "404 Project Not Found"}));
        };
        let answer = self.project(&seen.method, rest, query, &body);
        if seen.method != "GET" && answer.0 < 300 && self.lost_answers > 0 {
            self.lost_answers -= 1;
            return (502, json!({"message": "502 Bad Gateway"}));
        }
        answer
    }

    fn project(&mut self, method: &str, path: &str, query: &str, body: &Value) -> (u16, Value) {
        let parts: Vec<&str> = path.split('/').collect();
        match (method, &parts[..]) {
            ("GET", ["merge_requests", "5"]) => (
                200,
                json!({"iid": 5, "state": if self.closed { "merged" } else { "opened" },
                    "diff_refs": {"base_sha": self.base, "start_sha": self.base, "head_sha": self.head}}),
            ),
            ("GET", ["merge_requests", "5", "versions"]) => {
                let versions = self.versions.iter().rev().map(|head| {
                    json!({"base_commit_sha": self.base, "start_commit_sha": self.base, "head_commit_sha": head})
                });
                (200, versions.collect())
            }
            ("GET", ["merge_requests", "5", "discussions"]) => (200, self.list(query)),
            ("POST", ["merge_requests", "5", "notes"]) => {
                let Err(wrong) = only(body, &["body"]).and_then(|()| self.obey(body)) else {
                    return self.add(body, Value::Null);
                };
                (400, wrong)
            }
            ("POST", ["merge_requests", "5", "discussions"]) => {
                let checked = only(body, &["body", "position"])
                    .and_then(|()| self.obey(body))
                    .and_then(|()| self.check(&body["position"]));
                match checked {
                    Ok(()) => self.add(body, body["position"].clone()),
                    Err(wrong) => (400, wrong),
                }
            }
            ("PUT", ["merge_requests", "5", "notes", id]) => {
                if let Err(wrong) = only(body, &["body"]).and_then(|()| self.obey(body)) {
                    return (400, wrong);
                }
                let id: usize = id.parse().unwrap();
                let note = &mut self.all[id - 1000];
                if note.author != OWN {
                    return (403, json!({"message": "403 Forbidden"}));
                }
                body["body"].as_str().unwrap().clone_into(&mut note.body);
                (200, json!({"id": id}))
            }
            ("PUT", ["merge_requests", "5", "discussions", id]) => {
                if let Err(wrong) = only(body, &["resolved"]) {
                    return (400, wrong);
                }
                if self.keeps_open {
                    return (403, json!({"message": "403 Forbidden"}));
                }
                let id = usize::from_str_radix(id.trim_start_matches("abc"), 16).unwrap();
                self.all[id].resolved = body["resolved"].as_bool().unwrap();
                (200, json!({"id": "x"}))
            }
            _ => (404, json!({"error": "404 Not Found"})),
        }
    }

    fn list(&self, query: &str) -> Value {
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .unwrap()
                .1
                .parse::<usize>()
                .unwrap()
        };
        let (size, page) = (number("per_page"), number("page"));
        assert!(size <= 100, "GitLab gives 100 at most");
        let all = self.all.iter().enumerate().map(|(index, it)| {
            json!({
                "id": format!("abc{index:x}"), "individual_note": it.position.is_null(),
                "notes": [{"id": 1000 + index, "type": null, "body": it.body, "system": false,
                    "author": {"id": it.author, "username": "x"}, "resolvable": !it.position.is_null(),
                    "resolved": it.resolved, "position": it.position}],
            })
        });
        all.skip((page - 1) * size).take(size).collect()
    }

    fn add(&mut self, body: &Value, position: Value) -> (u16, Value) {
        self.all.push(Discussion {
            author: OWN,
            body: body["body"].as_str().unwrap().to_owned(),
            position,
            resolved: false,
        });
        (201, json!({"id": 999 + self.all.len()}))
    }

    /// What GitLab would take for quick actions: a line with a slash and a word, outside of what
    /// it takes for a fence, whatever Markdown says.
    fn obey(&mut self, body: &Value) -> Result<(), Value> {
        let text = body["body"].as_str().unwrap_or_default();
        if text.trim().is_empty() || text.len() > 1_000_000 {
            return Err(json!({"message": {"note": ["can't be blank"]}}));
        }
        let mut in_code = false;
        for line in text.lines() {
            if line.starts_with("```") {
                in_code = !in_code;
            } else if !in_code
                && line.starts_with('/')
                && line[1..].starts_with(char::is_alphabetic)
            {
                self.actions.push(line.to_owned());
            }
        }
        Ok(())
    }

    /// A position must be complete, of a version, and on a line that its diff shows.
    fn check(&self, position: &Value) -> Result<(), Value> {
        only(
            position,
            &[
                "position_type",
                "base_sha",
                "start_sha",
                "head_sha",
                "old_path",
                "new_path",
                "old_line",
                "new_line",
            ],
        )?;
        for key in ["base_sha", "start_sha", "head_sha", "old_path", "new_path"] {
            if !position[key].is_string() {
                return Err(json!({"error": format!("position[{key}] is missing")}));
            }
        }
        let bad = json!({"message": "400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}"});
        let head = position["head_sha"].as_str().unwrap();
        let is_known = self.versions.iter().any(|version| version == head);
        if position["position_type"] != "text" || position["base_sha"] != self.base || !is_known {
            return Err(bad);
        }
        let new = position["new_line"].as_u64();
        if new.is_none_or(|line| self.spoiled.contains(&line)) {
            return Err(bad);
        }
        let own = (
            position["old_path"].as_str().unwrap(),
            position["new_path"].as_str().unwrap(),
            position["old_line"].as_u64(),
            new.unwrap(),
        );
        let shown = self.lines(head);
        let fits = shown.iter().any(|(old_path, path, old, new)| {
            (old_path.as_str(), path.as_str(), *old, *new) == own
        });
        fits.then_some(()).ok_or(bad)
    }

    /// What git's own diff shows after the change: paths, the line before where it has one, the
    /// line after.
    fn lines(&self, head: &str) -> Vec<(String, String, Option<u64>, u64)> {
        let output = Process::new("git")
            .args(["diff", "-U3", "-M", "--no-color", "--no-ext-diff"])
            .arg(format!("{}...{head}", self.base))
            .current_dir(&self.dir)
            .output()
            .unwrap();
        let (mut before, mut path, mut old, mut new) = (String::new(), String::new(), 0, 0);
        let mut all = Vec::new();
        for text in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some(name) = text.strip_prefix("--- ") {
                name.trim_end()
                    .trim_start_matches("a/")
                    .clone_into(&mut before);
            } else if let Some(name) = text.strip_prefix("+++ b/") {
                name.trim_end().clone_into(&mut path);
                if before == "/dev/null" {
                    before.clone_from(&path);
                }
            } else if let Some(rest) = text.strip_prefix("@@ -") {
                let mut sides = rest.split(' ');
                let mut number = || {
                    let side = sides.next().unwrap().trim_start_matches('+');
                    side.split(',').next().unwrap().parse::<u64>().unwrap()
                };
                (old, new) = (number(), number());
            } else if text.starts_with('+') {
                all.push((before.clone(), path.clone(), None, new));
                new += 1;
            } else if text.starts_with(' ') {
                all.push((before.clone(), path.clone(), Some(old), new));
                (old, new) = (old + 1, new + 1);
            } else if text.starts_with('-') {
                old += 1;
            }
        }
        all
    }
}

/// GitLab's API has no other parameter there.
fn only(body: &Value, keys: &[&str]) -> Result<(), Value> {
    let odd = body
        .as_object()
        .and_then(|body| body.keys().find(|key| !keys.contains(&key.as_str())));
    match (body.is_object(), odd) {
        (true, None) => Ok(()),
        _ => Err(json!({"error": format!("{odd:?} is invalid")})),
    }
}
