//! The patch reader, then what a change goes through: packets and rules.
#![no_main]

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use libfuzzer_sys::fuzz_target;
use llmux::backends::rules::Rules;
use llmux::change::{Change, FileChange, Hunk, Kind, LineKind, Mode, RepoPath};
use llmux::context::{self, MIN_TOKENS, Packet};
use llmux::findings::{Taxonomy, RawClaim, Scope, anchor};
use llmux_fuzz::patch;

fuzz_target!(|text: &[u8]| {
    let Some(change) = patch(text) else { return };
    paths(&change);
    for file in &change.files {
        hunks(file);
        known_text(file);
    }
    again(&change);
    packets(&change, MIN_TOKENS);
    packets(&change, 12_000);
    rules(&change);
});

/// Every path stands once, inside the repository, in order.
fn paths(change: &Change) {
    let files = change.files.iter().map(|file| &file.path);
    let all: Vec<&RepoPath> = files
        .chain(change.left_out.iter().map(|it| &it.path))
        .collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert!(change.files.is_sorted_by_key(|file| &file.path));
    for path in all {
        let mut parts = path.as_bstr().split_str("/");
        assert!(
            !parts.any(|part| matches!(part, b"" | b"." | b"..")),
            "{path}"
        );
    }
}

/// The header counts the lines, the lines count on, and hunks stand apart.
fn hunks(file: &FileChange) {
    let mut reached = (0, 0);
    assert!(!file.hunks.is_empty());
    for hunk in &file.hunks {
        let mut old = hunk.old_start + u32::from(hunk.old_count == 0);
        let mut new = hunk.new_start + u32::from(hunk.new_count == 0);
        assert!(old >= reached.0 && new >= reached.1);
        for line in &hunk.lines {
            let number = if line.kind == LineKind::Removed {
                old
            } else {
                new
            };
            assert_eq!(line.number, number);
            assert!(!line.text.contains(&b'\n'));
            old += u32::from(line.kind != LineKind::Added);
            new += u32::from(line.kind != LineKind::Removed);
        }
        reached = (old, new);
        let count = |without| {
            hunk.lines
                .iter()
                .filter(|line| line.kind != without)
                .count()
        };
        assert_eq!(count(LineKind::Added), hunk.old_count as usize);
        assert_eq!(count(LineKind::Removed), hunk.new_count as usize);
    }
}

/// The new text is what the hunks say, line by line.
fn known_text(file: &FileChange) {
    let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines);
    let new: Vec<(u32, String)> = lines
        .filter(|line| line.kind != LineKind::Removed)
        .map(|line| {
            let text = line.text.to_str_lossy();
            (
                line.number,
                text.strip_suffix('\r').unwrap_or(&text).to_owned(),
            )
        })
        .collect();
    let known: Vec<(u32, String)> = file
        .new
        .lines()
        .map(|(number, text)| (number, text.to_owned()))
        .collect();
    // A last line that is empty and has no line feed is none at all.
    let new: Vec<_> = new
        .iter()
        .filter(|(at, text)| !text.is_empty() || file.new.line(*at).is_some())
        .cloned()
        .collect();
    assert_eq!(new, known);
}

/// Written out as git does, the change reads as the same.
fn again(change: &Change) {
    let mut text = Vec::new();
    let mut files = Vec::new();
    for file in &change.files {
        // Two sections for git.
        if file.kind != Kind::TypeChanged {
            write(file, &mut text);
            files.push(file);
        }
    }
    let shown = |text: &[u8]| text.as_bstr().to_string();
    let read = match llmux::change::parse_patch("again", &text, &llmux_fuzz::everything()) {
        Ok(read) => read,
        Err(error) => panic!("{error}\n{}", shown(&text)),
    };
    assert_eq!(read.files.len(), files.len(), "{}", shown(&text));
    for (one, other) in files.into_iter().zip(&read.files) {
        assert_eq!(one.path, other.path);
        assert_eq!(one.old_path, other.old_path);
        assert_eq!(one.kind, other.kind);
        assert_eq!(
            (one.old_mode, one.new_mode),
            (other.old_mode, other.new_mode)
        );
        assert_eq!(one.hunks, other.hunks);
    }
}

fn write(file: &FileChange, out: &mut Vec<u8>) {
    let mut line = |text: String| {
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    };
    let new = &file.path;
    let old = file.old_path.as_ref().unwrap_or(new);
    line(format!(
        "diff --git {} {}",
        quoted("a/", old),
        quoted("b/", new)
    ));
    match (file.old_mode, file.new_mode) {
        (None, Some(mode)) => line(format!("new file mode {}", octal(mode))),
        (Some(mode), None) => line(format!("deleted file mode {}", octal(mode))),
        (Some(one), Some(other)) if one != other => {
            line(format!("old mode {}", octal(one)));
            line(format!("new mode {}", octal(other)));
        }
        (Some(mode), _) => line(format!("index 11..22 {}", octal(mode))),
        (None, None) => panic!("{new} has no mode on either side"),
    }
    for (kind, word) in [(true, "rename"), (false, "copy")] {
        let percent = match file.kind {
            Kind::Renamed(percent) if kind => percent,
            Kind::Copied(percent) if !kind => percent,
            _ => continue,
        };
        line(format!("similarity index {percent}%"));
        line(format!("{word} from {}", quoted("", old)));
        line(format!("{word} to {}", quoted("", new)));
    }
    let side = |there: bool, prefix, path| {
        if there {
            quoted(prefix, path)
        } else {
            "/dev/null".to_owned()
        }
    };
    line(format!("--- {}", side(file.old_mode.is_some(), "a/", old)));
    line(format!("+++ {}", side(file.new_mode.is_some(), "b/", new)));
    for hunk in &file.hunks {
        write_hunk(hunk, out);
    }
}

