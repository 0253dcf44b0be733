//! The one line above a file's rows: its path and what happened to it as a whole.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;

use crate::change::{FileChange, Kind, LineKind, Mode};

/// Different control characters that are named.
const MAX_NAMED: usize = 5;

/// `## path (notes)`, with a line feed. `path` shortens a path that is too long.
pub(super) fn heading(file: &FileChange, path: impl Fn(&str) -> String) -> String {
    let name = |file: &dyn ToString| path(&one_line(&file.to_string()));
    let old = file.old_path.as_ref().map(|path| name(path));
    let mut notes: Vec<String> = Vec::new();
    match (file.kind, old) {
        (Kind::Added, _) => notes.push("new".to_owned()),
        (Kind::Deleted, _) => notes.push(format!("deleted, {} lines", removed(file))),
        (Kind::Copied(_), Some(old)) => notes.push(format!("copied from {old}")),
        (_, Some(old)) => notes.push(format!("renamed from {old}")),
        _ => {}
    }
    notes.extend(mode(file).map(str::to_owned));
    notes.extend(line_ends(file).map(str::to_owned));
    let controls = controls(file);
    if !controls.is_empty() {
        notes.push(format!("contains {}", controls.join(" ")));
    }
    let mut text = format!("## {}", name(&file.path));
    if !notes.is_empty() {
        text.extend([" (", &notes.join("; "), ")"]);
    }
    text.push('\n');
    text
}

/// A path may hold anything; a line feed in it must not start a line of its own.
fn one_line(path: &str) -> String {
    path.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

fn removed(file: &FileChange) -> usize {
    file.hunks
        .iter()
        .flat_map(|hunk| &hunk.lines)
        .filter(|line| line.kind == LineKind::Removed)
        .count()
}

fn mode(file: &FileChange) -> Option<&'static str> {
    let (old, new) = (file.old_mode, file.new_mode?);
    if old == Some(new) {
        return None;
    }
    match (old, new) {
        (Some(Mode::Symlink), _) => Some("was a symbolic link"),
        (Some(Mode::Submodule), _) => Some("was a submodule"),
        (_, Mode::Symlink) => Some("now a symbolic link"),
        (_, Mode::Submodule) => Some("now a submodule"),
        (_, Mode::Executable) => Some("now executable"),
        (Some(Mode::Executable), _) => Some("no longer executable"),
        _ => None,
    }
}

/// Line ends are not shown, so a change of nothing else would look like none.
fn line_ends(file: &FileChange) -> Option<&'static str> {
    let ends = |kind| {
        let mut lines = file
            .hunks
            .iter()
            .flat_map(|hunk| &hunk.lines)
            .filter(move |line| line.kind == kind)
            .peekable();
        lines.peek()?;
        Some(lines.all(|line| line.text.ends_with(b"\r")))
    };
    match (ends(LineKind::Removed)?, ends(LineKind::Added)?) {
        (true, false) => Some("CRLF became LF"),
        (false, true) => Some("LF became CRLF"),
        _ => None,
    }
}

/// Characters in added lines that an editor does not show as they are read: terminal
/// escapes, changes of writing direction, spaces without width.
fn controls(file: &FileChange) -> Vec<String> {
    let mut found = BTreeSet::new();
    let added = file.hunks.iter().flat_map(|hunk| &hunk.lines);
    for line in added.filter(|line| line.kind == LineKind::Added) {
        let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
        found.extend(text.chars().filter(|c| hidden(*c)));
    }
    found
        .into_iter()
        .take(MAX_NAMED)
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect()
}

fn hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'
        )
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}
