//! Servers that speak TLS, with certificates good and bad.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use llmux::backends::{CallError, ErrorKind, Reply, Settings};
use tempfile::TempDir;

use super::{build, environment, request};
use crate::support::tls::Authority;

/// Asks `https://127.0.0.1:PORT` in an environment with these variables.
async fn ask(port: u16, variables: &[(&str, &str)]) -> Result<Reply, CallError> {
    ask_at(&format!("https://127.0.0.1:{port}/v1"), variables).await
}

async fn ask_at(url: &str, variables: &[(&str, &str)]) -> Result<Reply, CallError> {
    let settings = Settings {
        base_url: Some(url.to_owned()),
        ..Settings::default()
    };
    let backend = build("it", &settings, &environment(variables)).unwrap();
    backend.ask(&request("task")).await
}

/// A file with these certificates.
fn file(pem: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("roots.pem");
    fs::write(&path, pem).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[tokio::test]
async fn an_unknown_issuer_is_made_known_by_a_file_or_a_folder() {
    let authority = Authority::new();
    let server = authority.server(&["127.0.0.1"]);
    let port = server.address.port();
    let error = ask(port, &[]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent, "{error}");
    assert!(error.message.contains("SSL_CERT_FILE"), "{error}");
    assert!(error.message.contains("nobody whom"), "{error}");
    assert!(server.requests().is_empty());

    let (folder, path) = file(&authority.pem());
    let reply = ask(port, &[("SSL_CERT_FILE", &path)]).await.unwrap();
    assert_eq!(reply.text, "hello");
    let folder = folder.path().display().to_string();
    // One folder of a list need not be there.
    let folders = format!("/nowhere/at/all:{folder}");
    ask(port, &[("SSL_CERT_DIR", &folders)]).await.unwrap();
}

#[tokio::test]
async fn the_file_stands_in_place_of_what_the_machine_trusts() {
    let server = Authority::new().server(&["127.0.0.1"]);
    let (_folder, path) = file(&Authority::new().pem());
    let error = ask(server.address.port(), &[("SSL_CERT_FILE", &path)]).await;
    assert!(error.unwrap_err().message.contains("nobody whom"));
}

#[tokio::test]
async fn a_file_that_holds_no_certificates_is_told() {
    let server = Authority::new().server(&["127.0.0.1"]);
    let (folder, empty) = file("no certificate\n");
    let missing = folder.path().join("missing.pem").display().to_string();
    for (name, path) in [
        ("SSL_CERT_FILE", &empty),
        ("SSL_CERT_FILE", &missing),
        ("SSL_CERT_DIR", &missing),
    ] {
        let error = ask(server.address.port(), &[(name, path)]).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Permanent, "{error}");
        assert!(error.message.contains(name), "{error}");
        assert!(error.message.contains("PEM"), "{error}");
    }
}

#[tokio::test]
async fn certificates_that_are_out_of_date_or_for_others_are_told_apart() {
    let authority = Authority::new();
    let (_folder, path) = file(&authority.pem());
    let expired = authority.server_with(&["127.0.0.1"], |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let early = authority.server_with(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2200, 1, 1);
        params.not_after = rcgen::date_time_ymd(2201, 1, 1);
    });
    let other = authority.server(&["other.example"]);
    for (server, words) in [
        (&expired, "has expired; check this machine's clock"),
        (&early, "not valid yet"),
        (&other, "is for another host (other.example)"),
    ] {
        let error = ask(server.address.port(), &[("SSL_CERT_FILE", &path)]).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Permanent, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn https_for_http_and_http_for_https_are_told() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    let error = ask(port, &[]).await.unwrap_err();
    assert!(error.message.contains("http://"), "{error}");
    assert!(error.message.contains("does not speak TLS"), "{error}");
    assert_eq!(error.kind, ErrorKind::Permanent);

    let secure = Authority::new().server(&["127.0.0.1"]);
    let url = format!("http://127.0.0.1:{}/v1", secure.address.port());
    let error = ask_at(&url, &[]).await.unwrap_err();
    assert!(error.message.contains("https://"), "{error}");
}

/// HTTP/2 begins with a preface of its own.
#[test]
fn http_2_is_spoken_where_the_server_offers_it() {
    let key = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let private = key.signing_key.serialize_der().try_into().unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, listener.accept().unwrap().0);
        let mut preface = [0; 14];
        stream.read_exact(&mut preface).unwrap();
        let _ = stream.flush();
        preface
    });
    let (_folder, path) = file(&key.cert.pem());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(ask(port, &[("SSL_CERT_FILE", &path)]));
    error.unwrap_err();
    assert_eq!(&server.join().unwrap(), b"PRI * HTTP/2.0");
}
