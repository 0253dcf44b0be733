//! Rules over files: which lines are hit.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::{Captures, RegexSet};

use super::entropy::shannon;
use super::language::Language;
use super::lexer::{Class, Classes};
use super::pattern;
use super::region::{is_test_path, rust_test_modules, yaml_key};
use super::rule::{Rule, Scope};
use crate::change::{FileChange, Fragment, Kind, RepoPath};

/// Name of the group that `allow` looks at, where a pattern has it.
const SECRET: &str = "secret";
/// Matches of one pattern that are looked at in one text: rejected ones must not
/// make a hostile line cost the square of its length.
const MATCHES: usize = 1000;

/// Lines above a hit that `not_above` looks at.
const ABOVE: u32 = 12;

/// A place that a rule hit.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The file.
    pub path: RepoPath,
    /// First line, from 1.
    pub line: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// The lines' text, exactly, without the last line end.
    pub quote: String,
    /// What the lines should be instead, where the rule knows.
    pub suggestion: Option<String>,
}

/// The rules of one language, compiled into one search.
#[derive(Debug)]
struct Matcher {
    /// Over single lines.
    set: RegexSet,
    /// Index of the rule and of its pattern, for each expression of `set`.
    owners: Vec<(usize, usize)>,
    /// Rules whose patterns may span lines.
    multiline: Vec<usize>,
    /// Whether a rule wants unchanged lines too.
    whole_file: bool,
}

impl Matcher {
    fn new(rules: &[Arc<Rule>], language: Option<Language>) -> Self {
        let mut texts = Vec::new();
        let mut owners = Vec::new();
        let mut multiline = Vec::new();
        let mut whole_file = false;
        for (index, rule) in rules.iter().enumerate() {
            let fits = |wanted: &Language| Some(*wanted) == language;
            if !rule.languages.is_empty() && !rule.languages.iter().any(fits) {
                continue;
            }
            if rule.multiline {
                multiline.push(index);
                continue;
            }
            whole_file |= rule.scope == Scope::File;
            for (which, pattern) in rule.patterns.iter().enumerate() {
                texts.push(pattern.text().to_owned());
                owners.push((index, which));
            }
        }
        Self {
            set: pattern::set(&texts),
            owners,
            multiline,
            whole_file,
        }
    }
}

/// All rules, and the searches made of them so far.
#[derive(Debug)]
pub(super) struct Scanner {
    pub(super) rules: Vec<Arc<Rule>>,
    /// By language; the last is for files of none.
    matchers: Vec<OnceLock<Matcher>>,
}

impl Scanner {
    pub(super) fn new(rules: Vec<Arc<Rule>>) -> Self {
        Self {
            rules,
            matchers: std::iter::repeat_with(OnceLock::new)
                .take(Language::COUNT + 1)
                .collect(),
        }
    }

    /// The hits of one file in order of lines, at most one for each line and
    /// taxonomy slug: the worst, and of equal ones the rule that was read first.
    pub(super) fn scan(&self, file: &FileChange) -> Vec<Hit> {
        if file.kind == Kind::Deleted {
            return Vec::new();
        }
        let language = Language::of(file);
        let slot = language.map_or(Language::COUNT, |language| language as usize);
        let matcher = self.matchers[slot].get_or_init(|| Matcher::new(&self.rules, language));
        let mut view = View::new(&self.rules, file, language);
        let mut hits = Vec::new();
        for fragment in file.new.fragments() {
            view.enter(fragment);
            view.lines(matcher, &mut hits);
            for index in &matcher.multiline {
                view.spans(*index, &mut hits);
            }
        }
        one_for_each_line(hits)
    }
}

fn one_for_each_line(mut hits: Vec<(usize, Hit)>) -> Vec<Hit> {
    hits.sort_by(|(left_order, left), (right_order, right)| {
        let key = |hit: &Hit| (hit.line, hit.rule.rule.clone());
        key(left)
            .cmp(&key(right))
            .then(right.rule.severity.cmp(&left.rule.severity))
            .then(left_order.cmp(right_order))
            .then(left.end_line.cmp(&right.end_line))
    });
    hits.dedup_by(|(_, later), (_, kept)| {
        (later.line, &later.rule.rule) == (kept.line, &kept.rule.rule)
    });
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// One file while it is scanned; what is dear is found out once, when it is asked for.
struct View<'f> {
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
    fn new(rules: &'f [Arc<Rule>], file: &'f FileChange, language: Option<Language>) -> Self {
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

    fn enter(&mut self, fragment: &'f Fragment) {
        self.fragment = Some(fragment);
        self.classes = None;
        self.test_modules = None;
    }

    /// Single lines.
    fn lines(&mut self, matcher: &Matcher, hits: &mut Vec<(usize, Hit)>) {
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
    fn spans(&mut self, index: usize, hits: &mut Vec<(usize, Hit)>) {
        let Some(fragment) = self.fragment else {
            return;
        };
        if !self.admits(index) {
            return;
        }
        let rule = &self.rules[index];
        for pattern in &rule.patterns {
            for captures in pattern.regex().captures_iter(&fragment.text) {
                let range = captures.get_match().range();
                let (first, _) = fragment.line_at(range.start);
                let (last, _) = fragment.line_at(range.end.max(range.start + 1) - 1);
                let touched = (first..=last).any(|number| self.is_added(number));
                if !touched && rule.scope == Scope::Added {
                    continue;
                }
                if let Some(hit) = self.hit(index, &captures, 0, first..last + 1) {
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
        if rule.not_pattern.is_match(quote)
            || rule.allow.iter().any(|allow| allow.is_match(secret))
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
