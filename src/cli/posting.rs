//! A finished review on its way to the pull request, or to where it can be read instead.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::args::Post;
use super::diff::Told;
use super::exit::Exit;
use super::runtime::Runtime;
use super::screen::Screen;
use crate::findings::Finding;
use crate::forge::github::{self, Api, PullRequest, Runner};
use crate::forge::{self, Ended, Failure, Review, Words};
use crate::gate::Outcome;
use crate::report::markdown;

/// Bytes of a step's summary; GitHub refuses a longer one.
const MAX_SUMMARY: u64 = 1 << 20;

/// What is posted, and how.
pub(super) struct Posting<'p> {
    pub(super) api: &'p Api,
    pub(super) runner: &'p Runner,
    pub(super) pull: &'p PullRequest,
    pub(super) told: &'p Told,
    pub(super) screen: &'p Screen,
}

impl Posting<'_> {
    /// Posts it, and says what came of it; the exit code where that is no success.
    pub(super) fn post(&self, runtime: &Runtime, post: Post) -> Option<Exit> {
        if self.told.interrupted.is_some() {
            self.screen.note("note", "interrupted: nothing is posted");
            return None;
        }
        let words = Telling {
            outcome: &self.told.outcome,
            source_url: self.source_url(),
        };
        let review = Review {
            outcome: &self.told.outcome,
            words: &words,
            post: post.into(),
            number: self.pull.number,
            commit: &self.pull.head,
            run_url: self.runner.run_url(),
        };
        let ended = match runtime.unless_signal(github::post(self.api, &review)) {
            Ok(ended) => ended,
            Err(signal) => {
                let why = "interrupted: the review may be posted in part";
                self.screen.note("warning", why);
                return Some(signal);
            }
        };
        tell_end(ended, self.screen, || self.summarize(&words))
    }

    /// Where the files can be read as they were reviewed.
    fn source_url(&self) -> String {
        format!("{}/blob/{}", self.api.repository().url(), self.pull.head)
    }

    /// Writes the whole report to the step's summary; what came of it.
    fn summarize(&self, words: &Telling<'_>) -> String {
        let Some(path) = &self.runner.step_summary else {
            return "the reports have it".to_owned();
        };
        match append(path, words) {
            Ok(()) => "the step's summary has it instead".to_owned(),
            Err(error) => format!("nor can the step's summary be written: {error}"),
        }
    }
}

/// Says how a posting ended; the exit code where that is no success. `instead` puts the review
/// where it can be read otherwise, and says where.
pub(super) fn tell_end(
    ended: Result<Ended, Failure>,
    screen: &Screen,
    instead: impl FnOnce() -> String,
) -> Option<Exit> {
    match ended {
        Ok(Ended::Posted { url, notes }) => {
            for note in notes {
                screen.note("warning", &note);
            }
            screen.note("note", &format!("posted: {url}"));
            None
        }
        Ok(Ended::Nothing(why)) => {
            screen.note("note", &format!("nothing is posted: {why}"));
            None
        }
        Ok(Ended::NotAllowed(why)) => {
            let said = format!("the review is not posted: {why}; {}", instead());
            screen.note("warning", &said);
            None
        }
        Err(failure) => {
            let said = format!("the review is not posted, or not all of it: {failure}");
            Screen::error(&said);
            Some(Exit::Failed)
        }
    }
}

impl From<Post> for forge::Post {
    fn from(post: Post) -> Self {
        match post {
            Post::Review => Self::Review,
            Post::Summary => Self::Summary,
            Post::None => Self::None,
        }
    }
}

/// The summary is the step's own file, to which each of its commands adds.
fn append(path: &Path, words: &Telling<'_>) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    let left = MAX_SUMMARY.saturating_sub(file.metadata()?.len());
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let page = words.page(&[], &BTreeSet::new(), left.saturating_sub(2));
    if page.len() + 2 > left {
        return Err(io::Error::other("it is full"));
    }
    file.write_all(format!("\n{page}\n").as_bytes())
}

/// The words of the Markdown report.
pub(super) struct Telling<'t> {
    pub(super) outcome: &'t Outcome,
    pub(super) source_url: String,
}

impl Words for Telling<'_> {
    fn page(&self, lead: &[String], elsewhere: &BTreeSet<String>, most: usize) -> String {
        let options = markdown::Options {
            source_url: Some(self.source_url.clone()),
            max_bytes: most,
            lead: lead.to_vec(),
            elsewhere: elsewhere.clone(),
        };
        let mut page = Vec::new();
        // Memory does not refuse to be written to.
        let _ = markdown::write(self.outcome, &options, &mut page);
        String::from_utf8(page).unwrap_or_default()
    }

    fn comment(&self, finding: &Finding) -> String {
        markdown::comment(finding)
    }
}
