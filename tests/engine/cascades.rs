//! Models that stand in for each other, and models and temperatures that steps choose.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{ANALYZE, SMALL_PACKETS, claim, packets, reading, report, run};
use crate::support::Repo;
use crate::support::model::{Model, says};

const NOTHING: &str = "{\"findings\": []}";

/// `[backends.alpha]` with models `big` and `small`.
fn cascade(server: &Model, more: &str) -> String {
    format!(
        "{SMALL_PACKETS}{}models = [\"big\", \"small\"]\nretries = 0\n{more}",
        server.table("alpha")
    )
}

/// A server whose `big` answers so and whose `small` finds nothing.
async fn where_big(answer: impl Fn() -> ResponseTemplate + Send + Sync + 'static) -> Model {
    Model::by_model(move |model| match model {
        "big" => answer(),
        _ => says(NOTHING),
    })
    .await
}

fn refusal() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "choices": [{"index": 0, "finish_reason": "content_filter",
                     "message": {"role": "assistant", "content": "no"}}]
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_model_is_asked_where_one_gives_no_answer() {
    for (what, answer, of_big) in [
        ("overload", (|| ResponseTemplate::new(529)) as fn() -> _, 1),
        ("no such model", || ResponseTemplate::new(404), 1),
        ("too long", || ResponseTemplate::new(413), 1),
        ("prose, twice", || says("I see no problem."), 2),
        ("a refusal", refusal, 1),
    ] {
        let repo = packets(1);
        let alpha = where_big(answer).await;
        repo.config(&cascade(&alpha, ""));
        let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
        assert_eq!(code, Some(0), "{what}: {stderr}");
        let asked = alpha.asked("model").await;
        assert_eq!(asked.len(), of_big + 1, "{what}");
        assert_eq!(asked.last().unwrap(), "small", "{what}");
        assert_eq!(reading(&json, "alpha"), "read", "{what}");
        // Whoever reads the report learns that the first one was of no use, and why.
        assert_eq!(json["status"], "degraded", "{what}");
        let notices = json["notices"].to_string();
        assert!(notices.contains("`big` gave no answer once"), "{notices}");
        assert_eq!(json["backends"][0]["failed"], 0, "{what}");
        assert_eq!(json["backends"][0]["abstained"], 0, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_answers_needs_no_other() {
    let repo = packets(2);
    let alpha = where_big(|| says(NOTHING)).await;
    repo.config(&cascade(&alpha, ""));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["status"], "success");
    assert_eq!(alpha.asked("model").await, ["big", "big"]);
}

/// A key that is denied is denied to all models.
#[tokio::test(flavor = "multi_thread")]
async fn a_denied_key_is_shown_to_one_model_alone() {
    let repo = packets(3);
    let alpha = where_big(|| ResponseTemplate::new(401)).await;
    repo.config(&cascade(&alpha, "max_concurrent = 1\n"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(alpha.asked("model").await, ["big"]);
    let error = json["backends"][0]["error"].as_str().unwrap();
    assert_eq!(error.matches("answered 401").count(), 1, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_model_has_a_breaker_of_its_own() {
    let repo = packets(5);
    let alpha = where_big(|| ResponseTemplate::new(500)).await;
    repo.config(&cascade(&alpha, "max_concurrent = 1\n"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    let asked = alpha.asked("model").await;
    let of = |model: &str| asked.iter().filter(|asked| **asked == model).count();
    assert_eq!((of("big"), of("small")), (3, 5));
    let notices = json["notices"].to_string();
    assert!(notices.contains("gave no answer 5 times"), "{notices}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_model_answers_the_report_says_what_became_of_each() {
    let repo = packets(1);
    let alpha = Model::by_model(|model| match model {
        "big" => ResponseTemplate::new(404),
        _ => ResponseTemplate::new(503),
    })
    .await;
    repo.config(&cascade(&alpha, ""));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert_eq!(json["backends"][0]["failed"], 1);
    let error = json["backends"][0]["error"].as_str().unwrap();
    let (big, small) = (error.find("big: ").unwrap(), error.find("small: ").unwrap());
    assert!(
        big < small && error.contains("404") && error.contains("503"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_models_of_a_backend_have_one_vote() {
    let repo = packets(1);
    let found = json!({"findings": [claim(None), {"file": 7}]}).to_string();
    let alpha = Model::by_model(move |model| match model {
        // A part of its answer is lost, so that the next one is asked.
        "big" => says(&found),
        _ => says(&json!({"findings": [claim(None)]}).to_string()),
    })
    .await;
    let (beta, gamma) = (
        Model::finding(json!([])).await,
        Model::finding(json!([])).await,
    );
    let more = format!("{}{}", beta.config("beta"), gamma.config("gamma"));
    repo.config(&cascade(&alpha, &more));
    let (code, json, stderr) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    let vote = &json["unconfirmed"][0]["vote"];
    assert_eq!(
        (&vote["weight"], &vote["threshold"]),
        (&json!(1.0), &json!(2.0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_is_written_by_the_next_model_too() {
    let repo = packets(1);
    let alpha = Model::by_model(|model| match model {
        "big" => says(" "),
        _ => says("A summary."),
    })
    .await;
    repo.config(&cascade(&alpha, ""));
    let workflow = "name = \"w\"\n[[steps]]\nname = \"sum\"\nrole = \"synthesizer\"\n\
                    produces = \"text\"\nprompt = \"Sum up.\"\n";
    let (code, json, stderr) = run(&repo, workflow, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["texts"][0]["text"], "A summary.");
    assert_eq!(alpha.asked("model").await, ["big", "small"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dry_run_counts_the_first_model_and_says_so() {
    let repo = packets(2);
    let alpha = where_big(|| says(NOTHING)).await;
    repo.config(&cascade(&alpha, ""));
    let mut command = repo.llmux(&["diff", "HEAD~1", "--backend", "alpha", "--dry-run"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("of its first model (1 more stands in"),
        "{said}"
    );
    assert!(alpha.asked("model").await.is_empty());
}

/// One findings step of this name and role, with further lines.
fn step(name: &str, lines: &str) -> String {
    format!(
        "[[steps]]\nname = \"{name}\"\nrole = \"{name}\"\nproduces = \"findings\"\n\
         parallel = true\nprompt = \"Find bugs as {name}.\"\n{lines}\n"
    )
}

async fn two(repo: &Repo) -> (Model, Model) {
    let (alpha, beta) = (
        Model::finding(json!([])).await,
        Model::finding(json!([])).await,
    );
    repo.config(&format!(
        "{}temperature = 0.5\n{}",
        alpha.config("alpha"),
        beta.config("beta")
    ));
    (alpha, beta)
}

fn sorted(mut values: Vec<Value>) -> Vec<String> {
    values.sort_by_key(ToString::to_string);
    values.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_chooses_model_and_temperature() {
    let repo = packets(1);
    let (alpha, beta) = two(&repo).await;
    let workflow = [
        "name = \"w\"\nfold = true\n".to_owned(),
        step("analyzer", ""),
        step("reviewer", "model = { alpha = \"other\" }"),
        step("security", "temperature = 1.5"),
    ]
    .concat();
    let (code, _, stderr) = run(&repo, &workflow, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    // What asks for something else is a call of its own; the rest is folded.
    let models = sorted(alpha.asked("model").await);
    assert_eq!(models, ["\"alpha-1\"", "\"alpha-1\"", "\"other\""]);
    let temperatures = sorted(alpha.asked("temperature").await);
    assert_eq!(temperatures, ["0.5", "0.5", "1.5"]);
    let models = sorted(beta.asked("model").await);
    assert_eq!(models, ["\"beta-1\"", "\"beta-1\""]);
    let temperatures = sorted(beta.asked("temperature").await);
    assert_eq!(temperatures, ["1.5", "null"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_for_the_whole_crew_replaces_a_cascade() {
    let repo = packets(1);
    let alpha = where_big(|| says(NOTHING)).await;
    repo.config(&cascade(&alpha, ""));
    let workflow = format!("{ANALYZE}model = \"one\"\n");
    let (code, _, stderr) = run(&repo, &workflow, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(alpha.asked("model").await, ["one"]);
}

/// All that is wrong about names is told at once, before anything is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_for_an_unknown_backend_is_refused_with_its_place() {
    let repo = packets(1);
    let (alpha, _) = two(&repo).await;
    let file = repo.outside("w.toml");
    let workflow = [
        "name = \"w\"\n",
        &step("anlyzer", "model = { alhpa = \"x\", alpha = \"y\" }"),
    ]
    .concat();
    std::fs::write(&file, workflow).unwrap();
    repo.llmux(&["run", &file.display().to_string(), "HEAD~1"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains(
            "w.toml:8:11: `model` names the backend `alhpa`, which is not configured; \
             did you mean `alpha`?",
        ))
        .stderr(predicates::str::contains("unknown role `anlyzer`"));
    assert_eq!(alpha.calls().await, 0);
}

/// Without configuration the known programs and providers may be there on another machine.
#[test]
fn a_model_for_a_backend_that_may_be_found_is_no_mistake() {
    let repo = packets(1);
    let workflow = format!("{ANALYZE}model = {{ claude = \"opus\" }}\n");
    let (code, json, stderr) = run(&repo, &workflow, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["notices"], json!([]));
    repo.config("[backends.own]\ncommand = \"true\"\n");
    let file = repo.outside("workflow.toml").display().to_string();
    repo.llmux(&["run", &file, "HEAD~1"]).assert().code(2);
}

#[test]
fn model_and_models_are_one_too_many() {
    let repo = packets(1);
    repo.config("[backends.own]\ncommand = \"true\"\nmodel = \"a\"\nmodels = [\"b\"]\n");
    repo.llmux(&["diff", "HEAD~1"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains(
            "`backends.own` has both `model` and `models`",
        ))
        .stderr(predicates::str::contains("config.toml:4:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_follows_the_same_cascade() {
    let repo = packets(2);
    let alpha = where_big(|| ResponseTemplate::new(503)).await;
    repo.config(&cascade(&alpha, "requests_per_minute = 600\n"));
    let tape = repo.outside("tape").display().to_string();
    let args = |mode: &'static str| {
        [
            "diff",
            "HEAD~1",
            "--backend",
            "alpha",
            "--format",
            "json",
            mode,
        ]
    };
    let mut record = args("--record").to_vec();
    record.push(&tape);
    let (code, recorded, stderr) = report(&repo, &record);
    assert_eq!(code, Some(0), "{stderr}");
    let calls = alpha.calls().await;
    let mut replay = args("--replay").to_vec();
    replay.push(&tape);
    let (code, replayed, stderr) = report(&repo, &replay);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(alpha.calls().await, calls);
    assert_eq!(recorded["notices"], replayed["notices"]);
    assert_eq!(recorded["coverage"], replayed["coverage"]);
}
