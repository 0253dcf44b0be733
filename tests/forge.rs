//! `llmux review` through the binary, against GitHub on loopback.

mod events;
mod fetching;
mod gitlab;
mod hostile;
mod limits;
mod parts;
mod places;
mod pushes;
mod suggestions;

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::github::{GitHub, TOKEN};
use crate::support::model::{Model, UNSURE, asks_for_findings, asks_for_verdicts, says};

/// A clone with a pull request, GitHub, and a model whose findings can be set.
struct Scene {
    repo: Repo,
    hub: GitHub,
    model: Model,
    findings: Arc<Mutex<Value>>,
}

/// How a command ended.
struct End {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Scene {
    /// The base's and the pull request's state of files.
    async fn new(before: &[(&str, &str)], after: &[(&str, &str)]) -> Self {
        let repo = Repo::new();
        for (path, text) in before {
            repo.write(path, text);
        }
        repo.commit("before");
        repo.git(&["branch", "base"]);
        for (path, text) in after {
            repo.write(path, text);
        }
        repo.commit("after");
        let commit = |name: &str| repo.git(&["rev-parse", name]);
        let hub = GitHub::new(repo.dir(), &commit("base"), &commit("HEAD"));
        let findings = Arc::new(Mutex::new(json!([])));
        let own = Arc::clone(&findings);
        let model = Model::new(move |_, question| {
            if asks_for_verdicts(question) {
                says(UNSURE)
            } else if asks_for_findings(question) {
                says(&json!({ "findings": *own.lock().unwrap() }).to_string())
            } else {
                says("What the change does.")
            }
        })
        .await;
        let config = repo.outside("home/.config/llmux/config.toml");
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        fs::write(config, model.config("alpha")).unwrap();
        Self {
            repo,
            hub,
            model,
            findings,
        }
    }

    fn finds(&self, findings: Value) {
        *self.findings.lock().unwrap() = findings;
    }

    /// Another push to the pull request.
    fn push(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.repo.write(path, text);
        }
        self.repo.commit("again");
        let head = self.repo.git(&["rev-parse", "HEAD"]);
        head.trim().clone_into(&mut self.hub.state().head);
    }

    fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut all = vec!["review", "--backend", "alpha"];
        all.extend(args);
        let mut command = self.repo.llmux(&all);
        command
            .env("GITHUB_SERVER_URL", self.hub.uri())
            .env("GITHUB_API_URL", format!("{}/api/v3", self.hub.uri()))
            .env(
                "GITHUB_GRAPHQL_URL",
                format!("{}/api/graphql", self.hub.uri()),
            )
            .env("GITHUB_REPOSITORY", "octo/shop")
            .env("GITHUB_RUN_ID", "99")
            .env("GITHUB_TOKEN", TOKEN)
            .env("LLMUX_FORGE_PAUSE_MS", "1");
        command
    }

    /// Of a text that was posted. Commits differ with the version of git that made them; they are
    /// left out.
    fn snapshot(&self, name: &str, text: &str) {
        let mut text = text.to_owned();
        for commit in self.repo.git(&["log", "--all", "--format=%H"]).lines() {
            text = text.replace(commit, "COMMIT");
            text = text.replace(&commit[..7], "COMMIT");
        }
        let fingerprint = regex::Regex::new("[0-9a-f]{32}").unwrap();
        let text = fingerprint.replace_all(&text, "FINGERPRINT");
        insta::assert_snapshot!(name, text.replace(&self.hub.uri(), "http://GITHUB"));
    }

    fn review(&self, args: &[&str]) -> End {
        end(&mut self.command(args))
    }
}

fn end(command: &mut assert_cmd::Command) -> End {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    End {
        code: output.status.code(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// A claim about one line.
fn claim(file: &str, line: u32, quote: &str, title: &str) -> Value {
    json!({"file": file, "line": line, "end_line": line, "quote": quote,
           "severity": "high", "category": "bug", "rule": "off-by-one", "title": title,
           "message": format!("{title}, and why."), "suggestion": null, "confidence": 0.9})
}
