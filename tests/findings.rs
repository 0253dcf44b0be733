//! From answers to findings: parse, anchor, merge, vote, fingerprint, taxonomy.

mod anchor;
mod confidence;
mod feedback;
mod merge;
mod parse;
mod refute;
mod remember;
mod samples;
mod taxonomy;
mod vote;

use std::sync::Arc;

use llmux::change::{FileChange, Hunk, Kind, Line, LineKind, Mode, RepoPath, Text};
use llmux::findings::{Claim, Location, RawClaim, Severity};

/// A modified file with one hunk; each line of `diff` has its marker. The new text is
/// `above`, the hunk's new side, then `below`.
fn file(path: &str, above: &str, diff: &str, below: &str) -> Arc<FileChange> {
    file_with_ends(path, above, diff, below, "\n")
}

fn file_with_ends(path: &str, above: &str, diff: &str, below: &str, end: &str) -> Arc<FileChange> {
    let mut new = String::new();
    for line in above.lines() {
        new.extend([line, end]);
    }
    let first = (1..)
        .zip(above.lines())
        .last()
        .map_or(1, |(last, _)| last + 1);
    let (mut old_at, mut new_at) = (first, first);
    let mut lines = Vec::new();
    for line in diff.lines() {
        let (kind, number) = match &line[..1] {
            "+" => (LineKind::Added, new_at),
            "-" => (LineKind::Removed, old_at),
            _ => (LineKind::Context, new_at),
        };
        if kind != LineKind::Removed {
            new.extend([&line[1..], end]);
            new_at += 1;
        }
        if kind != LineKind::Added {
            old_at += 1;
        }
        let text = format!("{}{}", &line[1..], end.trim_end_matches('\n'));
        lines.push(Line {
            kind,
            number,
            text: text.into(),
            no_newline: false,
        });
    }
    for line in below.lines() {
        new.extend([line, end]);
    }
    let start = |count: u32| if count == 0 { first - 1 } else { first };
    Arc::new(FileChange {
        path: RepoPath::new(path),
        old_path: None,
        kind: Kind::Modified,
        old_mode: Some(Mode::Regular),
        new_mode: Some(Mode::Regular),
        new: Text::whole(new.as_bytes()),
        hunks: vec![Hunk {
            old_start: start(old_at - first),
            old_count: old_at - first,
            new_start: start(new_at - first),
            new_count: new_at - first,
            lines,
        }],
    })
}

/// A file in which every line is added.
fn added(path: &str, text: &str) -> Arc<FileChange> {
    let diff: Vec<_> = text.lines().map(|line| format!("+{line}")).collect();
    file(path, "", &diff.join("\n"), "")
}

fn raw(path: &str, line: impl Into<Option<u32>>, quote: &str) -> RawClaim {
    RawClaim {
        file: path.to_owned(),
        line: line.into(),
        quote: quote.to_owned(),
        category: "bug".to_owned(),
        rule: "logic-error".to_owned(),
        title: "Wrong".to_owned(),
        message: "It is wrong.".to_owned(),
        ..RawClaim::default()
    }
}

fn claim(backend: &str, line: u32, rule: &str, title: &str, message: &str) -> Claim {
    let rule = llmux::findings::Taxonomy::builtin().normalize(rule, "");
    Claim {
        backend: backend.to_owned(),
        role: "reviewer".to_owned(),
        location: Location {
            path: RepoPath::new("src/a.rs"),
            start_line: line,
            start_column: 5,
            end_line: line,
            end_column: 30,
        },
        quote: format!("the text of line {line}"),
        severity: Severity::Medium,
        category: rule.category.clone(),
        rule: rule.slug.clone(),
        title: title.to_owned(),
        message: message.to_owned(),
        suggestion: None,
        confidence: None,
    }
}

/// The file's text at a place, by counting lines and characters.
fn text_at(file: &FileChange, location: &Location) -> String {
    let lines: Vec<_> = (location.start_line..=location.end_line)
        .map(|number| file.new.line(number).unwrap_or("(no such line)"))
        .collect();
    let skip = location.start_column as usize - 1;
    let last = lines.len() - 1;
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let end = if at == last {
                location.end_column as usize - 1
            } else {
                usize::MAX
            };
            let start = if at == 0 { skip } else { 0 };
            line.chars().take(end).skip(start).collect::<String>()
        })
        .collect::<Vec<_>>()
        .join("\n")
}
