//! Who read what, what was left out, what each backend did.

use std::fmt::Write as _;

use super::super::{clean, words};
use crate::engine::Run;
use crate::html::escaped;

/// Writes what was not read, then the tables.
pub(super) fn write(out: &mut String, run: &Run) {
    gaps(out, run);
    backends(out, run);
    files(out, run);
    left_out(out, run);
}

fn gaps(out: &mut String, run: &Run) {
    let gaps: Vec<_> = words::uncovered(run).collect();
    if gaps.is_empty() {
        return;
    }
    out.push_str("<h2>Not read by enough backends</h2>\n<ul class=\"gaps\">\n");
    for file in gaps {
        let path = escaped(&words::path(&file.path));
        let why = escaped(&words::gap(file));
        let _ = writeln!(out, "<li><code>{path}</code>: {why}</li>");
    }
    out.push_str("</ul>\n");
}

fn backends(out: &mut String, run: &Run) {
    if run.backends.is_empty() {
        return;
    }
    out.push_str("<h2>Backends</h2>\n");
    let rows = run.backends.iter().map(|backend| {
        [
            clean::line(&backend.name),
            clean::line(backend.model.as_deref().unwrap_or_default()),
            words::work(backend),
            clean::line(backend.error.as_deref().unwrap_or_default()),
        ]
        .to_vec()
    });
    let head = ["Backend", "Model", "Work", "Last failure"].map(str::to_owned);
    table(out, "Backends", &head, rows);
}

fn files(out: &mut String, run: &Run) {
    let files = &run.coverage.files;
    if files.is_empty() {
        return;
    }
    let covered = files.iter().filter(|file| file.covered).count();
    let _ = writeln!(
        out,
        "<h2>Coverage</h2>\n<details><summary>{covered} of {} read by enough backends</summary>",
        words::number(files.len(), "file")
    );
    let rows = files.iter().map(|file| {
        let readings = file.readings.iter().map(|(backend, reading)| {
            let (word, why) = words::reading(reading);
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            clean::line(&format!("{backend} {}{why}", word.replace('_', " ")))
        });
        let readings: Vec<String> = readings.collect();
        let state = if file.covered { "yes" } else { "no" };
        vec![
            words::path(&file.path),
            state.to_owned(),
            readings.join("; "),
        ]
    });
    let head = ["File", "Covered", "Readings"].map(str::to_owned);
    table(out, "Coverage", &head, rows);
    out.push_str("</details>\n");
}

fn left_out(out: &mut String, run: &Run) {
    let groups = words::left_out(run);
    if groups.is_empty() {
        return;
    }
    out.push_str("<h2>Left out</h2>\n<dl class=\"facts\">\n");
    for (reason, paths) in groups {
        let paths: Vec<String> = paths.into_iter().map(words::path).collect();
        let _ = writeln!(
            out,
            "<dt>{}</dt><dd>{}</dd>",
            escaped(&reason),
            escaped(&paths.join(", "))
        );
    }
    out.push_str("</dl>\n");
}

/// A table that scrolls by itself where it is wider than the page.
fn table(out: &mut String, title: &str, head: &[String], rows: impl Iterator<Item = Vec<String>>) {
    // What scrolls can be reached by the keyboard.
    let _ = writeln!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\n<thead><tr>"
    );
    for cell in head {
        let _ = write!(out, "<th scope=\"col\">{cell}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ = if at == 0 {
                write!(out, "<th scope=\"row\">{cell}</th>")
            } else {
                write!(out, "<td>{cell}</td>")
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}
