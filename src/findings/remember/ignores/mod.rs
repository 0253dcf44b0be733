//! `llmux:ignore[rule] reason`: what people write into the code to be left alone.

use std::sync::Arc;

use serde::Serialize;

use crate::change::{FileChange, Kind, RepoPath};

use super::super::taxonomy::CATEGORIES;
use super::super::{Finding, Location, Memory, Scope, Taxonomy, anchor};
use super::fate::Witness;

mod comments;
mod table;

use comments::{Comments, Piece};

/// What a mark begins with.
const MARK: &str = "llmux:ignore";
/// Lines of a finding within which an ignore may stand; of a longer one the first line counts.
const MAX_LINES: u32 = 10;
/// Lines of comment between a mark and the line that it is about.
const MAX_BELOW: u32 = 20;
/// Marks of a file that are read: a hostile file must not cost the square of its length.
const MAX_MARKS: usize = 200;
/// Likeness of a name to a known one that is worth a hint.
const NEAR: f64 = 0.7;

/// A mark in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// Its file.
    pub path: RepoPath,
    /// Its line, from 1.
    pub line: u32,
    /// The line that it is about: its own, or the one below the comment.
    pub target: u32,
    /// Rules and categories that it names and that there are.
    pub names: Vec<String>,
    /// Why.
    pub reason: String,
    /// What is wrong with it, one sentence.
    pub problem: Option<String>,
    /// Whether the change under review adds it.
    pub is_added: bool,
    /// What came of it in this run.
    pub state: IgnoreState,
}

/// What came of an ignore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreState {
    /// It takes a finding out.
    Used,
    /// Nothing was found that it could take out.
    Unused,
    /// Nothing was found so far, and not everybody answered.
    Unknown,
    /// It would take a finding out, and `suppress.allow_new` forbids that to the change.
    Refused,
    /// It is not written so that it could.
    Malformed,
}

impl Ignore {
    /// Whether it may take findings out.
    pub(super) fn counts(&self, allow_new: bool) -> bool {
        self.state != IgnoreState::Malformed && (allow_new || !self.is_added)
    }

    /// Whether it is about that finding.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        if self.state == IgnoreState::Malformed || finding.location.path != self.path {
            return false;
        }
        let stands_at = |place: &Location| {
            let is_short = place.end_line - place.start_line < MAX_LINES;
            let last = if is_short {
                place.end_line
            } else {
                place.start_line
            };
            (place.start_line..=last).contains(&self.target)
        };
        // One of several voters may have quoted another line of the statement.
        let mut places = finding.claims.iter().map(|claim| &claim.location);
        self.names.iter().any(|name| is_called(finding, name))
            && (stands_at(&finding.location) || places.any(stands_at))
    }

    /// One sentence for people, where there is something to say.
    pub fn notice(&self) -> Option<String> {
        let place = format!("{}:{}", self.path, self.line);
        match (self.state, &self.problem) {
            (IgnoreState::Malformed, Some(problem)) => Some(format!(
                "{place}: this llmux:ignore takes nothing out: {problem}"
            )),
            (_, Some(problem)) => Some(format!("{place}: llmux:ignore: {problem}")),
            (IgnoreState::Unused, None) => Some(format!(
                "{place}: llmux:ignore[{}] takes nothing out; remove it if the code is right now",
                self.names.join(", ")
            )),
            (IgnoreState::Refused, None) => Some(format!(
                "{place}: llmux:ignore[{}] takes nothing out: the change adds it itself, and \
                 suppress.allow_new is false",
                self.names.join(", ")
            )),
            (IgnoreState::Used | IgnoreState::Unknown | IgnoreState::Malformed, None) => None,
        }
    }
}

/// Whether the finding, or at least half of its voters, call it so.
fn is_called(finding: &Finding, name: &str) -> bool {
    let own = |rule: &str, category: &str| rule == name || category == name;
    if own(&finding.rule, &finding.category) {
        return true;
    }
    let mut callers: Vec<&str> = finding
        .claims
        .iter()
        .filter(|claim| own(&claim.rule, &claim.category))
        .map(|claim| claim.backend.as_str())
        .collect();
    callers.sort_unstable();
    callers.dedup();
    !callers.is_empty() && 2 * callers.len() >= finding.vote.voters.len()
}

/// Every ignore of the files, by path and line.
pub(super) fn all(files: &[Arc<FileChange>], taxonomy: &Taxonomy) -> Vec<Ignore> {
    files
        .iter()
        .filter(|file| file.kind != Kind::Deleted)
        .flat_map(|file| of_file(file, taxonomy))
        .collect()
}

