//! Checks of `[taxonomy]` over all layers: names that can be slugs, what a built-in slug
//! keeps, bounds that go together.

use super::errors::Draft;
use super::mask;
use super::near::nearest;
use super::source::{Node, Source, Value, dotted};
use crate::findings::taxonomy::{
    CATEGORIES, MAX_DESCRIPTION, MAX_HELP, MAX_SLUG, MAX_TITLE, Rule, Taxonomy, is_slug, kebab,
};
use crate::units::Severity;

/// What a built-in slug is and stays.
const FIXED: [&str; 4] = ["category", "cwe", "title", "description"];

/// Checks the merged tree.
pub(super) fn check(root: &Node, sources: &[Source], drafts: &mut Vec<Draft>) {
    for (slug, table) in root.get("taxonomy").map_or(&[][..], Node::entries) {
        if matches!(table.value, Value::Bad) {
            continue;
        }
        let mut checker = Checker {
            slug,
            table,
            sources,
            drafts,
        };
        match Taxonomy::builtin().get(slug) {
            Some(rule) => checker.builtin(rule),
            None => checker.new_slug(),
        }
        checker.texts();
        checker.bounds();
    }
}

struct Checker<'a> {
    slug: &'a str,
    table: &'a Node,
    sources: &'a [Source],
    drafts: &'a mut Vec<Draft>,
}

impl<'a> Checker<'a> {
    fn key(&self, key: &str) -> String {
        dotted(&["taxonomy", self.slug, key])
    }

    fn at(&mut self, key: &str, node: &Node, message: &str, help: impl Into<Option<String>>) {
        let key = self.key(key);
        let draft = Draft::new(&key, node.at, format!("`{key}` {message}"));
        self.drafts.push(draft.help(help));
    }

    fn builtin(&mut self, rule: &Rule) {
        for key in FIXED {
            let Some(node) = self.table.get(key) else {
                continue;
            };
            let message = "cannot be set: llmux has a rule of this name";
            let help = format!(
                "of `{}` you can set severity, min, max and help; for a rule of your own, take \
                 another name",
                rule.slug
            );
            self.at(key, node, message, help);
        }
    }

    fn new_slug(&mut self) {
        let table = dotted(&["taxonomy", self.slug]);
        let draft = |message: String| Draft::new(&table, self.table.key, message);
        if CATEGORIES.contains(&self.slug) {
            let message = format!("`{table}` is the name of a category");
            let help = format!("take another, as `our-{}`", self.slug);
            self.drafts.push(draft(message).help(help));
        } else if !is_slug(self.slug) {
            let message = format!("{} is no slug", mask::quoted(self.slug));
            let meant = Some(kebab(self.slug)).filter(|meant| is_slug(meant));
            let help = meant.map(|meant| format!("write `{meant}`"));
            let expected = format!(
                "lower-case letters and digits with single `-` between, a letter first, at most \
                 {MAX_SLUG} characters"
            );
            self.drafts
                .push(draft(message).expected(expected).help(help));
        }
        if self.table.get("category").is_none() {
            let message = format!("`{table}` has no `category`");
            let rules = Taxonomy::builtin().rules().iter();
            let near = nearest(self.slug, rules.map(|rule| rule.slug.as_str()));
            let help = near.map(|near| format!("did you mean the built-in `{near}`?"));
            let expected = format!("one of {}", CATEGORIES.join(", "));
            self.drafts
                .push(draft(message).expected(expected).help(help));
        }
    }

    fn texts(&mut self) {
        for (key, most) in [
            ("title", MAX_TITLE),
            ("description", MAX_DESCRIPTION),
            ("help", MAX_HELP),
        ] {
            let Some(node) = self.table.get(key) else {
                continue;
            };
            let Some(text) = node.text() else { continue };
            let count = text.chars().count();
            if text.trim().is_empty() {
                self.at(key, node, "is empty", None);
            } else if count > most {
                let message = format!("has {count} characters, over the limit of {most}");
                self.at(key, node, &message, None);
            } else if key == "title" && text.contains(char::is_control) {
                self.at(key, node, "does not fit on one line", None);
            }
        }
    }

    /// What is set must go together; what is not gives way to it.
    fn bounds(&mut self) {
        for (low, high) in [("severity", "max"), ("min", "severity"), ("min", "max")] {
            let (Some((lower, least)), Some((upper, most))) =
                (self.severity(low), self.severity(high))
            else {
                continue;
            };
            if least <= most {
                continue;
            }
            // The layer on top brought the contradiction.
            let (key, node, message, below, other) = if lower.at.source > upper.at.source {
                (low, lower, format!("is {least}, over"), high, upper)
            } else {
                (high, upper, format!("is {most}, under"), low, lower)
            };
            let value = other.text().unwrap_or_default();
            let origin = self.sources.get(other.at.source);
            let origin = origin.map_or_else(String::new, |source| {
                format!("; `{below}` comes from {}", source.origin(other.at.start))
            });
            let help = format!("min, severity and max stand in this order{origin}");
            self.at(
                key,
                node,
                &format!("{message} its `{below}`, {value}"),
                help,
            );
        }
    }

    fn severity(&self, key: &str) -> Option<(&'a Node, Severity)> {
        let node = self.table.get(key)?;
        let word = node.text()?;
        let severity = Severity::ALL.into_iter().find(|one| one.as_str() == word)?;
        Some((node, severity))
    }
}
