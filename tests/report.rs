//! Reports: the formats of one outcome, where they are written, and what hostile text does to them.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows the tests themselves"
)]

use llmux::gate::Outcome;
use llmux::report::{Format, Spec, Style, markdown, sarif, write_all};

mod formats;
mod github;
mod gitlab;
mod hostile;
mod html;
mod line_hash;
mod markdown_size;
mod pipes;
mod places;
mod rdjsonl;
mod sample;
mod severities;
mod sinks;

/// The bytes of one format on standard output.
fn bytes(outcome: &Outcome, format: Format) -> Vec<u8> {
    let spec = Spec { format, path: None };
    let mut out = Vec::new();
    write_all(outcome, &[spec], Style::default(), &mut out).unwrap();
    out
}

fn text(outcome: &Outcome, format: Format) -> String {
    String::from_utf8(bytes(outcome, format)).unwrap()
}

/// The SARIF log as JSON.
fn sarif_value(outcome: &Outcome) -> serde_json::Value {
    let mut out = Vec::new();
    sarif::write(outcome, None, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn markdown_with(outcome: &Outcome, options: &markdown::Options) -> String {
    let mut out = Vec::new();
    markdown::write(outcome, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Here, so that all snapshots stand in `tests/snapshots`. llmux's own version is left out.
fn snapshot(name: &str, text: &str) {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!(name, text.replace(&version, "\"VERSION\""));
}
