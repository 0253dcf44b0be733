//! Presets in a run of the binary: where its keys go.

use serde_json::{Value, json};

use super::dialects::{answer, said, serving};
use crate::support::Repo;
use crate::support::raw::Raw;
use llmux::backends::DialectName;

const NOTHING: &str = "{\"findings\": []}";

/// Put together here, so that no scanner takes it for a real one.
fn key() -> String {
    format!("sk-{}", "preset0key".repeat(3))
}

/// A server that finds nothing in any change, and a project that is configured so.
fn scene(dialect: DialectName, config: impl FnOnce(&str) -> String) -> (Repo, Raw) {
    let server = serving(said(&answer(dialect, NOTHING)));
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("before");
    repo.write("a.py", "x = 2\n");
    repo.commit("after");
    repo.config(&config(&server.uri()));
    (repo, server)
}

fn body(server: &Raw) -> Value {
    serde_json::from_slice(&server.requests()[0].body).unwrap()
}

#[test]
fn an_address_in_the_project_gets_no_key_of_the_environment() {
    let table = |name: &str, more: &str| format!("[backends.{name}]\nmodel = \"m\"\n{more}\n");
    for (name, address, preset) in [
        ("openai", "base_url", ""),
        ("openai", "command", ""),
        ("mine", "base_url", "preset = \"openai\""),
        ("mine", "command", "preset = \"openai\""),
    ] {
        let (repo, server) = scene(DialectName::Openai, |uri| {
            table(name, &format!("{address} = \"{uri}/v1\"\n{preset}"))
        });
        let mut run = repo.llmux(&["diff", "HEAD~1"]);
        let output = run.env("OPENAI_API_KEY", key()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(server.count() > 0, "{name} {address}: {stderr}");
        for seen in server.requests() {
            assert_eq!(seen.header("authorization"), None);
            let all = format!("{:?} {}", seen.headers, seen.text());
            assert!(!all.contains(&key()), "{all}");
        }
    }
}

#[test]
fn a_providers_name_and_its_variables_are_enough() {
    let (repo, server) = scene(DialectName::Openai, |_| "[backends.openai]\n".to_owned());
    let output = repo
        .llmux(&["diff", "HEAD~1", "--format", "json"])
        .env("OPENAI_API_KEY", key())
        .env("OPENAI_BASE_URL", format!("{}/v1", server.uri()))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let seen = &server.requests()[0];
    assert_eq!(seen.path, "/v1/chat/completions");
    let bearer = format!("Bearer {}", key());
    assert_eq!(seen.header("authorization"), Some(bearer.as_str()));
    assert_eq!(body(&server)["model"], "gpt-5.5");
}

#[test]
fn an_ollama_elsewhere_is_found_by_its_variable() {
    let (repo, server) = scene(DialectName::Ollama, |_| {
        "[backends.ollama]\nmodel = \"m\"\n".to_owned()
    });
    let address = server.uri().replace("http://", "");
    let output = repo
        .llmux(&["diff", "HEAD~1"])
        .env("OLLAMA_HOST", address)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(server.requests()[0].path, "/api/chat");
    assert_eq!(body(&server)["format"]["type"], json!("object"));
}

#[test]
fn an_unknown_preset_is_told_at_its_place() {
    let (repo, server) = scene(DialectName::Openai, |_| {
        "[backends.mine]\npreset = \"antropic\"\n".to_owned()
    });
    let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for words in ["config.toml:2", "did you mean `anthropic`"] {
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(server.count(), 0);
}
