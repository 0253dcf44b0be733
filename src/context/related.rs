//! Which changed file is the test of which, by name and folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::FileChange;

/// Folders that hold tests.
const TEST_FOLDERS: [&str; 8] = [
    "test",
    "tests",
    "spec",
    "specs",
    "__tests__",
    "testing",
    "unittests",
    "e2e",
];
/// `foo_test.go`, `foo-test.js`, `foo.test.ts`, `foo_spec.rb`, ….
const SUFFIXES: [&str; 12] = [
    "_test",
    "_tests",
    "-test",
    "-tests",
    ".test",
    ".tests",
    "_spec",
    "-spec",
    ".spec",
    ".cy",
    ".e2e",
    "_unittest",
];
/// `test_foo.py`, ….
const PREFIXES: [&str; 2] = ["test_", "test-"];
/// `FooTest.java`, ….
const CAMEL_SUFFIXES: [&str; 5] = ["TestCase", "Tests", "Test", "Spec", "IT"];
/// Names that stand for their folder.
const FOLDER_NAMES: [&str; 4] = ["mod", "index", "__init__", "lib"];

/// What a path says about a file.
struct Name {
    folders: Vec<String>,
    /// Without extension and without the signs of a test.
    stem: String,
    /// Extensions of one language count as one.
    family: String,
    test: bool,
}

/// The files as groups: (a source or a lone file, all members ascending).
/// A test goes to the source of the same name whose folders are most like its own.
pub(super) fn groups(files: &[Arc<FileChange>]) -> Vec<(usize, Vec<usize>)> {
    let names: Vec<Name> = files
        .iter()
        .map(|file| Name::new(&file.path.to_string()))
        .collect();
    let mut sources: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.test) {
        let mut add = |stem| {
            sources
                .entry((stem, name.family.as_str()))
                .or_default()
                .push(index);
        };
        add(name.stem.as_str());
        if let Some(folder) = name.folders.last()
            && FOLDER_NAMES.contains(&name.stem.as_str())
        {
            add(folder.as_str());
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        let source = sources
            .get(&(name.stem.as_str(), name.family.as_str()))
            .filter(|_| name.test)
            .and_then(|found| {
                found
                    .iter()
                    .max_by_key(|source| (alike(name, &names[**source]), usize::MAX - **source))
            });
        groups
            .entry(*source.unwrap_or(&index))
            .or_default()
            .push(index);
    }
    groups.into_iter().collect()
}

/// Folders that two files share, wherever they stand.
fn alike(test: &Name, source: &Name) -> usize {
    let folders: BTreeSet<_> = source.folders.iter().collect();
    test.folders
        .iter()
        .filter(|folder| folders.contains(folder))
        .count()
}

impl Name {
    fn new(path: &str) -> Self {
        let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
        let name = folders.pop().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let bare = without_signs(stem);
        let in_tests = folders
            .iter()
            .any(|folder| TEST_FOLDERS.contains(&folder.to_lowercase().as_str()));
        Self {
            stem: bare.unwrap_or(stem).to_owned(),
            family: family(extension).to_owned(),
            test: bare.is_some() || in_tests,
            folders,
        }
    }
}

/// The name of what is tested, where the name is a test's.
fn without_signs(stem: &str) -> Option<&str> {
    let plain = SUFFIXES
        .iter()
        .find_map(|suffix| stem.strip_suffix(suffix))
        .or_else(|| PREFIXES.iter().find_map(|prefix| stem.strip_prefix(prefix)));
    let capital = |text: &&str| text.starts_with(|first: char| first.is_uppercase());
    let camel = || {
        CAMEL_SUFFIXES
            .iter()
            .find_map(|suffix| stem.strip_suffix(suffix))
            .filter(capital)
            .or_else(|| stem.strip_prefix("Test").filter(capital))
    };
    plain.or_else(camel).filter(|rest| !rest.is_empty())
}

fn family(extension: &str) -> &str {
    match extension {
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => "js",
        "c" | "cc" | "cpp" | "cxx" | "h" | "hh" | "hpp" | "m" | "mm" => "c",
        "ex" | "exs" => "ex",
        "kt" | "kts" | "java" | "groovy" | "scala" => "java",
        other => other,
    }
}
