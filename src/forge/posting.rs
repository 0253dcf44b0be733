//! What is to be said on a pull request, and where: made of an outcome alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::marker::Mark;
use super::place::{Span, span};
use super::suggestion::{self, Suggestion};
use crate::change::{Change, FileChange, RepoPath};
use crate::clean;
use crate::findings::Finding;
use crate::gate::Outcome;

/// Comments of one run on lines: a forge takes some hundred things an hour, and nobody reads
/// more.
pub const MAX_COMMENTS: usize = 300;

/// What is said of a run in words, whoever writes them.
pub trait Words {
    /// The whole report in Markdown, in so many bytes at most, with the sentences of `lead` below
    /// the verdict. Of the findings whose fingerprints are `elsewhere` one line each is enough.
    fn page(&self, lead: &[String], elsewhere: &BTreeSet<String>, most: usize) -> String;

    /// One finding in Markdown, as it stands beside its lines; without its suggestion.
    fn comment(&self, finding: &Finding) -> String;
}

/// A comment on lines of the diff.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment<'o> {
    /// What it is about.
    pub finding: &'o Finding,
    /// The file after the change.
    pub path: RepoPath,
    /// The file before the change; the same where it was not moved, none where it is new.
    pub old_path: Option<RepoPath>,
    /// The lines.
    pub span: Span,
    /// Code in place of the quoted.
    pub suggestion: Option<Suggestion>,
}

/// The confirmed findings that the diff has lines for, in report order; the others are told by
/// the summary alone.
pub fn comments(outcome: &Outcome) -> Vec<Comment<'_>> {
    let change = &outcome.run.change;
    let comments = outcome.confirmed().filter_map(|it| comment(it, change));
    comments.take(MAX_COMMENTS).collect()
}

fn comment<'o>(finding: &'o Finding, change: &Change) -> Option<Comment<'o>> {
    let place = &finding.location;
    let file = file(change, &place.path)?;
    let span = span(file, place.start_line, place.end_line)?;
    let old_path = file.old_mode.map(|_| {
        let old = file.old_path.as_ref();
        old.unwrap_or(&file.path).clone()
    });
    Some(Comment {
        finding,
        path: file.path.clone(),
        old_path,
        span,
        suggestion: suggestion::of(finding, file, Some(span)),
    })
}

/// The changed file of that path.
pub(super) fn file<'c>(change: &'c Change, path: &RepoPath) -> Option<&'c Arc<FileChange>> {
    let index = change.files.binary_search_by(|file| file.path.cmp(path));
    index.ok().map(|index| &change.files[index])
}

impl Comment<'_> {
    /// Its text: words, suggestion, hidden mark. `offer` is what a fence of this forge is named
    /// for code that a click takes over. What is over `most` characters is cut, with `rest`, a
    /// page that holds everything.
    pub fn text(&self, words: &dyn Words, offer: &str, most: usize, rest: Option<&str>) -> String {
        let end = format!("\n\n{}\n", Mark::of(self.finding).line());
        let room = most.saturating_sub(end.len());
        let code = match &self.suggestion {
            Some(Suggestion::Offered(lines)) => format!("\n\n{}", fenced(offer, lines)),
            Some(Suggestion::Shown(code)) => {
                let code = clean::text(code.trim_end());
                format!("\n\nSuggestion:\n\n{}", fenced("", &code))
            }
            None => String::new(),
        };
        // Code that is cut would be other code.
        let code = if code.len() > room / 2 { "" } else { &code };
        let said = words.comment(self.finding);
        let said = shortened(said.trim_end(), room - code.len(), rest);
        format!("{said}{code}{end}")
    }
}

/// The first `most` bytes at most, with a word on where the rest is.
pub(super) fn shortened(text: &str, most: usize, rest: Option<&str>) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let told = match rest {
        Some(url) => format!("…\n\n_Cut here; [the run]({url}) has the rest._"),
        None => "…\n\n_Cut here; the reports have the rest._".to_owned(),
    };
    let end = most.saturating_sub(told.len());
    let end = (0..=end).rev().find(|at| text.is_char_boundary(*at));
    format!("{}{told}", &text[..end.unwrap_or(0)])
}

/// Lines of code; the fence is longer than any run of backticks in them.
fn fenced(name: &str, code: &str) -> String {
    let fence = clean::fence(code, 3);
    let end = if code.is_empty() { "" } else { "\n" };
    format!("{fence}{name}\n{code}{end}{fence}")
}
