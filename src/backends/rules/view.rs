//! One file while rules look at it, and the conditions under which a match is a hit.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use regex::Captures;

use super::entropy::shannon;
use super::language::Language;
use super::lexer::{Class, Classes};
use super::region::{is_test_path, rust_test_modules, yaml_key};
use super::rule::{Rule, Scope};
use super::scan::{Hit, Matcher};
use crate::change::{FileChange, Fragment};

/// Name of the group that `allow` looks at, where a pattern has it.
const SECRET: &str = "secret";
/// Matches of one pattern that are looked at in one text: rejected ones must not
/// make a hostile line cost the square of its length.
const MATCHES: usize = 1000;

/// Lines above a hit that `not_above` looks at.
const ABOVE: u32 = 12;

/// One file while it is scanned; what is dear is found out once, when it is asked for.
pub(super) struct View<'f> {
    rules: &'f [Arc<Rule>],
    file: &'f FileChange,
    language: Option<Language>,
    path: String,
    added: Vec<u32>,
    is_test: bool,
    /// By rule: whether path and file-level conditions let it in.
    admitted: BTreeMap<usize, bool>,
    fragment: Option<&'f Fragment>,
    classes: Option<Classes>,
    test_modules: Option<Vec<(u32, u32)>>,
}

impl<'f> View<'f> {
    pub(super) fn new(
        rules: &'f [Arc<Rule>],
        file: &'f FileChange,
        language: Option<Language>,
    ) -> Self {
        let mut added: Vec<_> = file.added_lines().collect();
        added.sort_unstable();
        Self {
            rules,
            file,
            language,
            path: file.path.to_string(),
            added,
            is_test: is_test_path(&file.path),
            admitted: BTreeMap::new(),
            fragment: None,
            classes: None,
            test_modules: None,
        }
    }

    pub(super) fn enter(&mut self, fragment: &'f Fragment) {
        self.fragment = Some(fragment);
        self.classes = None;
        self.test_modules = None;
    }

    /// Single lines.
    pub(super) fn lines(&mut self, matcher: &Matcher, hits: &mut Vec<(usize, Hit)>) {
        let Some(fragment) = self.fragment else {
            return;
        };
        let mut start = 0;
        for (number, whole) in (fragment.first_line..).zip(fragment.text.split_inclusive('\n')) {
            let at = start;
            start += whole.len();
            let is_added = self.is_added(number);
            if !is_added && !matcher.whole_file {
                continue;
            }
            let line = without_end(whole);
            // Most lines hit nothing: this asks only whether, and allocates nothing.
            if !matcher.set.is_match(line) {
                continue;
            }
            let mut last = None;
            for found in &matcher.set.matches(line) {
                let (index, which) = matcher.owners[found];
                let wanted = is_added || self.rules[index].scope == Scope::File;
                // A rule with several patterns hits a line once.
                if !wanted || last == Some(index) || !self.admits(index) {
                    continue;
                }
                if self.rules[index].not_pattern.is_match(line) {
                    continue;
                }
                let regex = self.rules[index].patterns[which].regex();
                for captures in regex.captures_iter(line).take(MATCHES) {
                    let Some(hit) = self.hit(index, &captures, at, number..number + 1) else {
                        continue;
                    };
                    hits.push((index, hit));
                    last = Some(index);
                    break;
                }
            }
        }
    }

    /// Patterns that may span lines, over the whole fragment.
    pub(super) fn spans(&mut self, index: usize, hits: &mut Vec<(usize, Hit)>) {
        let Some(fragment) = self.fragment else {
            return;
        };
        if !self.admits(index) {
            return;
        }
        let rule = &self.rules[index];
        // One long line with many matches must be looked through once.
        let mut excepted: Option<(Range<u32>, bool)> = None;
        for pattern in &rule.patterns {
            for captures in pattern.regex().captures_iter(&fragment.text) {
                let range = captures.get_match().range();
                let (first, _) = fragment.line_at(range.start);
                let (last, _) = fragment.line_at(range.end.max(range.start + 1) - 1);
                let touched = (first..=last).any(|number| self.is_added(number));
                if !touched && rule.scope == Scope::Added {
                    continue;
                }
                let lines = first..last + 1;
                let is_excepted = match &excepted {
                    Some((known, is)) if *known == lines => *is,
                    _ => quote(fragment, &lines)
                        .is_some_and(|quote| rule.not_pattern.is_match(quote)),
                };
                excepted = Some((lines.clone(), is_excepted));
                if is_excepted {
                    continue;
                }
                if let Some(hit) = self.hit(index, &captures, 0, lines) {
                    hits.push((index, hit));
                }
            }
        }
    }

