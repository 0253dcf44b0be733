//! What is shown of the findings, chosen by severity, file and backend, without a script: each
//! finding has a class for each, and a rule of the style hides what a control does not choose.
//! Classes are numbers; names stand only in the controls' texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::{clean, words};
use crate::change::RepoPath;
use crate::findings::{Finding, Severity, backend_of};
use crate::gate::Outcome;
use crate::html::escaped;

/// What there is to choose from.
pub(super) struct Filter<'o> {
    severities: BTreeSet<Severity>,
    files: BTreeMap<&'o RepoPath, usize>,
    backends: BTreeMap<&'o str, usize>,
    /// Number of findings of any standing.
    count: usize,
}

impl<'o> Filter<'o> {
    /// Everything that some finding of the outcome has.
    pub(super) fn of(outcome: &'o Outcome) -> Self {
        let all: Vec<&Finding> = outcome
            .run
            .findings
            .iter()
            .chain(&outcome.run.refuted)
            .collect();
        let files: BTreeSet<&RepoPath> = all.iter().map(|it| &it.location.path).collect();
        let backends: BTreeSet<&str> = all.iter().flat_map(|it| reporters(it)).collect();
        Self {
            severities: all.iter().map(|it| it.severity).collect(),
            files: files.into_iter().zip(0..).collect(),
            backends: backends.into_iter().zip(0..).collect(),
            count: all.len(),
        }
    }

    /// The classes of a finding.
    pub(super) fn classes(&self, finding: &Finding) -> String {
        let mut classes = format!("f s-{}", finding.severity);
        if let Some(file) = self.files.get(&finding.location.path) {
            let _ = write!(classes, " p{file}");
        }
        for backend in reporters(finding) {
            if let Some(backend) = self.backends.get(backend) {
                let _ = write!(classes, " b{backend}");
            }
        }
        classes
    }

    /// The controls; nothing where there is nothing to choose from.
    pub(super) fn controls(&self) -> String {
        let mut out = String::new();
        if self.count == 0 {
            return out;
        }
        out.push_str(
            "<form class=\"filter\" aria-label=\"Filter findings\" autocomplete=\"off\">\n\
             <fieldset><legend>Severity</legend>\n",
        );
        for severity in self.severities.iter().rev() {
            let _ = writeln!(
                out,
                "<label><input type=\"checkbox\" id=\"s-{severity}\" checked> {severity}</label>"
            );
        }
        out.push_str("</fieldset>\n");
        let files = self.files.iter();
        let files = files.map(|(path, number)| (words::path(path), format!("p{number}")));
        select(&mut out, "File", "all files", files);
        let backends = self.backends.iter();
        let backends = backends.map(|(name, number)| (clean::line(name), format!("b{number}")));
        select(&mut out, "Backend", "all backends", backends);
        out.push_str("<button type=\"reset\">Show all</button>\n</form>\n");
        out
    }

    /// How many findings are shown. It stands behind them, since a style counts what it has
    /// passed, and is put before them by the style.
    pub(super) fn shown(&self) -> String {
        if self.count == 0 {
            return String::new();
        }
        let count = words::number(self.count, "finding");
        format!("<p class=\"shown\"> of {count} shown</p>\n")
    }

    /// The rules that hide what is not chosen.
    pub(super) fn rules(&self) -> String {
        let mut out = String::new();
        for severity in &self.severities {
            let _ = writeln!(
                out,
                "body:has(#s-{severity}:not(:checked)) .s-{severity} {{ display: none; }}"
            );
        }
        let files = self.files.values().map(|number| format!("p{number}"));
        let backends = self.backends.values().map(|number| format!("b{number}"));
        for class in files.chain(backends) {
            let _ = writeln!(
                out,
                "body:has(#{class}:checked) .f:not(.{class}) {{ display: none; }}"
            );
        }
        out
    }
}

fn select(
    out: &mut String,
    label: &str,
    all: &str,
    options: impl Iterator<Item = (String, String)>,
) {
    let _ = write!(
        out,
        "<label>{label} <select>\n<option selected>{all}</option>\n"
    );
    for (text, id) in options {
        let _ = writeln!(out, "<option id=\"{id}\">{}</option>", escaped(&text));
    }
    out.push_str("</select></label>\n");
}

/// The backends that reported a finding, in whatever standing; not those that only confirmed it.
fn reporters(finding: &Finding) -> BTreeSet<&str> {
    let claims = finding.claims.iter();
    claims.map(|claim| backend_of(&claim.backend)).collect()
}
