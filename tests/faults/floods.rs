//! Answers without end. One server at a time: what is measured is what one answer costs.

use std::time::Duration;

use super::kind::{Kind, kinds, response, streaming_kinds};
use super::scene::{Survey, survey};
use crate::support::raw::Act;

const GIGABYTE: u64 = 1 << 30;
/// Time for what is bounded by size.
const LIMITS: &str = "retries = 0\ncall_timeout = \"30s\"";

fn openai(streams: bool) -> Kind {
    Kind {
        dialect: "openai",
        streams,
    }
}

fn flood(kind: Kind, limits: &str, head: Vec<u8>, block: Vec<u8>) -> Survey {
    survey(&[kind], limits, move |_, _| {
        vec![Act::Send(head.clone()), Act::Flood(block.clone(), GIGABYTE)]
    })
}

#[track_caller]
fn assert_too_much(run: &Survey) {
    run.assert_all_failed(&["more than", "too long", "too large"]);
    run.assert_asked(1);
    run.ended.assert_took_at_most(Duration::from_secs(30));
}

/// A text that never ends, in the words of each dialect.
fn beginning(kind: Kind) -> Vec<u8> {
    let body = kind.body("MARK");
    let text = &body[..body.find("MA").unwrap()];
    [kind.head(), text.into()].concat()
}

#[test]
fn an_answer_of_a_gigabyte_is_left_at_the_limit() {
    for kind in kinds().into_iter().filter(|kind| !kind.streams) {
        assert_too_much(&flood(kind, LIMITS, beginning(kind), vec![b'x'; 1 << 16]));
    }
}

#[test]
fn a_gigabyte_that_is_announced_is_not_waited_for() {
    let kind = openai(false);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {GIGABYTE}\r\n\r\n"
    );
    assert_too_much(&flood(kind, LIMITS, head.into(), vec![b' '; 1 << 16]));
}

#[test]
fn a_gigabyte_in_chunks_is_left_at_the_limit() {
    let kind = openai(false);
    let head =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [b"10000\r\n".as_slice(), &vec![b'['; 1 << 16], b"\r\n"].concat();
    assert_too_much(&flood(kind, LIMITS, head.to_vec(), chunk));
}

/// Its extension never ends.
#[test]
fn a_chunks_head_of_a_gigabyte_is_no_answer() {
    let kind = openai(false);
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5;x=";
    let run = flood(kind, LIMITS, head.to_vec(), vec![b'x'; 1 << 16]);
    run.assert_all_failed(&["broke off", "more than"]);
}

/// Each piece is small, and their sum is not.
#[test]
fn a_gigabyte_of_pieces_is_left_at_the_limit() {
    for kind in streaming_kinds() {
        let block = kind.piece(&"x".repeat(4000)).repeat(16);
        assert_too_much(&flood(kind, LIMITS, kind.head(), block.into()));
    }
}

#[test]
fn one_line_of_a_hundred_megabytes_is_left_at_the_limit() {
    for kind in streaming_kinds() {
        let run = survey(&[kind], LIMITS, |kind, _| {
            let piece = kind.piece("MARK");
            let (before, after) = piece.split_once("MARK").unwrap();
            vec![
                Act::Send([kind.head(), before.into()].concat()),
                Act::Flood(vec![b'x'; 1 << 16], 100 << 20),
                Act::Send(after.into()),
                Act::Hang,
            ]
        });
        assert_too_much(&run);
    }
}

/// Signs of life are no text; but they are bytes, and their time is limited too.
#[test]
fn a_gigabyte_of_signs_of_life_is_left() {
    // Events, and lines.
    let mut kinds = streaming_kinds();
    kinds.retain(|kind| ["openai", "ollama"].contains(&kind.dialect));
    for kind in kinds {
        let limits = "retries = 0\ncall_timeout = \"4s\"";
        let block = kind.keep_alive().repeat(5000);
        let run = flood(kind, limits, kind.head(), block.into());
        run.assert_all_failed(&["more than", "too long", "too large", "within 4s"]);
        run.ended.assert_took_at_most(Duration::from_secs(4));
    }
}

#[test]
fn an_event_of_a_gigabyte_of_lines_is_left_at_the_limit() {
    let kind = openai(true);
    let block = "data: {}\n".repeat(5000);
    assert_too_much(&flood(kind, LIMITS, kind.head(), block.into()));
}

