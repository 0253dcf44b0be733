//! Lines of a diff that a comment can stand on.

use llmux::change::{Settings, Source, read};
use llmux::forge::place::{DiffLine, span};

use crate::support::Repo;

/// Two hunks: the second line is another, the twentieth is gone, and one comes after it.
fn file() -> std::sync::Arc<llmux::change::FileChange> {
    let repo = Repo::new();
    let lines: Vec<String> = (1..=30).map(|at| format!("line {at}\n")).collect();
    repo.write("a.txt", &lines.concat());
    repo.commit("before");
    let mut after = lines.clone();
    after[1] = String::from("another line\n");
    after.remove(19);
    after.insert(20, "one more\n".to_owned());
    repo.write("a.txt", &after.concat());
    repo.commit("after");
    let settings = Settings {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_size: 1 << 20,
        generated: true,
        lock_files: true,
        vendored: true,
        minified: true,
    };
    let change = read(
        &repo.dir(),
        &Source::Range(Some("HEAD~1".to_owned())),
        &settings,
    )
    .unwrap();
    change.files[0].clone()
}

#[test]
fn comments_stand_on_lines_of_one_hunk() {
    let file = file();
    assert_eq!(file.hunks.len(), 2);
    let line = |new, old| DiffLine { new, old };
    let at = |start, end| span(&file, start, end).map(|span| (span.first, span.last));
    // An added line, and the context around it with both numbers.
    assert_eq!(at(2, 2), Some((line(2, None), line(2, None))));
    assert_eq!(at(1, 3), Some((line(1, Some(1)), line(3, Some(3)))));
    // What the hunk shows of more lines.
    assert_eq!(at(4, 9), Some((line(4, Some(4)), line(5, Some(5)))));
    // Between the hunks, and behind the last.
    assert_eq!(at(8, 12), None);
    assert_eq!(at(28, 30), None);
    assert_eq!(at(3, 25).unwrap().1, line(5, Some(5)), "not over two hunks");
    // Behind the line that is gone the numbers before are one more.
    assert_eq!(at(20, 21), Some((line(20, Some(21)), line(21, None))));
    assert!(span(&file, 2, 2).unwrap().is(2, 2));
    assert!(!span(&file, 4, 9).unwrap().is(4, 9));
}
