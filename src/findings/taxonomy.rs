//! The closed list of rules: `rules/taxonomy.toml`, embedded.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Severity;

/// The built-in taxonomy.
static BUILTIN: LazyLock<Taxonomy> = LazyLock::new(|| {
    toml::from_str(include_str!("../../rules/taxonomy.toml"))
        .unwrap_or_else(|error| unreachable!("rules/taxonomy.toml is tested: {error}"))
});

/// A closed list of rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    /// `[[rule]]` tables, in the file's order.
    rule: Vec<Rule>,
}

/// One rule: what a finding is called, and how bad it can be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Kebab case: `sql-injection`. Each category has an `other` of the form `CATEGORY-other`.
    pub slug: String,
    /// bug, security, concurrency, performance, error-handling, api, data, test, docs, style.
    pub category: String,
    /// Number in the Common Weakness Enumeration.
    pub cwe: Option<u32>,
    /// Where the model says none.
    pub severity: Severity,
    /// Least.
    pub min: Severity,
    /// Most.
    pub max: Severity,
    /// One line, at most 80 characters.
    pub title: String,
    /// One to three sentences.
    pub description: String,
    /// Markdown: why it matters, and what to do.
    pub help: String,
}

impl Taxonomy {
    /// The list that llmux ships.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// All rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rule
    }

    /// The rule of that slug.
    pub fn get(&self, slug: &str) -> Option<&Rule> {
        self.rule.iter().find(|rule| rule.slug == slug)
    }
}
