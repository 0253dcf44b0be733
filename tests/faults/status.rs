//! Servers that answer with a status other than 200.

use std::time::{Duration, SystemTime};

use super::kind::{Kind, NOTHING, kinds, response};
use super::scene::{at_once, survey};
use crate::support::raw::Act;

fn once(kind: Kind, number: usize, bytes: Vec<u8>) -> Vec<Act> {
    let then = kind.says(NOTHING);
    vec![Act::Send(if number == 0 { bytes } else { then })]
}

#[test]
fn servers_that_are_well_are_read() {
    let run = survey(&kinds(), "retries = 0", |kind, _| {
        vec![Act::Send(kind.says(NOTHING))]
    });
    run.assert_all_read();
    run.assert_asked(1);
    for (kind, server) in &run.servers {
        let path = &server.requests()[0].path;
        let path = path.split('?').next().unwrap();
        assert_eq!(path, kind.path(), "{}", kind.name());
    }
}

#[test]
fn statuses_that_pass_are_tried_again() {
    for status in [
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "529 Overloaded",
    ] {
        let run = survey(&kinds(), "retries = 1", move |kind, seen| {
            once(kind, seen.number, kind.fails(status, &[], "busy"))
        });
        run.assert_all_read();
        run.assert_asked(2);
    }
}

#[test]
fn statuses_that_stay_are_told_and_not_tried_again() {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "413 Content Too Large",
        "418 I'm a teapot",
    ] {
        let run = survey(&kinds(), "retries = 3", move |kind, _| {
            vec![Act::Send(kind.fails(status, &[], "no such thing"))]
        });
        run.assert_all_failed(&[&status[..3]]);
        run.assert_asked(1);
        for (kind, _) in &run.servers {
            let (_, reason) = run.ended.reading(&kind.name());
            assert!(reason.contains("no such thing"), "{reason}");
            assert!(
                status != "401 Unauthorized" || reason.contains("FAULT_KEY"),
                "{reason}"
            );
        }
    }
}

#[test]
fn a_server_that_is_down_all_the_time_is_told() {
    for status in ["500 Internal Server Error", "529 Overloaded"] {
        let run = survey(&kinds(), "retries = 1", move |kind, _| {
            vec![Act::Send(kind.fails(status, &[], "we are down"))]
        });
        run.assert_all_failed(&[&status[..3]]);
        run.assert_asked(2);
    }
}

/// The date is rounded down to a second, so that it is two seconds away at least.
#[test]
fn a_pause_that_a_server_asks_for_is_kept() {
    let forms: [fn() -> (String, Duration); 3] = [
        || ("2".to_owned(), Duration::from_secs(2)),
        || ("1.5".to_owned(), Duration::from_millis(1500)),
        || {
            let date = SystemTime::now() + Duration::from_secs(3);
            (httpdate::fmt_http_date(date), Duration::from_millis(1800))
        },
    ];
    at_once(forms, |form| {
        let run = survey(&kinds(), "retries = 1", move |kind, seen| {
            let (text, _) = form();
            let busy = kind.fails("429 Too Many Requests", &[("Retry-After", &text)], "slow");
            once(kind, seen.number, busy)
        });
        run.assert_all_read();
        run.assert_asked(2);
        let (text, least) = form();
        for (kind, server) in &run.servers {
            let requests = server.requests();
            let pause = requests[1].arrived - requests[0].arrived;
            assert!(pause >= least, "{}: {pause:?} after {text}", kind.name());
        }
    });
}

#[test]
fn a_pause_that_makes_no_sense_is_none() {
    for text in [
        "-5",
        "soon",
        "",
        "NaN",
        "-inf",
        "0",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Wed, 99 Oct 2099 07:28:00 GMT",
    ] {
        let run = survey(&kinds(), "retries = 1", move |kind, seen| {
            let busy = kind.fails("503 Service Unavailable", &[("Retry-After", text)], "slow");
            once(kind, seen.number, busy)
        });
        run.assert_all_read();
        run.assert_asked(2);
        run.ended.assert_took_at_most(Duration::from_secs(1));
    }
}

/// To ask earlier would not be obeying, and to wait would be a hang.
#[test]
fn a_pause_longer_than_a_run_is_not_waited_for() {
    for text in [
        "99999999999999999999",
        "1e300",
        "inf",
        "86400",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let run = survey(&kinds(), "retries = 3", move |kind, _| {
            let headers = [("Retry-After", text)];
            vec![Act::Send(kind.fails(
                "429 Too Many Requests",
                &headers,
                "slow",
            ))]
        });
        run.assert_all_failed(&["429"]);
        run.ended.assert_took_at_most(Duration::from_secs(1));
        if text != "inf" {
            run.assert_asked(1);
        }
    }
}

#[test]
fn a_success_without_a_body_is_no_answer() {
    for status in [
        "204 No Content",
        "205 Reset Content",
        "200 OK",
        "202 Accepted",
    ] {
        let run = survey(&kinds(), "retries = 0", move |kind, _| {
            let headers = [("Content-Type", kind.content_type())];
            let bytes = match status {
                "204 No Content" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
                _ => response(status, &headers, b""),
            };
            vec![Act::Send(bytes)]
        });
        run.assert_all_failed(&["answer", "sent"]);
    }
}

#[test]
fn a_success_that_tells_an_error_is_none() {
    let run = survey(&kinds(), "retries = 0", |kind, _| {
        let body = kind.error(500, "upstream went away").to_string();
        let json = [("Content-Type", "application/json")];
        vec![Act::Send(response("200 OK", &json, body.as_bytes()))]
    });
    run.assert_all_failed(&["upstream went away"]);
}

#[test]
fn informational_responses_before_the_answer_are_passed_over() {
    let run = survey(&kinds(), "retries = 0", |kind, _| {
        let before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
            HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n";
        vec![Act::Send([before.as_slice(), &kind.says(NOTHING)].concat())]
    });
    run.assert_all_read();
}