/// Those that the change touches or that take something out, with what came of them.
pub(super) fn of_change(
    memory: &Memory,
    findings: &[Finding],
    files: &[Arc<FileChange>],
    scope: Scope,
    witness: &dyn Fn(&RepoPath) -> Witness,
) -> Vec<Ignore> {
    let is_reviewed = |ignore: &Ignore| {
        let (first, last) = (
            ignore.line.min(ignore.target),
            ignore.line.max(ignore.target),
        );
        let mut own = files.iter().filter(|file| file.path == ignore.path);
        scope == Scope::Files || own.any(|file| anchor::touches(file, first, last))
    };
    let mut ignores = all(files, &memory.taxonomy);
    for ignore in &mut ignores {
        if ignore.state == IgnoreState::Malformed {
            continue;
        }
        let is_met = findings.iter().any(|finding| ignore.covers(finding));
        ignore.state = match () {
            () if is_met && ignore.counts(memory.allow_new) => IgnoreState::Used,
            () if is_met => IgnoreState::Refused,
            () => {
                let seen = witness(&ignore.path);
                if seen.covered && seen.silent.is_empty() {
                    IgnoreState::Unused
                } else {
                    IgnoreState::Unknown
                }
            }
        };
    }
    let matters = |ignore: &Ignore| {
        matches!(ignore.state, IgnoreState::Used | IgnoreState::Refused) || is_reviewed(ignore)
    };
    ignores.retain(matters);
    ignores
}

fn of_file(file: &FileChange, taxonomy: &Taxonomy) -> Vec<Ignore> {
    let mut ignores = Vec::new();
    for fragment in file.new.fragments() {
        let mut marks = fragment.text.match_indices(MARK).peekable();
        if marks.peek().is_none() {
            continue;
        }
        let comments = Comments::new(file, fragment);
        for (at, _) in marks.take(MAX_MARKS) {
            let Some(piece) = comments.piece(at) else {
                continue;
            };
            let (line, _) = fragment.line_at(at);
            let Some((names, reason, problem)) = read(piece, taxonomy) else {
                continue;
            };
            let mut below = line + 1..=line + MAX_BELOW;
            let below = below.find(|below| !comments.is_comment_line(*below));
            let state = if names.is_empty() || reason.is_empty() {
                IgnoreState::Malformed
            } else {
                IgnoreState::Unknown
            };
            ignores.push(Ignore {
                path: file.path.clone(),
                line,
                target: if piece.is_alone {
                    below.unwrap_or(line)
                } else {
                    line
                },
                names,
                reason,
                problem,
                is_added: file.added_lines().any(|added| added == line),
                state,
            });
        }
    }
    ignores
}

/// Names, reason and what is wrong; none where the words are no mark but prose about marks.
fn read(piece: Piece<'_>, taxonomy: &Taxonomy) -> Option<(Vec<String>, String, Option<String>)> {
    let rest = &piece.text[MARK.len()..];
    let Some(list) = rest.strip_prefix('[') else {
        let bare = "name the rules or categories that it is about, as in \
                    llmux:ignore[sql-injection] reason";
        let is_word = rest.starts_with(|ch: char| ch.is_alphanumeric() || ch == '-' || ch == '_');
        return (piece.is_start && !is_word)
            .then(|| (Vec::new(), String::new(), Some(bare.to_owned())));
    };
    let Some((list, reason)) = list.split_once(']') else {
        let open = "the list of rules has no `]`".to_owned();
        return Some((Vec::new(), String::new(), Some(open)));
    };
    let (mut names, mut problems) = (Vec::new(), Vec::new());
    for name in list.split(',').map(str::trim) {
        match known(name, taxonomy) {
            Ok(name) => names.push(name),
            Err(problem) => problems.push(problem),
        }
    }
    let reason = reason.trim_start_matches([':', '-', '\u{2013}', '\u{2014}', ' ', '\t']);
    let reason = reason.trim();
    let says = reason.chars().any(char::is_alphanumeric);
    if !says {
        problems.push("it needs a reason behind the `]`".to_owned());
    }
    let reason = if says {
        reason.to_owned()
    } else {
        String::new()
    };
    let problem = (!problems.is_empty()).then(|| problems.join("; "));
    Some((names, reason, problem))
}

/// The rule or category of that name.
fn known(name: &str, taxonomy: &Taxonomy) -> Result<String, String> {
    let lower = name.to_ascii_lowercase();
    let slugs = taxonomy.rules().iter().map(|rule| rule.slug.as_str());
    let mut all: Vec<&str> = CATEGORIES.into_iter().chain(slugs).collect();
    all.sort_unstable();
    if all.contains(&lower.as_str()) {
        return Ok(lower);
    }
    if name.is_empty() || name == "*" {
        return Err(format!(
            "`[{name}]` would hide whatever there is: name rules or categories"
        ));
    }
    let likeness = |known: &&str| strsim::jaro_winkler(known, &lower);
    let nearest = all
        .into_iter()
        .max_by(|one, two| likeness(one).total_cmp(&likeness(two)).then(two.cmp(one)))
        .filter(|known| likeness(known) >= NEAR);
    let hint = nearest.map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
    Err(format!("there is no rule or category `{name}`{hint}"))
}
