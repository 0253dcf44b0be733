//! `[taxonomy.SLUG]`: rules that users add, and what they change of built-in ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::words::sentence;
use super::{CATEGORIES, Rule};
use crate::units::Severity;

/// `[taxonomy.SLUG]`. Of a built-in slug it may set `severity`, `min`, `max` and `help`; any
/// other is new and needs a `category`. What is set counts, and what is not gives way to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlugSettings {
    /// One of [`CATEGORIES`].
    #[serde(deserialize_with = "category")]
    pub category: Option<String>,
    /// Number in the Common Weakness Enumeration.
    pub cwe: Option<u32>,
    /// Where a backend says none; by default as the category's `other`.
    pub severity: Option<Severity>,
    /// Least; by default as the category's `other`.
    pub min: Option<Severity>,
    /// Most; by default as the category's `other`.
    pub max: Option<Severity>,
    /// One line, at most [`super::MAX_TITLE`] characters; by default the slug's words.
    pub title: Option<String>,
    /// At most [`super::MAX_DESCRIPTION`] characters; by default title and category.
    pub description: Option<String>,
    /// Markdown, at most [`super::MAX_HELP`] characters; by default the description.
    pub help: Option<String>,
}

fn category<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let word = String::deserialize(from)?;
    if CATEGORIES.contains(&word.as_str()) {
        Ok(Some(word))
    } else {
        Err(serde::de::Error::unknown_variant(&word, &CATEGORIES))
    }
}

/// Puts the user's settings over the built-in rules; new ones follow, sorted by slug.
pub(super) fn apply(rules: &mut Vec<Rule>, own: &BTreeMap<String, SlugSettings>) {
    for (slug, settings) in own {
        if let Some(rule) = rules.iter_mut().find(|rule| rule.slug == *slug) {
            settings.bound(rule);
            if let Some(help) = &settings.help {
                rule.help.clone_from(help);
            }
        } else if let Some(rule) = settings.rule(slug, rules) {
            rules.push(rule);
        }
    }
}

impl SlugSettings {
    /// A new rule; none without a known category, which the configuration refuses.
    fn rule(&self, slug: &str, builtin: &[Rule]) -> Option<Rule> {
        let category = self.category.as_ref()?;
        let other = builtin
            .iter()
            .find(|rule| rule.is_other() && rule.category == *category)?;
        let title = self.title.clone().unwrap_or_else(|| sentence(slug));
        let description = self
            .description
            .clone()
            .unwrap_or_else(|| format!("{title}. Category: {category}."));
        let help = self
            .help
            .clone()
            .unwrap_or_else(|| format!("{description}\n\nSee the message of each finding."));
        let mut rule = Rule {
            slug: slug.to_owned(),
            aliases: Vec::new(),
            cwe: self.cwe,
            security_severity: None,
            title,
            description,
            help,
            ..other.clone()
        };
        self.bound(&mut rule);
        Some(rule)
    }

    /// Sets severity and bounds.
    fn bound(&self, rule: &mut Rule) {
        let least = [self.severity, self.max].into_iter().flatten();
        let most = [self.severity, self.min].into_iter().flatten();
        let (least, most) = (
            least.fold(rule.min, Ord::min),
            most.fold(rule.max, Ord::max),
        );
        rule.min = self.min.unwrap_or(least);
        rule.max = self.max.unwrap_or(most);
        rule.severity = rule.bound(self.severity);
    }
}
