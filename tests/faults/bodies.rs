//! Answers of status 200 that are none, and models that write nonsense.

use std::time::Duration;

use serde_json::json;

use super::kind::{Kind, NOTHING, kinds, response};
use super::scene::{LINE, Survey, survey};
use crate::support::raw::Act;

const NO_RETRY: &str = "retries = 0\ncall_timeout = \"10s\"";

/// Each server answers with this body, as its kind labels it.
fn bodies(body: impl Fn(Kind) -> Vec<u8> + Send + Sync + 'static) -> Survey {
    survey(&kinds(), NO_RETRY, move |kind, _| {
        vec![Act::Send(kind.with_body(&body(kind)))]
    })
}

/// Each model says this.
fn words(text: impl Into<String>) -> Survey {
    let text = text.into();
    bodies(move |kind| kind.body(&text).into())
}

/// Bytes that are the event of a stream, or the whole.
fn framed(kind: Kind, json: &[u8]) -> Vec<u8> {
    match (kind.streams, kind.dialect) {
        (false, _) => json.to_vec(),
        (true, "ollama") => [json, b"\n"].concat(),
        (true, _) => [b"data: ", json, b"\n\n"].concat(),
    }
}

const NO_ANSWER: &[&str] = &["JSON", "empty", "not", "end", "cut"];

#[test]
fn json_that_is_none_is_no_answer() {
    let bodies_of_old: [&[u8]; 14] = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"true",
        b"\"text\"",
        b"{\"choices\":",
        b"{'choices': []}",
        b"{\"choices\":[{\"message\":{\"content\":NaN}}]}",
        b"\xff\xfe{\0}\0",
        b"\0\0\0\0",
        b"{\"choices\":[],\"output\":[],\"content\":[],\"candidates\":[],\"message\":null}",
        b"{\"choices\":\"no\",\"output\":7,\"content\":{},\"candidates\":1e999,\"message\":[]}",
        b"{\"choices\":[null],\"output\":[null],\"content\":[null],\"candidates\":[null]}",
    ];
    for json in bodies_of_old {
        let run = bodies(move |kind| framed(kind, json));
        run.assert_all_failed(NO_ANSWER);
        run.assert_asked(1);
    }
}

#[test]
fn a_body_cut_inside_a_character_is_no_answer() {
    let run = bodies(|kind| {
        let body = kind.body("{\"findings\": []} ééé");
        let last = body.rfind('é').unwrap();
        body.as_bytes()[..=last].to_vec()
    });
    run.assert_all_failed(NO_ANSWER);
}

#[test]
fn a_wrong_content_type_is_no_answer() {
    for label in [
        "text/html; charset=utf-8",
        "image/png",
        "application/octet-stream",
    ] {
        let page = b"<!doctype html><title>Log in</title>".as_slice();
        let run = survey(&kinds(), NO_RETRY, move |_, _| {
            vec![Act::Send(response(
                "200 OK",
                &[("Content-Type", label)],
                page,
            ))]
        });
        run.assert_all_failed(&["JSON", "text/html", "image/png", "octet-stream"]);
    }
}

/// A page of a portal that says what an answer would, under a label that says it is none.
#[test]
fn an_answer_labelled_as_a_page_is_no_answer() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        let body = kind.body(NOTHING);
        let html = [("Content-Type", "text/html")];
        vec![Act::Send(response("200 OK", &html, body.as_bytes()))]
    });
    run.assert_all_failed(&["text/html"]);
}

#[test]
fn an_empty_answer_is_no_answer() {
    for text in ["", " \n\t"] {
        words(text).assert_all_failed(&["empty", "no answer", "JSON"]);
    }
}

#[test]
fn what_a_model_writes_beside_findings_is_an_abstention() {
    for text in [
        "I found no problems. The change looks good!",
        "{\"findings\": null}",
        "{\"findings\": \"none\"}",
        "{\"findings\": {}}",
        "{\"finding\": []}",
        "null",
        "{\"error\": \"overloaded\", \"status\": 529}",
        "{\"findings\": [",
        "{\"findings\": [}]",
        "\u{0}\u{0}",
        "{\"findings\": [1e999]}",
    ] {
        let run = words(text);
        assert_eq!(run.ended.code, Some(3), "{text}");
        run.assert_all_failed(&["findings", "JSON", "read", "claims", "cut off"]);
        // Once more with the complaint, and not for ever.
        run.assert_asked(2);
    }
}

#[test]
fn invalid_utf8_in_an_answer_does_no_harm() {
    let run = bodies(|kind| {
        let body = kind.body("{\"findings\": []} ~~~~");
        let bytes = body.into_bytes();
        bytes
            .into_iter()
            .map(|byte| if byte == b'~' { 0xff } else { byte })
            .collect()
    });
    for (kind, _) in &run.servers {
        let (state, _) = run.ended.reading(&kind.name());
        assert!(
            ["read", "failed", "abstained"].contains(&state.as_str()),
            "{state}"
        );
    }
}

