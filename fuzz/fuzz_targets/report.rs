//! Every format of an outcome whose texts and places are arbitrary.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use llmux::change::{
    Change, FileChange, Hunk, Kind, LeftOut, Line, LineKind, Mode, Reason, RepoPath, Text,
};
use llmux::engine::{BackendReport, Coverage, Dropped, FileCoverage, Reading, Run, Status};
use llmux::findings::remember::Remembered;
use llmux::findings::{
    Claim, Finding, Location, Marks, Measure, Severity, Standing, Taxonomy, Vote,
};
use llmux::gate::{FailOn, Outcome, Settings, judge};
use llmux::report::{Format, Spec, Style, write_all};
use quick_junit::Report;
use serde_json::Value;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    title: &'a str,
    files: Vec<(&'a [u8], &'a [u8])>,
    findings: Vec<Said<'a>>,
    reading: &'a str,
    model: &'a str,
    notices: Vec<&'a str>,
    text: (&'a str, &'a str),
    width: u8,
}

#[derive(Arbitrary, Debug)]
struct Said<'a> {
    file: u8,
    place: (u8, u8, u8, u8),
    far: bool,
    severity: u8,
    confirmed: bool,
    words: [&'a str; 4],
    quote: &'a str,
    suggestion: Option<&'a str>,
    voters: Vec<&'a str>,
}

fuzz_target!(|input: Input| {
    let outcome = outcome(&input);
    let style = Style {
        color: false,
        width: usize::from(input.width),
    };
    let mut texts = Vec::new();
    for format in Format::ALL {
        let text = write(&outcome, format, style);
        assert_eq!(text, write(&outcome, format, style), "{format}");
        let text = String::from_utf8(text).expect("UTF-8");
        let found: Vec<char> = text.chars().filter(|c| steers(*c)).collect();
        assert!(found.is_empty(), "{format}: {found:?}");
        assert!(!text.lines().any(commands), "{format}: {text}");
        texts.push((format, text));
    }
    write(
        &outcome,
        Format::Terminal,
        Style {
            color: true,
            ..style
        },
    );
    let confirmed = outcome.confirmed().count();
    for (format, text) in texts {
        match format {
            Format::Sarif => {
                let log: Value = serde_json::from_str(&text).expect("JSON");
                let results = log["runs"][0]["results"].as_array().map(Vec::len);
                assert_eq!(results, Some(confirmed));
                places(&log);
            }
            Format::Json => {
                let report: Value = serde_json::from_str(&text).expect("JSON");
                let findings = report["findings"].as_array().map(Vec::len);
                assert_eq!(findings, Some(confirmed));
            }
            Format::Junit => {
                Report::deserialize_from_str(&text).expect("JUnit");
            }
            Format::Terminal | Format::Markdown => {}
        }
    }
});

fn write(outcome: &Outcome, format: Format, style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    let spec = Spec { format, path: None };
    write_all(outcome, &[spec], style, &mut out).expect("a report");
    out
}

/// Regions count from 1 and do not end before they begin.
fn places(log: &Value) {
    let results = log["runs"][0]["results"].as_array().expect("results");
    for result in results {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        if region.is_null() {
            continue;
        }
        let number = |name: &str| region[name].as_u64();
        let start = (
            number("startLine").expect("a line"),
            number("startColumn").unwrap_or(1),
        );
        let end_line = number("endLine").unwrap_or(start.0);
        assert!(
            start.0 >= 1 && start.1 >= 1 && end_line >= start.0,
            "{region}"
        );
        if let Some(end) = number("endColumn") {
            assert!((end_line, end) >= start, "{region}");
        }
    }
}

/// Characters that steer terminals, hide or turn text.
fn steers(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// What GitHub's and Azure's runners obey in a log.
fn commands(line: &str) -> bool {
    line.trim_start().starts_with("::")
        || line.split("##").skip(1).any(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .starts_with('[')
        })
}

