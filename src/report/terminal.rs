//! For people: findings by file with their source, then what else a reader must
//! know, the verdict last.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Effects};

use super::page::Page;
use super::{Style, clean, excerpt, memory, routing, words};
use crate::change::RepoPath;
use crate::engine::Run;
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};

/// Files that are named in a list before the rest is counted.
const MAX_NAMED: usize = 10;
/// Characters of a message.
const MAX_TEXT: usize = 8_000;
/// Stands before the text of a finding.
const INDENT: &str = "    ";

/// Writes the report, with ANSI colours where `style` wants them.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, style: Style, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(style);
    page.findings(outcome);
    page.unconfirmed(outcome);
    page.remembered(outcome);
    page.texts(&outcome.run);
    page.routing(&outcome.run);
    page.coverage(&outcome.run);
    page.backends(&outcome.run);
    for notice in &outcome.run.notices {
        page.wrapped(&format!("note: {}", clean::line(notice)), "", "      ");
    }
    if let Some(learned) = words::learned(&outcome.run) {
        page.wrapped(&format!("note: {learned}"), "", "      ");
    }
    page.verdict(outcome);
    out.write_all(page.finish().as_bytes())
}

impl Page {
    fn findings(&mut self, outcome: &Outcome) {
        let mut files: BTreeMap<&RepoPath, Vec<&Finding>> = BTreeMap::new();
        for finding in outcome.confirmed() {
            let file = files.entry(&finding.location.path).or_default();
            file.push(finding);
        }
        for (path, findings) in files {
            let heading = format!(
                "{} ({})",
                words::path(path),
                words::counts(findings.iter().copied())
            );
            self.heading(&heading);
            self.blank();
            let file = words::file(&outcome.run.change, path);
            for finding in findings {
                self.line(&excerpt::render(finding, file, self.style()));
                self.finding_text(finding);
                self.blank();
            }
        }
    }

    fn finding_text(&mut self, finding: &Finding) {
        let (votes, novelty) = (words::votes(finding), memory::novelty(finding));
        self.line(&format!("{INDENT}votes: {votes}{novelty}"));
        let message = clean::prose(&finding.message);
        self.wrapped(&clean::cut(&message, MAX_TEXT), INDENT, INDENT);
        for said in words::other_words(finding) {
            self.wrapped(&format!("also said: {said}"), INDENT, INDENT);
        }
        if let Some(suggestion) = &finding.suggestion {
            self.line(&format!("{INDENT}suggestion:"));
            let suggestion = clean::text(suggestion);
            for line in clean::cut(&suggestion, MAX_TEXT).lines() {
                self.line(&format!("{INDENT}  | {line}"));
            }
        }
    }

    fn unconfirmed(&mut self, outcome: &Outcome) {
        let mut findings = outcome.unconfirmed().peekable();
        if findings.peek().is_none() {
            return;
        }
        self.heading("Unconfirmed (too few votes; they do not count)");
        for finding in findings {
            let text = format!(
                "{}: {}: {} [{}] ({})",
                words::place(&finding.location),
                finding.severity,
                words::title(finding),
                clean::line(&finding.rule),
                words::votes(finding)
            );
            self.wrapped(&text, "  ", INDENT);
        }
        self.blank();
    }

    /// What is not new, what is gone, and what somebody took out.
    fn remembered(&mut self, outcome: &Outcome) {
        let before = outcome.run.remembered.before.iter().flatten();
        let fixed: Vec<_> = before.filter(|(_, fate)| fate.is_fixed()).collect();
        if !fixed.is_empty() {
            self.heading("Fixed since the run before");
            for (record, _) in fixed.iter().take(MAX_NAMED) {
                let text = memory::fixed(record);
                self.wrapped(&text, "  ", INDENT);
            }
            if fixed.len() > MAX_NAMED {
                self.line(&format!("  and {} more", fixed.len() - MAX_NAMED));
            }
            self.blank();
        }
        let lines = [
            ("Since the run before", memory::history(outcome)),
            ("Suppressed", memory::suppressed(outcome)),
        ];
        let mut any = false;
        for (what, text) in lines {
            if let Some(text) = text {
                self.wrapped(&format!("{what}: {text}"), "", "  ");
                any = true;
            }
        }
        if any {
            self.blank();
        }
    }

    fn texts(&mut self, run: &Run) {
        for (step, text) in &run.texts {
            self.heading(&clean::line(step));
            let text = clean::prose(text.trim());
            self.wrapped(&clean::cut(&text, MAX_TEXT), "  ", "  ");
            self.blank();
        }
    }

    fn routing(&mut self, run: &Run) {
        let Some(routes) = &run.routing else {
            return;
        };
        for line in routing::lines(routes) {
            self.wrapped(&line, "", "  ");
        }
        self.blank();
    }

    fn coverage(&mut self, run: &Run) {
        let mut any = false;
        if let Some(refuted) = words::refuted(run) {
            let text = format!("Refuted by critics: {refuted} (listed in the JSON report)");
            self.wrapped(&text, "", "  ");
            any = true;
        }
        if let Some(dropped) = words::dropped(&run.dropped) {
            self.wrapped(&format!("Dropped claims: {dropped}"), "", "  ");
            any = true;
        }
        for (reason, paths) in words::left_out(run) {
            let text = format!("Left out ({reason}): {}", named(&paths));
            self.wrapped(&text, "", "  ");
            any = true;
        }
        let gaps: Vec<_> = words::uncovered(run).collect();
        if !gaps.is_empty() {
            self.heading("Not read by enough backends");
            for file in gaps.iter().take(MAX_NAMED) {
                let text = format!("{}: {}", words::path(&file.path), words::gap(file));
                self.wrapped(&text, "  ", INDENT);
            }
            if gaps.len() > MAX_NAMED {
                self.line(&format!("  and {} more", gaps.len() - MAX_NAMED));
            }
            any = true;
        }
        if any {
            self.blank();
        }
    }

    fn backends(&mut self, run: &Run) {
        if run.backends.is_empty() {
            return;
        }
        self.heading("Backends");
        for backend in &run.backends {
            let model = backend
                .model
                .as_ref()
                .map(|model| format!(" ({})", clean::line(model)))
                .unwrap_or_default();
            let error = backend
                .error
                .as_ref()
                .map(|error| format!("; last failure: {}", clean::line(error)))
                .unwrap_or_default();
            let text = format!(
                "{}{model}: {}{error}",
                clean::line(&backend.name),
                words::work(backend)
            );
            self.wrapped(&text, "  ", INDENT);
        }
        if let Some(cost) = words::total_cost(run) {
            self.line(&format!("  cost: {}", words::money(cost)));
        }
        self.blank();
    }

    fn verdict(&mut self, outcome: &Outcome) {
        let color = match outcome.verdict {
            Verdict::Pass => AnsiColor::Green,
            Verdict::Blocked(_) => AnsiColor::Red,
            Verdict::Incomplete(_) => AnsiColor::Yellow,
        };
        let style = color.on_default().effects(Effects::BOLD);
        let text = self.painted(&words::verdict(outcome), style);
        self.line(&text);
    }
}

/// The first names of a list and the number of the others.
fn named(paths: &[&RepoPath]) -> String {
    let mut names: Vec<String> = paths
        .iter()
        .take(MAX_NAMED)
        .map(|path| words::path(path))
        .collect();
    if paths.len() > MAX_NAMED {
        names.push(format!("and {} more", paths.len() - MAX_NAMED));
    }
    names.join(", ")
}
