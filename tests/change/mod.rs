//! `llmux::change` beside the real `git`.

mod errors;
mod histories;
mod kinds;
mod patches;
mod scope;
mod sources;
mod support;