    fn is_added(&self, number: u32) -> bool {
        self.added.binary_search(&number).is_ok()
    }

    /// Path, test and file-level conditions of a rule.
    fn admits(&mut self, index: usize) -> bool {
        if let Some(known) = self.admitted.get(&index) {
            return *known;
        }
        let rule = &self.rules[index];
        let texts = || self.file.new.fragments().iter().map(|part| &*part.text);
        let admitted = rule.is_for_path(&self.path)
            && !(rule.skip_tests && self.is_test)
            && (rule.requires.is_empty() || texts().any(|text| rule.requires.is_match(text)))
            && !texts().any(|text| rule.unless.is_match(text));
        self.admitted.insert(index, admitted);
        admitted
    }

    /// The hit of a match in text that begins at `base` of the fragment, unless
    /// one of the rule's exceptions holds.
    fn hit(
        &mut self,
        index: usize,
        captures: &Captures,
        base: usize,
        lines: Range<u32>,
    ) -> Option<Hit> {
        let fragment = self.fragment?;
        let rule = &self.rules[index];
        let quote = quote(fragment, &lines)?;
        let found = captures.get_match();
        let secret = captures.name(SECRET).unwrap_or(found).as_str();
        let measured = |group: &str| captures.name(group).map_or("", |group| group.as_str());
        if rule.allow.iter().any(|allow| allow.is_match(secret))
            || rule
                .entropy
                .as_ref()
                .is_some_and(|entropy| shannon(measured(&entropy.group)) < entropy.min)
        {
            return None;
        }
        // From the first character on: a pattern may take white space with it.
        let blank = found.as_str().len() - found.as_str().trim_start().len();
        if !self.class_fits(rule, base + found.start() + blank)
            || (rule.skip_tests && self.in_test_module(lines.start))
        {
            return None;
        }
        if !rule.not_above.is_empty()
            && lines_above(fragment, lines.start).any(|line| rule.not_above.is_match(line))
        {
            return None;
        }
        if !rule.yaml_keys.is_empty() {
            let key = yaml_key(fragment, lines.start)?;
            if !rule.yaml_keys.iter().any(|wanted| wanted == key) {
                return None;
            }
        }
        Some(Hit {
            rule: Arc::clone(rule),
            path: self.file.path.clone(),
            line: lines.start,
            end_line: lines.end - 1,
            quote: quote.to_owned(),
            suggestion: suggestion(rule, captures, base, fragment, quote),
        })
    }

    fn class_fits(&mut self, rule: &Rule, offset: usize) -> bool {
        if rule.in_comments && rule.in_strings {
            return true;
        }
        let Some(fragment) = self.fragment else {
            return true;
        };
        let classes = self
            .classes
            .get_or_insert_with(|| Classes::of(&fragment.text, self.language));
        match classes.at(offset) {
            Class::Code => true,
            Class::Comment => rule.in_comments,
            Class::String => rule.in_strings,
        }
    }

    fn in_test_module(&mut self, line: u32) -> bool {
        let (Some(Language::Rust), Some(fragment)) = (self.language, self.fragment) else {
            return false;
        };
        self.test_modules
            .get_or_insert_with(|| rust_test_modules(fragment))
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&line))
    }
}

/// The lines directly above, up to the first blank one, at most [`ABOVE`].
fn lines_above(fragment: &Fragment, number: u32) -> impl Iterator<Item = &str> {
    (number.saturating_sub(ABOVE)..number)
        .rev()
        .map_while(|above| fragment.line(above))
        .take_while(|line| !line.trim().is_empty())
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// The lines as they stand in the fragment; the end of `lines` is not included.
fn quote<'f>(fragment: &'f Fragment, lines: &Range<u32>) -> Option<&'f str> {
    let first = offset(fragment, fragment.line(lines.start)?);
    let last = fragment.line(lines.end - 1)?;
    fragment
        .text
        .get(first..offset(fragment, last) + last.len())
}

/// Where a line of the fragment begins in its text.
fn offset(fragment: &Fragment, line: &str) -> usize {
    line.as_ptr().addr() - fragment.text.as_ptr().addr()
}

/// The quoted lines with the match replaced.
fn suggestion(
    rule: &Rule,
    captures: &Captures,
    base: usize,
    fragment: &Fragment,
    quote: &str,
) -> Option<String> {
    let mut new = String::new();
    captures.expand(rule.suggestion.as_ref()?, &mut new);
    let found = captures.get_match();
    let start = base + found.start() - offset(fragment, quote);
    let end = start + found.len();
    Some(format!("{}{new}{}", quote.get(..start)?, quote.get(end..)?))
}
