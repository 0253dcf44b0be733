use std::sync::Arc;
use std::time::Duration;

use llmux::backends::rules::Rules;
use llmux::backends::{Backend as _, ErrorKind, Limits, Prompt, Request};
use llmux::change::FileChange;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::new_file;

fn request(roles: &[&str], files: Vec<Arc<FileChange>>) -> Request {
    Request {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        prompt: Prompt::default(),
        schema: Some(Arc::new(json!({}))),
        model: None,
        sample: 1,
        files,
        limits: Limits {
            timeout: Duration::from_mins(1),
            idle_timeout: None,
            max_output_tokens: None,
            temperature: None,
            max_reply_bytes: 1 << 20,
        },
        cancel: CancellationToken::new(),
    }
}

fn files() -> Vec<Arc<FileChange>> {
    vec![new_file(
        "a.py",
        "breakpoint()\nrequests.get(u, verify=False)\n",
    )]
}

async fn findings(request: Request) -> Value {
    let reply = Rules::builtin().ask(&request).await.unwrap();
    assert_eq!(reply.usage, None);
    assert_eq!(reply.cost_usd, None);
    serde_json::from_str(&reply.text).unwrap()
}

#[tokio::test]
async fn the_answer_is_the_object_that_models_write() {
    let answer = findings(request(&["analyzer", "security"], files())).await;
    super::assert_snapshot("answer", &serde_json::to_string_pretty(&answer).unwrap());
}

#[tokio::test]
async fn nothing_found_is_an_empty_list() {
    let answer = findings(request(&["analyzer"], vec![new_file("a.py", "x = 1\n")])).await;
    assert_eq!(answer, json!({ "findings": [] }));
}

#[tokio::test]
async fn the_first_role_speaks_where_security_does_not_ask() {
    let answer = findings(request(&["reviewer", "analyzer"], files())).await;
    let roles: Vec<_> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["reviewer", "reviewer"]);
}

#[tokio::test]
async fn it_writes_no_text() {
    let mut asked = request(&["synthesizer"], files());
    asked.schema = None;
    let error = Rules::builtin().ask(&asked).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert_eq!(error.message, "the rules backend writes no text");
}

#[tokio::test]
async fn a_cancelled_run_gets_no_answer() {
    let asked = request(&["analyzer"], files());
    asked.cancel.cancel();
    let error = Rules::builtin().ask(&asked).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error_and_not_cut() {
    let mut asked = request(&["analyzer"], files());
    asked.limits.max_reply_bytes = 100;
    let error = Rules::builtin().ask(&asked).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert!(error.message.contains("2 places"), "{error}");
}

#[test]
fn it_is_always_there() {
    let rules = Rules::builtin().named("house-rules");
    assert_eq!(rules.name(), "house-rules");
    assert_eq!(Rules::builtin().name(), "rules");
    assert_eq!(rules.available(), Ok(()));
}
