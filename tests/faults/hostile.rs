//! Text of a server that would steer a terminal, a CI runner or a page.

use std::fs;

use super::kind::{Kind, NOTHING, kinds, response};
use super::scene::Scene;
use crate::support::raw::{Act, Raw};

const FORMATS: [&str; 5] = ["terminal", "markdown", "sarif", "junit", "json"];

/// What no report and no log may let through as it is.
const PAGE: &str = "<html><script>alert(1)</script>\n::error::owned\n  ::add-mask::x\n##[error]owned\n\
    ##vso[task.setvariable variable=x]y\n\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\u{202e}@everyone \
    <img src=x onerror=alert(1)> [click](https://user:hunter2@evil.example/)\n";

/// Long enough that a report which folds its lines may begin one with a command.
fn pages() -> [String; 3] {
    let again = |word: &str| format!("{word} ").repeat(40);
    [
        PAGE.to_owned(),
        again("::error::owned"),
        again("##[error]x"),
    ]
}

/// Runs `llmux diff` with every format and the fullest log, and reads all that it wrote.
fn written(
    kind: Kind,
    script: impl Fn() -> Vec<Act> + Send + Sync + 'static,
) -> Vec<(String, String)> {
    let scene = Scene::new();
    let server = Raw::new(move |_| script());
    let config = format!("[run]\nretries = 0\n{}", kind.config("one", &server.uri()));
    let mut args = vec!["diff".to_owned(), "HEAD~1".to_owned(), "-vv".to_owned()];
    for format in FORMATS {
        let path = scene.repo.outside(&format!("report.{format}"));
        args.extend([
            "--report".to_owned(),
            format!("{format}={}", path.display()),
        ]);
    }
    args.extend(["--report".to_owned(), "terminal".to_owned()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ended = scene.llmux(&config, &args);
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(server.count() > 0);
    let mut all: Vec<_> = FORMATS
        .iter()
        .map(|format| {
            let path = scene.repo.outside(&format!("report.{format}"));
            ((*format).to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    all.push(("stdout".to_owned(), ended.stdout));
    all.push(("stderr".to_owned(), ended.stderr));
    all
}

#[track_caller]
fn assert_harmless(all: &[(String, String)]) {
    for (name, text) in all {
        let raw = text
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\t') || *c == '\u{202e}');
        assert_eq!(raw, None, "{name}: {text}");
        if name == "json" || name == "sarif" {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
            continue;
        }
        let obeyed = |line: &str| {
            line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[")
        };
        let line = text.lines().find(|line| obeyed(line));
        assert_eq!(line, None, "{name}: {text}");
        if name == "markdown" || name == "junit" {
            for tag in ["<script", "<img", "<html"] {
                assert!(!text.contains(tag), "{name}: {text}");
            }
        }
        // Nobody clicks in the others.
        assert!(name != "markdown" || !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn an_error_page_is_harmless_wherever_it_is_shown() {
    for kind in kinds() {
        for status in [
            "500 Internal Server Error",
            "403 Forbidden",
            "404 Not Found",
        ] {
            for page in pages() {
                assert_harmless(&written(kind, move || {
                    let html = [("Content-Type", "text/html")];
                    vec![Act::Send(response(status, &html, page.as_bytes()))]
                }));
            }
        }
    }
}

#[test]
fn an_errors_words_are_harmless_wherever_they_are_shown() {
    for kind in kinds() {
        for page in pages() {
            assert_harmless(&written(kind, move || {
                vec![Act::Send(kind.fails("429 Too Many Requests", &[], &page))]
            }));
        }
    }
}

#[test]
fn an_error_event_is_harmless_wherever_it_is_shown() {
    for kind in kinds().into_iter().filter(|kind| kind.streams) {
        assert_harmless(&written(kind, move || {
            let body = kind.error_event(PAGE).into_bytes();
            vec![Act::Send(kind.head()), Act::Send(body), Act::Close]
        }));
    }
}

#[test]
fn headers_are_harmless_wherever_they_are_shown() {
    let value = "text/\u{9b}31m ::error::owned ##[error]owned <img src=x> \u{202e}";
    for kind in kinds() {
        for (name, status) in [
            ("Content-Type", "200 OK"),
            ("Location", "302 Found"),
            ("Retry-After", "429 Too Many Requests"),
            ("X-Request-Id", "500 ::error::owned"),
        ] {
            assert_harmless(&written(kind, move || {
                vec![Act::Send(response(status, &[(name, value)], b"no"))]
            }));
        }
    }
}

/// An answer that cannot be read, from a model with a name of its own choice.
#[test]
fn a_models_words_and_name_are_harmless_wherever_they_are_shown() {
    for kind in kinds() {
        let page = serde_json::to_string(PAGE).unwrap();
        let name = page.trim_matches('"').to_owned();
        assert_harmless(&written(kind, move || {
            let body = kind.body(&format!("{PAGE}{}", &NOTHING[..5]));
            let body = body.replace("\"m-1\"", &format!("\"{name}\""));
            vec![Act::Send(kind.with_body(body.as_bytes()))]
        }));
    }
}
