//! `llmux review` in a job of GitLab's, through the binary, against GitLab on loopback.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{End, claim, end};
use crate::support::Repo;
use crate::support::gitlab::{GitLab, TOKEN};
use crate::support::model::{Model, UNSURE, asks_for_findings, asks_for_verdicts, says};

const BEFORE: &str =
    "def first(items):\n    return items[0]\n\n\ndef last(items):\n    return items[-1]\n";
const AFTER: &str =
    "def first(items):\n    return items[1]\n\n\ndef last(items):\n    return items[len(items)]\n";
const AGAIN: &str = "def first(items):\n    return items[0]\n\n\nLIMIT = 3\n\n\ndef last(items):\n    return items[len(items)]\n";

fn first() -> Value {
    claim("a.py", 2, "    return items[1]", "Wrong element")
}

fn last() -> Value {
    let mut last = claim(
        "a.py",
        6,
        "    return items[len(items)]",
        "Index past the end",
    );
    last["suggestion"] = json!("    return items[-1]");
    last
}

struct Scene {
    repo: Repo,
    lab: GitLab,
    findings: Arc<Mutex<Value>>,
    _model: Model,
}

impl Scene {
    async fn new() -> Self {
        let repo = Repo::new();
        repo.write("a.py", BEFORE);
        repo.commit("before");
        repo.git(&["branch", "base"]);
        repo.write("a.py", AFTER);
        repo.commit("after");
        let commit = |name: &str| repo.git(&["rev-parse", name]);
        let lab = GitLab::new(repo.dir(), &commit("base"), &commit("HEAD"));
        let findings = Arc::new(Mutex::new(json!([])));
        let own = Arc::clone(&findings);
        let model = Model::new(move |_, question| {
            if asks_for_verdicts(question) {
                says(UNSURE)
            } else if asks_for_findings(question) {
                says(&json!({ "findings": *own.lock().unwrap() }).to_string())
            } else {
                says("/merge\nWhat the change does.\n````\n```\n/approve\n````")
            }
        })
        .await;
        let config = repo.outside("home/.config/llmux/config.toml");
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        fs::write(config, model.config("alpha")).unwrap();
        Self {
            repo,
            lab,
            findings,
            _model: model,
        }
    }

    fn finds(&self, findings: Value) {
        *self.findings.lock().unwrap() = findings;
    }

    fn push(&self, text: &str) {
        self.repo.write("a.py", text);
        self.repo.commit("again");
        let head = self.repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let mut state = self.lab.state();
        state.versions.push(head.clone());
        state.head = head;
    }

