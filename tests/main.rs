//! Tests through the binary, all in one program.

mod change;
mod context;
mod backends;
mod findings;
mod report;
mod rules;
