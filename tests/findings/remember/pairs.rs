//! Which finding of now is which of before.

use std::collections::BTreeSet;
use std::sync::Arc;

use llmux::change::FileChange;
use llmux::findings::Severity;
use llmux::findings::remember::{Reach, Record, pair};
use proptest::prelude::*;

use super::super::{added, file};
use super::{findings, record, severe};

const STORE: &str = "\
import db


def find_user(name):
    query = \"SELECT * FROM users WHERE name = '\" + name + \"'\"
    rows = db.run(query)
    return rows[0]


def last(items):
    return items[len(items)]
";

fn store(path: &str) -> Arc<FileChange> {
    added(path, STORE)
}

fn gone(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

fn matched(before: &Record, now: &Record, file: &Arc<FileChange>, reach: Reach) -> bool {
    let files = std::slice::from_ref(file);
    let pairs = pair(
        std::slice::from_ref(before),
        std::slice::from_ref(now),
        files,
        &BTreeSet::new(),
        reach,
    );
    pairs == [Some(0)]
}

#[test]
fn one_rule_on_one_line_is_one_finding_whatever_the_words() {
    let file = store("src/store.py");
    let before = record(&file, 5, "sql-injection", "The name is concatenated");
    let now = record(
        &file,
        5,
        "sql-injection",
        "Whoever calls this reads all rows",
    );
    for reach in [Reach::Place, Reach::Suppress, Reach::Compare] {
        assert!(matched(&before, &now, &file, reach), "{reach:?}");
    }
}

#[test]
fn another_models_rule_line_and_words_are_one_finding_by_their_meaning() {
    let file = store("src/store.py");
    let before = record(
        &file,
        5,
        "sql-injection",
        "SQL injection: `name` is concatenated into `query` without escaping",
    );
    let now = record(
        &file,
        6,
        "input-validation",
        "`query` with the concatenated `name` reaches `db.run` without escaping: SQL injection",
    );
    assert!(matched(&before, &now, &file, Reach::Suppress));
    assert!(matched(&before, &now, &file, Reach::Compare));
    assert!(!matched(&before, &now, &file, Reach::Place));
}

#[test]
fn another_problem_of_the_line_is_another_finding() {
    let file = store("src/store.py");
    let before = record(
        &file,
        5,
        "sql-injection",
        "The name is concatenated into SQL",
    );
    let now = record(
        &file,
        5,
        "missing-index",
        "A table scan: no key on this column",
    );
    assert!(!matched(&before, &now, &file, Reach::Suppress));
    assert!(!matched(&before, &now, &file, Reach::Compare));
}

#[test]
fn a_milder_entry_hides_nothing_worse_that_is_only_alike() {
    let file = store("src/store.py");
    let words = "SQL injection: `name` is concatenated into `query` without escaping";
    let before = severe(record(&file, 5, "security-other", words), Severity::Low);
    let now = severe(
        record(&file, 5, "sql-injection", &format!("{words} at all")),
        Severity::Critical,
    );
    assert!(!matched(&before, &now, &file, Reach::Suppress));
    assert!(matched(&before, &now, &file, Reach::Compare));
}

#[test]
fn a_rule_that_says_the_same_everywhere_is_matched_by_its_line_alone() {
    let text = "def f():\n    alpha = eval(first)\n    return alpha\n    beta = eval(second)\n";
    let file = added("a.py", text);
    let words = "Text is run as code";
    let before = record(&file, 2, "code-injection", words);
    let now = record(&file, 4, "code-injection", words);
    assert!(!matched(&before, &now, &file, Reach::Compare));
    // Edited in its place it is the same problem, and a new one to be hidden.
    let edited = added("a.py", &text.replace("first", "other"));
    let now = record(&edited, 2, "code-injection", words);
    assert!(matched(&before, &now, &edited, Reach::Compare));
    assert!(!matched(&before, &now, &edited, Reach::Suppress));
}

#[test]
fn equal_lines_of_a_file_are_told_apart_by_what_stands_around_them() {
    let old = added(
        "a.go",
        "func first() {\n\tif err != nil {\n\t\tlog(err)\n\t}\n}\n",
    );
    let new = added(
        "a.go",
        "func zero() {\n\topen()\n\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n\nfunc first() {\n\tif err != nil {\n\t\tlog(err)\n\t}\n}\n",
    );
    let before = record(&old, 2, "unchecked-error", "Lost");
    let same = record(&new, 9, "unchecked-error", "Lost");
    let copy = record(&new, 3, "unchecked-error", "Lost");
    assert!(matched(&before, &same, &new, Reach::Suppress));
    assert!(!matched(&before, &copy, &new, Reach::Suppress), "a new one");
    let files = [new];
    let now = [copy, same];
    let pairs = pair(&[before], &now, &files, &BTreeSet::new(), Reach::Suppress);
    assert_eq!(pairs, [None, Some(0)]);
}

#[test]
fn a_file_that_moved_takes_its_findings_along_and_a_copy_does_not() {
    let before = record(&store("src/store.py"), 5, "sql-injection", "Concatenated");
    let file = store("lib/users.py");
    let now = record(&file, 5, "sql-injection", "Other words");
    let files = [file];
    let find = |gone: &BTreeSet<String>, files: &[Arc<FileChange>], now: &[Record]| {
        let before = std::slice::from_ref(&before);
        pair(before, now, files, gone, Reach::Suppress)
    };
    let gone = gone(&["src/store.py"]);
    let now_one = std::slice::from_ref(&now);
    assert_eq!(find(&gone, &files, now_one), [Some(0)], "moved");
    assert_eq!(find(&BTreeSet::new(), &files, now_one), [None], "copied");
    // Of two copies nobody knows which one it is.
    let copies = [files[0].clone(), store("lib/other.py")];
    let both = [now, record(&copies[1], 5, "sql-injection", "Other words")];
    assert_eq!(find(&gone, &copies, &both), [None, None]);
}

#[test]
fn a_line_of_many_files_is_no_match_by_itself() {
    let old = added(
        "a.py",
        "def one():\n    return None\n\n\ndef two():\n    pass\n",
    );
    let new = added(
        "b.py",
        "def other():\n    return None\n\n\ndef more():\n    walk()\n",
    );
    let before = record(&old, 2, "logic-error", "Nothing comes back");
    let now = record(&new, 2, "logic-error", "Nothing comes back");
    let pairs = pair(&[before], &[now], &[new], &gone(&["a.py"]), Reach::Compare);
    assert_eq!(pairs, [None]);
}

#[test]
fn a_move_that_the_change_shows_needs_no_gone_path() {
    let before = record(&store("src/store.py"), 5, "sql-injection", "Concatenated");
    let mut moved = (*file(
        "src/users.py",
        "",
        &STORE
            .replace("rows", "found")
            .lines()
            .map(|line| format!("+{line}"))
            .collect::<Vec<_>>()
            .join("\n"),
        "",
    ))
    .clone();
    moved.old_path = Some(llmux::change::RepoPath::new("src/store.py"));
    let moved = Arc::new(moved);
    let now = record(&moved, 5, "sql-injection", "Other words");
    assert!(matched(&before, &now, &moved, Reach::Suppress));
}

/// Records of lines of one file, some of them alike.
fn some(file: &Arc<FileChange>, picks: &[(u32, usize, usize)]) -> Vec<Record> {
    const RULES: [&str; 3] = ["sql-injection", "off-by-one", "bug-other"];
    const WORDS: [&str; 3] = [
        "SQL injection: `name` is concatenated into `query`",
        "`items[len(items)]` is past the end of `items`",
        "Something else",
    ];
    picks
        .iter()
        .map(|(line, rule, words)| record(file, *line, RULES[*rule], WORDS[*words]))
        .collect()
}

fn picks() -> impl Strategy<Value = Vec<(u32, usize, usize)>> {
    prop::collection::vec((4_u32..12, 0_usize..3, 0_usize..3), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Nothing is matched twice, and order changes nothing.
    #[test]
    fn matching_is_one_to_one_and_knows_no_order(
        (before, shuffled_before) in picks().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (now, shuffled_now) in picks().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let file = store("src/store.py");
        let files = [file.clone()];
        let told = |before: &[Record], now: &[Record]| {
            let pairs = pair(before, now, &files, &BTreeSet::new(), Reach::Compare);
            let used: Vec<_> = pairs.iter().flatten().collect();
            let once: BTreeSet<_> = used.iter().collect();
            assert_eq!(used.len(), once.len(), "{pairs:?}");
            let mut told: Vec<_> = pairs
                .iter()
                .enumerate()
                .map(|(at, of)| (now[at].clone(), of.map(|of| before[of].clone())))
                .collect();
            told.sort();
            told
        };
        let straight = told(&some(&file, &before), &some(&file, &now));
        let shuffled = told(&some(&file, &shuffled_before), &some(&file, &shuffled_now));
        prop_assert_eq!(straight, shuffled);
    }

    /// What is there again is found again, each by itself.
    #[test]
    fn the_same_findings_match_themselves(all in picks()) {
        let file = store("src/store.py");
        let mut said: Vec<_> = all.iter().map(|(line, ..)| ((*line, *line), "off-by-one", "Past the end")).collect();
        said.sort_unstable();
        said.dedup();
        let files = [file];
        let records: Vec<_> = findings(&files, &said).iter().map(Record::from).collect();
        let pairs = pair(&records, &records, &files, &BTreeSet::new(), Reach::Suppress);
        let same: Vec<_> = (0..records.len()).map(Some).collect();
        prop_assert_eq!(pairs, same);
    }
}
