//! Answers that come piece by piece.

use std::fmt::Write as _;
use std::time::Duration;

use llmux::backends::{CallError, DialectName, ErrorKind, Reply, Settings};
use proptest::prelude::*;
use serde_json::json;

use super::{backend, request};
use crate::support::raw::{Act, Raw};

/// What arrives: characters of one to four bytes, and what JSON escapes.
const TEXT: &str = "naïve 日本語 🦀 \"quoted\"\r\n\ttext";

/// Events of a chat completion that says [`TEXT`] in pieces of some characters, with what a
/// reader must pass over.
fn events(end: &str) -> Vec<u8> {
    let mut body = format!("\u{feff}: hello{end}{end}");
    let letters: Vec<_> = TEXT.chars().collect();
    for piece in letters.chunks(3) {
        let text: String = piece.iter().collect();
        let data = json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string();
        // Data in two lines are joined by a line break, which JSON passes over.
        let (first, second) = data.split_at(1);
        let _ = write!(
            body,
            "event: piece{end}id: 7{end}retry: 100{end}data:{first}{end}data: {second}{end}{end}: ping{end}{end}"
        );
    }
    let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let _ = write!(body, "data: {last}{end}{end}data: [DONE]{end}{end}");
    body.into_bytes()
}

/// Lines of Ollama's that say the same.
fn lines() -> Vec<u8> {
    let letters: Vec<_> = TEXT.chars().collect();
    let mut body = String::new();
    for piece in letters.chunks(3) {
        let text: String = piece.iter().collect();
        let line = json!({"message": {"role": "assistant", "content": text}, "done": false});
        let _ = write!(body, "{line}\r\n\n");
    }
    let last = json!({"message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop"});
    // The last line need not end.
    let _ = write!(body, "{last}");
    body.into_bytes()
}

/// The body as chunks that begin and end where `cuts` say, each sent for itself.
fn acts(body: &[u8], kind: &str, cuts: &[usize]) -> Vec<Act> {
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % body.len()).collect();
    cuts.extend([0, body.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut acts = vec![Act::Send(head.into_bytes())];
    for pair in cuts.windows(2) {
        let part = &body[pair[0]..pair[1]];
        let chunk = [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
        acts.push(Act::Send(chunk));
    }
    acts.push(Act::Send(b"0\r\n\r\n".to_vec()));
    acts
}

fn at(server: &Raw, dialect: DialectName) -> Settings {
    let path = if dialect == DialectName::Ollama {
        ""
    } else {
        "/v1"
    };
    Settings {
        base_url: Some(format!("{}{path}", server.uri())),
        dialect: Some(dialect),
        model: Some("m".to_owned()),
        ..Settings::default()
    }
}

async fn ask(dialect: DialectName, acts: Vec<Act>) -> Result<Reply, CallError> {
    let server = Raw::new(move |_| acts.clone());
    backend(&at(&server, dialect)).ask(&request("")).await
}

fn ask_now(dialect: DialectName, acts: Vec<Act>) -> Result<Reply, CallError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(ask(dialect, acts))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_cut_of_the_bytes_gives_the_same_answer(
        cuts in prop::collection::vec(0..4096_usize, 0..40),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let reply = ask_now(DialectName::Openai, acts(&events(end), "text/event-stream", &cuts));
        prop_assert_eq!(reply.unwrap().text, TEXT);
        let reply = ask_now(DialectName::Ollama, acts(&lines(), "application/x-ndjson", &cuts));
        prop_assert_eq!(reply.unwrap().text, TEXT);
    }

    /// Of a stream that ends anywhere but at its end nothing is taken, and nobody panics.
    #[test]
    fn a_stream_that_ends_early_is_no_answer(cut in 0..4096_usize) {
        let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\"";
        let body = events("\n");
        let until = String::from_utf8(body.clone()).unwrap().find(last).unwrap() + last.len();
        let cut = cut % until;
        let result = ask_now(DialectName::Openai, acts(&body[..cut.max(1)], "text/event-stream", &[]));
        prop_assert!(result.is_err());
        let body = lines();
        let cut = cut % (body.len() - 1);
        let result = ask_now(DialectName::Ollama, acts(&body[..cut.max(1)], "application/x-ndjson", &[]));
        prop_assert!(result.is_err());
    }
}

#[tokio::test]
async fn an_end_in_the_middle_of_a_character_is_no_replacement() {
    let body = events("\n");
    let crab = String::from_utf8(body.clone()).unwrap().find('🦀').unwrap();
    let cut = acts(&body[..crab + 2], "text/event-stream", &[]);
    let error = ask(DialectName::Openai, cut).await.unwrap_err();
    assert!(
        error.message.contains("in the middle of a character"),
        "{error}"
    );
    let body = lines();
    let crab = String::from_utf8(body.clone()).unwrap().find('🦀').unwrap();
    let cut = acts(&body[..crab + 2], "application/x-ndjson", &[]);
    let error = ask(DialectName::Ollama, cut).await.unwrap_err();
    assert!(
        error.message.contains("in the middle of a character"),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_without_a_kind_is_known_by_its_beginning() {
    let bare = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        vec![Act::Send([head.as_bytes(), body].concat())]
    };
    let reply = ask(DialectName::Openai, bare(&events("\n")[3..])).await;
    assert_eq!(reply.unwrap().text, TEXT);
    let reply = ask(DialectName::Ollama, bare(&lines())).await;
    assert_eq!(reply.unwrap().text, TEXT);
    let whole = json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]});
    let reply = ask(DialectName::Openai, bare(whole.to_string().as_bytes())).await;
    assert_eq!(reply.unwrap().text, "x");
    let error = ask(DialectName::Openai, bare(b"<html></html>")).await;
    assert!(error.unwrap_err().message.contains("base_url"));
    let error = ask(DialectName::Openai, bare(b"")).await;
    assert!(error.unwrap_err().message.contains("base_url"));
}

