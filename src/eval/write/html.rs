//! The evaluation as a page that needs nothing else: no script, no file, no network.

use std::fmt::Write as _;

use super::super::result::Evaluation;
use super::{Table, gain, picture, summary, tables};

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --line: #d5dbe3; --page: #fff; \
--votes: #1f5fbf; --odds: #b3541e; --alone: #4d5a6b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --dim: #9aa5b4; --line: #39424f; \
--page: #14181e; --votes: #7fb0ff; --odds: #f0a06a; --alone: #a9b4c2; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); \
max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.2rem; font-size: 1.15rem; }
p.about, figcaption { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); \
white-space: nowrap; }
td:last-child { white-space: normal; }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .8rem 1rem; overflow-x: auto; }
figure { margin: 1.5rem 0; }
svg { width: 100%; max-width: 46rem; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .dim { fill: var(--dim); }
svg .grid { stroke: var(--line); fill: none; }
svg .iso { stroke: var(--line); fill: none; stroke-dasharray: 3 3; }
svg .votes { stroke: var(--votes); fill: none; stroke-width: 2; }
svg .odds { stroke: var(--odds); fill: none; stroke-width: 2; }
svg .dot-votes { fill: var(--votes); }
svg .dot-odds { fill: var(--odds); }
svg .dot-alone { fill: none; stroke: var(--alone); stroke-width: 1.5; }
";

pub(super) fn page(evaluation: &Evaluation) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n\
         <title>llmux eval</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>llmux eval</h1>\n"
    );
    let _ = writeln!(out, "<p>{}</p>", escaped(&summary(evaluation)));
    for note in &evaluation.notes {
        let _ = writeln!(out, "<p><strong>Note:</strong> {}</p>", escaped(note));
    }
    if let Some(gain) = gain(evaluation) {
        let _ = writeln!(out, "<p>{}</p>", escaped(&gain));
    }
    let _ = writeln!(
        out,
        "<figure>\n{}<figcaption>Each backend alone, and all of them at each number of votes and \
         at each probability. Dashed: equal F1.</figcaption>\n</figure>",
        picture::svg(evaluation)
    );
    for one in tables(evaluation) {
        table(&mut out, &one);
    }
    if let Some(recommendation) = &evaluation.recommendation {
        let _ = writeln!(
            out,
            "<h2>Recommendation</h2>\n<pre>{}</pre>",
            escaped(&recommendation.toml)
        );
        if let Some(priors) = &recommendation.priors {
            let _ = writeln!(
                out,
                "<p>What the data teach of the backends (<code>p</code>); <code>--write-priors FILE</code> writes \
                 it for <code>vote.priors</code>:</p>\n<pre>{}</pre>",
                escaped(priors)
            );
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn table(out: &mut String, table: &Table) {
    let _ = writeln!(out, "<h2>{}</h2>", escaped(table.title));
    if !table.about.is_empty() {
        let _ = writeln!(out, "<p class=\"about\">{}</p>", escaped(&table.about));
    }
    out.push_str("<div class=\"wide\"><table>\n<thead><tr>");
    for name in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", escaped(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

/// Text in HTML and in attributes; names come from the data.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(ch),
        }
    }
    out
}
