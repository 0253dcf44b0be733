//! Keys in what servers and programs say.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use llmux::backends::{CallError, Reply, Settings};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::http::{answer, at, serving};
use super::{build, environment, request};
use crate::support::Repo;
use crate::support::tls::Authority;

fn key() -> String {
    // Ends within a group of three bytes of base64, and holds what JSON and URLs escape.
    format!("sk-proj-{}\"/+=", "Zm9vYmFy42".repeat(3))
}

async fn told(response: ResponseTemplate) -> Result<Reply, CallError> {
    let server = serving(response).await;
    let mut settings = at(&server);
    settings.api_key = Some("${THE_KEY}".to_owned());
    let key = key();
    let backend = build("it", &settings, &environment(&[("THE_KEY", &key)])).unwrap();
    backend.ask(&request("")).await
}

fn spellings() -> Vec<String> {
    let key = key();
    let mut all = vec![
        key.clone(),
        json!(key).to_string(),
        key.replace('"', "%22")
            .replace('/', "%2F")
            .replace('+', "%2B")
            .replace('=', "%3D"),
    ];
    for before in ["", "a", "ab", "user:"] {
        all.push(STANDARD.encode(format!("{before}{key}@host")));
        all.push(URL_SAFE.encode(format!("{before}{key}")));
    }
    all
}

/// What no text may hold: the key's middle, plain or in base64.
fn assert_hidden(text: &str) {
    let key = key();
    let mut parts = vec![key[8..24].to_owned()];
    for from in 0..3 {
        parts.push(STANDARD.encode(&key.as_bytes()[6 + from..24 + from]));
    }
    for part in parts {
        assert!(!text.contains(&part), "{part} is in {text}");
    }
    assert!(text.contains("[key]"), "{text}");
}

#[tokio::test]
async fn an_answer_that_holds_the_key_loses_it_however_it_is_spelt() {
    for spelling in spellings() {
        let mut body = answer(&format!("your key is {spelling}, is it not"));
        body["model"] = json!(format!("model-{spelling}"));
        let reply = told(ResponseTemplate::new(200).set_body_json(body)).await;
        let reply = reply.unwrap();
        assert_hidden(&reply.text);
        assert!(reply.text.starts_with("your key is "), "{}", reply.text);
        assert!(reply.text.ends_with(", is it not"), "{}", reply.text);
        assert_hidden(&reply.model.unwrap());
    }
}

#[tokio::test]
async fn an_error_that_holds_the_key_loses_it() {
    for spelling in spellings() {
        // At the end of what a message shows, so that a part would be left.
        for before in [0, 150, 270, 285, 295] {
            let words = format!("{} {spelling} after", "word ".repeat(before / 5));
            let body = json!({"error": {"message": words}});
            let error = told(ResponseTemplate::new(500).set_body_json(body)).await;
            let message = error.unwrap_err().message;
            let key = key();
            for from in 0..3 {
                let part = STANDARD.encode(&key.as_bytes()[6 + from..18 + from]);
                assert!(!message.contains(&part), "{message}");
            }
            assert!(!message.contains("Zm9v"), "{message}");
            assert!(!message.contains("sk-proj"), "{message}");
        }
    }
}

#[tokio::test]
async fn what_a_server_left_of_a_masked_key_goes_too() {
    let key = key();
    let end = &key[key.len() - 4..];
    for masked in [
        format!("sk-proj-****{end}"),
        format!("***{end}."),
        format!("(sk-proj-Zm9...{end})"),
        format!("sk-proj-Zm9vYmFy…{end}"),
    ] {
        let body = json!({"error": {"message": format!("Incorrect API key: {masked}")}});
        let error = told(ResponseTemplate::new(401).set_body_json(body)).await;
        let message = error.unwrap_err().message;
        assert!(!message.contains(end), "{message}");
        assert!(!message.contains("Zm9"), "{message}");
        assert!(message.contains("[key]"), "{message}");
    }
}

