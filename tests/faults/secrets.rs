//! Servers that say a key back: it is in nothing that llmux writes.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::kind::{Kind, kinds, response, streaming_kinds};
use super::scene::{FORMATS, LINE, Scene, config_of, key, serve};
use crate::support::raw::{Act, Manners, Seen};

/// Runs `llmux diff` with every format, the fullest log and a tape, and demands that no file
/// of it holds the key or a part that would do.
fn assert_kept(kinds: &[Kind], script: impl Fn(Kind, &Seen) -> Vec<Act> + Send + Sync + 'static) {
    let scene = Scene::new();
    let servers = serve(kinds, Manners::default(), script);
    let config = config_of(&servers, "retries = 1", "");
    let out = scene.repo.outside("out");
    let tape = out.join("tape").display().to_string();
    // Standard output and error are looked at there.
    let ended = scene.diff_in_full(&config, &out, &["--record", &tape]);
    for (kind, server) in servers {
        let asked = &server.requests()[0];
        let mut values = asked.headers.iter().map(|(_, value)| value);
        let name = kind.name();
        assert!(
            values.any(|value| value.contains(&key())),
            "{name}: {}",
            ended.stderr
        );
        assert!(!asked.path.contains(&key()), "{name}: {}", asked.path);
    }
    let mut files = 0;
    look(&out, &mut files);
    assert!(files >= FORMATS.len(), "{files}");
}

fn look(folder: &Path, files: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look(&path, files);
            continue;
        }
        *files += 1;
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in [&key()[..], &key()[3..15]] {
            assert!(!text.contains(secret), "{}: {text}", path.display());
        }
    }
}

#[test]
fn an_error_that_says_the_key_back_does_not_show_it() {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "500 Internal Server Error",
    ] {
        assert_kept(&kinds(), move |kind, seen| {
            let headers = format!("{:?}", seen.headers);
            vec![Act::Send(kind.fails(status, &[], &headers))]
        });
    }
}

#[test]
fn a_page_that_says_the_key_back_does_not_show_it() {
    assert_kept(&kinds(), |_, _| {
        let page = format!("<html>Bearer {} {}…</html>", key(), &key()[..20]);
        vec![Act::Send(response("502 Bad Gateway", &[], page.as_bytes()))]
    });
    assert_kept(&kinds(), |_, _| {
        let key = key();
        let headers = [("Content-Type", key.as_str()), ("Location", key.as_str())];
        vec![Act::Send(response("200 OK", &headers, key.as_bytes()))]
    });
    assert_kept(&kinds(), |_, _| {
        let target = format!("http://{}@{}.example/{}", key(), key(), key());
        let headers = [("Location", target.as_str())];
        vec![Act::Send(response("307 Moved", &headers, b""))]
    });
    assert_kept(&kinds(), |_, _| {
        vec![Act::Send(response(&format!("500 {}", key()), &[], b""))]
    });
}

/// As a finding, so that it goes into reports and onto the tape.
#[test]
fn an_answer_that_says_the_key_back_does_not_show_it() {
    assert_kept(&kinds(), |kind, _| {
        let key = key();
        let claim = json!({
            "file": "last.py", "line": 2, "end_line": 2, "quote": LINE, "severity": "high",
            "category": "bug", "rule": "off-by-one", "title": format!("Key {key}"),
            "message": format!("The key is {key}."), "suggestion": key, "confidence": 0.9
        });
        vec![Act::Send(
            kind.says(&json!({ "findings": [claim] }).to_string()),
        )]
    });
}

#[test]
fn an_answer_that_is_none_and_says_the_key_back_does_not_show_it() {
    assert_kept(&kinds(), |kind, _| {
        vec![Act::Send(kind.says(&format!("Key {}", key())))]
    });
    assert_kept(&kinds(), |kind, _| {
        let body = kind.body("{}").replace("m-1", &key());
        vec![Act::Send(kind.with_body(body.as_bytes()))]
    });
}

/// The key comes in two pieces.
#[test]
fn an_event_that_says_the_key_back_does_not_show_it() {
    assert_kept(&streaming_kinds(), |kind, _| {
        let body = kind.error_event(&format!("bad key {}", key()));
        vec![Act::Send(kind.with_body(body.as_bytes()))]
    });
    assert_kept(&streaming_kinds(), |kind, _| {
        let (one, two) = (&key()[..20], &key()[20..]);
        let mut pieces = kind.pieces("");
        pieces.insert(1, kind.piece(&format!("Bearer {one}")));
        pieces.insert(2, kind.piece(two));
        vec![Act::Send(kind.with_body(pieces.concat().as_bytes()))]
    });
}
