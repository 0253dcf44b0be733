//! The evaluation as a page that needs nothing else: no script, no file, no network.

use std::fmt::Write as _;

use super::super::result::Evaluation;
use super::{Table, gain, picture, summary, tables};
use crate::html::{self, escaped};

/// What is beyond the frame of every page.
const STYLE: &str = "\
:root { --votes: #1f5fbf; --odds: #b3541e; --alone: #4d5a6b; }
@media (prefers-color-scheme: dark) { :root { --votes: #7fb0ff; --odds: #f0a06a; \
--alone: #a9b4c2; } }
td:last-child { white-space: normal; }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .8rem 1rem; overflow-x: auto; }
svg .iso { stroke: var(--line); fill: none; stroke-dasharray: 3 3; }
svg .votes { stroke: var(--votes); fill: none; stroke-width: 2; }
svg .odds { stroke: var(--odds); fill: none; stroke-width: 2; }
svg .dot-votes { fill: var(--votes); }
svg .dot-odds { fill: var(--odds); }
svg .dot-alone { fill: none; stroke: var(--alone); stroke-width: 1.5; }
";

pub(super) fn page(evaluation: &Evaluation) -> String {
    let mut out = String::new();
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
    html::page("llmux eval", STYLE, &out)
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