/// A finding about a key in the code under review must find its quote again.
#[tokio::test]
async fn an_answer_may_quote_the_beginning_of_another_key() {
    let text = "const KEY = \"sk-proj-Other0Key\"; // and ...42";
    let reply = told(ResponseTemplate::new(200).set_body_json(answer(text))).await;
    assert_eq!(reply.unwrap().text, text);
}

#[tokio::test]
async fn a_placeholder_for_a_key_is_a_common_word() {
    let text = "ollama serves this, EMPTY or not";
    let server = serving(ResponseTemplate::new(200).set_body_json(answer(text))).await;
    let mut settings = at(&server);
    settings.api_key = Some("${THE_KEY}".to_owned());
    for word in ["ollama", "EMPTY"] {
        let backend = build("it", &settings, &environment(&[("THE_KEY", word)])).unwrap();
        assert_eq!(backend.ask(&request("")).await.unwrap().text, text);
    }
}

#[tokio::test]
async fn a_key_that_cannot_stand_in_a_header_is_not_repeated() {
    let server = serving(ResponseTemplate::new(200).set_body_json(answer("x"))).await;
    let mut settings = at(&server);
    settings.api_key = Some("${THE_KEY}".to_owned());
    let key = format!("{}\nX-Other: 1", "secret-part".repeat(2));
    let backend = build("it", &settings, &environment(&[("THE_KEY", &key)])).unwrap();
    let error = backend.ask(&request("")).await.unwrap_err();
    assert!(error.message.contains("THE_KEY holds no key"), "{error}");
    assert!(!error.message.contains("secret-part"), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_prints_what_it_was_given_is_not_repeated() {
    let key = key();
    let script = "cat >/dev/null; printf 'key %s, home %s' \"$MY_TOKEN\" \"$MY_HOME\"; printf '%s' \"$HTTPS_PROXY\" >&2";
    let settings = Settings {
        command: Some("/bin/sh".to_owned()),
        args: vec!["-c".to_owned(), script.to_owned()],
        env: vec!["MY_TOKEN".to_owned(), "MY_HOME".to_owned()],
        ..Settings::default()
    };
    let proxy = "http://agent:open-sesame@proxy:3128";
    let home = "/home/somebody/else";
    let seen = environment(&[
        ("MY_TOKEN", &key),
        ("MY_HOME", home),
        ("HTTPS_PROXY", proxy),
    ]);
    let backend = build("it", &settings, &seen).unwrap();
    let reply = backend.ask(&request("")).await.unwrap();
    assert_eq!(reply.text, format!("key [key], home {home}"));

    let mut settings = settings;
    settings.args[1].push_str("; exit 3");
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(&request("")).await.unwrap_err();
    assert!(!error.message.contains("sesame"), "{error}");
}

/// The loudest log has what the libraries below say, too.
#[tokio::test(flavor = "multi_thread")]
async fn no_log_holds_the_key() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n");
    repo.commit("before");
    repo.write("a.py", "x = 2\n");
    repo.commit("after");
    let authority = Authority::new();
    let secure = authority.server(&["127.0.0.1"]);
    let roots = repo.outside("roots.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let key = format!("sk-{}", "logged0no".repeat(4));
    let body = json!({"error": {"message": format!("{key} is not known")}});
    let plain = serving(ResponseTemplate::new(401).set_body_json(body)).await;
    repo.config(&format!(
        "[backends.secure]\nbase_url = \"https://127.0.0.1:{}/v1\"\napi_key = \"${{THE_KEY}}\"\n\
         [backends.plain]\nbase_url = \"{}/v1\"\napi_key = \"${{THE_KEY}}\"\n",
        secure.address.port(),
        plain.uri()
    ));
    let output = repo
        .llmux(&["diff", "HEAD~1", "--format", "json"])
        .env("LLMUX_LOG", "trace")
        .env("THE_KEY", &key)
        .env("SSL_CERT_FILE", &roots)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !secure.requests().is_empty() && said.contains("is not known"),
        "{said}"
    );
    for secret in [key.as_str(), &key[..12], &STANDARD.encode(&key)[..12]] {
        assert!(!said.contains(secret), "{said}");
    }
}
