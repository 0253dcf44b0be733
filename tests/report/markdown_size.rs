//! Markdown within its limit, however much there is to say.

use llmux::findings::Severity;
use llmux::report::markdown::Options;

use super::markdown_with;
use super::sample;

/// A run with much of everything: files that nobody read, findings with long words.
fn much() -> llmux::gate::Outcome {
    let mut run = sample::rich_run();
    let long = "words ".repeat(4_000);
    let template = run.coverage.files[0].clone();
    for number in 0..600 {
        let mut file = template.clone();
        file.path = sample::path(format!("src/{number}/{}", "deep/".repeat(40)));
        file.covered = false;
        run.coverage.files.push(file);
    }
    for line in 1..150 {
        let place = sample::location("src/db.rs", (line, 1), (line, 2));
        let mut finding = sample::finding(place, Severity::High, "some-rule", &long);
        finding.message.clone_from(&long);
        finding.vote.voters = vec![long.clone(); 3];
        run.findings.push(finding);
    }
    let mut change = (*run.change).clone();
    change.title.clone_from(&long);
    run.change = change.into();
    run.incomplete = vec![long.clone(); 50];
    run.notices = vec![long; 50];
    sample::judged(run)
}

#[test]
fn a_very_large_report_stays_within_its_limit_and_keeps_the_verdict() {
    let outcome = much();
    for max_bytes in [65_536, 1 << 20] {
        let options = Options {
            max_bytes,
            ..Options::default()
        };
        let report = markdown_with(&outcome, &options);
        assert!(report.len() <= max_bytes, "{} bytes", report.len());
        assert!(report.starts_with("## llmux\n\n**blocked: "));
        assert!(report.ends_with("The JSON report holds everything._\n"));
    }
}

#[test]
fn what_was_not_read_is_told_where_details_are_cut() {
    let options = Options {
        max_bytes: 6_500,
        ..Options::default()
    };
    let report = markdown_with(&sample::rich(), &options);
    assert!(report.contains("This report is cut"), "{report}");
    assert!(
        report.contains("### Not read by enough backends"),
        "{report}"
    );
}
