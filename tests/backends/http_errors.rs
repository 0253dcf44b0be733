//! Servers that do not answer, or not well.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use llmux::backends::{CallError, ErrorKind, Settings};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::http::{answer, at, serving};
use super::{ask, backend, build, environment, request};
use crate::support::raw::{Act, Raw};

const KEY: &str = "sk-proj-0123456789abcdef";
const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

fn with_key(mut settings: Settings) -> Settings {
    settings.api_key = Some("${THE_KEY}".to_owned());
    settings
}

/// What a server that answers so is told, by a backend that has a key.
async fn error_of(response: ResponseTemplate) -> CallError {
    let server = serving(response).await;
    let seen = environment(&[("THE_KEY", KEY)]);
    let backend = build("it", &with_key(at(&server)), &seen).unwrap();
    let error = backend.ask(&request("the private task")).await.unwrap_err();
    for secret in [KEY, "sk-proj-", "private"] {
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
    error
}

fn says(status: u16, words: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": {"message": words}}))
}

#[tokio::test]
async fn passing_failures_are_transient() {
    for status in [408, 429, 500, 502, 503, 529] {
        let error = error_of(says(status, "overloaded")).await;
        assert_eq!(error.kind, TRANSIENT, "{status}");
        assert!(error.message.contains("overloaded"), "{error}");
        assert!(error.message.contains(&status.to_string()), "{error}");
    }
}

#[tokio::test]
async fn retry_after_in_seconds_and_as_a_date() {
    let pause = async |text: &str| {
        let error = error_of(says(429, "slow down").insert_header("Retry-After", text)).await;
        match error.kind {
            ErrorKind::Transient { retry_after } => retry_after,
            kind => panic!("{kind:?}"),
        }
    };
    assert_eq!(pause("7").await, Some(Duration::from_secs(7)));
    assert_eq!(pause("0.5").await, Some(Duration::from_millis(500)));
    let hour = SystemTime::now() + Duration::from_hours(1);
    let seconds = pause(&httpdate::fmt_http_date(hour))
        .await
        .unwrap()
        .as_secs();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    assert_eq!(
        pause("Wed, 21 Oct 2015 07:28:00 GMT").await,
        Some(Duration::ZERO)
    );
    for text in ["soon", "-1", "NaN"] {
        assert_eq!(pause(text).await, None, "{text}");
    }
    assert_eq!(pause("1e12").await, Some(Duration::from_hours(24)));
}

#[tokio::test]
async fn lasting_failures_are_permanent_and_say_what_to_do() {
    let cases = [
        (400, "no such parameter", "no such parameter"),
        (
            401,
            "Incorrect API key provided: sk-proj-012345678****cdef.",
            "valid key into THE_KEY",
        ),
        (401, &format!("bad key {KEY}"), "bad key [key]"),
        (403, "not for you", "what the key in THE_KEY may use"),
        (
            404,
            "no such model",
            "check the backend's `model` and `base_url`",
        ),
        (413, "too large", "too large"),
    ];
    for (status, said, words) in cases {
        let error = error_of(says(status, said)).await;
        let kind = match status {
            401 | 403 => ErrorKind::Denied,
            413 => ErrorKind::TooLong,
            _ => ErrorKind::Permanent,
        };
        assert_eq!(error.kind, kind, "{status}");
        assert!(error.message.contains(words), "{error}");
    }
    let spent =
        json!({"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}});
    let error = error_of(ResponseTemplate::new(429).set_body_json(spent)).await;
    assert_eq!(error.kind, ErrorKind::Denied);
}

#[tokio::test]
async fn a_server_that_wants_a_key_is_told_apart() {
    let server = serving(says(401, "who are you")).await;
    let error = ask(&at(&server), &request("")).await.unwrap_err();
    assert!(
        error.message.contains("set the backend's `api_key`"),
        "{error}"
    );
    // Without the key, nothing is sent.
    let error = ask(&with_key(at(&server)), &request("")).await.unwrap_err();
    assert!(error.message.contains("THE_KEY is not set"), "{error}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn error_bodies_are_shortened_and_cleaned() {
    let error = error_of(ResponseTemplate::new(500).set_body_string("x".repeat(1 << 20))).await;
    assert!(error.message.len() < 500, "{}", error.message.len());
    let error =
        error_of(ResponseTemplate::new(500).set_body_string("a\u{1b}[31m\r\n::error::b")).await;
    assert!(error.message.ends_with(": a ::error::b"), "{error}");
    let error = error_of(ResponseTemplate::new(503)).await;
    assert!(
        error.message.ends_with("answered 503 Service Unavailable"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_takes_neither_key_nor_prompt_elsewhere() {
    let other = serving(ResponseTemplate::new(200).set_body_json(answer("stolen"))).await;
    for status in [301, 302, 307, 308] {
        let target = format!("{}/v1/chat/completions", other.uri());
        let error = error_of(ResponseTemplate::new(status).insert_header("Location", target)).await;
        assert_eq!(error.kind, ErrorKind::Permanent);
        assert!(
            error
                .message
                .contains("points to 127.0.0.1, which is not followed"),
            "{error}"
        );
    }
    assert!(other.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn answers_that_are_none() {
    let ok =
        |body: &str, kind: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), kind);
    let json = "application/json";
    let cases = [
        (
            ok("<html>log in</html>", "text/html"),
            "`text/html` and not JSON",
        ),
        (
            ok("{\"choices\": [", json),
            "not the JSON of a chat completion",
        ),
        (ok("[]", json), "not the JSON of a chat completion"),
        (ok("", json), "not the JSON of a chat completion"),
        (ok("{}", json), "empty answer"),
        (ok("{\"choices\":[]}", json), "empty answer"),
        (ok(&answer(" \n").to_string(), json), "empty answer"),
        (
            ok("{\"error\":{\"message\":\"upstream\",\"code\":502}}", json),
            "upstream",
        ),
    ];
    for (response, words) in cases {
        let error = error_of(response).await;
        assert_eq!(error.kind, TRANSIENT, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
    let error = error_of(ok(
        "{\"error\":{\"message\":\"no credit\",\"code\":402}}",
        json,
    ))
    .await;
    assert_eq!(error.kind, ErrorKind::Denied);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let body = answer(&"x".repeat(100_000));
    let server = serving(ResponseTemplate::new(200).set_body_json(&body)).await;
    let mut request = request("");
    request.limits.max_reply_bytes = 50_000;
    let error = ask(&at(&server), &request).await.unwrap_err();
    assert!(error.message.contains("more than 50000 bytes"), "{error}");
    request.limits.max_reply_bytes = body.to_string().len();
    ask(&at(&server), &request).await.unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    let late = ResponseTemplate::new(200).set_body_json(answer("late"));
    let server = serving(late.set_delay(Duration::from_mins(10))).await;
    let mut request = request("");
    request.limits.timeout = Duration::from_millis(300);
    let error = ask(&at(&server), &request).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.message.contains("no answer within 300ms"), "{error}");

    request.limits.timeout = Duration::from_mins(1);
    let cancel = request.cancel.clone();
    let settings = at(&server);
    let call = ask(&settings, &request);
    let (reply, ()) = tokio::join!(call, async move {
        tokio::task::yield_now().await;
        cancel.cancel();
    });
    assert_eq!(reply.unwrap_err().kind, ErrorKind::Cancelled);
}

/// Answers one request with these bytes and closes the connection.
fn raw(bytes: &'static [u8]) -> Settings {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 65536];
        let _ = stream.read(&mut buffer);
        let _ = stream.write_all(bytes);
    });
    Settings {
        base_url: Some(format!("http://{address}/v1")),
        ..Settings::default()
    }
}

#[tokio::test]
async fn broken_connections_are_transient() {
    let head: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"choices\":";
    for (bytes, words) in [
        (head, "broke off its answer"),
        (b"".as_slice(), "cannot be reached"),
        (b"SSH-2.0-OpenSSH_9.9\r\n".as_slice(), "cannot be reached"),
    ] {
        let error = ask(&raw(bytes), &request("")).await.unwrap_err();
        assert_eq!(error.kind, TRANSIENT, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let settings = Settings {
        base_url: Some(format!("http://{address}/v1?key=hidden")),
        ..Settings::default()
    };
    let error = ask(&settings, &request("")).await.unwrap_err();
    assert_eq!(error.kind, TRANSIENT);
    assert!(error.message.contains("refused"), "{error}");
    assert!(!error.message.contains("hidden"), "{error}");
}

/// What a validator says of a question holds the question.
#[tokio::test]
async fn an_error_does_not_repeat_the_prompt() {
    let detail = json!([{"loc": ["body"], "msg": "wrong", "input": {"task": "the private task"}}]);
    let error =
        error_of(ResponseTemplate::new(422).set_body_json(json!({ "detail": detail }))).await;
    assert!(error.message.contains("wrong"), "{error}");
    assert!(!error.message.contains("private"), "{error}");
}

#[tokio::test]
async fn a_page_or_a_packed_body_is_no_message() {
    let page = ResponseTemplate::new(502).set_body_raw("<html><p>Bad gateway", "text/html");
    let error = error_of(page).await;
    assert!(error.message.ends_with("502 Bad Gateway"), "{error}");
    let packed = ResponseTemplate::new(500)
        .insert_header("content-encoding", "gzip")
        .set_body_raw("\u{1f}packed", "application/json");
    let error = error_of(packed).await;
    assert!(!error.message.contains("packed"), "{error}");
    let packed = ResponseTemplate::new(200)
        .insert_header("content-encoding", "br")
        .set_body_json(answer("x"));
    let error = error_of(packed).await;
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert!(error.message.contains("packed its answer (br)"), "{error}");
}

fn at_raw(server: &Raw) -> Settings {
    Settings {
        base_url: Some(format!("{}/v1", server.uri())),
        ..Settings::default()
    }
}

/// It may have been generating, and would be paid for twice.
#[tokio::test]
async fn a_question_that_the_server_worked_on_is_not_sent_twice() {
    let server = Raw::new(|seen| {
        if seen.number == 0 {
            let body = answer("x").to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
            let text = format!("{head}: {}\r\n\r\n{body}", body.len());
            vec![Act::Send(text.into_bytes())]
        } else {
            vec![Act::Pause(Duration::from_millis(1500)), Act::Close]
        }
    });
    let backend = backend(&at_raw(&server));
    backend.ask(&request("")).await.unwrap();
    let error = backend.ask(&request("")).await.unwrap_err();
    assert_eq!(error.kind, TRANSIENT, "{error}");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn an_error_whose_body_drips_is_told_by_its_status() {
    let server = Raw::new(|_| {
        let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/plain\r\n\r\nwrong key ";
        let rest = ".".repeat(600).into_bytes();
        vec![
            Act::Send(head.as_bytes().to_vec()),
            Act::Drip(rest, Duration::from_millis(100)),
        ]
    });
    let mut asked = request("");
    asked.limits.timeout = Duration::from_secs(30);
    let error = ask(&at_raw(&server), &asked).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.message.contains("wrong key"), "{error}");
}

#[tokio::test]
async fn of_a_long_error_the_beginning_alone_is_looked_at() {
    let prompt = "the private task\n";
    let shown = async |repeated: usize| {
        let words = format!("{}late words", prompt.repeat(repeated));
        error_of(says(500, &words)).await.message
    };
    assert!(shown(100).await.ends_with("late words"));
    let body =
        json!({"error": {"message": format!("{}late words", prompt.repeat(10_000)), "code": 500}});
    let error = error_of(ResponseTemplate::new(200).set_body_json(body)).await;
    assert!(!error.message.contains("late words"), "{error}");
}

#[tokio::test]
async fn words_of_a_prompt_that_is_too_long_are_those_of_programs_too() {
    for words in [
        "input is longer than the model's context length",
        "over max_prompt_tokens",
    ] {
        assert_eq!(error_of(says(400, words)).await.kind, ErrorKind::TooLong);
    }
}
