//! Changes built by hand, and packets read back.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use llmux::change::{
    Change, FileChange, Fragment, Hunk, Kind, Line, LineKind, Mode, RepoPath, Text,
};
use llmux::context::{Packet, Settings, pack};

pub(super) const SETTINGS: Settings = Settings {
    max_tokens: 12_000,
    context_lines: 5,
    max_enclosing_lines: 20,
};

/// A file as the lines of a diff without context limits: each starts with ` `, `-` or `+`.
pub(super) fn file(path: &str, diff: &str) -> FileChange {
    let lines: Vec<(LineKind, Vec<u8>)> = diff
        .split_terminator('\n')
        .map(|line| {
            let (sign, text) = line.split_at(1);
            let kind = match sign {
                "+" => LineKind::Added,
                "-" => LineKind::Removed,
                _ => LineKind::Context,
            };
            (kind, text.as_bytes().to_vec())
        })
        .collect();
    edited(path, &lines)
}

pub(super) fn edited(path: &str, script: &[(LineKind, Vec<u8>)]) -> FileChange {
    let (mut old, mut new) = (0, 0);
    let mut text = Vec::new();
    let mut lines = Vec::new();
    for (kind, content) in script {
        old += u32::from(*kind != LineKind::Added);
        new += u32::from(*kind != LineKind::Removed);
        if *kind != LineKind::Removed {
            text.extend_from_slice(content);
            text.push(b'\n');
        }
        let line = Line {
            kind: *kind,
            number: if *kind == LineKind::Removed { old } else { new },
            text: content.clone().into(),
            no_newline: false,
        };
        lines.push((old, new, line));
    }
    let (old_len, new_len) = (old, new);
    FileChange {
        path: RepoPath::new(path),
        old_path: None,
        kind: match (old_len, new_len) {
            (0, _) => Kind::Added,
            (_, 0) => Kind::Deleted,
            _ => Kind::Modified,
        },
        old_mode: (old_len > 0).then_some(Mode::Regular),
        new_mode: (new_len > 0).then_some(Mode::Regular),
        new: Text::whole(&text),
        hunks: hunks(&lines),
    }
}

/// Cuts as git does: three lines of context, hunks that would touch are one.
pub(super) fn hunks(lines: &[(u32, u32, Line)]) -> Vec<Hunk> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, (_, _, line)) in lines.iter().enumerate() {
        if line.kind == LineKind::Context {
            continue;
        }
        let span = (at.saturating_sub(3), (at + 4).min(lines.len()));
        match spans.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = span.1,
            _ => spans.push(span),
        }
    }
    spans
        .into_iter()
        .map(|(start, end)| {
            let lines = &lines[start..end];
            let count = |without| {
                let counted = lines.iter().filter(|line| line.2.kind != without).count();
                u32::try_from(counted).unwrap()
            };
            let (old_count, new_count) = (count(LineKind::Added), count(LineKind::Removed));
            let (old, new, first) = &lines[0];
            Hunk {
                old_start: old + u32::from(first.kind == LineKind::Added && old_count > 0),
                old_count,
                new_start: new + u32::from(first.kind == LineKind::Removed && new_count > 0),
                new_count,
                lines: lines.iter().map(|line| line.2.clone()).collect(),
            }
        })
        .collect()
}

/// What is known of a file from a patch alone.
pub(super) fn patch_only(mut file: FileChange) -> FileChange {
    let parts = file.hunks.iter().map(|hunk| {
        let mut text = Vec::new();
        for line in hunk.lines.iter().filter(|l| l.kind != LineKind::Removed) {
            text.extend_from_slice(&line.text);
            text.push(b'\n');
        }
        Fragment::new(hunk.new_start, &text)
    });
    file.new = Text::from_fragments(parts.collect());
    file
}

pub(super) fn change(files: impl IntoIterator<Item = FileChange>) -> Change {
    let mut files: Vec<_> = files.into_iter().map(Arc::new).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Change {
        files,
        ..Change::default()
    }
}

/// A shown line, read back as the legend says: sign, number (none for a removed line), text.
pub(super) type Shown = (char, Option<u32>, String);

pub(super) fn read(packet: &Packet) -> BTreeMap<String, Vec<Shown>> {
    let mut lines = packet.text.lines();
    let intro = lines.next().unwrap();
    let marker = intro.split(' ').nth(5).unwrap();
    assert_eq!(lines.next().unwrap(), format!("<<<{marker}"));
    assert_eq!(lines.next_back().unwrap(), format!("{marker}>>>"));
    let mut files: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    let (mut path, mut next) = (String::new(), None);
    for line in lines {
        assert!(!line.contains(marker));
        if let Some(heading) = line.strip_prefix("## ") {
            heading.split(" (").next().unwrap().clone_into(&mut path);
            assert!(files.insert(path.clone(), Vec::new()).is_none());
            next = None;
        } else if line == "…" {
            next = None;
        } else if line != "\\ No newline at end of file" {
            let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let rest = if digits > 0 {
                next = Some(line[..digits].parse().unwrap());
                line[digits..].strip_prefix('|').unwrap()
            } else {
                line
            };
            let sign = rest.chars().next().unwrap();
            assert!([' ', '+', '-'].contains(&sign), "{line}");
            let number = if sign == '-' {
                None
            } else {
                let number = next.unwrap_or_else(|| panic!("no number for `{line}`"));
                next = Some(number + 1);
                Some(number)
            };
            let shown = (sign, number, rest[1..].to_owned());
            files.get_mut(&path).unwrap().push(shown);
        }
    }
    files
}

pub(super) fn without_fence(packet: &Packet) -> &str {
    let body = packet.text.splitn(3, '\n').nth(2).unwrap();
    body.rsplit_once('\n').unwrap().0
}

pub(super) fn only_packet(file: FileChange, settings: &Settings) -> String {
    let packets = pack(&change([file]), settings, usize::MAX);
    assert_eq!(packets.len(), 1);
    without_fence(&packets[0]).to_owned()
}

/// A file of `lines` added lines, each unlike the others of other seeds.
pub(super) fn added(path: &str, lines: usize, seed: usize) -> FileChange {
    let mut diff = String::new();
    for line in 0..lines {
        writeln!(diff, "+let value_{line} = compute({seed}, {line});").unwrap();
    }
    file(path, &diff)
}