fn outcome(input: &Input) -> Outcome {
    let mut files: BTreeMap<RepoPath, Arc<FileChange>> = BTreeMap::new();
    for (name, text) in input.files.iter().filter(|(name, _)| !name.is_empty()) {
        let file = file(name, text);
        files.insert(file.path.clone(), Arc::new(file));
    }
    let files: Vec<_> = files.into_values().collect();
    let findings = input
        .findings
        .iter()
        .map(|said| finding(said, &files))
        .collect();
    let reading = input.reading.to_owned();
    let coverage = files.iter().zip(0..).map(|(file, at)| FileCoverage {
        path: file.path.clone(),
        readings: BTreeMap::from([(
            input.model.to_owned(),
            match at % 4 {
                0 => Reading::Read,
                1 => Reading::Abstained(reading.clone()),
                2 => Reading::Failed(reading.clone()),
                _ => Reading::Skipped(reading.clone()),
            },
        )]),
        covered: at % 4 == 0,
    });
    let run = Run {
        refuted: Vec::new(),
        coverage: Coverage {
            files: coverage.collect(),
        },
        change: Arc::new(Change {
            title: input.title.to_owned(),
            left_out: vec![LeftOut {
                path: RepoPath::new(input.title),
                reason: Reason::Excluded(reading.clone()),
            }],
            files: files.clone(),
            ..Change::default()
        }),
        workflow: input.title.to_owned(),
        team: Some(input.model.to_owned()),
        taxonomy: Arc::clone(Taxonomy::builtin()),
        findings,
        dropped: Dropped {
            quote_not_found: 1,
            ..Dropped::default()
        },
        backends: vec![BackendReport {
            name: input.model.to_owned(),
            model: Some(input.model.to_owned()),
            error: Some(reading),
            ..BackendReport::default()
        }],
        texts: vec![(input.text.0.to_owned(), input.text.1.to_owned())],
        status: Status::Degraded,
        incomplete: input.notices.iter().map(|&text| text.to_owned()).collect(),
        notices: input.notices.iter().map(|&text| text.to_owned()).collect(),
        remembered: Remembered::default(),
    };
    judge(
        run,
        Settings {
            fail_on: FailOn::High,
            allow_incomplete: false,
        },
    )
}

/// A file whose every second line is added.
fn file(name: &[u8], text: &[u8]) -> FileChange {
    let lines: Vec<Line> = text
        .split_inclusive(|byte| *byte == b'\n')
        .zip(1..)
        .map(|(line, number)| Line {
            kind: if number % 2 == 0 {
                LineKind::Context
            } else {
                LineKind::Added
            },
            number,
            text: line.strip_suffix(b"\n").unwrap_or(line).into(),
            no_newline: !line.ends_with(b"\n"),
        })
        .collect();
    let count = u32::try_from(lines.len()).expect("a small file");
    FileChange {
        path: RepoPath::new(name),
        old_path: None,
        kind: Kind::Modified,
        old_mode: Some(Mode::Regular),
        new_mode: Some(Mode::Regular),
        new: Text::whole(text),
        hunks: vec![Hunk {
            old_start: 1,
            old_count: count / 2,
            new_start: 1,
            new_count: count,
            lines,
        }],
    }
}

fn finding(said: &Said, files: &[Arc<FileChange>]) -> Finding {
    let path = match files.get(usize::from(said.file)) {
        Some(file) => file.path.clone(),
        None => RepoPath::new("not/there.rs"),
    };
    let number = |number: u8| {
        let number = u32::from(number);
        if said.far { u32::MAX - number } else { number }
    };
    let (line, column, end_line, end_column) = said.place;
    let location = Location {
        path,
        start_line: number(line),
        start_column: number(column),
        end_line: number(end_line),
        end_column: number(end_column),
    };
    let [rule, category, title, message] = said.words.map(str::to_owned);
    let severity = Severity::ALL[usize::from(said.severity) % Severity::ALL.len()];
    let voters: Vec<String> = said.voters.iter().map(|&name| name.to_owned()).collect();
    let claims = voters.iter().map(|backend| Claim {
        backend: backend.clone(),
        role: rule.clone(),
        location: location.clone(),
        quote: said.quote.to_owned(),
        severity,
        category: category.clone(),
        rule: rule.clone(),
        title: title.clone(),
        message: message.clone(),
        suggestion: None,
        confidence: Some(0.5),
    });
    let claims = claims.collect();
    Finding {
        fingerprint: format!("{:032x}", said.file),
        marks: Marks::default(),
        suppression: None,
        history: None,
        location,
        quote: said.quote.to_owned(),
        severity,
        category,
        rule,
        title,
        message,
        suggestion: said.suggestion.map(str::to_owned),
        vote: Vote {
            answered: voters.clone(),
            silent: Vec::new(),
            weight: 1.0,
            threshold: 2.0,
            measure: Measure::Weight,
            is_open: false,
            standing: if said.confirmed {
                Standing::Confirmed
            } else {
                Standing::Unconfirmed
            },
            voters,
        },
        confidence: 0.5,
        claims,
        ballots: Vec::new(),
    }
}
