//! What `--dry-run` says is what the run then takes: a scripted server counts calls and tokens
//! with OpenAI's own tokenizer and answers as long as it may.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::TWICE;
use crate::support::Repo;
use crate::support::model::{asks_for_findings, says};

/// Longest difference of what was said before to what was used, as a part of the latter.
const MOST: f64 = 0.15;

/// A change of real code: six packets of up to 3,000 tokens.
fn repo() -> Repo {
    let repo = Repo::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    repo.write("a.txt", "\n");
    let text = |path: &str| fs::read_to_string(root.join("src").join(path)).unwrap();
    let grown = text("gate.rs");
    repo.write("gate/gate.rs", &grown[..grown.floor_char_boundary(3_000)]);
    repo.commit("before");
    repo.write("gate/gate.rs", &grown);
    for path in ["units.rs", "backends/call.rs", "findings/vote/count.rs"] {
        repo.write(path, &text(path));
    }
    repo.write("data/table.csv", &"2026-01-02,17.25,ok\n".repeat(90));
    repo.commit("after");
    repo
}

/// Answers with nothing found, or a sentence, and with the tokens that were really read and as
/// many written as may be.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let messages = body["messages"].as_array().unwrap();
        let text = |message: &Value, key: &str| message[key].as_str().unwrap().to_owned();
        let question: Vec<String> = messages.iter().map(|it| text(it, "content")).collect();
        let count = |text: &str| {
            tiktoken_rs::o200k_base_singleton()
                .encode_ordinary(text)
                .len()
        };
        // As OpenAI's cookbook counts a chat; and the schema, which the model is shown.
        let chat = messages
            .iter()
            .map(|message| 3 + count(&text(message, "role")) + count(&text(message, "content")));
        let schema = &body["response_format"]["json_schema"]["schema"];
        let schema = if schema.is_null() {
            0
        } else {
            count(&schema.to_string())
        };
        let most = [&body["max_tokens"], &body["max_completion_tokens"]];
        let most = most.iter().find_map(|it| it.as_u64()).unwrap();
        let found = asks_for_findings(&question.join("\n"));
        let answer = if found {
            "{\"findings\": []}"
        } else {
            "A summary."
        };
        let content = json!({ "role": "assistant", "content": answer });
        says("").set_body_json(json!({
            "id": "c", "object": "chat.completion", "model": body["model"],
            "choices": [{ "index": 0, "finish_reason": "stop", "message": content }],
            "usage": {
                "prompt_tokens": chat.sum::<usize>() + 3 + schema,
                "completion_tokens": most,
                "total_tokens": 0
            }
        })) as ResponseTemplate
    };
    Mock::given(matchers::method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// `[backends.NAME]` of a server that is asked for a model of OpenAI's.
fn backend(server: &MockServer, name: &str, model: &str, more: &str) -> String {
    format!(
        "[backends.{name}]\nbase_url = \"{}/v1\"\nmodel = \"{model}\"\nlocal = false\n{more}\n",
        server.uri()
    )
}

/// Calls, tokens in, dollars.
type Sums = [f64; 3];

/// What a line of the dry run says: `alpha: 4 calls, 9000 tokens in, highest cost $0.1234`.
fn said(line: &str) -> Sums {
    let before = |what: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let at = words
            .iter()
            .position(|word| word.trim_end_matches(',') == what);
        words[at.unwrap() - 1].parse().unwrap()
    };
    let dollars = line.split('$').nth(1).unwrap().split(' ').next().unwrap();
    [before("calls"), before("tokens"), dollars.parse().unwrap()]
}

