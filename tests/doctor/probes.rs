//! Probes: paid once each, told as they are.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{ask, asked, at, doctor, ok, repository, server};

#[tokio::test(flavor = "multi_thread")]
async fn each_backend_is_asked_once_for_one_token() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(
        &["beta-1"],
        ResponseTemplate::new(500).set_body_string("hiccup"),
    )
    .await;
    let gamma = server(&["gamma-1"], ResponseTemplate::new(429)).await;
    repo.config(&[at("alpha", &alpha), at("beta", &beta), at("gamma", &gamma)].concat());
    let answer = ask(&repo, &["--probe"]);
    for server in [&alpha, &beta, &gamma] {
        assert_eq!(
            asked(server, "POST").await,
            1,
            "asked once, without another try"
        );
    }
    let requests = alpha.received_requests().await.unwrap();
    let question = requests
        .iter()
        .find(|it| it.method.as_str() == "POST")
        .unwrap();
    let question: Value = serde_json::from_slice(&question.body).unwrap();
    assert_eq!(question["max_tokens"], 1, "{question}");

    let probe = &answer.backend("alpha")["probe"];
    assert_eq!(answer.state("alpha"), "answered");
    assert_eq!(probe["model"], "scripted", "by its own word");
    assert_eq!(
        probe["tokens"],
        json!({"input": 100, "cached_input": 0, "output": 10})
    );
    assert_eq!(probe["error"], json!(null));
    assert_eq!(answer.state("beta"), "failed");
    let error = answer.backend("beta")["probe"]["error"].to_string();
    assert!(error.contains("500"), "{error}");
    assert_eq!(answer.state("gamma"), "failed");
    assert_eq!(
        answer.backend("rules")["probe"],
        json!(null),
        "it is no model"
    );
    // One of three reads, and two must.
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert_eq!(answer.crew("analyzer")["quorum"], false);
    assert!(
        answer
            .stderr
            .contains("asking one question of alpha, beta, gamma")
    );
}

