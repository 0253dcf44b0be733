//! What holds for any change.

use std::collections::{BTreeMap, BTreeSet};

use llmux::change::{FileChange, Kind, LineKind, RepoPath};
use llmux::context::{MIN_TOKENS, Packet, Settings, in_order, pack, tokens};
use proptest::prelude::*;

use super::support::{Shown, change, edited, patch_only, read};

const PATHS: [&str; 12] = [
    "Cargo.toml",
    "README.md",
    "src/a/mod.rs",
    "src/a/one.rs",
    "src/a/two.rs",
    "src/b.rs",
    "src/b_test.rs",
    "src/c/deep/er.py",
    "src/c/deep/test_er.py",
    "src/lib.rs",
    "tests/lib.rs",
    "tests/z.md",
];

fn script() -> impl Strategy<Value = Vec<(LineKind, Vec<u8>)>> {
    let kind = prop_oneof![
        6 => Just(LineKind::Context),
        1 => Just(LineKind::Removed),
        2 => Just(LineKind::Added),
    ];
    let text = prop_oneof![
        8 => " {0,9}[a-z(){}+#|…-]{0,60}",
        2 => "(    ){0,2}(fn|def|class|impl|#|\\[) [a-z]{1,9}\\(?\\{?",
        1 => "\t[ -~]{0,200}",
    ];
    // A mark keeps lines apart, so that each can be found again.
    prop::collection::vec((kind, text), 1..120).prop_map(|lines| {
        let marked = |(at, (kind, text)): (usize, (LineKind, String))| {
            (kind, format!("{text}<{at}>").into_bytes())
        };
        lines.into_iter().enumerate().map(marked).collect()
    })
}

fn files() -> impl Strategy<Value = Vec<FileChange>> {
    let paths = prop::sample::subsequence(&PATHS[..], 1..PATHS.len());
    paths
        .prop_flat_map(|paths| {
            let scripts = prop::collection::vec((script(), any::<bool>()), paths.len());
            (Just(paths), scripts)
        })
        .prop_map(|(paths, scripts)| {
            let build = |(path, (script, patch)): (&str, (Vec<_>, bool))| {
                let file = edited(path, &script);
                if patch { patch_only(file) } else { file }
            };
            paths.into_iter().zip(scripts).map(build).collect()
        })
}

fn settings() -> impl Strategy<Value = Settings> {
    (MIN_TOKENS..3_000, 0..9_u32, 0..60_u32).prop_map(|(max, context, enclosing)| Settings {
        max_tokens: max,
        context_lines: context,
        max_enclosing_lines: enclosing,
    })
}

/// Each changed line of the file is shown exactly, and each number is right.
fn check_file(file: &FileChange, shown: &[Shown]) {
    for (sign, number, text) in shown {
        if let Some(number) = number {
            assert_eq!(
                file.new.line(*number),
                Some(&**text),
                "{}:{number}",
                file.path
            );
            let added = file.added_lines().any(|line| line == *number);
            // A heading of an enclosing function is shown without its sign.
            assert!(added || *sign == ' ');
        }
    }
    let shown: BTreeSet<_> = shown
        .iter()
        .map(|(sign, number, text)| (*sign, *number, text.as_str()))
        .collect();
    let changed = file.hunks.iter().flat_map(|hunk| &hunk.lines);
    let long = file.kind == Kind::Deleted && changed.clone().count() > 50;
    for line in changed.filter(|_| !long) {
        let text = std::str::from_utf8(&line.text).unwrap();
        let expected = match line.kind {
            LineKind::Context => continue,
            LineKind::Removed => ('-', None, text),
            LineKind::Added => ('+', Some(line.number), text),
        };
        assert!(shown.contains(&expected), "{}: {expected:?}", file.path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn packets_hold_everything_and_keep_the_limit(files in files(), settings in settings()) {
        let change = change(files);
        let packets = pack(&change, &settings, usize::MAX);
        let mut shown: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
        for packet in &packets {
            prop_assert!(packet.tokens <= settings.max_tokens);
            prop_assert_eq!(packet.tokens, tokens(&packet.text));
            let read = read(packet);
            let paths: Vec<_> = packet.slices.iter().map(|s| s.file.path.to_string()).collect();
            prop_assert!(paths.is_sorted());
            prop_assert_eq!(paths.len(), read.len());
            for slice in &packet.slices {
                let lines = &read[&slice.file.path.to_string()];
                let numbers: Vec<u32> = lines.iter().filter_map(|line| line.1).collect();
                let ranges: Vec<u32> = slice.shown.iter().cloned().flatten().collect();
                prop_assert_eq!(numbers, ranges);
                shown.entry(slice.file.path.to_string()).or_default().extend_from_slice(lines);
            }
        }
        for file in &change.files {
            check_file(file, &shown[&file.path.to_string()]);
        }
        let again = pack(&change, &settings, usize::MAX);
        let ids = |packets: &[Packet]| -> Vec<_> {
            packets.iter().map(|p| (p.id.clone(), p.text.clone())).collect()
        };
        prop_assert_eq!(ids(&packets), ids(&again));
        prop_assert_eq!(ids(&packets).into_iter().collect::<BTreeSet<_>>().len(), packets.len());
    }

    #[test]
    fn an_edit_leaves_other_packets_alone(
        files in files(),
        settings in settings(),
        which in any::<prop::sample::Index>(),
        script in script(),
    ) {
        let before = change(files.clone());
        let which = which.index(files.len());
        let path = files[which].path.clone();
        let mut files = files;
        files[which] = edited(&path.to_string(), &script);
        let after = pack(&change(files), &settings, usize::MAX);
        let has = |packet: &Packet, path: &RepoPath| packet.slices.iter().any(|s| s.file.path == *path);
        for packet in pack(&before, &settings, usize::MAX) {
            let kept = after.iter().any(|other| other.id == packet.id);
            // The edited file's packet may grow over a neighbour, whole.
            let joined = || packet.slices.iter().all(|slice| {
                after.iter().any(|other| has(other, &path) && has(other, &slice.file.path))
            });
            prop_assert!(has(&packet, &path) || kept || joined());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// In any order a packet shows what it showed, in a fence that holds.
    #[test]
    fn another_order_shows_the_same(files in files(), settings in settings(), turn in 0_usize..60) {
        for packet in pack(&change(files), &settings, usize::MAX) {
            let sorted = |packet: &Packet| {
                let mut shown = read(packet);
                for lines in shown.values_mut() {
                    lines.sort();
                }
                shown
            };
            let other = in_order(&packet, turn);
            prop_assert_eq!(sorted(&other), sorted(&packet));
            prop_assert_eq!(other.tokens, tokens(&other.text));
            if turn == 0 {
                prop_assert_eq!(other.text, packet.text);
            }
        }
    }
}
