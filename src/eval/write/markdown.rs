//! The evaluation as Markdown that also reads well as plain text.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::super::result::Evaluation;
use super::{Table, gain, summary, tables};

pub(super) fn page(evaluation: &Evaluation) -> String {
    let mut out = format!("# llmux eval\n\n{}\n", escaped(&summary(evaluation)));
    for note in &evaluation.notes {
        let _ = writeln!(out, "\n> {}", escaped(note));
    }
    if let Some(gain) = gain(evaluation) {
        let _ = writeln!(out, "\n{}", escaped(&gain));
    }
    for one in tables(evaluation) {
        table(&mut out, &one);
    }
    if let Some(recommendation) = &evaluation.recommendation {
        let _ = write!(
            out,
            "\n## Recommendation\n\n```toml\n{}```\n",
            recommendation.toml
        );
        if let Some(priors) = &recommendation.priors {
            let _ = write!(
                out,
                "\nWhat the data teach of the backends (`p`); `--write-priors FILE` writes it for `vote.priors`:\n\n```toml\n{priors}```\n"
            );
        }
    }
    out
}

fn table(out: &mut String, table: &Table) {
    let _ = writeln!(out, "\n## {}\n", table.title);
    if !table.about.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(&table.about));
    }
    let head: Vec<String> = table.head.iter().map(ToString::to_string).collect();
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| escaped(cell)).collect())
        .collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].width());
            cells.max().unwrap_or(0).max(head[column].width())
        })
        .collect();
    let mut line = |cells: &[String]| {
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(out, "| {cell}{} ", " ".repeat(width - cell.width()));
        }
        out.push_str("|\n");
    };
    line(&head);
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&rules);
    for row in &rows {
        line(row);
    }
}

/// What Markdown would act on, broken; names come from the data.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '|' | '<' | '[' | ']' | '\\' | '*' | '!' => out.extend(['\\', ch]),
            // A mention, and a reference to an issue.
            '@' => out.push_str("@\u{200b}"),
            _ => out.push(ch),
        }
    }
    out
}
