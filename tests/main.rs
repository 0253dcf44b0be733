//! Tests through the binary, all in one program.
#![allow(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod architecture;
mod backends;
mod change;
mod cli;
mod config;
mod context;
mod diff;
mod doctor;
mod engine;
mod eval;
mod faults;
mod feedback;
mod findings;
mod forge;
mod generated;
mod hooks;
mod promises;
mod remember;
mod report;
mod rules;
mod shards;
mod stats;
mod store;
mod strangers;
mod support;
mod taxonomy;
mod workflow;
