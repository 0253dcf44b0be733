//! The closed list of rules: `rules/taxonomy.toml`, embedded.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Severity;

/// The built-in taxonomy.
static BUILTIN: LazyLock<Taxonomy> = LazyLock::new(|| {
    toml::from_str(include_str!("../../rules/taxonomy.toml"))
        .unwrap_or_else(|error| unreachable!("rules/taxonomy.toml is tested: {error}"))
});

/// Categories, in the order in which prompts and reports list them.
pub const CATEGORIES: [&str; 10] = [
    "bug",
    "security",
    "concurrency",
    "performance",
    "error-handling",
    "api",
    "data",
    "test",
    "docs",
    "style",
];

/// Where neither rule nor category is known.
const FALLBACK: &str = "bug-other";

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
    /// One of [`CATEGORIES`].
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

impl Rule {
    /// The severity within this rule's bounds; its base where `claimed` is none.
    pub fn bound(&self, claimed: Option<Severity>) -> Severity {
        claimed.unwrap_or(self.severity).max(self.min).min(self.max)
    }

    /// Whether it is what a category has for everything that no rule names.
    pub fn is_other(&self) -> bool {
        self.slug
            .strip_suffix("-other")
            .is_some_and(|category| category == self.category)
    }
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

    /// The rule that a backend means: by slug, however it is spelled; else the
    /// `other` of the category; else `bug-other`.
    pub fn normalize(&self, rule: &str, category: &str) -> &Rule {
        self.get(&kebab(rule))
            .or_else(|| self.get(&format!("{}-other", canonical_category(category)?)))
            .or_else(|| self.get(&format!("{}-other", canonical_category(rule)?)))
            .or_else(|| self.get(FALLBACK))
            .unwrap_or(&self.rule[0])
    }
}

/// The built-in rule that a backend means; see [`Taxonomy::normalize`].
pub fn normalize(rule: &str, category: &str) -> &'static Rule {
    Taxonomy::builtin().normalize(rule, category)
}

/// The category of [`CATEGORIES`] that a word stands for, however it is spelled.
pub fn canonical_category(word: &str) -> Option<&'static str> {
    let word = kebab(word);
    let canonical = match word.as_str() {
        "correctness" | "logic" | "defect" | "functional" | "functionality" | "bugs"
        | "possible-bug" | "potential-bug" | "reliability" => "bug",
        "vulnerability" | "sec" | "privacy" | "auth" | "crypto" => "security",
        "race" | "threading" | "thread-safety" | "async" | "parallelism" => "concurrency",
        "perf" | "efficiency" | "optimization" | "scalability" | "memory" => "performance",
        "errors"
        | "error"
        | "exception"
        | "exceptions"
        | "exception-handling"
        | "robustness"
        | "resource"
        | "resources"
        | "resource-management" => "error-handling",
        "interface" | "compatibility" | "breaking" | "contract" | "api-design" => "api",
        "database" | "db" | "data-integrity" | "migration" | "schema" | "encoding" => "data",
        "tests" | "testing" | "coverage" | "test-coverage" => "test",
        "doc" | "documentation" | "comment" | "comments" => "docs",
        "maintainability" | "readability" | "naming" | "formatting" | "lint" | "convention"
        | "conventions" | "cleanup" | "complexity" | "code-quality" | "quality" | "code-smell"
        | "design" | "best-practice" | "best-practices" | "nit" => "style",
        other => other,
    };
    CATEGORIES
        .into_iter()
        .find(|category| *category == canonical)
}

/// `SQL_Injection`, `sqlInjection`, `sql injection`, `security/sql-injection` → `sql-injection`.
fn kebab(word: &str) -> String {
    let word = word.trim();
    let word = word.rsplit(['/', ':']).next().unwrap_or(word);
    let mut out = String::with_capacity(word.len() + 4);
    let mut before = ' ';
    for ch in word.chars() {
        if ch.is_alphanumeric() {
            if ch.is_uppercase() && before.is_lowercase() {
                out.push('-');
            }
            out.extend(ch.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        before = ch;
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// The slugs by category, one line each, for the part of a prompt that never changes.
pub fn taxonomy_prompt() -> String {
    let mut out = String::new();
    for category in CATEGORIES {
        out.push_str(category);
        out.push(':');
        for rule in Taxonomy::builtin().rules() {
            if rule.category == category && !rule.is_other() {
                out.push(' ');
                out.push_str(&rule.slug);
            }
        }
        out.push('\n');
    }
    out.push_str("Where none fits: CATEGORY-other.");
    out
}

/// GitHub's `security-severity` for a severity: critical over 9.0, high 7.0 to 8.9,
/// medium 4.0 to 6.9, low 0.1 to 3.9.
pub fn security_severity(severity: Severity) -> f32 {
    match severity {
        Severity::Note => 0.1,
        Severity::Low => 2.0,
        Severity::Medium => 5.5,
        Severity::High => 8.0,
        Severity::Critical => 9.5,
    }
}