/// Runs the dry run and the run; gives for each backend what the one said and the other used,
/// and the dry run's words.
fn both(repo: &Repo, workflow: Option<&str>) -> (Vec<(String, Sums, Sums)>, String) {
    let file = repo.outside("workflow.toml");
    let name = file.display().to_string();
    let which = match workflow {
        Some(text) => {
            fs::write(&file, text).unwrap();
            vec!["run", &name, "HEAD~1"]
        }
        None => vec!["diff", "HEAD~1"],
    };
    let output = |more: &[&str]| {
        let args = [&which[..], more].concat();
        let output = repo.llmux(&args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    let dry = output(&["--dry-run"]);
    let report: Value = serde_json::from_str(&output(&["--format", "json"])).unwrap();
    let backends = report["backends"].as_array().unwrap();
    let backends = backends.iter().filter(|it| it["name"] != "rules");
    let sums = backends.map(|backend| {
        let name = backend["name"].as_str().unwrap().to_owned();
        let line = dry
            .lines()
            .find(|line| line.starts_with(&format!("{name}: ")));
        let used = [
            &backend["answered"],
            &backend["tokens"]["input"],
            &backend["cost_usd"],
        ];
        let used = used.map(|it| it.as_f64().unwrap());
        (name, said(line.unwrap()), used)
    });
    (sums.collect(), dry)
}

/// What is counted exactly is far nearer than [`MOST`].
fn assert_near(sums: &[(String, Sums, Sums)]) {
    assert_within(0.01, sums);
}

fn assert_within(most: f64, sums: &[(String, Sums, Sums)]) {
    for (name, said, used) in sums {
        let far = |at: usize| (said[at] - used[at]).abs() / used[at];
        assert!(used[0] >= 4.0 && used[1] > 10_000.0, "{used:?}");
        assert_eq!(said[0].to_bits(), used[0].to_bits(), "calls");
        assert!(
            far(1) <= most && far(2) <= most,
            "{name}: {said:?} {used:?}"
        );
    }
}

const PACKETS: &str = "[packets]\nmax_tokens = 3000\n";
const PRICE: &str = "max_output_tokens = 4000\nprice = { input = 1.25, output = 10.0 }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_one_backend_is_right() {
    let (repo, server) = (repo(), server().await);
    let alpha = backend(&server, "alpha", "gpt-5.5", "preset = \"openai\"\n");
    repo.config(&format!("{PACKETS}{alpha}"));
    let (sums, dry) = both(&repo, None);
    assert_near(&sums);
    let line = dry.lines().find(|line| line.starts_with("alpha")).unwrap();
    assert!(line.ends_with(" (list price of 2026-11-28)"), "{line}");
    let packets = dry
        .lines()
        .find(|line| line.starts_with("packets: "))
        .unwrap();
    assert!(packets.starts_with("packets: 6 ("), "{packets}");
    assert!(dry.contains("\nfiles: 5\n"), "{dry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_folded_roles_is_right() {
    let (repo, server) = (repo(), server().await);
    let (alpha, beta) = (
        backend(&server, "alpha", "gpt-5.5", PRICE),
        backend(
            &server,
            "beta",
            "gpt-4.1",
            "price = { input = 0.0, output = 1.0 }",
        ),
    );
    let more = "[roles.reviewer]\nbackends = [\"beta\", \"alpha\"]\nsamples = 2\n";
    repo.config(&format!("{PACKETS}{alpha}{beta}{more}"));
    let (sums, dry) = both(&repo, None);
    assert_eq!(sums.len(), 2);
    assert_near(&sums);
    assert!(!dry.contains("list price"), "{dry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_without_a_tokenizer_is_near() {
    let (repo, server) = (repo(), server().await);
    repo.config(&format!(
        "{PACKETS}{}",
        backend(&server, "alpha", "m-1", PRICE)
    ));
    let (sums, _) = both(&repo, None);
    assert_within(MOST, &sums);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_samples_is_right() {
    let (repo, server) = (repo(), server().await);
    let alpha = backend(
        &server,
        "alpha",
        "gpt-5.5",
        &format!("{PRICE}samples = 3\n"),
    );
    // Without a temperature to vary the samples read the packet in other orders.
    repo.config(&format!("{PACKETS}{alpha}temperature = 0.5\n"));
    let (sums, _) = both(&repo, None);
    assert_near(&sums);
    assert!((sums[0].1[0] - 19.0).abs() < 0.1, "{sums:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_without_fold_is_right() {
    let server = server().await;
    let text = "[[steps]]\nname = \"sum\"\nrole = \"synthesizer\"\nfor_each = \"packets\"\n\
                produces = \"text\"\nprompt = \"Sum up {{ packet.files | length }} files.\"\n";
    // Steps that wait for each other fold as little as those that do not fold.
    for more in [text, "fold = true\n"] {
        let workflow = match more {
            "fold = true\n" => format!("{more}{TWICE}"),
            _ => format!("{TWICE}{more}"),
        };
        // Of its own, or the tape would answer.
        let repo = repo();
        let alpha = backend(&server, "alpha", "gpt-5", PRICE);
        repo.config(&format!("{PACKETS}{alpha}"));
        let (sums, _) = both(&repo, Some(&workflow));
        assert_near(&sums);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_on_this_machine_costs_nothing_and_what_is_unknown_says_so() {
    let (repo, server) = (repo(), server().await);
    let dry = |model: &str, more: &str| {
        repo.config(&format!(
            "{PACKETS}{}",
            backend(&server, "alpha", model, more)
        ));
        let output = repo
            .llmux(&["diff", "HEAD~1", "--dry-run"])
            .output()
            .unwrap();
        let dry = String::from_utf8(output.stdout).unwrap();
        dry.lines()
            .find(|line| line.starts_with("alpha"))
            .unwrap()
            .to_owned()
    };
    let unknown = dry("gpt-5.5", "");
    assert!(unknown.ends_with(" tokens in, price unknown"), "{unknown}");
    let unlisted = dry("gpt-5.5-turbo", "preset = \"openai\"");
    assert!(
        unlisted.ends_with(" tokens in, price unknown"),
        "{unlisted}"
    );
    repo.config(&format!(
        "{PACKETS}{}",
        backend(&server, "alpha", "m", "").replace("local = false", "local = true")
    ));
    let output = repo
        .llmux(&["diff", "HEAD~1", "--dry-run"])
        .output()
        .unwrap();
    let free = String::from_utf8(output.stdout).unwrap();
    assert!(
        free.contains(" tokens in, highest cost $0.0000\n"),
        "{free}"
    );
}
