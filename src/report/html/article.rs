//! One finding: what, where, who says so, the code, and what to do.

use std::fmt::Write as _;

use super::super::{clean, memory, words};
use super::filter::Filter;
use super::{MAX_TEXT, prose};
use crate::change::{Change, FileChange};
use crate::findings::{Finding, Location, Opinion};
use crate::gate::Outcome;
use crate::html::escaped;

/// Lines of code before and after a place.
const AROUND: u32 = 2;
/// Lines of code of one finding.
const MAX_LINES: usize = 40;
/// Characters of one line of code.
const MAX_LINE: usize = 400;
/// Claims of one finding that are shown.
const MAX_CLAIMS: usize = 20;

/// Writes findings, numbered through all sections.
pub(super) struct Articles<'o> {
    change: &'o Change,
    filter: &'o Filter<'o>,
    count: usize,
}

impl<'o> Articles<'o> {
    pub(super) fn new(outcome: &'o Outcome, filter: &'o Filter<'o>) -> Self {
        Self {
            change: &outcome.run.change,
            filter,
            count: 0,
        }
    }

    /// A heading with findings under it; nothing where there are none. What does not count is
    /// closed, and opened by who wants to see it.
    pub(super) fn section(
        &mut self,
        out: &mut String,
        title: &str,
        about: &str,
        findings: &[&Finding],
        is_open: bool,
    ) {
        if findings.is_empty() {
            return;
        }
        let counts = words::counts(findings.iter().copied());
        let _ = writeln!(out, "<section>\n<h2>{title}: {counts}</h2>");
        if !about.is_empty() {
            let _ = writeln!(out, "<p class=\"about\">{about}</p>");
        }
        for finding in findings {
            self.article(out, finding, is_open);
        }
        out.push_str("</section>\n");
    }

    fn article(&mut self, out: &mut String, finding: &Finding, is_open: bool) {
        self.count += 1;
        let open = if is_open { " open" } else { "" };
        let _ = writeln!(
            out,
            "<article class=\"{}\" id=\"finding-{}\">\n<details{open}><summary><h3>\
             <span class=\"badge {severity}\">{severity}</span> {}</h3> <span class=\"place\">{}</span></summary>",
            self.filter.classes(finding),
            self.count,
            escaped(&words::title(finding)),
            escaped(&words::place(&finding.location)),
            severity = finding.severity,
        );
        let _ = writeln!(
            out,
            "<p class=\"meta\"><code>{}</code> · votes: {}{}</p>",
            escaped(&clean::line(&finding.rule)),
            escaped(&words::votes(finding)),
            memory::novelty(finding)
        );
        if finding.suppression.is_some() {
            let why = escaped(&memory::suppression(finding));
            let _ = writeln!(out, "<p class=\"meta\">{why}</p>");
        }
        out.push_str(&code(
            finding,
            words::file(self.change, &finding.location.path),
        ));
        let _ = writeln!(out, "<div class=\"text\">{}</div>", prose(&finding.message));
        if let Some(suggestion) = &finding.suggestion {
            let suggestion = clean::text(suggestion.trim_end());
            let suggestion = escaped(&clean::cut(&suggestion, MAX_TEXT));
            let _ = writeln!(
                out,
                "<p class=\"label\">Suggestion</p>\n<pre class=\"suggestion\" tabindex=\"0\">{suggestion}</pre>"
            );
        }
        said(out, finding);
        out.push_str("</details>\n</article>\n");
    }
}

/// What each backend said, and each critic.
fn said(out: &mut String, finding: &Finding) {
    let heard = finding.ballots.iter();
    let heard: Vec<_> = heard.filter(|it| it.opinion != Opinion::Silent).collect();
    if finding.claims.len() < 2 && heard.is_empty() {
        return;
    }
    out.push_str("<details class=\"said\"><summary>Who said what</summary>\n<ul>\n");
    for claim in finding.claims.iter().take(MAX_CLAIMS) {
        let _ = writeln!(
            out,
            "<li><b>{}</b> ({}, {}): {}<div class=\"text\">{}</div></li>",
            escaped(&clean::line(&claim.backend)),
            escaped(&clean::line(&claim.role)),
            claim.severity,
            escaped(&clean::line(&claim.title)),
            prose(&claim.message)
        );
    }
    if finding.claims.len() > MAX_CLAIMS {
        let more = finding.claims.len() - MAX_CLAIMS;
        let _ = writeln!(out, "<li>and {more} more</li>");
    }
    for ballot in heard {
        let word = match ballot.opinion {
            Opinion::Confirm => "confirmed it",
            Opinion::Refute => "refuted it",
            Opinion::Unsure | Opinion::Silent => "is unsure",
        };
        let _ = writeln!(
            out,
            "<li><b>{}</b> (critic) {word}<div class=\"text\">{}</div></li>",
            escaped(&clean::line(&ballot.critic)),
            prose(&ballot.reason)
        );
    }
    out.push_str("</ul></details>\n");
}

/// The lines of a place with their numbers and a few around them; the finding's own quote where
/// the file is not known.
fn code(finding: &Finding, file: Option<&FileChange>) -> String {
    let location = &finding.location;
    let last = location.end_line.max(location.start_line);
    let from = location.start_line.saturating_sub(AROUND).max(1);
    let known = (from..=last.saturating_add(AROUND)).filter_map(|number| {
        let line = file?.new.line(number)?;
        Some((number, line))
    });
    let mut lines: Vec<(u32, &str)> = known.take(MAX_LINES).collect();
    if file.is_none_or(|file| file.new.line(location.start_line).is_none()) {
        let quoted = (location.start_line..).zip(finding.quote.lines());
        lines = quoted.take(MAX_LINES).collect();
        if lines.is_empty() {
            return String::new();
        }
    }
    let is_cut = lines.len() == MAX_LINES;
    let mut out = String::from("<pre class=\"code\" tabindex=\"0\">");
    for (number, line) in lines {
        let (before, inside, after) = if file.is_some() {
            parts(line, number, location)
        } else {
            (String::new(), line.to_owned(), String::new())
        };
        let _ = write!(
            out,
            "<span class=\"n\">{number:>5} </span>{}",
            shown(&before)
        );
        if !inside.is_empty() {
            let _ = write!(out, "<mark>{}</mark>", shown(&inside));
        }
        let _ = writeln!(out, "{}", shown(&after));
    }
    if is_cut {
        out.push_str("    …\n");
    }
    out.push_str("</pre>\n");
    out
}

/// A line's text before, in and behind the place.
fn parts(line: &str, number: u32, location: &Location) -> (String, String, String) {
    let index = |column: u32| usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let last = location.end_line.max(location.start_line);
    if !(location.start_line..=last).contains(&number) {
        return (line.to_owned(), String::new(), String::new());
    }
    let from = if number == location.start_line {
        index(location.start_column)
    } else {
        0
    };
    let until = if number == last {
        index(location.end_column).max(from)
    } else {
        usize::MAX
    };
    let characters = || line.chars();
    (
        characters().take(from).collect(),
        characters().skip(from).take(until - from).collect(),
        characters().skip(until).collect(),
    )
}

fn shown(code: &str) -> String {
    escaped(&clean::cut(&clean::exact(code), MAX_LINE))
}
