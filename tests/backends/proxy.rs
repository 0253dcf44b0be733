//! Servers behind proxies, which the environment names.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;

use llmux::backends::{CallError, ErrorKind, Reply, Settings};

use super::{build, environment, request};
use crate::support::proxy::{Proxy, Temper};
use crate::support::raw::{Act, Raw};
use crate::support::tls::{Authority, chat_completion};

/// Base64 of `agent:open-sesame`.
const LOGIN: &str = "YWdlbnQ6b3Blbi1zZXNhbWU=";

fn key() -> String {
    format!("sk-{}", "proxied0".repeat(4))
}

async fn ask(url: &str, variables: &[(&str, &str)]) -> Result<Reply, CallError> {
    let settings = Settings {
        base_url: Some(url.to_owned()),
        api_key: Some("${THE_KEY}".to_owned()),
        // A key may travel in the clear.
        local: Some(true),
        ..Settings::default()
    };
    let key = key();
    let variables = [variables, &[("THE_KEY", &key)]].concat();
    let backend = build("it", &settings, &environment(&variables)).unwrap();
    let shown = format!("{backend:?} {}", backend.identity());
    let result = backend.ask(&request("task")).await;
    for secret in [&key, "open-sesame", LOGIN] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!format!("{result:?}").contains(secret), "{result:?}");
    }
    result
}

#[tokio::test]
async fn a_tunnel_shows_the_key_to_the_server_alone() {
    let authority = Authority::new();
    let server = authority.server(&["model.test"]);
    let proxy = Proxy::new(Temper::Open(server.address));
    let folder = tempfile::TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    let roots = roots.display().to_string();
    let at = format!("http://{}", proxy.address);
    // Lower case and without a scheme too; whatever the server's host, it is not looked up here.
    for (name, value) in [
        ("HTTPS_PROXY", at.as_str()),
        ("https_proxy", at.trim_start_matches("http://")),
        ("ALL_PROXY", at.as_str()),
    ] {
        let variables = [(name, value), ("SSL_CERT_FILE", &roots)];
        let reply = ask("https://model.test/v1", &variables).await.unwrap();
        assert_eq!(reply.text, "hello", "{name}");
    }
    let seen = server.requests();
    assert_eq!(seen.len(), 3);
    let header = format!("authorization: Bearer {}", key()).to_ascii_lowercase();
    assert!(seen[0].to_ascii_lowercase().contains(&header));
    let passed = proxy.seen();
    assert!(passed.contains("CONNECT model.test:443"), "{passed}");
    assert!(!passed.contains(&key()));
    assert!(!passed.to_ascii_lowercase().contains("\r\nauthorization"));
    assert!(!passed.contains("task"));
}

#[tokio::test]
async fn a_plain_question_goes_to_the_proxy_itself() {
    let nobody = "127.0.0.1:9".parse().unwrap();
    let proxy = Proxy::new(Temper::Open(nobody));
    let at = format!("http://{}", proxy.address);
    let reply = ask("http://model.test:8080/v1", &[("HTTP_PROXY", &at)]).await;
    assert_eq!(reply.unwrap().text, "by the proxy");
    let passed = proxy.seen();
    assert!(
        passed.starts_with("POST http://model.test:8080/v1/chat/completions "),
        "{passed}"
    );
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_told_and_gets_it() {
    let nobody = "127.0.0.1:9".parse().unwrap();
    let proxy = Proxy::new(Temper::Guarded(nobody, LOGIN));
    let at = format!("http://{}", proxy.address);
    let wrong = format!("http://agent:open-sesame-no@{}", proxy.address);
    for (url, name) in [
        ("https://model.test/v1", "HTTPS_PROXY"),
        ("http://model.test/v1", "HTTP_PROXY"),
    ] {
        for value in [&at, &wrong] {
            let error = ask(url, &[(name, value)]).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Denied, "{error}");
            let words = format!("write {name} as http://user:password@host:port");
            assert!(error.message.contains(&words), "{error}");
        }
    }
    let right = format!("http://agent:open-sesame@{}", proxy.address);
    let reply = ask("http://model.test/v1", &[("HTTP_PROXY", &right)]).await;
    assert_eq!(reply.unwrap().text, "by the proxy");
}

#[tokio::test]
async fn proxies_that_fail_are_told_by_their_variable() {
    let closed = Proxy::new(Temper::Closed);
    let dead = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let closed = format!("http://{}", closed.address);
    let shown = dead.to_string();
    let dead = format!("http://agent:open-sesame@{dead}");
    for (value, words) in [
        (&closed, "lets no connection through"),
        (&dead, "refused"),
        (&dead, &shown),
    ] {
        let error = ask("https://model.test/v1", &[("HTTPS_PROXY", value)]).await;
        let error = error.unwrap_err();
        let transient = ErrorKind::Transient { retry_after: None };
        assert_eq!(error.kind, transient, "{error}");
        assert!(error.message.contains("HTTPS_PROXY"), "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_proxy_makes_the_backend_unavailable() {
    let settings = Settings {
        base_url: Some("https://model.test/v1".to_owned()),
        ..Settings::default()
    };
    for value in ["ftp://agent:open-sesame@proxy:21", "http://", "http://:80"] {
        let seen = environment(&[("HTTPS_PROXY", value)]);
        let backend = build("it", &settings, &seen).unwrap();
        let why = backend.available().unwrap_err();
        assert!(why.contains("HTTPS_PROXY names no proxy"), "{why}");
        assert!(!why.contains("sesame"), "{why}");
        let error = backend.ask(&request("")).await.unwrap_err();
        assert!(error.message.contains("HTTPS_PROXY"), "{error}");
    }
}

#[tokio::test]
async fn loopback_and_exceptions_are_reached_straight() {
    let server = Raw::new(|_| vec![Act::Send(chat_completion("hello").into())]);
    let dead = "http://127.0.0.1:9";
    let variables = [("HTTP_PROXY", dead), ("ALL_PROXY", dead)];
    let reply = ask(&format!("{}/v1", server.uri()), &variables).await;
    assert_eq!(reply.unwrap().text, "hello");

    // An address of this machine that is no loopback.
    let port = server.uri().rsplit(':').next().unwrap().to_owned();
    let url = format!("http://0.0.0.0:{port}/v1");
    ask(&url, &variables).await.unwrap_err();
    for name in ["NO_PROXY", "no_proxy"] {
        let variables = [variables.as_slice(), &[(name, "other.test, 0.0.0.0")]].concat();
        ask(&url, &variables).await.unwrap();
    }
}

/// A client of SOCKS 5 says the version first.
#[tokio::test]
async fn socks_is_spoken_where_it_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = std::thread::spawn(move || {
        let mut greeting = [0];
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut greeting).unwrap();
        greeting[0]
    });
    let at = format!("socks5h://{address}");
    let error = ask("http://model.test/v1", &[("ALL_PROXY", &at)]).await;
    assert!(error.unwrap_err().message.contains("ALL_PROXY"));
    assert_eq!(proxy.join().unwrap(), 5);
}
