//! Where a line stands: in a test, under a YAML key.

use crate::change::{Fragment, RepoPath};

/// Folders that hold tests.
const FOLDERS: [&str; 14] = [
    "__mocks__",
    "__tests__",
    "e2e",
    "fixtures",
    "integration-tests",
    "mocks",
    "spec",
    "specs",
    "test",
    "testdata",
    "testing",
    "tests",
    "testsuite",
    "unittests",
];

/// Whether the path is that of a test, by the habits of the languages.
pub(super) fn is_test_path(path: &RepoPath) -> bool {
    let path = path.to_string();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    if folders
        .split('/')
        .any(|folder| FOLDERS.contains(&folder.to_ascii_lowercase().as_str()))
    {
        return true;
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let lower = stem.to_ascii_lowercase();
    lower.starts_with("test_")
        || ["_test", "_tests", "_spec", ".test", ".spec", ".cy", "-test"]
            .iter()
            .any(|end| lower.ends_with(end))
        || ["Test", "Tests", "TestCase", "Spec"]
            .iter()
            .any(|end| stem.ends_with(end))
        || matches!(lower.as_str(), "test" | "tests" | "conftest")
        || matches!(name.rsplit_once('.'), Some((_, "bats")))
}

/// First and last line of each `#[cfg(test)] mod …` that begins at the start of a line.
pub(super) fn rust_test_modules(fragment: &Fragment) -> Vec<(u32, u32)> {
    let mut modules = Vec::new();
    let mut open: Option<(u32, bool)> = None;
    for (number, line) in fragment.lines() {
        open = match open {
            None if line.starts_with("#[cfg(test)]") => Some((number, line.contains("mod "))),
            // Between the attribute and the module: further attributes.
            Some((start, false)) if line.contains("mod ") => Some((start, true)),
            Some((start, false)) if line.starts_with("#[") => Some((start, false)),
            None | Some((_, false)) => None,
            Some((start, true)) if line.starts_with('}') => {
                modules.push((start, number));
                None
            }
            inside => inside,
        };
    }
    if let Some((start, true)) = open {
        modules.push((start, u32::MAX));
    }
    modules
}

/// The YAML key in whose value a line stands: on the same line, or in a block
/// scalar (`key: |`) around it.
pub(super) fn yaml_key(fragment: &Fragment, number: u32) -> Option<&str> {
    let line = fragment.line(number)?;
    let mut least = indent(line);
    for above in (fragment.first_line..number).rev() {
        let candidate = fragment.line(above)?;
        if candidate.trim().is_empty() || indent(candidate) >= least {
            continue;
        }
        match key(candidate) {
            Some((key, value))
                if value.starts_with(['|', '>']) && key_column(candidate) < least =>
            {
                return Some(key);
            }
            // A line of the scalar itself, or a mapping around: look further out.
            _ => least = indent(candidate),
        }
    }
    own_key(line)
}

fn own_key(line: &str) -> Option<&str> {
    key(line).map(|(key, _)| key)
}

/// `- key: value`.
fn key(line: &str) -> Option<(&str, &str)> {
    let mut rest = line.trim();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    let (key, value) = rest.split_once(':')?;
    (value.is_empty() || value.starts_with(' ')).then(|| (key.trim(), value.trim()))
}

/// Columns before the first character.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Columns before the key: the dashes of list items count, as YAML counts them.
fn key_column(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-']).len()
}
