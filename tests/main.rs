//! Tests through the binary, all in one program.

mod architecture;
mod backends;
mod change;
mod cli;
mod context;
mod diff;
mod findings;
mod report;
mod rules;
mod support;
mod workflow;
mod config;
