//! Servers that say a key back: it is in nothing that llmux writes.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::kind::{Kind, kinds, response};
use super::scene::{LINE, Scene, key};
use crate::support::raw::{Act, Raw, Seen};

const FORMATS: [&str; 5] = ["terminal", "markdown", "sarif", "junit", "json"];

/// Runs `llmux diff` with every format, the fullest log and a tape, and demands that no file
/// of it holds the key or a part that would do.
fn assert_kept(kind: Kind, script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) {
    let scene = Scene::new();
    let server = Raw::new(script);
    let config = format!("[run]\nretries = 1\n{}", kind.config("one", &server.uri()));
    let out = scene.repo.outside("out");
    fs::create_dir(&out).unwrap();
    let tape = out.join("tape").display().to_string();
    let mut args: Vec<String> = ["diff", "HEAD~1", "-vv", "--record", &tape]
        .map(str::to_owned)
        .into();
    for format in FORMATS {
        let path = out.join(format!("report.{format}"));
        args.extend([
            "--report".to_owned(),
            format!("{format}={}", path.display()),
        ]);
    }
    args.extend(["--report".to_owned(), "terminal".to_owned()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    // Standard output and error are looked at there.
    let ended = scene.llmux(&config, &args);
    let asked = server.requests();
    let sent = asked[0]
        .headers
        .iter()
        .any(|(_, value)| value.contains(&key()));
    let in_path = asked[0].path.contains(&key());
    assert!(sent && !in_path, "{}: {}", kind.name(), ended.stderr);
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
    for kind in kinds() {
        for status in [
            "400 Bad Request",
            "401 Unauthorized",
            "500 Internal Server Error",
        ] {
            assert_kept(kind, move |seen| {
                let headers: String = seen
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}; "))
                    .collect();
                vec![Act::Send(kind.fails(status, &[], &headers))]
            });
        }
    }
}

#[test]
fn a_page_that_says_the_key_back_does_not_show_it() {
    for kind in kinds() {
        assert_kept(kind, |_| {
            let page = format!("<html>Bearer {} {}…</html>", key(), &key()[..20]);
            vec![Act::Send(response("502 Bad Gateway", &[], page.as_bytes()))]
        });
        assert_kept(kind, |_| {
            let key = key();
            let headers = [("Content-Type", key.as_str()), ("Location", key.as_str())];
            vec![Act::Send(response("200 OK", &headers, key.as_bytes()))]
        });
        assert_kept(kind, |_| {
            let target = format!("http://{}@{}.example/{}", key(), key(), key());
            vec![Act::Send(response(
                "307 Moved",
                &[("Location", &target)],
                b"",
            ))]
        });
    }
}

/// As a finding, so that it goes into reports and onto the tape.
#[test]
fn an_answer_that_says_the_key_back_does_not_show_it() {
    for kind in kinds() {
        assert_kept(kind, move |_| {
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
}

#[test]
fn an_answer_that_is_none_and_says_the_key_back_does_not_show_it() {
    for kind in kinds() {
        assert_kept(kind, move |_| {
            vec![Act::Send(kind.says(&format!("Key {}", key())))]
        });
        assert_kept(kind, move |_| {
            let body = kind.body("{}").replace("m-1", &key());
            vec![Act::Send(kind.with_body(body.as_bytes()))]
        });
    }
}

#[test]
fn an_event_that_says_the_key_back_does_not_show_it() {
    for kind in kinds().into_iter().filter(|kind| kind.streams) {
        assert_kept(kind, move |_| {
            let body = kind.error_event(&format!("bad key {}", key()));
            vec![Act::Send(kind.with_body(body.as_bytes()))]
        });
    }
}
