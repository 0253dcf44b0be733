//! `llmux::change` beside the real `git`.

mod histories;
mod kinds;
mod support;
