//! The house keeps its shape: imports run downward only, nothing dead is hidden.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From top to bottom; rooms of one floor do not import each other.
const FLOORS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["config"],
    &["forge", "report", "eval", "repair"],
    &["gate"],
    &["engine"],
    &["workflow", "findings", "store"],
    &["context", "backends"],
    &["change"],
    &["clean", "html", "units"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

fn sources() -> Vec<PathBuf> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                into.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    files.sort();
    files
}

/// `src/change/git.rs` → `change`, `src/gate.rs` → `gate`.
fn room(file: &Path) -> String {
    let inside = file
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// What names the crate's root: in `gate.rs` and `engine/mod.rs` one `super` does, in
/// `engine/run.rs` two.
fn names_of_root(file: &Path) -> [String; 3] {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let depth = file.strip_prefix(src).unwrap().components().count();
    let levels = depth - usize::from(file.ends_with("mod.rs"));
    [
        "crate::".to_owned(),
        "llmux::".to_owned(),
        "super::".repeat(levels),
    ]
}

/// Rooms named after the root, also in `crate::{a::B, c}`.
fn imported(text: &str, root_names: &[String]) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for marker in root_names {
        for (at, _) in text.match_indices(marker.as_str()) {
            let rest = &text[at + marker.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let mut depth = 0;
                let mut word = String::new();
                let mut first = true;
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => first = true,
                        ':' if depth == 0 => first = false,
                        _ if depth == 0 && first && (c.is_alphanumeric() || c == '_') => {
                            word.push(c);
                            continue;
                        }
                        _ => {}
                    }
                    if !word.is_empty() {
                        rooms.insert(std::mem::take(&mut word));
                    }
                }
                rooms.insert(word);
            } else {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                rooms.insert(rest[..end].to_owned());
            }
        }
    }
    rooms.retain(|room| floor(room).is_some());
    rooms
}

#[test]
fn imports_run_downward_only() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in sources() {
        let room = room(&file);
        if room == "lib" {
            continue;
        }
        let Some(own) = floor(&room) else {
            wrong.push(format!("{}: no floor is planned for it", file.display()));
            continue;
        };
        for target in imported(&fs::read_to_string(&file).unwrap(), &names_of_root(&file)) {
            seen += 1;
            let below = floor(&target).unwrap() > own;
            if target != room && !below {
                wrong.push(format!("{}: {room} imports {target}", file.display()));
            }
        }
    }
    assert!(seen > 20, "the reader of imports found only {seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_reads_lists() {
    let text = "use crate::{backends::{Backend, Reply}, change::Change, gate};\nuse crate::units::Threshold;";
    let found: Vec<_> = imported(text, &["crate::".to_owned()])
        .into_iter()
        .collect();
    assert_eq!(found, ["backends", "change", "gate", "units"]);
}

#[test]
fn nothing_dead_is_hidden() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        for hidden in [
            "allow(dead_code",
            "allow(unused",
            "expect(dead_code",
            "expect(unused",
        ] {
            assert!(!text.contains(hidden), "{} has {hidden}", file.display());
        }
    }
}

#[test]
fn only_main_exits() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let exits = text.contains("process::exit") || text.contains("process::abort");
        assert!(!exits || room(&file) == "main", "{} exits", file.display());
    }
}