#[tokio::test]
async fn a_question_for_a_whole_may_be_answered_in_pieces() {
    let body = acts(&events("\n"), "text/event-stream", &[]);
    let server = Raw::new(move |_| body.clone());
    let mut settings = at(&server, DialectName::Openai);
    settings.stream = Some(false);
    let reply = backend(&settings).ask(&request("")).await.unwrap();
    assert_eq!(reply.text, TEXT);
    let sent: serde_json::Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    assert_ne!(sent["stream"], true);
}

#[tokio::test]
async fn each_limit_has_words_of_its_own() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_vec();
    let some = events("\n")[..200].to_vec();
    let alive = Act::Drip(b": ping\n\n".repeat(1000), Duration::from_millis(5));
    let cases = [
        (vec![Act::Hang], "had not begun to answer"),
        (
            vec![Act::Send(head.clone()), Act::Hang],
            "stopped in the middle",
        ),
        (
            vec![Act::Send(head.clone()), Act::Send(some), Act::Hang],
            "stopped in the middle",
        ),
        // Signs of life, for longer than a call may take.
        (vec![Act::Send(head), alive], "no answer within 1s 500ms"),
    ];
    for (acts, words) in cases {
        let server = Raw::new(move |_| acts.clone());
        let mut request = request("");
        request.limits.idle_timeout = Some(Duration::from_millis(400));
        request.limits.timeout = Duration::from_millis(1500);
        let error = backend(&at(&server, DialectName::Openai))
            .ask(&request)
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
        assert!(error.message.contains(words), "{error}");
        let setting = if words.contains("within") {
            "`timeout`"
        } else {
            "`idle_timeout`"
        };
        assert!(error.message.contains(setting), "{error}");
    }
}

#[tokio::test]
async fn a_stream_is_bounded_in_all_and_by_line() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_vec();
    let ping = vec![
        Act::Send(head.clone()),
        Act::Flood(b": ping\n\n".repeat(100), 8 << 20),
    ];
    let error = ask(DialectName::Openai, ping).await.unwrap_err();
    assert!(error.message.contains("more than 4194304 bytes"), "{error}");

    let long = vec![Act::Send(head), Act::Flood(vec![b'x'; 1 << 16], 64 << 20)];
    let server = Raw::new(move |_| long.clone());
    let mut request = request("");
    request.limits.max_reply_bytes = 64 << 20;
    let error = backend(&at(&server, DialectName::Openai))
        .ask(&request)
        .await;
    let error = error.unwrap_err();
    assert!(error.message.contains("an event of more than"), "{error}");
}
