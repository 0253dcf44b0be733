//! Rules over files: which lines are hit.

use std::sync::{Arc, OnceLock};

use regex::RegexSet;

use super::language::Language;
use super::pattern;
use super::rule::{Rule, Scope};
use super::view::View;
use crate::change::{FileChange, Kind, RepoPath};

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
pub(super) struct Matcher {
    /// Over single lines.
    pub(super) set: RegexSet,
    /// Index of the rule and of its pattern, for each expression of `set`.
    pub(super) owners: Vec<(usize, usize)>,
    /// Rules whose patterns may span lines.
    multiline: Vec<usize>,
    /// Whether a rule wants unchanged lines too.
    pub(super) whole_file: bool,
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
