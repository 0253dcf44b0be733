//! llmux reviews a change with several language models at once.
//!
//! Folders stand in the order in which data flows; imports run downward only
//! (see ARCHITECTURE.md and `tests/architecture.rs`).

pub mod backends;
pub mod change;
pub mod clean;
pub mod cli;
pub mod config;
pub mod context;
pub mod engine;
pub mod eval;
pub mod findings;
pub mod forge;
pub mod gate;
pub mod html;
pub mod report;
pub mod store;
pub mod units;
pub mod workflow;
