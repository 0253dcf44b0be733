//! Redirects: neither key nor prompt goes to another server, or to another place of the same.

use std::sync::Arc;

use super::kind::{NOTHING, kinds, response};
use super::scene::survey;
use crate::support::raw::{Act, Raw};

const STATUSES: [&str; 6] = [
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

#[test]
fn a_redirect_to_another_server_is_not_followed() {
    let other = Arc::new(Raw::new(|_| vec![Act::Send(kinds()[0].says(NOTHING))]));
    for status in STATUSES {
        let target = format!("{}/v1/chat/completions", other.uri());
        let run = survey(&kinds(), "retries = 2", move |_, _| {
            vec![Act::Send(response(status, &[("Location", &target)], b""))]
        });
        run.assert_all_failed(&["127.0.0.1, which is not followed"]);
        run.assert_asked(1);
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn no_form_of_a_target_is_followed() {
    let other = Raw::new(|_| vec![Act::Send(kinds()[0].says(NOTHING))]);
    let host = other.uri().replace("http://", "");
    let password = "hunter2hunter2";
    for target in [
        format!("http://user:{password}@{host}/v1"),
        format!("//{host}/v1"),
        format!("http:{host}"),
        format!("https://{host}/v1"),
        "/somewhere/else?token=hunter2hunter2".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "javascript:alert(1)".to_owned(),
        "http://[::1".to_owned(),
        String::new(),
        "x".repeat(50_000),
    ] {
        let run = survey(&kinds(), "retries = 2", move |_, _| {
            let headers = [("Location", target.as_str()), ("Refresh", "0; url=/other")];
            vec![Act::Send(response("307 Temporary Redirect", &headers, b""))]
        });
        run.assert_all_failed(&["307"]);
        run.assert_asked(1);
        let said = format!("{}{}", run.ended.stdout, run.ended.stderr);
        assert!(!said.contains(password), "{said}");
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_redirect_without_a_target_is_an_error() {
    for status in ["304 Not Modified", "302 Found", "399 Odd"] {
        let run = survey(&kinds(), "retries = 0", move |_, _| {
            vec![Act::Send(
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into(),
            )]
        });
        run.assert_all_failed(&[&status[..3]]);
    }
}