    /// Outside of a job, with a token and the host that it is for.
    fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut all = vec!["review", "--backend", "alpha"];
        all.extend(args);
        let mut command = self.repo.llmux(&all);
        command
            .env("GITLAB_TOKEN", TOKEN)
            .env("GITLAB_HOST", self.lab.uri())
            .env("LLMUX_FORGE_PAUSE_MS", "1");
        command
    }

    /// In a job of the merge request.
    fn job(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = self.command(args);
        let (uri, state) = (self.lab.uri(), self.lab.state());
        command
            .env_remove("GITLAB_HOST")
            .env("GITLAB_CI", "true")
            .env("CI_SERVER_URL", &uri)
            .env("CI_API_V4_URL", format!("{uri}/api/v4"))
            .env("CI_PROJECT_ID", "42")
            .env("CI_PROJECT_URL", format!("{uri}/group/sub/shop"))
            .env("CI_MERGE_REQUEST_IID", "5")
            .env("CI_MERGE_REQUEST_PROJECT_ID", "42")
            .env(
                "CI_MERGE_REQUEST_PROJECT_URL",
                format!("{uri}/group/sub/shop"),
            )
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &state.base)
            .env("CI_COMMIT_SHA", &state.head)
            .env("CI_JOB_URL", format!("{uri}/group/sub/shop/-/jobs/9"));
        command
    }

    fn review(&self) -> End {
        end(&mut self.job(&[]))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_note_and_a_discussion_with_a_suggestion_on_its_line() {
    let scene = Scene::new().await;
    scene.finds(json!([last()]));
    let end = scene.review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.lab.state();
    let [thread] = state.threads()[..] else {
        panic!("{:?}\n{}", state.all, end.err)
    };
    assert_eq!(thread.position["new_line"], 6);
    assert_eq!(thread.position["new_path"], "a.py");
    assert_eq!(thread.position.get("old_line"), None);
    assert!(
        thread
            .body
            .contains("```suggestion:-0+0\n    return items[-1]\n```"),
        "{}",
        thread.body
    );
    let [summary] = state.summaries()[..] else {
        panic!("{:?}", state.all)
    };
    assert!(summary.contains("blocked: 1 high"), "{summary}");
    assert!(summary.contains("/-/jobs/9"), "{summary}");
    assert!(end.err.contains("posted: "), "{}", end.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_push_says_nothing_twice_and_resolves_what_is_fixed() {
    let scene = Scene::new().await;
    scene.lab.state().other("Looks good.");
    scene.finds(json!([first(), last()]));
    scene.review();
    assert_eq!(scene.lab.state().threads().len(), 2);
    let before = scene.lab.state().writes.len();
    // The same commit again: only the summary says so.
    scene.review();
    let writes = scene.lab.state().writes.split_off(before);
    assert_eq!(
        writes,
        ["PUT /api/v4/projects/42/merge_requests/5/notes/1003"]
    );
    // And once more: nothing is written.
    scene.review();
    assert_eq!(scene.lab.state().writes.len(), before);

    scene.push(AGAIN);
    let mut moved = last();
    (moved["line"], moved["end_line"]) = (json!(9), json!(9));
    scene.finds(json!([moved]));
    let end = scene.review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.lab.state();
    let threads = state.threads();
    assert_eq!(threads.len(), 2, "{:?}", state.writes);
    let resolved: Vec<bool> = threads.iter().map(|it| it.resolved).collect();
    assert_eq!(resolved, [true, false]);
    assert!(
        threads[0].body.starts_with("**Fixed** as of"),
        "{}",
        threads[0].body
    );
    let [summary] = state.summaries()[..] else {
        panic!("{:?}", state.all)
    };
    assert!(
        summary.contains("0 new, 1 still there, 1 fixed"),
        "{summary}"
    );
    assert_eq!(state.all[0].body, "Looks good.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_resolve_still_tells_what_is_fixed() {
    let scene = Scene::new().await;
    scene.finds(json!([first(), last()]));
    scene.review();
    scene.lab.state().keeps_open = true;
    scene.push(AGAIN);
    scene.finds(json!([]));
    let end = scene.review();
    assert_eq!(end.code, Some(0), "{}", end.err);
    assert!(end.err.contains("role Developer"), "{}", end.err);
    let state = scene.lab.state();
    assert!(state.summaries()[0].contains("2 fixed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_of_a_model_is_a_quick_action() {
    let scene = Scene::new().await;
    let mut evil = last();
    evil["message"] = json!("Wrong.\n/merge\n```\n/close\n```\n````\n```\n/approve");
    evil["title"] = json!("/assign me");
    evil["suggestion"] = json!("````\n```\n/merge\n````");
    scene.finds(json!([evil]));
    let end = scene.review();
    let state = scene.lab.state();
    assert_eq!(state.threads().len(), 1, "{}", end.err);
    assert_eq!(state.actions, Vec::<String>::new());
    assert!(!state.threads()[0].body.contains("suggestion:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_gitlab_refuses_loses_no_other() {
    let scene = Scene::new().await;
    scene.lab.state().spoiled.push(2);
    scene.finds(json!([first(), last()]));
    let end = scene.review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.lab.state();
    assert_eq!(state.threads().len(), 1);
    let summary = state.summaries()[0];
    assert!(summary.contains("1 of the comments on lines could not be posted"));
    // It stands below whole.
    assert!(summary.contains("Wrong element, and why."), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_second_comment() {
    let scene = Scene::new().await;
    scene.lab.state().lost_answers = 2;
    scene.finds(json!([last()]));
    let end = scene.review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.lab.state();
    assert_eq!((state.threads().len(), state.summaries().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_rights_is_a_warning_and_loses_nothing() {
    let scene = Scene::new().await;
    scene.lab.state().read_only = true;
    scene.finds(json!([last()]));
    let end = scene.review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(
        end.err.contains("warning: the review is not posted"),
        "{}",
        end.err
    );
    assert!(end.out.contains("Index past the end"), "{}", end.out);
    assert!(!end.err.contains(TOKEN) && !end.out.contains(TOKEN));

    let end = super::end(scene.job(&[]).env_remove("GITLAB_TOKEN"));
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(end.err.contains("set GITLAB_TOKEN"), "{}", end.err);
    let end = super::end(scene.job(&[]).env("GITLAB_TOKEN", "glpat-expired"));
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(end.err.contains("does not take the token"), "{}", end.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_request_is_named_by_its_url_or_in_a_job_by_its_number() {
    let scene = Scene::new().await;
    scene.finds(json!([last()]));
    let url = format!("{}/group/sub/shop/-/merge_requests/5", scene.lab.uri());
    let ended = end(&mut scene.command(&[&url]));
    assert_eq!(ended.code, Some(14), "{}", ended.err);
    assert_eq!(scene.lab.state().threads().len(), 1);
    let asked = scene.lab.paths();
    assert!(asked.iter().any(|path| path.contains("group%2Fsub%2Fshop")));
    // Without the host's name the token is not for it.
    let writes = scene.lab.state().writes.len();
    let ended = end(scene.command(&[&url]).env_remove("GITLAB_HOST"));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert_eq!(scene.lab.state().writes.len(), writes);
    let ended = end(&mut scene.job(&["5"]));
    assert_eq!(ended.code, Some(14), "{}", ended.err);
    let state = scene.lab.state();
    assert_eq!((state.threads().len(), state.summaries().len()), (1, 1));
    drop(state);

    let ended = end(scene.job(&[]).env_remove("CI_MERGE_REQUEST_IID"));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("not of a merge request"),
        "{}",
        ended.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_pipeline_is_told_at_its_own_version() {
    let scene = Scene::new().await;
    scene.finds(json!([last()]));
    let mut older = scene.job(&[]);
    scene.push(AGAIN);
    scene.repo.git(&["checkout", "--quiet", "HEAD~1"]);
    let ended = end(&mut older);
    assert_eq!(ended.code, Some(14), "{}", ended.err);
    let state = scene.lab.state();
    let [thread] = state.threads()[..] else {
        panic!("{}", ended.err)
    };
    assert_eq!(thread.position["head_sha"], state.versions[0]);
    assert!(state.summaries()[0].contains("has gone on to"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_request_and_post_none_get_nothing() {
    let scene = Scene::new().await;
    scene.finds(json!([last()]));
    let ended = end(&mut scene.job(&["--post", "none"]));
    assert_eq!(ended.code, Some(14), "{}", ended.err);
    scene.lab.state().closed = true;
    let ended = scene.review();
    assert_eq!(ended.code, Some(14), "{}", ended.err);
    assert_eq!(scene.lab.state().writes, Vec::<String>::new());
}