/// What a run would find: the doctor and the run agree.
#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_fails_the_probe_does_not_count() {
    let repo = repository();
    let findings = crate::support::model::says("{\"findings\": []}");
    let alpha = server(&["alpha-1"], findings).await;
    let down = || server(&["x"], ResponseTemplate::new(403));
    let (beta, gamma) = (down().await, down().await);
    repo.config(&[at("alpha", &alpha), at("beta", &beta), at("gamma", &gamma)].concat());
    let before = ask(&repo, &[]);
    assert_eq!(
        before.code,
        Some(0),
        "a look alone cannot know: {}",
        before.json
    );
    assert_eq!(ask(&repo, &["--probe"]).code, Some(3));
    repo.llmux(&["diff", "HEAD~1"]).assert().code(3);
    let alone = ["--backend", "alpha", "--probe"];
    assert_eq!(ask(&repo, &alone).code, Some(0));
    repo.llmux(&["diff", "HEAD~1", "--backend", "alpha"])
        .assert()
        .code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_more_than_a_look() {
    let repo = repository();
    // Its list of models is forbidden, its questions are not.
    let alpha = super::serving(ResponseTemplate::new(403), ok()).await;
    repo.config(&at("alpha", &alpha));
    assert_eq!(ask(&repo, &[]).state("alpha"), "not_usable");
    let answer = ask(&repo, &["--probe"]);
    assert_eq!(answer.state("alpha"), "answered");
    assert_eq!(answer.code, Some(0));
    assert!(
        answer.backend("alpha")["trouble"].is_string(),
        "what the look found is still said"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_has_the_time_limit_of_its_backend() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok().set_delay(Duration::from_mins(2))).await;
    repo.config(&format!("{}timeout = \"1s\"\n", at("alpha", &alpha)));
    let answer = ask(&repo, &["--probe"]);
    assert_eq!(answer.state("alpha"), "failed");
    assert_eq!(asked(&alpha, "POST").await, 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_writes_what_it_has() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok().set_delay(Duration::from_mins(2))).await;
    let beta = server(&["beta-1"], ok()).await;
    repo.config(&[at("alpha", &alpha), at("beta", &beta)].concat());
    let child = repo
        .llmux_process(&["doctor", "--probe", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while asked(&alpha, "POST").await == 0 || asked(&beta, "POST").await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The quick one's answer is on its way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await;
    let answer = super::Answer::of(&output.unwrap());
    assert_eq!(answer.code, Some(130), "{}", answer.stderr);
    assert_eq!(answer.state("alpha"), "unknown");
    assert_eq!(answer.state("beta"), "answered");
    assert_eq!(answer.json["interrupted"], true);
}

#[test]
fn nobody_to_ask_is_said() {
    let repo = repository();
    let output = doctor(&repo, &["--probe"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("no backend that could be asked"),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(0));
}

/// A server whose model `alpha-404` is not there.
async fn with_one_model_missing(status: u16) -> wiremock::MockServer {
    use wiremock::matchers::{body_partial_json, method};
    use wiremock::{Mock, MockServer};
    let alpha = MockServer::start().await;
    let list = json!({"object": "list", "data": [{"id": "alpha-1"}]});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&alpha)
        .await;
    Mock::given(method("POST"))
        .and(body_partial_json(json!({"model": "alpha-404"})))
        .respond_with(ResponseTemplate::new(status).set_body_string("no such model"))
        .with_priority(1)
        .mount(&alpha)
        .await;
    Mock::given(method("POST"))
        .respond_with(crate::support::model::says("{\"findings\": []}"))
        .mount(&alpha)
        .await;
    alpha
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_is_shown_checked_and_asked_as_in_a_run() {
    let repo = repository();
    let alpha = with_one_model_missing(404).await;
    let url = alpha.uri();
    repo.config(&format!(
        "[backends.alpha]\nbase_url = \"{url}/v1\"\nmodels = [\"alpha-404\", \"alpha-1\"]\n"
    ));
    let looked = ask(&repo, &[]);
    assert_eq!(
        looked.backend("alpha")["cascade"],
        json!([{"model": "alpha-404", "listed": false}, {"model": "alpha-1", "listed": true}])
    );
    let answer = ask(&repo, &["--probe"]);
    let probe = &answer.backend("alpha")["probe"];
    assert_eq!(answer.state("alpha"), "answered", "{probe}");
    assert_eq!(asked(&alpha, "POST").await, 2);
    assert_eq!(probe["asked"], "alpha-1");
    assert_eq!(probe["passed_over"][0]["model"], "alpha-404");
    assert_eq!(answer.code, Some(0));
    repo.llmux(&["diff", "HEAD~1"]).assert().code(0);
    let output = doctor(&repo, &["--probe"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for needle in [
        "alpha-404 (not listed), alpha-1",
        "alpha-404 gave no answer",
    ] {
        assert!(text.contains(needle), "no {needle} in {text}");
    }
    assert!(!text.contains("does not list"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_key_ends_a_cascade_and_is_said_once() {
    let repo = repository();
    let alpha = with_one_model_missing(403).await;
    let url = alpha.uri();
    repo.config(&format!(
        "[backends.alpha]\nbase_url = \"{url}/v1\"\nmodels = [\"alpha-404\", \"alpha-1\"]\n"
    ));
    let answer = ask(&repo, &["--probe"]);
    assert_eq!(answer.state("alpha"), "failed");
    assert_eq!(asked(&alpha, "POST").await, 1);
    assert_eq!(answer.code, Some(3));

    let denied = ResponseTemplate::new(403).set_body_string("not you");
    let beta = super::serving(denied.clone(), denied).await;
    repo.config(&at("beta", &beta));
    let output = doctor(&repo, &["--probe"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (backends, advice) = text.split_once("Crews of").unwrap();
    assert_eq!(backends.matches("not you").count(), 1, "{text}");
    assert_eq!(advice.matches("not you").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_no_answer() {
    let repo = repository();
    let refusal = ResponseTemplate::new(200).set_body_json(json!({
        "model": "scripted",
        "choices": [{"finish_reason": "content_filter", "message": {"content": ""}}],
    }));
    let alpha = server(&["alpha-1"], refusal).await;
    repo.config(&format!("{}stream = false\n", at("alpha", &alpha)));
    let answer = ask(&repo, &["--probe"]);
    let probe = &answer.backend("alpha")["probe"];
    assert_eq!(probe["refused"], true, "{probe}");
    assert_eq!(answer.state("alpha"), "failed");
    assert_eq!(answer.code, Some(3));
    let output = doctor(&repo, &["--probe"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("answered with a refusal"), "{text}");
}
