//! From the text of rule files to rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::{RuleError, RuleErrors, unknown};
use super::language::Language;
use super::pattern::{AnyOf, Globs, Pattern, check_glob};
use super::read::{Source, Table, Written, texts, wrong_type};
use super::rule::{CATEGORIES, Entropy, Examples, Kinds, Rule, Scope};
use crate::units::Severity;

/// Stands in examples where a token is broken up, so that no scanner takes the
/// example for the real thing.
const BREAK: char = '¦';

/// `@name` in `allow`: the expressions of `[lists] name = […]`.
type Lists = BTreeMap<String, Arc<AnyOf>>;

/// Reads files in order; ids and lists are shared by all of them.
#[derive(Default)]
pub(super) struct Loader<'k> {
    pub(super) rules: Vec<Arc<Rule>>,
    /// What the user's rules may name; those that llmux ships are tested.
    pub(super) kinds: Kinds<'k>,
    lists: Lists,
    ids: BTreeSet<String>,
    errors: Vec<RuleError>,
}

impl Loader<'_> {
    /// Reads one file. `trusted` files are those that llmux ships: their
    /// expressions are checked by a test and not at every start.
    pub(super) fn file(&mut self, name: &str, text: &str, trusted: bool) {
        let mut source = Source {
            name,
            text,
            errors: Vec::new(),
        };
        let (document, broken) = DeTable::parse_recoverable(text);
        if broken.is_empty() {
            self.document(&mut source, document.get_ref(), trusted);
        }
        for error in broken {
            let at = error.span().map_or(0, |span| span.start);
            source.error(at, format!("not TOML: {}", error.message()));
        }
        source.errors.sort();
        self.errors.append(&mut source.errors);
    }

    /// The mistakes of all files, where there are any.
    pub(super) fn finish(self) -> Result<Vec<Arc<Rule>>, RuleErrors> {
        if self.errors.is_empty() {
            Ok(self.rules)
        } else {
            Err(RuleErrors(self.errors))
        }
    }

    /// Ids that are to be left out must be there.
    pub(super) fn check_disabled(&mut self, disable: &[String]) {
        for id in disable.iter().filter(|id| !self.ids.contains(*id)) {
            self.errors.push(RuleError {
                file: "disable".to_owned(),
                place: None,
                message: unknown("rule", id, self.ids.iter().map(String::as_str)),
            });
        }
    }

    fn document(&mut self, source: &mut Source, document: &DeTable, trusted: bool) {
        let mut top = Table::new(document, 0, "the file");
        if let Some(lists) = top.table(source, "lists", "`lists`") {
            self.lists(source, &lists, trusted);
        }
        let rules = top.value("rule");
        match rules.map(Spanned::get_ref) {
            None => {}
            Some(DeValue::Array(items)) => {
                for item in items {
                    let DeValue::Table(table) = item.get_ref() else {
                        wrong_type(source, item, "rule", "tables: write `[[rule]]`");
                        continue;
                    };
                    let table = Table::new(table, item.span().start, "this rule");
                    self.rule(source, table, trusted);
                }
            }
            Some(_) => {
                if let Some(value) = rules {
                    wrong_type(source, value, "rule", "tables: write `[[rule]]`");
                }
            }
        }
        top.finish(source);
    }

    fn lists(&mut self, source: &mut Source, table: &Table, trusted: bool) {
        for (name, value) in table.entries() {
            let written = texts(source, value, name);
            let list = any_of(source, &written, trusted);
            if self.lists.insert(name.to_owned(), Arc::new(list)).is_some() {
                let message = format!("the list `{name}` is there already; choose another name");
                source.error(value.span().start, message);
            }
        }
    }

    fn rule(&mut self, source: &mut Source, mut table: Table, trusted: bool) {
        let before = source.errors.len();
        let id = self.id(source, &mut table);
        let title = table.required(source, "title");
        let message = table.required(source, "message");
        let slug = table.required(source, "rule");
        let category = one_of(source, &mut table, "category", &CATEGORIES);
        if let (Some(slug), false) = (&slug, trusted) {
            self.kind(source, slug, category);
        }
        let severity = one_of(
            source,
            &mut table,
            "severity",
            &Severity::ALL.map(Severity::as_str),
        )
        .and_then(|word| Severity::ALL.into_iter().find(|one| one.as_str() == word));
        let patterns = patterns(source, &mut table, trusted);
        let entropy = entropy(source, &mut table, &patterns);
        let allow = self.allow(source, &mut table, trusted);
        let scope = match one_of_optional(source, &mut table, "scope", &["added", "file"]) {
            Some("file") => Scope::File,
            _ => Scope::Added,
        };
        let mut any = |source: &mut Source, key| {
            let written = table.texts(source, key);
            any_of(source, &written, trusted)
        };
        let [not_pattern, not_above, requires, unless] =
            ["not_pattern", "not_above", "requires", "unless"].map(|key| any(source, key));
        let rule = Rule {
            id: id.map_or_else(String::new, |id| id.text),
            title: title.map_or_else(String::new, |title| title.text),
            message: message.map_or_else(String::new, |message| message.text),
            rule: slug.map_or_else(String::new, |slug| slug.text),
            category: category.unwrap_or_default().to_owned(),
            severity: severity.unwrap_or(Severity::Note),
            confidence: table.number(source, "confidence", 0.0..1.0).unwrap_or(0.9),
            languages: languages(source, &mut table),
            paths: globs(source, &mut table, "paths"),
            exclude_paths: globs(source, &mut table, "exclude_paths"),
            patterns,
            not_pattern,
            not_above,
            requires,
            unless,
            allow,
            entropy,
            scope,
            multiline: table.flag(source, "multiline", false),
            in_comments: table.flag(source, "in_comments", false),
            in_strings: table.flag(source, "in_strings", false),
            skip_tests: table.flag(source, "skip_tests", false),
            yaml_keys: plain(table.texts(source, "yaml_keys")),
            suggestion: table.text(source, "suggestion").map(|text| text.text),
            examples: examples(source, &mut table),
            origin: (source.name.to_owned(), source.place(table.at)),
        };
        table.finish(source);
        if source.errors.len() == before {
            self.rules.push(Arc::new(rule));
        }
    }

    /// A rule names a slug of the taxonomy, and its category.
    fn kind(&self, source: &mut Source, slug: &Written, category: Option<&str>) {
        let message = match (self.kinds.get(slug.text.as_str()), category) {
            // Said already.
            _ if slug.text.trim().is_empty() => return,
            (Some(known), Some(category)) if *known != category => {
                format!(
                    "`{}` is of the category `{known}`, not `{category}`",
                    slug.text
                )
            }
            (Some(_), _) => return,
            (None, _) => {
                let unknown = unknown("slug", &slug.text, self.kinds.keys().copied());
                format!("{unknown} (docs/taxonomy.md lists them and says how to add one)")
            }
        };
        source.error(slug.span.start, message);
    }

    fn id(&mut self, source: &mut Source, table: &mut Table) -> Option<Written> {
        let id = table.required(source, "id")?;
        let kebab = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if !id.text.chars().all(|letter| kebab(letter) || letter == '-') {
            let message = format!("`{}` is no id: lower-case letters, digits and `-`", id.text);
            source.error(id.span.start, message);
        } else if !self.ids.insert(id.text.clone()) {
            let message = format!("a rule `{}` is there already; choose another id", id.text);
            source.error(id.span.start, message);
        }
        Some(id)
    }

    fn allow(&self, source: &mut Source, table: &mut Table, trusted: bool) -> Vec<Arc<AnyOf>> {
        let (names, own): (Vec<_>, Vec<_>) = table
            .texts(source, "allow")
            .into_iter()
            .partition(|written| written.text.starts_with('@'));
        let mut allow = vec![Arc::new(any_of(source, &own, trusted))];
        for name in names {
            if let Some(list) = self.lists.get(&name.text[1..]) {
                allow.push(Arc::clone(list));
            } else {
                let known = self.lists.keys().map(String::as_str);
                let message = unknown("list", &name.text[1..], known);
                source.error(name.span.start, message);
            }
        }
        allow
    }
}

