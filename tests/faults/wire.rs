//! Connections that break, and HTTP that is none.

use std::time::Duration;

use super::kind::{NOTHING, kinds};
use super::scene::{Scene, Survey, config_of, serve, survey};
use crate::support::raw::{Act, Manners, Raw};

const NO_RETRY: &str = "retries = 0\ncall_timeout = \"5s\"";
/// How a broken connection is told.
const BROKEN: &[&str] = &["broke off", "cannot be reached"];

/// In chunks of so many bytes.
fn chunks(body: &[u8], size: usize) -> Vec<u8> {
    let chunk = |part: &[u8]| {
        let head = format!("{:x}\r\n", part.len()).into_bytes();
        [head.as_slice(), part, b"\r\n"].concat()
    };
    body.chunks(size).flat_map(chunk).collect()
}

fn chunked_head(content_type: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n")
        .into()
}

#[test]
fn an_answer_in_chunks_of_a_byte_is_read() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        let body = kind.body(NOTHING);
        let bytes = [
            chunked_head(kind.content_type()),
            chunks(body.as_bytes(), 1),
            b"0\r\n\r\n".to_vec(),
        ];
        vec![Act::Send(bytes.concat())]
    });
    run.assert_all_read();
}

#[test]
fn an_answer_that_ends_with_its_connection_is_read() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        let body = kind.body(NOTHING).into_bytes();
        vec![Act::Send(kind.head()), Act::Send(body), Act::Close]
    });
    run.assert_all_read();
}

#[test]
fn a_body_that_ends_too_early_is_no_answer() {
    for end in [Act::Close, Act::Reset] {
        let run = survey(&kinds(), NO_RETRY, move |kind, _| {
            let half = kind.half_an_answer();
            let pause = Act::Pause(Duration::from_millis(100));
            vec![Act::Send(half), pause, end.clone()]
        });
        run.assert_all_failed(BROKEN);
    }
}

/// No length says that anything is missing.
#[test]
fn half_a_body_without_a_length_is_no_answer() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        vec![Act::Send(kind.head()), Act::Send(kind.half()), Act::Close]
    });
    run.assert_all_failed(&["JSON", "broke off", "cut", "end"]);
}

#[test]
fn a_length_that_is_too_small_makes_no_answer() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        let rest = kind.body(NOTHING).into_bytes().split_off(kind.half().len());
        vec![Act::Send(kind.with_body(&kind.half())), Act::Send(rest)]
    });
    run.assert_all_failed(&["JSON", "broke off", "cut", "end"]);
}

#[test]
fn lengths_and_chunks_that_make_no_sense_are_no_answer() {
    for framing in [
        "Content-Length: 99999999999999999999999\r\n\r\n",
        "Content-Length: 18446744073709551615\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: ten\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 900\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;ext\r\n{\"cho\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\n\u{1f}{\"ch\r\n0\r\n\r\n",
    ] {
        let run = survey(&kinds(), NO_RETRY, move |kind, _| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n",
                kind.content_type()
            );
            let half = String::from_utf8(kind.half()).unwrap();
            vec![
                Act::Send(format!("{head}{framing}{half}").into()),
                Act::Close,
            ]
        });
        run.assert_all_failed(&["broke off", "cannot be reached", "JSON", "cut", "end"]);
    }
}

#[test]
fn chunks_without_an_end_are_no_answer() {
    let run = survey(&kinds(), NO_RETRY, |kind, _| {
        let half = chunks(&kind.half(), 7);
        let head = chunked_head(kind.content_type());
        vec![Act::Send([head, half].concat()), Act::Close]
    });
    run.assert_all_failed(BROKEN);
}

#[test]
fn connections_that_end_without_a_word_are_told() {
    for end in [Act::Close, Act::Reset] {
        let run = survey(&kinds(), NO_RETRY, move |_, _| vec![end.clone()]);
        run.assert_all_failed(BROKEN);
        run.assert_asked(1);
    }
}

#[test]
fn a_server_that_hangs_up_twice_is_asked_again() {
    let manners = Manners {
        closes_unread: 2,
        ignores_bodies: false,
    };
    let servers = serve(&kinds(), manners, |kind, _| {
        vec![Act::Send(kind.says(NOTHING))]
    });
    let ended = Scene::new().ask(&config_of(&servers, "retries = 2", ""));
    let run = Survey { ended, servers };
    run.assert_all_read();
    for (kind, server) in &run.servers {
        assert_eq!(server.connections(), 3, "{}", kind.name());
    }
}

#[test]
fn what_is_no_http_is_no_answer() {
    let greetings: [&[u8]; 6] = [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n{}",
        b"{\"choices\":[]}",
        b"\0\0\0\0\xff\xff",
        b"\x15\x03\x01\x00\x02\x02\x16",
    ];
    for greeting in greetings {
        let run = survey(&kinds(), NO_RETRY, move |_, _| {
            vec![Act::Send(greeting.to_vec()), Act::Close]
        });
        run.assert_all_failed(BROKEN);
    }
}

#[test]
fn a_port_where_nobody_listens_is_told() {
    let address = {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        nobody.local_addr().unwrap()
    };
    let mut config = "[run]\nretries = 0\n".to_owned();
    for kind in kinds() {
        config.push_str(&kind.config(&kind.name(), &format!("http://{address}")));
    }
    let ended = Scene::new().ask(&config);
    ended.assert_incomplete();
    for kind in kinds() {
        ended.assert_not_read(&kind.name(), &["refused"]);
        let (_, reason) = ended.reading(&kind.name());
        assert!(reason.contains(&address.to_string()), "{reason}");
    }
}

/// TLS with a server that speaks none, and with one that hangs in the handshake.
#[test]
fn tls_with_a_server_that_has_none_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    let plain = Raw::new(|_| vec![Act::Close]);
    let config = format!(
        "[run]\nretries = 0\ncall_timeout = \"2s\"\n{}{}",
        kinds()[0].config("silent", &format!("https://{silent}")),
        kinds()[0].config("plain", &plain.uri().replace("http:", "https:")),
    );
    let greeter = std::thread::spawn(move || {
        let mut held = Vec::new();
        // Until the test ends.
        held.extend(listener.accept());
        held
    });
    let ended = Scene::new().ask(&config);
    ended.assert_incomplete();
    ended.assert_not_read("silent", &["within 2s"]);
    ended.assert_not_read("plain", &["reached", "within 2s", "TLS"]);
    ended.assert_took_at_most(Duration::from_secs(2));
    assert_eq!(plain.count(), 0, "nothing went out in the clear");
    drop(greeter.join());
}

/// It answers before it has read the question.
#[test]
fn a_server_that_does_not_read_the_question() {
    let manners = Manners {
        closes_unread: 0,
        ignores_bodies: true,
    };
    let servers = serve(&kinds(), manners, |kind, _| {
        let wait = Act::Pause(Duration::from_millis(300));
        vec![Act::Send(kind.says(NOTHING)), wait, Act::Close]
    });
    let ended = Scene::new().ask(&config_of(&servers, NO_RETRY, ""));
    Survey { ended, servers }.assert_all_read();
    let servers = serve(&kinds(), manners, |kind, _| {
        let too_large = kind.fails("413 Content Too Large", &[], "too large");
        vec![Act::Send(too_large), Act::Close]
    });
    let ended = Scene::new().ask(&config_of(&servers, NO_RETRY, ""));
    Survey { ended, servers }.assert_all_failed(&["413", "broke off", "cannot be reached"]);
}
