//! Rules tried on their own examples.

use std::sync::Arc;

use super::errors::RuleError;
use super::rule::Rule;
use super::scan::Scanner;
use crate::change::{FileChange, Hunk, Kind, Line, LineKind, Mode, RepoPath, Text};

/// Examples that show something else than their rule says.
pub(super) fn failures(rules: &[Arc<Rule>]) -> Vec<RuleError> {
    let mut failures = Vec::new();
    for rule in rules {
        // Alone, so that no other rule takes its lines.
        let scanner = Scanner::new(vec![Arc::clone(rule)]);
        let path = rule.example_path();
        let mut fail = |list: &str, index: usize, what: &str| {
            failures.push(RuleError {
                file: rule.origin.0.clone(),
                place: Some(rule.origin.1),
                message: format!("`{}`: `{list}` example {} is {what}", rule.id, index + 1),
            });
        };
        for (index, text) in rule.examples.bad.iter().enumerate() {
            if scanner.scan(&added(&path, text)).is_empty() {
                fail("bad", index, "not hit");
            }
        }
        for (index, text) in rule.examples.good.iter().enumerate() {
            if !scanner.scan(&added(&path, text)).is_empty() {
                fail("good", index, "hit");
            }
        }
    }
    failures
}

/// A file of which every line is new.
fn added(path: &str, text: &str) -> FileChange {
    let lines: Vec<_> = (1..)
        .zip(text.lines())
        .map(|(number, line)| Line {
            kind: LineKind::Added,
            number,
            text: line.into(),
            no_newline: false,
        })
        .collect();
    FileChange {
        path: RepoPath::new(path),
        old_path: None,
        kind: Kind::Added,
        old_mode: None,
        new_mode: Some(Mode::Regular),
        new: Text::whole(text.as_bytes()),
        hunks: vec![Hunk {
            old_start: 0,
            old_count: 0,
            new_start: 1,
            new_count: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            lines,
        }],
    }
}
