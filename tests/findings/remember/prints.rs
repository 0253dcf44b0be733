//! Fingerprints: what they survive, and what they do not.

use std::sync::Arc;

use llmux::change::FileChange;

use super::super::{added, file};
use super::{findings, found};

fn print_at(file: &Arc<FileChange>, line: u32) -> String {
    found(file, (line, line), "logic-error", "Wrong").fingerprint
}

#[test]
fn lines_that_move_and_are_indented_anew_keep_it() {
    let before = added("a.rs", "fn f() {\n    save(x);\n    save(x);\n}\n");
    let moved = added(
        "a.rs",
        "// new\n\nfn f() {\n\t\tif y {\n\t\t\tsave( x );\n    save(x);\n}}\n",
    );
    let print = print_at(&before, 2);
    assert!(print.len() == 32 && print.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(print, print_at(&moved, 5), "moved and indented");
    assert_eq!(
        print_at(&before, 3),
        print_at(&moved, 6),
        "the second of two equal lines"
    );
    assert_ne!(print, print_at(&before, 3), "another of two equal lines");
    let changed = file("a.rs", "fn f() {\n", "-    save(x);\n+    save(y);\n", "");
    assert_ne!(print, print_at(&changed, 2), "another line");
}

#[test]
fn another_path_and_another_rule_keep_it() {
    let text = "fn f() {\n    save(x);\n}\n";
    let print = print_at(&added("src/a.rs", text), 2);
    assert_eq!(print, print_at(&added("lib/b.rs", text), 2), "renamed");
    let other = found(&added("src/a.rs", text), (2, 2), "sql-injection", "Other");
    assert_eq!(print, other.fingerprint, "another model's wording");
}

#[test]
fn equal_lines_of_two_functions_have_two() {
    let file = added(
        "a.rs",
        "fn f() {\n    save(x);\n}\n\nfn g() {\n    save(x);\n}\n",
    );
    assert_ne!(print_at(&file, 2), print_at(&file, 6));
    // A third function above moves neither.
    let text =
        "fn e() {\n    save(x);\n}\n\nfn f() {\n    save(x);\n}\n\nfn g() {\n    save(x);\n}\n";
    assert_eq!(print_at(&file, 6), print_at(&added("a.rs", text), 10));
}

#[test]
fn findings_of_one_line_are_told_apart() {
    let file = added("a.rs", "fn f() {\n    save(x);\n}\n");
    let said = [
        ((2, 2), "sql-injection", "Injected"),
        ((2, 2), "off-by-one", "Past the end"),
    ];
    let both = findings(&[file], &said);
    assert_ne!(both[0].fingerprint, both[1].fingerprint);
    assert_eq!(both[0].marks, both[1].marks);
}

#[test]
fn a_place_without_a_telling_line_still_has_one() {
    let file = added("a.rs", "fn f() {\n    save(x);\n}\n");
    let print = print_at(&file, 3);
    assert_eq!(print.len(), 32);
    assert_ne!(print, print_at(&file, 2));
}
