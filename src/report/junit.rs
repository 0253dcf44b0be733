//! `JUnit` XML: one suite for each file, one case for each confirmed finding.
//!
//! A finding that blocks is a failure. One below `fail_on` passes with its text
//! in `system-out`, so that a CI's test tab agrees with the exit code. What was
//! not read is an error, for the same reason; where the policy allows it, it
//! passes with the warning in `system-out`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{clean, words};
use crate::change::RepoPath;
use crate::engine::FileCoverage;
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};

/// Characters of one text; readers load a report whole.
const MAX_TEXT: usize = 16_000;

/// Writes the report.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let xml = report(outcome).to_string().map_err(io::Error::other)?;
    // quick-junit counts skipped cases in `<testsuites>` too, which the schema
    // that Jenkins publishes does not know. Nothing is skipped here.
    let xml = xml.replacen(" skipped=\"0\"", "", 1);
    out.write_all(clean::commands(&xml).as_bytes())
}

#[derive(Default)]
struct File<'o> {
    coverage: Option<&'o FileCoverage>,
    confirmed: Vec<&'o Finding>,
    unconfirmed: Vec<&'o Finding>,
}

fn report(outcome: &Outcome) -> Report {
    let mut files: BTreeMap<&RepoPath, File<'_>> = BTreeMap::new();
    for coverage in &outcome.run.coverage.files {
        files.entry(&coverage.path).or_default().coverage = Some(coverage);
    }
    for finding in outcome.confirmed() {
        let file = files.entry(&finding.location.path).or_default();
        file.confirmed.push(finding);
    }
    for finding in outcome.unconfirmed() {
        let file = files.entry(&finding.location.path).or_default();
        file.unconfirmed.push(finding);
    }

    let mut names = Names::default();
    let mut report = Report::new("llmux");
    report.add_test_suite(run_suite(outcome, &mut names));
    for (path, file) in &files {
        let name = names.unique(&words::path(path));
        report.add_test_suite(file_suite(outcome, &name, file));
    }
    report
}

/// A suite that is always there: whether the run was complete. Readers take a
/// report without any case for a broken one.
fn run_suite(outcome: &Outcome, names: &mut Names) -> TestSuite {
    let mut suite = TestSuite::new(names.unique("llmux"));
    let mut case = match &outcome.verdict {
        Verdict::Incomplete(reasons) => {
            let detail = [reasons.as_slice(), &outcome.run.notices]
                .concat()
                .join("\n");
            gap_case(outcome, "complete", &words::verdict(outcome), &detail)
        }
        _ => TestCase::new("complete", TestCaseStatus::success()),
    };
    case.set_classname("llmux");
    suite.add_test_case(case);
    suite.set_system_out(text(&words::verdict(outcome)));
    suite
}

fn file_suite(outcome: &Outcome, name: &str, file: &File<'_>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    let mut cases = Names::default();
    let gap = file.coverage.filter(|coverage| !coverage.covered);
    let review = match gap {
        Some(coverage) => Some(gap_case(
            outcome,
            "review",
            "not read by enough backends",
            &words::gap(coverage),
        )),
        None if file.confirmed.is_empty() => {
            Some(TestCase::new("review", TestCaseStatus::success()))
        }
        None => None,
    };
    let findings = file.confirmed.iter().map(|finding| {
        let name = format!(
            "{}:{} {}: {}",
            finding.location.start_line,
            finding.location.start_column,
            finding.rule,
            words::title(finding)
        );
        finding_case(outcome, &cases.unique(&clean::line(&name)), finding)
    });
    for mut case in review.into_iter().chain(findings) {
        case.set_classname(name);
        suite.add_test_case(case);
    }
    if !file.unconfirmed.is_empty() {
        let lines: Vec<String> = file
            .unconfirmed
            .iter()
            .map(|finding| {
                format!(
                    "unconfirmed: {} {} {} [{}] ({})",
                    words::place(&finding.location),
                    finding.severity,
                    words::title(finding),
                    clean::line(&finding.rule),
                    words::votes(finding)
                )
            })
            .collect();
        suite.set_system_out(text(&lines.join("\n")));
    }
    suite
}

fn finding_case(outcome: &Outcome, name: &str, finding: &Finding) -> TestCase {
    let mut detail = format!(
        "{}\n{}: {} [{}]\nvotes: {}\n\n{}",
        words::place(&finding.location),
        finding.severity,
        words::title(finding),
        clean::line(&finding.rule),
        words::votes(finding),
        finding.message,
    );
    if let Some(suggestion) = &finding.suggestion {
        detail.push_str("\n\nsuggestion:\n");
        detail.push_str(suggestion);
    }
    if outcome.policy.fail_on.blocks(finding.severity) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type(finding.severity.as_str())
            .set_message(attribute(&words::title(finding)))
            .set_description(text(&detail));
        TestCase::new(name, status)
    } else {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(text(&detail));
        case
    }
}

/// Something that was not read.
fn gap_case(outcome: &Outcome, name: &str, message: &str, detail: &str) -> TestCase {
    if outcome.policy.allow_incomplete {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(text(&format!("warning: {message}\n{detail}")));
        return case;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("incomplete")
        .set_message(attribute(message))
        .set_description(text(detail));
    TestCase::new(name, status)
}

/// One line: readers turn line ends in attributes into spaces.
fn attribute(text: &str) -> String {
    clean::cut(&clean::line(text), MAX_TEXT).into_owned()
}

/// Visible before quick-junit sees it, which would silently remove some
/// characters and leave others that XML forbids.
fn text(text: &str) -> String {
    clean::cut(&clean::text(text), MAX_TEXT).into_owned()
}

/// Names that were given, since readers drop a second case or suite of one name.
#[derive(Default)]
struct Names {
    given: BTreeSet<String>,
}

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut count = 1;
        while !self.given.insert(candidate.clone()) {
            count += 1;
            candidate = format!("{name} ({count})");
        }
        candidate
    }
}