fn any_of(source: &mut Source, written: &[Written], trusted: bool) -> AnyOf {
    AnyOf::new(checked(source, written, trusted))
}

/// Those of the expressions that can be compiled.
fn checked<'w>(source: &mut Source, written: &'w [Written], trusted: bool) -> Vec<&'w str> {
    written
        .iter()
        .filter(|one| trusted || source.check_regex(one))
        .map(|one| one.text.as_str())
        .collect()
}

fn patterns(source: &mut Source, table: &mut Table, trusted: bool) -> Vec<Pattern> {
    let mut written = table.texts(source, "pattern");
    written.extend(table.texts(source, "patterns"));
    if written.is_empty() {
        // Reads as "has no `pattern`"; one that is there and empty is no better.
        table.required(source, "pattern");
    }
    checked(source, &written, trusted)
        .into_iter()
        .map(Pattern::new)
        .collect()
}

fn entropy(source: &mut Source, table: &mut Table, patterns: &[Pattern]) -> Option<Entropy> {
    let mut table = table.table(source, "entropy", "`entropy`")?;
    let group = table.required(source, "group");
    let least = table.number(source, "min", 0.0..8.0);
    table.finish(source);
    let (group, min) = (group?, least?);
    let has_group = |pattern: &Pattern| pattern.text().contains(&format!("<{}>", group.text));
    if !patterns.iter().all(has_group) {
        let message = format!("not every pattern has a group `(?<{}>…)`", group.text);
        source.error(group.span.start, message);
    }
    Some(Entropy {
        group: group.text,
        min,
    })
}

