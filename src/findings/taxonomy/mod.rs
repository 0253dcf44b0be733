//! The closed list of rules: `rules/taxonomy.toml`, embedded, and the user's own.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde::Deserialize;

use super::Severity;

mod own;
mod score;
mod words;

pub use own::SlugSettings;
pub use score::security_severity;
pub use words::{canonical_category, is_slug, kebab, sentence};

static BUILTIN: LazyLock<Arc<Taxonomy>> = LazyLock::new(Arc::default);

/// Characters of a slug.
pub const MAX_SLUG: usize = 40;
/// Characters of a title.
pub const MAX_TITLE: usize = 80;
/// Characters of a description: GitHub takes 1,024, and an ellipsis may be added.
pub const MAX_DESCRIPTION: usize = 1_000;
/// Characters of a help text. GitHub states no limit of its own for it, but an upload has
/// 10 MB for everything.
pub const MAX_HELP: usize = 10_000;

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
#[derive(Debug, Default)]
pub struct Taxonomy {
    /// `[taxonomy]`, checked by the configuration.
    own: BTreeMap<String, SlugSettings>,
    /// Read when it is first asked for: a run over nothing must not pay for it.
    rules: OnceLock<Vec<Rule>>,
}

/// `rules/taxonomy.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
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
    /// Other names for it, in kebab case.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Number in the Common Weakness Enumeration.
    pub cwe: Option<u32>,
    /// Of a security rule: GitHub's number for its base severity; see [`security_severity`].
    pub security_severity: Option<f64>,
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
    pub fn builtin() -> &'static Arc<Self> {
        &BUILTIN
    }

    /// That list with the user's own, which the configuration has checked.
    pub fn with(own: &BTreeMap<String, SlugSettings>) -> Arc<Self> {
        if own.is_empty() {
            return Arc::clone(Self::builtin());
        }
        Arc::new(Self {
            own: own.clone(),
            rules: OnceLock::new(),
        })
    }

    /// All rules: the built-in ones in the file's order, then the user's by slug.
    pub fn rules(&self) -> &[Rule] {
        self.rules.get_or_init(|| {
            let file: File = toml::from_str(include_str!("../../../rules/taxonomy.toml"))
                .unwrap_or_else(|error| unreachable!("rules/taxonomy.toml is tested: {error}"));
            let mut rules = file.rule;
            own::apply(&mut rules, &self.own);
            rules
        })
    }

    /// The rule of that slug.
    pub fn get(&self, slug: &str) -> Option<&Rule> {
        self.rules().iter().find(|rule| rule.slug == slug)
    }

    /// The first rule with that other name or weakness.
    fn known_as(&self, word: &str) -> Option<&Rule> {
        let cwe = word
            .strip_prefix("cwe-")
            .and_then(|number| number.parse().ok());
        self.rules().iter().find(|rule| {
            cwe.is_some() && rule.cwe == cwe || rule.aliases.iter().any(|alias| alias == word)
        })
    }

    /// Every slug with its category.
    pub fn categories(&self) -> BTreeMap<&str, &str> {
        let rules = self.rules().iter();
        rules
            .map(|rule| (rule.slug.as_str(), rule.category.as_str()))
            .collect()
    }

    /// The rule that a backend means: by slug, another name of it or its weakness
    /// (`CWE-89`), however it is spelled; else the `other` of the category; else `bug-other`.
    pub fn normalize(&self, rule: &str, category: &str) -> &Rule {
        let word = kebab(rule);
        self.get(&word)
            .or_else(|| self.known_as(&word))
            .or_else(|| self.get(&format!("{}-other", canonical_category(category)?)))
            .or_else(|| self.get(&format!("{}-other", canonical_category(rule)?)))
            .or_else(|| self.get(FALLBACK))
            .unwrap_or(&self.rules()[0])
    }

    /// The slugs by category, one line each, for the part of a prompt that never changes.
    /// Slugs are kebab case, so nothing but names can stand there.
    pub fn prompt(&self) -> String {
        let mut out = String::new();
        for category in CATEGORIES {
            out.push_str(category);
            out.push(':');
            for rule in self.rules() {
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
}