/// Nested so deep that a reader which follows each level ends with its stack.
#[test]
fn json_of_a_hundred_thousand_levels_is_survived() {
    const LEVELS: usize = 100_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let bomb = move || format!("{}0{}", open.repeat(LEVELS), close.repeat(LEVELS));
        let envelope = bodies(move |kind| framed(kind, bomb().as_bytes()));
        envelope.assert_all_failed(NO_ANSWER);
        let unclosed = bodies(move |kind| framed(kind, open.repeat(LEVELS).as_bytes()));
        unclosed.assert_all_failed(NO_ANSWER);
        let unclosed = open.repeat(LEVELS);
        for text in [
            bomb(),
            format!("{{\"findings\": [{}]}}", bomb()),
            format!("{{\"findings\": {unclosed}"),
        ] {
            let run = survey(&kinds()[..1], "retries = 0", move |kind, _| {
                vec![Act::Send(kind.says(&text))]
            });
            run.assert_all_failed(&["values", "findings"]);
        }
    }
}

fn claim() -> serde_json::Value {
    json!({
        "file": "last.py", "line": 2, "end_line": 2, "quote": LINE, "severity": "high",
        "category": "bug", "rule": "off-by-one", "title": "Past the end",
        "message": "`items[len(items)]` raises.", "suggestion": null, "confidence": 0.9
    })
}

/// One list must not hide the other.
#[test]
fn a_list_that_is_there_twice_hides_no_finding() {
    for text in [
        format!("{{\"findings\": [{}], \"findings\": []}}", claim()),
        format!("{{\"findings\": [], \"findings\": [{}]}}", claim()),
    ] {
        let run = words(text);
        assert_ne!(run.ended.code, Some(0), "{:#}", run.ended.json);
    }
}

/// Strings and numbers that JSON allows and a program may choke on: the claim is read, or the
/// backend abstains.
#[test]
fn odd_values_in_a_claim_do_no_harm() {
    let odd = claim().to_string();
    for (from, to) in [
        ("0.9", "1e999"),
        ("0.9", "-1e999"),
        ("0.9", "1e-400"),
        ("0.9", "123456789012345678901234567890"),
        ("\"line\":2", "\"line\":18446744073709551616"),
        ("\"line\":2", "\"line\":-1"),
        ("\"line\":2", "\"line\":2.5"),
        ("\"end_line\":2", "\"end_line\":4294967295"),
        ("Past", "\\ud800"),
        ("Past", "\\udc00\\ud800"),
        ("Past", "a\\u0000b"),
        ("Past", "\\u001b[31m"),
        ("\"last.py\"", "\"../../etc/passwd\""),
        ("\"last.py\"", "\"last.py\\u0000\""),
        ("\"high\"", "\"HIGH\\u0000\""),
    ] {
        let text = odd.replacen(from, to, 1);
        assert_ne!(text, odd, "{from}");
        let run = words(format!("{{\"findings\": [{text}]}}"));
        let code = run.ended.code;
        assert!(matches!(code, Some(0 | 3 | 11..=15)), "{to}: {code:?}");
        assert!(!run.ended.stdout.contains('\u{1b}'), "{to}");
        for (kind, _) in &run.servers {
            let (state, reason) = run.ended.reading(&kind.name());
            assert!(
                ["read", "abstained"].contains(&state.as_str()),
                "{to}: {state} {reason}"
            );
        }
        // A claim that is lost is counted or told.
        let dropped = run.ended.json["dropped"].to_string();
        let zero = !dropped.contains(|c: char| ('1'..='9').contains(&c));
        let silent = code == Some(0) && zero && run.ended.json["unconfirmed"] == json!([]);
        let shown = run.ended.json["findings"] != json!([]);
        assert!(shown || !silent, "{to}: {:#}", run.ended.json);
    }
}

#[test]
fn usage_that_is_absurd_does_no_harm() {
    for number in [
        "18446744073709551615",
        "-5",
        "1e999",
        "\"many\"",
        "null",
        "0.5",
    ] {
        let run = bodies(move |kind| {
            let body = kind.body(NOTHING);
            body.replace(":100,", &format!(":{number},")).into()
        });
        assert!(matches!(run.ended.code, Some(0 | 3)), "{number}");
        for (kind, _) in &run.servers {
            let (state, reason) = run.ended.reading(&kind.name());
            let told = ["failed", "abstained"].contains(&state.as_str()) && !reason.is_empty();
            assert!(state == "read" || told, "{number}: {state} {reason}");
        }
    }
}

#[test]
fn an_answer_with_a_million_findings_is_bounded() {
    let million = |claim: &str| {
        format!(
            "{{\"findings\": [{}{{}}]}}",
            format!("{claim},").repeat(1_000_000)
        )
    };
    for text in [
        million("{}"),
        million("{\"file\":\"last.py\",\"quote\":\"x\"}"),
    ] {
        let kind = kinds()[0];
        let answer = kind.says(&text);
        let limits = "retries = 0\ncall_timeout = \"30s\"";
        let run = survey(&[kind], limits, move |_, _| vec![Act::Send(answer.clone())]);
        run.ended.assert_incomplete();
        run.ended
            .assert_not_read(&kind.name(), &["values", "bytes"]);
        run.ended.assert_took_at_most(Duration::from_secs(30));
        // The first answer and the second, each as it came and as text.
        assert!(run.ended.peak_mib < 300, "{} MiB", run.ended.peak_mib);
    }
}
