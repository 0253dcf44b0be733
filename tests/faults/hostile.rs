//! Text of a server that would steer a terminal, a CI runner or a page.

use std::fs;

use super::kind::{Kind, NOTHING, kinds, response, streaming_kinds};
use super::scene::{FORMATS, Scene, config_of, serve};
use crate::support::raw::{Act, Manners};

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
    kinds: &[Kind],
    script: impl Fn(Kind) -> Vec<Act> + Send + Sync + 'static,
) -> Vec<(String, String)> {
    let scene = Scene::new();
    let servers = serve(kinds, Manners::default(), move |kind, _| script(kind));
    let out = scene.repo.outside("out");
    let ended = scene.diff_in_full(&config_of(&servers, "retries = 0", ""), &out, &[]);
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    let mut all: Vec<_> = FORMATS
        .iter()
        .map(|format| {
            let text = fs::read_to_string(out.join(format)).unwrap();
            ((*format).to_owned(), text)
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
    for status in ["500 Internal Server Error", "403 Forbidden"] {
        for page in pages() {
            assert_harmless(&written(&kinds(), move |_| {
                let html = [("Content-Type", "text/html")];
                vec![Act::Send(response(status, &html, page.as_bytes()))]
            }));
        }
    }
}

#[test]
fn an_errors_words_are_harmless_wherever_they_are_shown() {
    for page in pages() {
        assert_harmless(&written(&kinds(), move |kind| {
            vec![Act::Send(kind.fails("429 Too Many Requests", &[], &page))]
        }));
    }
}

#[test]
fn an_error_event_is_harmless_wherever_it_is_shown() {
    for page in pages() {
        assert_harmless(&written(&streaming_kinds(), move |kind| {
            let body = kind.error_event(&page).into_bytes();
            vec![Act::Send(kind.head()), Act::Send(body), Act::Close]
        }));
    }
}

#[test]
fn headers_are_harmless_wherever_they_are_shown() {
    let value = "text/\u{9b}31m ::error::owned ##[error]owned <img src=x> \u{202e}";
    for (name, status) in [
        ("Content-Type", "200 OK"),
        ("Location", "302 Found"),
        ("Retry-After", "429 Too Many Requests"),
        ("X-Request-Id", "500 ::error::owned"),
        ("Content-Encoding", "200 OK"),
    ] {
        assert_harmless(&written(&kinds(), move |_| {
            vec![Act::Send(response(status, &[(name, value)], b"no"))]
        }));
    }
}

/// An answer that cannot be read, from a model with a name of its own choice.
#[test]
fn a_models_words_and_name_are_harmless_wherever_they_are_shown() {
    for page in pages() {
        let name = serde_json::to_string(&page).unwrap();
        assert_harmless(&written(&kinds(), move |kind| {
            let body = kind.body(&format!("{page}{}", &NOTHING[..5]));
            let body = body.replace("\"m-1\"", &name);
            vec![Act::Send(kind.with_body(body.as_bytes()))]
        }));
    }
}
