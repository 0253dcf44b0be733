//! Which pull request is meant, and who may ask for its review.

use std::fs;

use llmux::forge::github::event::{LARGEST, parse};
use llmux::forge::github::{EventError, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{End, Scene, claim, end};

const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

fn read(event: &str, payload: &Value) -> Result<Subject, EventError> {
    parse(event, payload.to_string().as_bytes()).map(|event| event.subject)
}

fn comment(association: &str) -> Value {
    json!({"action": "created", "issue": {"number": 7, "pull_request": {"url": "x"}},
           "comment": {"author_association": association, "body": "/llmux"},
           "repository": {"full_name": "octo/shop"}})
}

#[test]
fn each_event_names_its_pull_request() {
    let pull = json!({"pull_request": {"number": 7, "base": {"sha": HASH}, "head": {"sha": HASH}}});
    for event in ["pull_request", "pull_request_target"] {
        let at = Subject::At {
            number: 7,
            base: HASH.to_owned(),
            head: HASH.to_owned(),
        };
        assert_eq!(read(event, &pull), Ok(at));
    }
    for who in ["OWNER", "MEMBER", "COLLABORATOR"] {
        assert_eq!(read("issue_comment", &comment(who)), Ok(Subject::Number(7)));
    }
    let inputs = [
        json!({"pr": "7"}),
        json!({"pull-request": 7}),
        json!({"pull_request": "#7"}),
        json!({"number": " 7 ", "other": "x"}),
    ];
    for inputs in inputs {
        let payload = json!({ "inputs": inputs });
        assert_eq!(read("workflow_dispatch", &payload), Ok(Subject::Number(7)));
    }
    let run = json!({"workflow_run": {"event": "pull_request", "head_sha": HASH, "head_branch": "a/b",
                     "head_repository": {"full_name": "them/shop"}, "pull_requests": []}});
    let branch = Subject::Branch {
        owner: "them".to_owned(),
        branch: "a/b".to_owned(),
        head: HASH.to_owned(),
    };
    assert_eq!(read("workflow_run", &run), Ok(branch));
}

#[test]
fn what_is_no_pull_request_is_refused() {
    for who in ["CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR", "NONE", "owner", ""] {
        assert_eq!(
            read("issue_comment", &comment(who)),
            Err(EventError::Stranger(who.to_owned()))
        );
    }
    let mut edited = comment("OWNER");
    edited["action"] = "edited".into();
    assert_eq!(
        read("issue_comment", &edited),
        Err(EventError::NotCreated("edited".to_owned()))
    );
    for nothing in [Value::Null, json!({})] {
        let mut on_issue = comment("OWNER");
        on_issue["issue"]["pull_request"] = nothing.clone();
        let expected = nothing.is_null();
        assert_eq!(
            read("issue_comment", &on_issue) == Err(EventError::OnIssue),
            expected
        );
    }
    assert_eq!(
        read("workflow_dispatch", &json!({"inputs": null})),
        Err(EventError::NoInput)
    );
    assert_eq!(
        read("push", &json!({})),
        Err(EventError::Unknown("push".to_owned()))
    );
    assert_eq!(
        parse("push", &vec![b' '; LARGEST + 1]),
        Err(EventError::TooLarge)
    );
    let run = json!({"workflow_run": {"event": "push", "head_sha": HASH}});
    assert_eq!(
        read("workflow_run", &run),
        Err(EventError::OtherRun("push".to_owned()))
    );
    let malformed = [
        ("pull_request", json!([])),
        (
            "pull_request",
            json!({"pull_request": {"number": -1, "base": {"sha": HASH}, "head": {"sha": HASH}}}),
        ),
        (
            "pull_request",
            json!({"pull_request": {"number": 7, "base": {"sha": "--upload-pack=x"}, "head": {"sha": HASH}}}),
        ),
        (
            "pull_request",
            json!({"pull_request": {"number": 7, "base": {"sha": HASH}, "head": {"sha": &HASH[1..]}}}),
        ),
        ("issue_comment", json!({"issue": {}})),
        (
            "workflow_dispatch",
            json!({"inputs": {"pr": "7; rm -rf /"}}),
        ),
        ("workflow_dispatch", json!({"inputs": {"pr": "0"}})),
        (
            "workflow_run",
            json!({"workflow_run": {"event": "pull_request", "head_sha": HASH, "head_branch": null}}),
        ),
    ];
    for (event, payload) in malformed {
        let found = read(event, &payload);
        assert!(
            matches!(found, Err(EventError::Malformed { .. })),
            "{event} {payload}: {found:?}"
        );
    }
    let mut elsewhere = comment("OWNER");
    elsewhere["repository"]["full_name"] = "../../x".into();
    assert!(matches!(
        read("issue_comment", &elsewhere),
        Err(EventError::Malformed { .. })
    ));
}

proptest! {
    #[test]
    fn no_payload_is_too_odd(event in "pull_request|issue_comment|workflow_dispatch|workflow_run", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&event, &bytes);
    }
}

