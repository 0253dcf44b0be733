//! One rule, ready to be matched.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::errors::Place;
use super::language::Language;
use super::pattern::{AnyOf, Globs, Pattern};
use crate::units::Severity;

/// Categories of the taxonomy, as `rules/taxonomy.toml` has them.
pub(super) const CATEGORIES: [&str; 10] = [
    "api",
    "bug",
    "concurrency",
    "data",
    "docs",
    "error-handling",
    "performance",
    "security",
    "style",
    "test",
];

/// Slugs of the taxonomy that a rule may name, each with its category.
pub type Kinds<'k> = BTreeMap<&'k str, &'k str>;

/// Which lines a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    /// Lines that the change added.
    #[default]
    Added,
    /// All lines of the new text.
    File,
}

/// Which randomness a match needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entropy {
    /// Name of the capture group that is measured.
    pub(super) group: String,
    /// Bits per character, see [`super::shannon`].
    pub(super) min: f64,
}

/// Code that shows what a rule is about; every shipped rule is tested with its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// The file's path; a name of the rule's first language where absent.
    pub path: Option<String>,
    /// Each is a file's text that the rule must hit.
    pub bad: Vec<String>,
    /// Each is a file's text that the rule must not hit.
    pub good: Vec<String>,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab case, unique.
    pub id: String,
    /// One line; never holds what was matched.
    pub title: String,
    /// What is wrong, why, and what to do; never holds what was matched.
    pub message: String,
    /// A slug of the taxonomy.
    pub rule: String,
    /// A category of the taxonomy.
    pub category: String,
    /// How bad a hit is.
    pub severity: Severity,
    /// 0 to 1.
    pub confidence: f64,
    /// Code that shows it.
    pub examples: Examples,
    /// The file that it was read from, by name, and where it begins there.
    pub origin: (String, Place),
    /// Languages it is for; empty means every file.
    pub languages: Vec<Language>,
    pub(super) paths: Globs,
    pub(super) exclude_paths: Globs,
    pub(super) patterns: Vec<Pattern>,
    /// On the lines of the match: it is no hit.
    pub(super) not_pattern: AnyOf,
    /// On the lines above, up to the first blank one: it is no hit.
    pub(super) not_above: AnyOf,
    /// Somewhere in the file: without it no hit.
    pub(super) requires: AnyOf,
    /// Somewhere in the file: with it no hit.
    pub(super) unless: AnyOf,
    /// In the group `secret`, else in the whole match: it is no hit.
    pub(super) allow: Vec<Arc<AnyOf>>,
    pub(super) entropy: Option<Entropy>,
    pub(super) scope: Scope,
    pub(super) multiline: bool,
    pub(super) in_comments: bool,
    pub(super) in_strings: bool,
    pub(super) skip_tests: bool,
    /// Only in the value of one of these YAML keys; empty means anywhere.
    pub(super) yaml_keys: Vec<String>,
    /// Replacement of the match, with `$group` references.
    pub(super) suggestion: Option<String>,
}

impl Rule {
    /// The path of a file that holds an example.
    pub fn example_path(&self) -> String {
        self.examples.path.clone().unwrap_or_else(|| {
            self.languages
                .first()
                .map_or_else(|| "src/example.txt".to_owned(), |one| one.example_path())
        })
    }

    /// Whether the rule is for files of that language and path.
    pub(super) fn is_for_path(&self, path: &str) -> bool {
        (self.paths.is_empty() || self.paths.is_match(path)) && !self.exclude_paths.is_match(path)
    }
}
