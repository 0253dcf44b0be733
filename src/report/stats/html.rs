//! Statistics as a page that needs nothing else: pictures, and the tables beneath them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::bars::{Bars, MOST};
use super::cells::{Cell, count, seconds};
use super::columns::Columns;
use super::tables::{Table, tables};
use super::{By, EMPTY, name, scope, summary};
use crate::html::{self, escaped};
use crate::store::{Group, Stats};

/// Colours of series on light and on dark, and what else is beyond the frame of every page.
const STYLE: &str = "\
:root { --c0: #1f5fbf; --c1: #c2571a; --c2: #2a7d4f; --c3: #8a4fbf; --c4: #94740a; --c5: #1c8a96; \
--c6: #b0366a; --c7: #6b7685; }
@media (prefers-color-scheme: dark) { :root { --c0: #7fb0ff; --c1: #f0a06a; --c2: #74cf9b; \
--c3: #c7a0f0; --c4: #dcc063; --c5: #69cfda; --c6: #f08fb8; --c7: #a9b4c2; } }
.c0 { fill: var(--c0); background: var(--c0); } .c1 { fill: var(--c1); background: var(--c1); }
.c2 { fill: var(--c2); background: var(--c2); } .c3 { fill: var(--c3); background: var(--c3); }
.c4 { fill: var(--c4); background: var(--c4); } .c5 { fill: var(--c5); background: var(--c5); }
.c6 { fill: var(--c6); background: var(--c6); } .c7 { fill: var(--c7); background: var(--c7); }
h1, p { overflow-wrap: anywhere; }
svg { display: block; min-width: 40rem; }
svg .value { font-size: 11px; fill: var(--dim); paint-order: stroke; stroke: var(--page); \
stroke-width: 3px; }
ul.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; \
margin: .6rem 0; font-size: 14px; }
.legend span { display: inline-block; width: .8em; height: .8em; margin-right: .45em; \
border-radius: 2px; forced-color-adjust: none; }
th.number, td.number { text-align: right; padding: .25rem 0 .25rem 1.1rem; }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--page); }
thead th { color: var(--dim); font-weight: 600; }
tbody th { font-weight: 400; }
tbody tr.all th, tbody tr.all td { font-weight: 600; }
td.bad { color: var(--c1); }
";

/// Writes the page: its tables are grouped by each of `by`, its pictures are the same always.
///
/// # Errors
/// Those of the output.
pub fn write(stats: &Stats, by: &[By], out: &mut impl Write) -> io::Result<()> {
    let mut body = String::new();
    paragraph(&mut body, &scope(stats));
    if stats.is_empty() {
        paragraph(&mut body, EMPTY);
        if let Some(line) = super::unsettled(stats) {
            paragraph(&mut body, &line);
        }
    } else {
        for line in summary(stats) {
            paragraph(&mut body, &line);
        }
        cost(&mut body, stats);
        bars(&mut body, stats, &latency(stats), "No call had a reply.");
        bars(&mut body, stats, &findings(stats), "Nothing was found.");
        for one in by.iter().flat_map(|by| tables(stats, *by)) {
            table(&mut body, &one);
        }
    }
    out.write_all(html::page("llmux stats", STYLE, &body).as_bytes())
}

fn paragraph(out: &mut String, text: &str) {
    let _ = writeln!(out, "<p>{}</p>", escaped(text));
}

fn cost(out: &mut String, stats: &Stats) {
    let columns = Columns::of(stats);
    let legend = columns.legend.iter();
    let legend: Vec<(&str, String)> = legend
        .map(|(name, colour)| (&**name, format!("c{colour}")))
        .collect();
    let none = "No call of known price was paid.";
    figure(out, &columns.title(), columns.svg(), &legend, "", none);
}

