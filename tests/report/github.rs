//! Workflow commands: read back as GitHub's runner reads them, within the limits of a step.

use std::collections::BTreeMap;

use llmux::findings::{Finding, Severity};
use llmux::gate::{FailOn, Settings, judge};
use llmux::report::Format;

use super::sample::{self, HOSTILE_WORDS};
use super::text;

/// A command as the runner understands it.
pub(super) struct Command {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) message: String,
}

/// As the runner reads a log: a line that begins with `::`, a name, properties up to the next
/// `::`, the rest is data; then the escapes are undone, `%25` last.
pub(super) fn parse(log: &str) -> Vec<Command> {
    let unescaped = |text: &str, marks: &[(&str, &str)]| {
        marks.iter().fold(text.to_owned(), |text, (escape, plain)| {
            text.replace(escape, plain)
        })
    };
    let lines = log
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("::"));
    let commands = lines.map(|line| {
        let (head, data) = line.split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        let marks = [
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%3A", ":"),
            ("%2C", ","),
            ("%25", "%"),
        ];
        let properties = properties.split(',').map(|property| {
            let (key, value) = property.split_once('=').unwrap();
            (key.to_owned(), unescaped(value, &marks))
        });
        Command {
            name: name.to_owned(),
            properties: properties.collect(),
            message: unescaped(data, &[marks[0], marks[1], marks[4]]),
        }
    });
    commands.collect()
}

fn commands(findings: Vec<Finding>) -> Vec<Command> {
    let mut run = sample::clean_run();
    run.findings = findings;
    parse(&text(&sample::judged(run), Format::Github))
}

fn many(severity: Severity, count: u32) -> Vec<Finding> {
    let place = |line| sample::location("src/main.rs", (line, 1), (line, 3));
    let one = |line| sample::finding(place(line), severity, "some-rule", "Title");
    (1..=count).map(one).collect()
}

#[test]
fn a_finding_is_an_annotation_of_its_lines() {
    let mut run = sample::rich_run();
    run.findings.truncate(1);
    for file in &mut run.coverage.files {
        file.covered = true;
    }
    let all = parse(&text(&sample::judged(run), Format::Github));
    let [command] = all.as_slice() else {
        panic!("{} commands", all.len())
    };
    assert_eq!(command.name, "error");
    let expected = [
        ("col", "13"),
        ("endColumn", "63"),
        ("endLine", "4"),
        ("file", "src/db.rs"),
        ("line", "4"),
        (
            "title",
            "critical: Statement built from input [acme-sql-injection]",
        ),
    ];
    let found = command.properties.iter();
    let found: Vec<_> = found.map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(found, expected);
    assert!(command.message.contains("as it is, so a caller"));
    assert!(command.message.contains("\n\nSuggestion:\nlet q = "));
}

#[test]
fn lines_that_differ_have_no_columns() {
    let place = sample::location("src/other.rs", (1, 2), (3, 4));
    let all = commands(vec![sample::finding(place, Severity::Low, "r", "T")]);
    assert_eq!(all[0].name, "notice");
    assert_eq!(all[0].properties.get("col"), None);
}

#[test]
fn no_kind_has_more_than_github_shows_and_the_rest_is_counted() {
    // (critical, medium, note) findings, and whether something was not read.
    for (counts, gap) in [
        ((10, 10, 10), false),
        ((11, 0, 0), false),
        ((0, 25, 3), true),
        ((400, 400, 400), true),
        ((9, 11, 0), true),
        ((10, 1, 0), true),
    ] {
        let mut run = sample::clean_run();
        run.findings = many(Severity::Note, counts.2);
        run.findings.extend(many(Severity::Medium, counts.1));
        run.findings.extend(many(Severity::Critical, counts.0));
        run.coverage.files[0].covered = !gap;
        let report = text(&sample::judged(run), Format::Github);
        let all = parse(&report);
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for command in &all {
            *kinds.entry(&command.name).or_default() += 1;
        }
        assert!(kinds.values().all(|count| *count <= 10), "{kinds:?}");
        let (shown, other): (Vec<&Command>, Vec<_>) = all
            .iter()
            .partition(|command| command.properties.contains_key("file"));
        let wanted = usize::try_from(counts.0 + counts.1 + counts.2).unwrap();
        let left = wanted - shown.len();
        let sum = other.iter().find(|it| it.message.contains(" more: "));
        assert_eq!(sum.is_some(), left > 0, "{report}");
        if let Some(sum) = sum {
            assert!(
                sum.message.starts_with(&format!("{left} finding")),
                "{}",
                sum.message
            );
        }
        // No milder one before a worse one.
        let order: Vec<&str> = shown.iter().map(|it| &*it.name).collect();
        let mut sorted = order.clone();
        sorted.sort_by_key(|name| {
            ["error", "warning", "notice"]
                .iter()
                .position(|it| it == name)
        });
        assert_eq!(order, sorted);
        assert_eq!(other.len(), usize::from(left > 0) + usize::from(gap));
    }
}

#[test]
fn an_incomplete_run_says_so_as_it_ends() {
    let outcome = sample::incomplete();
    let all = parse(&text(&outcome, Format::Github));
    assert_eq!((all.len(), &*all[0].name), (1, "error"));
    assert_eq!(all[0].properties.get("file"), None);
    assert!(
        all[0].message.contains("src/unread.py was not read"),
        "{}",
        all[0].message
    );

    let policy = Settings {
        fail_on: FailOn::Medium,
        allow_incomplete: true,
    };
    let all = parse(&text(&judge(outcome.run, policy), Format::Github));
    assert_eq!((all.len(), &*all[0].name), (1, "warning"));

    // Blocked as well: the run fails for the finding, and what is missing is not lost.
    let all = parse(&text(&sample::rich(), Format::Github));
    assert_eq!(all[0].name, "warning");
    assert!(all[0].message.contains("src/unread.py was not read"));
}

#[test]
fn the_last_line_is_the_verdict_and_no_command() {
    let report = text(&sample::clean(), Format::Github);
    assert_eq!(report, "llmux: passed: no confirmed finding\n");
}

#[test]
fn hostile_words_stay_data() {
    let mut finding = sample::finding(
        sample::location("a,b:c%0A::error::d\n::e.rs", (1, 1), (1, 2)),
        Severity::High,
        "r,title=x::",
        HOSTILE_WORDS,
    );
    finding.message = HOSTILE_WORDS.to_owned();
    let all = commands(vec![finding]);
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].properties["file"],
        "a,b:c%0A::error::d\n\u{ff1a}:e.rs"
    );
    assert!(all[0].properties["title"].ends_with("[r,title=x::]"));
    assert_eq!(all[0].properties.len(), 6);
}
