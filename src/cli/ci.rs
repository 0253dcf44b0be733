//! The CI job that llmux runs in, by what its runner tells in variables.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::backends::Environment;

/// Bytes of an event file; GitHub's are far below.
const MAX_EVENT: u64 = 16 << 20;

#[derive(Debug, Default, Serialize)]
pub(super) struct CiCheck {
    /// `github`, `gitlab`, `buildkite`, or `other` where only `CI` is set.
    pub(super) runner: &'static str,
    /// `pull_request`, `push`, `merge_request_event` and so on, in the runner's own word.
    pub(super) event: Option<String>,
    /// Number of the pull or merge request.
    pub(super) pull_request: Option<String>,
    /// The branch that it is to be merged into.
    pub(super) target: Option<String>,
    /// Whether it comes from another repository; none where the runner does not tell.
    pub(super) fork: Option<bool>,
    /// Commit of the repository that the change is to be merged into, which its owners have taken
    /// in.
    pub(super) base: Option<String>,
}

impl CiCheck {
    /// Whether the job may have a checkout that whoever asks for a merge has written.
    pub(super) fn is_of_strangers(&self) -> bool {
        let event = self.event.as_deref().unwrap_or_default();
        self.pull_request.is_some()
            || event.starts_with("pull_request")
            || matches!(event, "issue_comment" | "workflow_run" | "merge_group")
    }
}

/// None outside of CI.
pub(super) fn check() -> Option<CiCheck> {
    let environment = Environment::of_process();
    let env = |name: &str| environment.text(name);
    let is_on = |name: &str| env(name).is_some_and(|value| value != "false" && value != "0");
    if is_on("GITHUB_ACTIONS") {
        Some(github(&env))
    } else if is_on("GITLAB_CI") {
        Some(gitlab(&env))
    } else if is_on("BUILDKITE") {
        Some(buildkite(&env))
    } else {
        is_on("CI").then(|| CiCheck {
            runner: "other",
            ..CiCheck::default()
        })
    }
}

type Env<'e> = dyn Fn(&str) -> Option<String> + 'e;

fn github(env: &Env<'_>) -> CiCheck {
    let event = env("GITHUB_EVENT_PATH").and_then(|path| read(Path::new(&path)));
    let request = event.as_ref().map(|event| &event["pull_request"]);
    let request = request.filter(|request| request.is_object());
    let repository = |side: &str| request?[side]["repo"]["full_name"].as_str();
    let name = env("GITHUB_EVENT_NAME");
    CiCheck {
        runner: "github",
        pull_request: request.and_then(|it| it["number"].as_u64().map(|it| it.to_string())),
        target: env("GITHUB_BASE_REF"),
        // The head of a fork that was deleted has no repository: not the base's in any case.
        fork: request.and(repository("base").map(|base| repository("head") != Some(base))),
        base: match name.as_deref() {
            // Of the default branch or of the base branch; on `pull_request` it is the merge.
            Some("issue_comment" | "workflow_run" | "pull_request_target") => env("GITHUB_SHA"),
            // Approved, but not merged yet: what it changes does not judge it.
            Some("merge_group") => event
                .as_ref()
                .and_then(|it| it["merge_group"]["base_sha"].as_str().map(str::to_owned)),
            _ => request.and_then(|it| it["base"]["sha"].as_str().map(str::to_owned)),
        },
        event: name,
    }
}

fn gitlab(env: &Env<'_>) -> CiCheck {
    let source = env("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH");
    let target = env("CI_MERGE_REQUEST_PROJECT_PATH");
    CiCheck {
        runner: "gitlab",
        event: env("CI_PIPELINE_SOURCE"),
        pull_request: env("CI_MERGE_REQUEST_IID"),
        target: env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        fork: source.zip(target).map(|(source, target)| source != target),
        // The first is only there where GitLab has merged the two for the pipeline.
        base: env("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
            .filter(|sha| !sha.is_empty())
            .or_else(|| env("CI_MERGE_REQUEST_DIFF_BASE_SHA")),
    }
}

fn buildkite(env: &Env<'_>) -> CiCheck {
    let request = env("BUILDKITE_PULL_REQUEST").filter(|it| it != "false");
    let source = env("BUILDKITE_PULL_REQUEST_REPO");
    let fork = source.zip(env("BUILDKITE_REPO"));
    CiCheck {
        runner: "buildkite",
        event: env("BUILDKITE_SOURCE"),
        target: env("BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
        fork: fork
            .filter(|_| request.is_some())
            .map(|(source, own)| repository(&source) != repository(&own)),
        base: request
            .as_ref()
            .and_then(|_| env("BUILDKITE_PULL_REQUEST_BASE_BRANCH"))
            .map(|branch| format!("origin/{branch}")),
        pull_request: request,
    }
}

/// `owner/name` of `git@host:owner/name.git` and `https://host/owner/name`: one repository
/// has several addresses.
fn repository(address: &str) -> Vec<&str> {
    let address = address.trim_end_matches('/').trim_end_matches(".git");
    let parts = address.rsplit(['/', ':']).take(2);
    parts.collect()
}

fn read(path: &Path) -> Option<Value> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(MAX_EVENT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