fn bars(out: &mut String, stats: &Stats, bars: &Bars<'_>, none: &str) {
    let series = bars.series.iter();
    let legend: Vec<(&str, String)> = series
        .map(|(what, class)| (*what, (*class).to_owned()))
        .collect();
    let mut about = bars.about.to_owned();
    if bars.rows.len() > MOST {
        let all = stats.by_backend.len();
        let _ = write!(about, " {MOST} of {all} backends; the table has them all.");
    }
    figure(out, bars.title, bars.svg(), &legend, &about, none);
}

/// A picture with its names of colours; a sentence where there is nothing to draw.
fn figure(
    out: &mut String,
    title: &str,
    svg: Option<String>,
    legend: &[(&str, String)],
    about: &str,
    none: &str,
) {
    let title = escaped(title);
    let _ = writeln!(out, "<h2>{title}</h2>");
    let Some(svg) = svg else {
        return paragraph(out, none);
    };
    out.push_str("<figure>\n<ul class=\"legend\">");
    for (what, class) in legend {
        let what = escaped(what);
        let _ = write!(out, "<li><span class=\"{class}\"></span>{what}</li>");
    }
    // What scrolls can be reached by the keyboard.
    let _ = writeln!(
        out,
        "</ul>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n{svg}</div>"
    );
    if !about.is_empty() {
        let _ = writeln!(out, "<figcaption>{}</figcaption>", escaped(about));
    }
    out.push_str("</figure>\n");
}

/// A row for each backend of which there is something to draw.
fn rows(stats: &Stats, values: impl Fn(&Group) -> Option<Vec<f64>>) -> Vec<(String, Vec<f64>)> {
    let groups = stats.by_backend.iter();
    groups
        .filter_map(|(backend, group)| Some((name(backend), values(group)?)))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a pixel is coarser")]
fn latency(stats: &Stats) -> Bars<'static> {
    Bars {
        id: "latency",
        title: "Latency per backend",
        about: "Of calls with a reply. Half of them took the median or less, 95 of 100 took p95 or less.",
        series: &[("median", "c0"), ("p95", "c1")],
        rows: rows(stats, |group| {
            let latency = group.latency?;
            Some(vec![latency.median_ms as f64, latency.p95_ms as f64])
        }),
        words: |value| seconds(whole(value)),
        scale: |value| format!("{} s", value.round() / 1e3),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a pixel is coarser")]
fn findings(stats: &Stats) -> Bars<'static> {
    Bars {
        id: "findings",
        title: "Findings per backend",
        about: "Confirmed: with enough votes. Refuted: critics did away with it. Dismissed: people say \
                that it is not real, wherever it stands.",
        series: &[("confirmed", "c2"), ("refuted", "c7"), ("dismissed", "c6")],
        rows: rows(stats, |group| {
            let of = &group.findings;
            let values = [of.confirmed, of.refuted, of.dismissed];
            (of.reported > 0).then(|| values.map(|value| value as f64).into())
        }),
        words: |value| count(whole(value)),
        scale: |value| count(whole(value)),
    }
}

/// Values are counts and milliseconds; a scale's may be fractions of one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no value is negative or that large"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

fn table(out: &mut String, table: &Table) {
    let title = escaped(&table.title);
    let _ = writeln!(
        out,
        "<h2>{title}</h2>\n<p class=\"about\">{}</p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\n<thead><tr>",
        escaped(table.about)
    );
    for (at, head) in table.head.iter().enumerate() {
        let class = if at == 0 { "" } else { " class=\"number\"" };
        let _ = write!(out, "<th scope=\"col\"{class}>{head}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let last = table.rows.len().saturating_sub(1);
    for (at, row) in table.rows.iter().enumerate() {
        let is_sum = at == last && at > 0;
        out.push_str(if is_sum { "<tr class=\"all\">" } else { "<tr>" });
        for cell in row {
            let text = escaped(&cell.exact());
            let _ = match cell {
                Cell::Name(_) => write!(out, "<th scope=\"row\">{text}</th>"),
                Cell::Bad(1..) => write!(out, "<td class=\"number bad\">{text}</td>"),
                _ => write!(out, "<td class=\"number\">{text}</td>"),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}