fn languages(source: &mut Source, table: &mut Table) -> Vec<Language> {
    let mut languages = Vec::new();
    for written in table.texts(source, "languages") {
        if let Some(language) = Language::named(&written.text) {
            languages.push(language);
        } else {
            let message = unknown("language", &written.text, Language::names());
            source.error(written.span.start, message);
        }
    }
    languages
}

fn globs(source: &mut Source, table: &mut Table, key: &'static str) -> Globs {
    let written = table.texts(source, key);
    for glob in &written {
        if let Err(why) = check_glob(&glob.text) {
            source.error(glob.span.start, format!("not a glob: {why}"));
        }
    }
    Globs::new(plain(written))
}

fn examples(source: &mut Source, table: &mut Table) -> Examples {
    let Some(mut table) = table.table(source, "examples", "`examples`") else {
        return Examples::default();
    };
    let whole = |written: Vec<Written>| -> Vec<String> {
        plain(written)
            .into_iter()
            .map(|text| text.replace(BREAK, ""))
            .collect()
    };
    let examples = Examples {
        path: table.text(source, "path").map(|path| path.text),
        bad: whole(table.texts(source, "bad")),
        good: whole(table.texts(source, "good")),
    };
    table.finish(source);
    examples
}

/// A key that must hold one of these words.
fn one_of(
    source: &mut Source,
    table: &mut Table,
    key: &'static str,
    words: &[&'static str],
) -> Option<&'static str> {
    let written = table.required(source, key)?;
    known_word(source, &written, key, words)
}

/// A key that holds one of these words where it is there.
fn one_of_optional(
    source: &mut Source,
    table: &mut Table,
    key: &'static str,
    words: &[&'static str],
) -> Option<&'static str> {
    let written = table.text(source, key)?;
    known_word(source, &written, key, words)
}

fn known_word(
    source: &mut Source,
    written: &Written,
    key: &str,
    words: &[&'static str],
) -> Option<&'static str> {
    let found = words.iter().find(|word| **word == written.text).copied();
    if found.is_none() {
        source.error(
            written.span.start,
            unknown(key, &written.text, words.iter().copied()),
        );
    }
    found
}

fn plain(written: Vec<Written>) -> Vec<String> {
    written.into_iter().map(|one| one.text).collect()
}
