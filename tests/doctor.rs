//! `llmux doctor`: the real binary, scripted programs, servers on loopback.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::Repo;
use crate::support::model::says;

mod backends;
mod crews;
mod documented;
mod probes;
mod surroundings;
mod text;

/// A repository with two commits, so that there is something to review.
fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("before");
    repo.write("a.py", "x = 2\n");
    repo.commit("after");
    repo
}

/// No address outside of this machine is reached, whatever is tried: a proxy that is not
/// there stands before them.
fn doctor(repo: &Repo, args: &[&str]) -> Command {
    let mut command = repo.llmux(&["doctor"]);
    command
        .args(args)
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9");
    command
}

struct Answer {
    code: Option<i32>,
    json: Value,
    stderr: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let json = serde_json::from_str(&stdout);
        Self {
            code: output.status.code(),
            json: json.unwrap_or_else(|error| panic!("{error}: {stdout}\n{stderr}")),
            stderr,
        }
    }

    fn backend(&self, name: &str) -> &Value {
        let backends = self.json["backends"].as_array().unwrap();
        let found = backends.iter().find(|backend| backend["name"] == name);
        found.unwrap_or_else(|| panic!("no backend {name}: {:#}", self.json))
    }

    fn state(&self, name: &str) -> &str {
        self.backend(name)["state"].as_str().unwrap()
    }

    fn crew(&self, step: &str) -> &Value {
        let crews = self.json["crews"].as_array().unwrap();
        let found = crews.iter().find(|crew| crew["step"] == step);
        found.unwrap_or_else(|| panic!("no step {step}: {:#}", self.json))
    }

    fn advice(&self) -> String {
        self.json["advice"].to_string()
    }
}

fn ask(repo: &Repo, args: &[&str]) -> Answer {
    let args = [args, &["--format", "json"]].concat();
    Answer::of(&doctor(repo, &args).output().unwrap())
}

/// A server that lists models, and answers questions by `answer`.
async fn server(models: &[&str], answer: ResponseTemplate) -> MockServer {
    let models = models
        .iter()
        .map(|name| json!({"id": name, "object": "model"}));
    let list = json!({"object": "list", "data": models.collect::<Vec<_>>()});
    serving(ResponseTemplate::new(200).set_body_json(list), answer).await
}

async fn serving(list: ResponseTemplate, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(list)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// `[backends.NAME]` for a server, with its model.
fn at(name: &str, server: &MockServer) -> String {
    let url = server.uri();
    format!("[backends.{name}]\nbase_url = \"{url}/v1\"\nmodel = \"{name}-1\"\n")
}

async fn asked(server: &MockServer, what: &str) -> usize {
    let requests = server.received_requests().await.unwrap_or_default();
    let requests = requests.iter();
    requests.filter(|it| it.method.as_str() == what).count()
}

fn ok() -> ResponseTemplate {
    says("ok")
}

/// A folder of programs, for the front of PATH.
fn programs(repo: &Repo) -> PathBuf {
    let folder = repo.outside("bin");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[cfg(unix)]
fn program(folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// PATH with those programs first.
fn with(folder: &Path) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", folder.display())
}
