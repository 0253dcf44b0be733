//! Who read what, and what was left out.

use std::fmt::{self, Write as _};

use super::super::words;
use super::{MAX_NAMED, cell, code, inline};
use crate::engine::Run;

/// Files that not enough backends read; open, since they decide the verdict.
pub(super) fn gaps(run: &Run) -> Result<Option<String>, fmt::Error> {
    let gaps: Vec<_> = words::uncovered(run).collect();
    if gaps.is_empty() {
        return Ok(None);
    }
    let mut text = String::from("### Not read by enough backends\n\n");
    for file in gaps.iter().take(MAX_NAMED) {
        let path = code(&words::path(&file.path));
        writeln!(text, "- {path}: {}", inline(&words::gap(file)))?;
    }
    if gaps.len() > MAX_NAMED {
        writeln!(text, "- and {} more", gaps.len() - MAX_NAMED)?;
    }
    Ok(Some(text))
}

/// Who read what, what was left out, what each backend did.
pub(super) fn all(run: &Run) -> Result<String, fmt::Error> {
    let covered = run
        .coverage
        .files
        .iter()
        .filter(|file| file.covered)
        .count();
    let mut text = format!(
        "<details><summary>Coverage: {covered} of {}, {} left out</summary>\n\n",
        words::number(run.coverage.files.len(), "file"),
        run.change.left_out.len()
    );
    if !run.backends.is_empty() {
        text.push_str("| Backend | Model | Work | Last failure |\n|---|---|---|---|\n");
        for backend in &run.backends {
            writeln!(
                text,
                "| {} | {} | {} | {} |",
                cell(&inline(&backend.name)),
                cell(&inline(backend.model.as_deref().unwrap_or_default())),
                words::work(backend),
                cell(&inline(backend.error.as_deref().unwrap_or_default())),
            )?;
        }
        text.push('\n');
    }
    for file in run.coverage.files.iter().take(MAX_NAMED) {
        let readings: Vec<String> = file
            .readings
            .iter()
            .map(|(backend, reading)| format!("{backend} {}", words::reading(reading).0))
            .collect();
        writeln!(
            text,
            "- {}: {}",
            code(&words::path(&file.path)),
            inline(&readings.join(", "))
        )?;
    }
    if run.coverage.files.len() > MAX_NAMED {
        let more = run.coverage.files.len() - MAX_NAMED;
        writeln!(text, "- and {more} more")?;
    }
    for (reason, paths) in words::left_out(run) {
        let mut names: Vec<String> = paths
            .iter()
            .take(MAX_NAMED)
            .map(|path| code(&words::path(path)))
            .collect();
        if paths.len() > MAX_NAMED {
            names.push(format!("and {} more", paths.len() - MAX_NAMED));
        }
        writeln!(
            text,
            "- left out ({}): {}",
            inline(&reason),
            names.join(", ")
        )?;
    }
    text.push_str("\n</details>\n");
    Ok(text)
}