#[test]
fn an_error_of_a_gigabyte_is_told_by_its_beginning() {
    for streams in [false, true] {
        let head = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n";
        let run = flood(
            openai(streams),
            LIMITS,
            head.to_vec(),
            b"broken ".repeat(9000),
        );
        run.assert_all_failed(&["500"]);
        run.ended.assert_took_at_most(Duration::from_secs(5));
    }
}

#[test]
fn headers_of_a_megabyte_are_no_answer() {
    for (name, repeat) in [("one", 1), ("many", 20_000)] {
        let run = survey(&kinds(), LIMITS, move |kind, _| {
            let value = "x".repeat((1 << 20) / repeat);
            let header = format!("X-{name}: {value}\r\n").repeat(repeat);
            let answer = String::from_utf8(kind.says("{\"findings\": []}")).unwrap();
            let answer = answer.replacen("\r\n", &format!("\r\n{header}"), 1);
            vec![Act::Send(answer.into()), Act::Close]
        });
        run.assert_all_failed(&["cannot be reached", "broke off", "headers", "large"]);
        run.ended.assert_took_at_most(Duration::from_secs(5));
    }
}

#[test]
fn headers_without_end_are_no_answer() {
    for block in ["X-More: and more\r\n".repeat(1000), "x".repeat(1 << 16)] {
        let head = b"HTTP/1.1 200 OK\r\nX-First: ".to_vec();
        let run = flood(openai(false), LIMITS, head, block.into());
        run.assert_all_failed(&["cannot be reached", "broke off", "headers", "large"]);
        run.ended.assert_took_at_most(Duration::from_secs(5));
    }
}

#[test]
fn informational_responses_without_end_are_no_answer() {
    let limits = "retries = 0\ncall_timeout = \"1s\"";
    let block = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(1000);
    let run = flood(openai(false), limits, Vec::new(), block);
    run.assert_all_failed(&["within 1s", "silent", "cannot be reached"]);
    run.ended.assert_took_at_most(Duration::from_secs(1));
}

/// A gigabyte in seven megabytes, whether or not it was asked for.
#[test]
fn a_gzip_bomb_does_not_go_off() {
    let body = std::sync::Arc::new(bomb(GIGABYTE));
    for label in [
        "gzip",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "gzip, gzip",
        "identity",
    ] {
        let body = std::sync::Arc::clone(&body);
        let run = survey(&kinds(), LIMITS, move |kind, _| {
            let headers = [
                ("Content-Type", kind.content_type()),
                ("Content-Encoding", label),
            ];
            vec![Act::Send(response("200 OK", &headers, &body))]
        });
        run.assert_all_failed(&["JSON", "more than", "encoding", "end", label]);
        for (_, server) in &run.servers {
            let asked = &server.requests()[0];
            let wanted = asked.header("accept-encoding");
            assert!(
                matches!(wanted, None | Some("identity")),
                "it was asked for"
            );
        }
    }
}

/// A gzip stream of as many bytes `a`: a literal, then copies of 258 bytes, each of which
/// takes 13 bits of deflate's fixed code, so that eight of them take 13 bytes.
fn bomb(bytes: u64) -> Vec<u8> {
    // Magic, deflate, no flags, no time, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = Bits::default();
    // The last block, fixed code; the literal 0x61 is 0x30 + 0x61 in eight bits.
    bits.push(&[1, 1, 0]);
    bits.push_code(0x30 + 0x61, 8);
    for _ in 0..16 {
        // Length 258 is code 285; distance 1 is code 0.
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    let whole = bits.0.len() / 8;
    let packed: Vec<u8> = bits.0[..whole * 8]
        .chunks(8)
        .map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | bit))
        .collect();
    let period = &packed[packed.len() - 13..];
    out.extend(&packed[..packed.len() - 13]);
    let times = usize::try_from(bytes / (8 * 258)).unwrap();
    out.extend(period.repeat(times));
    out
}

/// Bits in the order in which deflate packs them.
#[derive(Default)]
struct Bits(Vec<u8>);

impl Bits {
    fn push(&mut self, bits: &[u8]) {
        self.0.extend(bits);
    }

    /// A Huffman code: its highest bit first.
    fn push_code(&mut self, code: u16, length: u8) {
        for bit in (0..length).rev() {
            self.0.push(u8::from(code >> bit & 1 == 1));
        }
    }
}
