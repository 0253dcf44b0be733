//! What comes from a forge: an event's payload, and comments with marks in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmux::forge::github::event::parse;
use llmux::forge::marker::{Mark, State, is_review};

const EVENTS: [&str; 4] = [
    "pull_request",
    "issue_comment",
    "workflow_dispatch",
    "workflow_run",
];

fuzz_target!(|payload: &[u8]| {
    for event in EVENTS {
        let _ = parse(event, payload);
    }
    let Ok(body) = std::str::from_utf8(payload) else {
        return;
    };
    if let Some(mark) = Mark::read(body) {
        assert_eq!(Mark::read(&mark.line()), Some(mark));
    }
    if let Some(state) = State::read(body) {
        assert_eq!(State::read(&state.line()), Some(state));
    }
    let _ = is_review(body);
});
