//! The rules: the shipped ones on their own examples, users' files, the scan, the backend.

use std::sync::Arc;

use llmux::backends::rules::{Hit, Kinds, Rules};
use llmux::change::{FileChange, Fragment, Hunk, Kind, Line, LineKind, Mode, RepoPath, Text};
use llmux::findings::Taxonomy;

mod backend;
mod entropy;
mod files;
mod property;
mod scan;
mod shipped;

/// A file of which the lines in `added` are new; the others were there before.
fn file(path: &str, text: &str, added: impl Fn(u32) -> bool) -> Arc<FileChange> {
    change(path, vec![Fragment::new(1, text.as_bytes())], added)
}

/// A file that is all new.
fn new_file(path: &str, text: &str) -> Arc<FileChange> {
    file(path, text, |_| true)
}

fn change(path: &str, fragments: Vec<Fragment>, added: impl Fn(u32) -> bool) -> Arc<FileChange> {
    let new = Text::from_fragments(fragments);
    let lines: Vec<_> = new
        .lines()
        .map(|(number, text)| Line {
            kind: if added(number) {
                LineKind::Added
            } else {
                LineKind::Context
            },
            number,
            text: text.into(),
            no_newline: false,
        })
        .collect();
    let start = lines.first().map_or(0, |line| line.number);
    let count = u32::try_from(lines.len()).unwrap();
    Arc::new(FileChange {
        path: RepoPath::new(path),
        old_path: None,
        kind: Kind::Modified,
        old_mode: Some(Mode::Regular),
        new_mode: Some(Mode::Regular),
        new,
        hunks: vec![Hunk {
            old_start: start,
            old_count: count,
            new_start: start,
            new_count: count,
            lines,
        }],
    })
}

fn scan(file: Arc<FileChange>) -> Vec<Hit> {
    Rules::builtin().scan(&[file])
}

/// `ID:LINE` of each hit in a file that is all new.
fn hits(path: &str, text: &str) -> Vec<String> {
    places(&scan(new_file(path, text)))
}

fn places(hits: &[Hit]) -> Vec<String> {
    hits.iter()
        .map(|hit| format!("{}:{}", hit.rule.id, hit.line))
        .collect()
}

/// Rules of one user file and no mistake.
fn user(text: &str) -> Rules {
    Rules::with_user_files(&[("own.toml".to_owned(), text.to_owned())], &[], kinds()).unwrap()
}

/// What rules may name.
fn kinds() -> Kinds<'static> {
    Taxonomy::builtin().categories()
}

/// A key of the right form that nobody has, in parts, so that no scanner takes this file for a leak.
fn aws_key() -> String {
    ["AK", "IA", "Q3EGRZN7", "XW4TB5M2"].concat()
}

/// Compares with the snapshot of that name, where all snapshots are.
fn assert_snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("rules__{name}"), text);
    });
}
