//! `llmux::change` beside the real `git`.
#![allow(
    clippy::expect_used,
    reason = "helpers of tests fail the test like the tests themselves"
)]

mod crates;
mod errors;
mod histories;
mod kinds;
mod patches;
mod push;
mod renames;
mod scope;
mod sources;
mod support;