async fn scene() -> Scene {
    let scene = Scene::new(&[("a.py", "x = 1\n")], &[("a.py", "x = items[9]\n")]).await;
    scene.finds(json!([claim(
        "a.py",
        1,
        "x = items[9]",
        "Index past the end"
    )]));
    scene
}

fn by_event(scene: &Scene, name: &str, payload: &Value) -> End {
    let event = scene.repo.outside("event.json");
    fs::write(&event, payload.to_string()).unwrap();
    let mut command = scene.command(&[]);
    command
        .env("GITHUB_EVENT_NAME", name)
        .env("GITHUB_EVENT_PATH", &event);
    end(&mut command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_may_ask_by_a_comment_and_a_stranger_may_not() {
    let scene = scene().await;
    let end = by_event(&scene, "issue_comment", &comment("NONE"));
    assert_eq!(end.code, Some(2), "{}", end.err);
    assert!(
        end.err.contains("no owner, member or collaborator"),
        "{}",
        end.err
    );
    assert!(scene.hub.requests().is_empty() && scene.model.calls().await == 0);
    let end = by_event(&scene, "issue_comment", &comment("MEMBER"));
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert_eq!(scene.hub.state().threads.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_run_finds_its_pull_request_by_the_branch() {
    let scene = scene().await;
    let head = scene.hub.state().head.clone();
    let run = |head: &str| {
        json!({"workflow_run": {"event": "pull_request", "head_sha": head, "head_branch": "their/branch",
               "head_repository": {"full_name": "them/shop"}}})
    };
    let end = by_event(&scene, "workflow_run", &run(HASH));
    assert_eq!(end.code, Some(1), "{}", end.err);
    assert!(end.err.contains("pushed to or closed"), "{}", end.err);
    let end = by_event(&scene, "workflow_run", &run(&head));
    assert_eq!(end.code, Some(14), "{}", end.err);
    let asked = scene.hub.requests();
    assert!(
        asked
            .iter()
            .any(|it| it.contains("/pulls?state=open&head=them%3Atheir%2Fbranch")),
        "{asked:?}"
    );
}

/// GitHub Enterprise: the API is where its custom is, and the token is the one for other servers.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_names_server_and_repository() {
    let scene = scene().await;
    let url = format!("{}/octo/shop/pull/7/files", scene.hub.uri());
    let mut command = scene.command(&[&url]);
    for name in [
        "GITHUB_SERVER_URL",
        "GITHUB_API_URL",
        "GITHUB_GRAPHQL_URL",
        "GITHUB_REPOSITORY",
    ] {
        command.env_remove(name);
    }
    command
        .env("GITHUB_TOKEN", "a-token-for-github-itself")
        .env("GH_ENTERPRISE_TOKEN", crate::support::github::TOKEN);
    let end = end(&mut command);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(
        (state.threads.len(), state.notes.len()),
        (1, 1),
        "{}",
        end.err
    );
    assert!(
        !state.tokens.iter().any(|it| it.contains("a-token-for")),
        "{:?}",
        state.tokens
    );
}

#[test]
fn what_names_no_pull_request_is_a_mistake() {
    let repo = crate::support::Repo::new();
    repo.commit("one");
    let cases: [(&[&str], &str); 4] = [
        (&["review"], "no pull request is named"),
        (
            &["review", "https://github.com/o/r/issues/3"],
            "is no pull request",
        ),
        (
            &["review", "https://me:secret@github.com/o/r/pull/3"],
            "is no pull request",
        ),
        (&["review", "7"], "nothing says which repository"),
    ];
    for (args, said) in cases {
        let end = end(&mut repo.llmux(args));
        assert_eq!(end.code, Some(2), "{args:?}: {}", end.err);
        assert!(end.err.contains(said), "{args:?}: {}", end.err);
    }
    let mut command = repo.llmux(&["review", "http://ghe.example/o/r/pull/3"]);
    command.env("GH_ENTERPRISE_TOKEN", "some-token-of-mine");
    let end = end(&mut command);
    assert_eq!(end.code, Some(2), "{}", end.err);
    assert!(end.err.contains("in the clear"), "{}", end.err);
}
