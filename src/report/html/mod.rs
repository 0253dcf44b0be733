//! One page for a browser that needs nothing else: no script, no file, no network.
//!
//! It is read from top to bottom as it is; what a browser can do besides is filter, by style
//! alone (`filter.rs`), so it works where scripts are forbidden.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{clean, memory, routing, words};
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};
use crate::html::{self, escaped};

mod article;
mod coverage;
mod filter;
mod style;

use filter::Filter;

/// Characters of a text.
const MAX_TEXT: usize = 16_000;

/// Writes the page.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let filter = Filter::of(outcome);
    let mut body = String::new();
    head(&mut body, outcome);
    texts(&mut body, outcome);
    body.push_str("<main>\n");
    body.push_str(&filter.controls());
    body.push_str("<div class=\"list\">\n");
    let mut articles = article::Articles::new(outcome, &filter);
    let confirmed: Vec<&Finding> = outcome.confirmed().collect();
    if confirmed.is_empty() {
        body.push_str("<h2>Confirmed findings</h2>\n<p>None.</p>\n");
    } else {
        articles.section(&mut body, "Confirmed findings", "", &confirmed, true);
    }
    let unconfirmed: Vec<&Finding> = outcome.unconfirmed().collect();
    let about = "Too few votes: they do not count.";
    articles.section(&mut body, "Unconfirmed", about, &unconfirmed, false);
    let suppressed: Vec<&Finding> = outcome.suppressed().collect();
    let about = "Somebody took them out: they do not count.";
    articles.section(&mut body, "Suppressed", about, &suppressed, false);
    let refuted: Vec<&Finding> = outcome.run.refuted.iter().collect();
    let about = "Critics did away with them: they do not count.";
    articles.section(&mut body, "Refuted", about, &refuted, false);
    body.push_str("</div>\n");
    body.push_str(&filter.shown());
    body.push_str("</main>\n");
    fixed(&mut body, outcome);
    coverage::write(&mut body, &outcome.run);
    let style = format!("{}{}", style::STYLE, filter.rules());
    // The one place through which every line goes: a page may be printed into a log.
    let page = html::page("llmux review", &style, &body);
    out.write_all(clean::commands(&page).as_bytes())
}

/// Verdict, sums, notices.
fn head(out: &mut String, outcome: &Outcome) {
    let class = match &outcome.verdict {
        Verdict::Pass => "pass",
        Verdict::Blocked(_) => "blocked",
        Verdict::Incomplete(_) => "incomplete",
    };
    let verdict = escaped(&words::verdict(outcome));
    let _ = writeln!(out, "<p class=\"verdict {class}\">{verdict}</p>");
    let run = &outcome.run;
    let files = words::number(run.coverage.files.len(), "file");
    let covered = run.coverage.files.iter().filter(|file| file.covered);
    let mut facts = vec![
        ("Change", clean::line(&run.change.title)),
        ("Workflow", clean::line(&run.workflow)),
        (
            "Coverage",
            format!(
                "{} of {files} read by enough backends, {} left out",
                covered.count(),
                run.change.left_out.len()
            ),
        ),
        ("Confirmed", words::counts(outcome.confirmed())),
        ("Unconfirmed", words::counts(outcome.unconfirmed())),
    ];
    let more = [
        ("Refuted", words::refuted(run)),
        ("Suppressed", memory::suppressed(outcome)),
        ("Since the run before", memory::history(outcome)),
        ("Dropped claims", words::dropped(&run.dropped)),
        ("Cost", words::total_cost(run).map(words::money)),
        ("Learned", words::learned(run)),
    ];
    facts.extend(
        more.into_iter()
            .filter_map(|(what, text)| Some((what, text?))),
    );
    out.push_str("<dl class=\"facts\">\n");
    for (what, text) in facts {
        let _ = writeln!(out, "<dt>{what}</dt><dd>{}</dd>", escaped(&text));
    }
    out.push_str("</dl>\n");
    for notice in &run.notices {
        let notice = clean::line(notice);
        let notice = clean::cut(&notice, MAX_TEXT);
        let _ = writeln!(out, "<p class=\"notice\">Note: {}</p>", escaped(&notice));
    }
}

/// What text steps wrote: a summary.
fn texts(out: &mut String, outcome: &Outcome) {
    for (step, text) in &outcome.run.texts {
        let _ = writeln!(out, "<h2>{}</h2>", escaped(&clean::line(step)));
        let _ = writeln!(out, "<div class=\"text\">{}</div>", prose(text));
    }
    if let Some(routes) = &outcome.run.routing {
        out.push_str("<h2>Routing</h2>\n<ul>\n");
        for line in routing::lines(routes) {
            let _ = writeln!(out, "<li>{}</li>", escaped(&line));
        }
        out.push_str("</ul>\n");
    }
}

/// What the run before had and this one looked for in vain.
fn fixed(out: &mut String, outcome: &Outcome) {
    let before = outcome.run.remembered.before.iter().flatten();
    let fixed: Vec<_> = before.filter(|(_, fate)| fate.is_fixed()).collect();
    if fixed.is_empty() {
        return;
    }
    out.push_str("<h2>Fixed since the run before</h2>\n<ul>\n");
    for (record, _) in fixed {
        let _ = writeln!(out, "<li>{}</li>", escaped(&memory::fixed(record)));
    }
    out.push_str("</ul>\n");
}

/// A model's words, in their own lines.
fn prose(text: &str) -> String {
    escaped(&clean::cut(clean::prose(text).trim(), MAX_TEXT))
}