fn write_hunk(hunk: &Hunk, out: &mut Vec<u8>) {
    let Hunk {
        old_start,
        old_count,
        new_start,
        new_count,
        lines,
    } = hunk;
    let header = format!("@@ -{old_start},{old_count} +{new_start},{new_count} @@\n");
    out.extend_from_slice(header.as_bytes());
    for line in lines {
        out.push(match line.kind {
            LineKind::Context => b' ',
            LineKind::Removed => b'-',
            LineKind::Added => b'+',
        });
        out.extend_from_slice(&line.text);
        out.push(b'\n');
        if line.no_newline {
            out.extend_from_slice(b"\\ No newline at end of file\n");
        }
    }
}

fn octal(mode: Mode) -> &'static str {
    match mode {
        Mode::Regular => "100644",
        Mode::Executable => "100755",
        Mode::Symlink => "120000",
        Mode::Submodule => "160000",
    }
}

fn quoted(prefix: &str, path: &RepoPath) -> String {
    let mut text = format!("\"{prefix}");
    for byte in path.as_bstr().iter() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                text.push(char::from(*byte));
            }
            other => text.push_str(&format!("\\{other:03o}")),
        }
    }
    text.push('"');
    text
}

/// Packets keep the limit and hold every changed line.
fn packets(change: &Change, max_tokens: usize) {
    let settings = context::Settings {
        max_tokens,
        context_lines: 5,
        max_enclosing_lines: 20,
    };
    let packets = context::pack(change, &settings, usize::MAX);
    for packet in &packets {
        assert!(packet.tokens <= max_tokens);
        assert_eq!(packet.tokens, context::tokens(&packet.text));
        assert!(!packet.text.contains('\0'));
        let mark = packet.text.split(' ').nth(5).expect("a mark");
        assert_eq!(
            packet.text.matches(mark).count(),
            3,
            "the fence opens and closes once"
        );
    }
    for file in &change.files {
        let own: Vec<&Packet> = packets
            .iter()
            .filter(|packet| {
                packet
                    .slices
                    .iter()
                    .any(|slice| slice.file.path == file.path)
            })
            .collect();
        assert!(!own.is_empty(), "{} is in no packet", file.path);
        let lines = file
            .hunks
            .iter()
            .map(|hunk| hunk.lines.len())
            .sum::<usize>();
        if file.kind == Kind::Deleted && lines > 50 {
            continue;
        }
        in_packets(file, &own);
    }
}

fn in_packets(file: &FileChange, packets: &[&Packet]) {
    let slices = packets.iter().flat_map(|packet| &packet.slices);
    let shown: BTreeSet<u32> = slices
        .filter(|slice| slice.file.path == file.path)
        .flat_map(|slice| slice.shown.iter().cloned().flatten())
        .collect();
    for number in file.added_lines() {
        assert!(
            shown.contains(&number),
            "line {number} of {} is in no packet",
            file.path
        );
    }
    let rows: BTreeSet<&str> = packets
        .iter()
        .flat_map(|packet| packet.text.split('\n'))
        .collect();
    for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
        if line.kind == LineKind::Removed && line.text.len() < 100 {
            let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
            let row = format!("-{}", text.to_str_lossy().replace('\0', "\u{2400}"));
            assert!(
                rows.contains(&*row),
                "{row:?} of {} is in no packet",
                file.path
            );
        }
    }
}

/// What the rules find stands where they say, and anchors there.
fn rules(change: &Change) {
    for hit in Rules::builtin().scan(&change.files) {
        let file = change
            .files
            .iter()
            .find(|file| file.path == hit.path)
            .expect("a file");
        let first = file.new.line(hit.line).expect("the first line");
        assert!(file.new.line(hit.end_line).is_some() && hit.quote.starts_with(first));
        let raw = RawClaim {
            file: hit.path.to_string(),
            line: Some(hit.line),
            end_line: Some(hit.end_line),
            quote: hit.quote.clone(),
            title: "Title".to_owned(),
            message: "Message".to_owned(),
            ..RawClaim::default()
        };
        let alone = std::slice::from_ref(file);
        let claim = anchor(&raw, "rules", "rules", alone, Scope::Files, Taxonomy::builtin());
        let claim = claim.unwrap_or_else(|why| panic!("{why}: {:?}", hit.quote));
        let lines = hit.line..=hit.end_line;
        assert!(
            lines.contains(&claim.location.start_line),
            "{hit:?} {claim:?}"
        );
    }
}
