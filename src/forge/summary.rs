//! Texts that every forge gets alike: the summary, and that of a comment which is over.

use std::collections::BTreeSet;

use super::MAX_BODY;
use super::marker::Mark;
use super::posting::{Words, shortened};
use super::since::{Fate, Since};
use crate::gate::Outcome;

/// What the one summary of a pull request says.
pub(super) struct Summary<'s> {
    pub(super) outcome: &'s Outcome,
    pub(super) words: &'s dyn Words,
    /// The commit that was reviewed, hexadecimal.
    pub(super) commit: &'s str,
    /// The pull request's tip by now, hexadecimal.
    pub(super) head: &'s str,
    pub(super) since: &'s Since,
    /// Fingerprints of findings that got a comment on their lines just now.
    pub(super) posted: &'s BTreeSet<String>,
    /// How many comments on lines were not taken, and why the last one was not.
    pub(super) refused: usize,
    pub(super) refusal: Option<&'s str>,
    /// What the forge calls a pull request, and a run of CI.
    pub(super) names: [&'static str; 2],
    /// The page that has the rest.
    pub(super) run_url: Option<&'s str>,
}

impl Summary<'_> {
    /// The comment's text, with the hidden mark that the next run reads.
    pub(super) fn text(&self) -> String {
        let [request, run] = self.names;
        let mut lead: Vec<String> = self.since.sentence().into_iter().collect();
        if self.head != self.commit {
            lead.push(format!(
                "Reviewed is `{}`; the {request} has gone on to `{}`",
                short(self.commit),
                short(self.head)
            ));
        }
        if self.refused > 0 {
            lead.push(format!(
                "{} of the comments on lines could not be posted there and stand below: {}",
                self.refused,
                self.refusal.unwrap_or_default()
            ));
        }
        let run = self.run_url.map_or_else(String::new, |url| {
            format!(" · [the {run}]({url}) has everything")
        });
        let end = format!(
            "\n_Reviewed: `{}`{run}_\n\n{}\n",
            short(self.commit),
            self.since.state(self.outcome, self.commit).line()
        );
        let elsewhere = self.posted.union(&self.since.told).cloned().collect();
        let room = MAX_BODY - end.len();
        let page = self.words.page(&lead, &elsewhere, room);
        format!("{page}{end}")
    }
}

/// The text of a comment on a finding that is over, made of what it said.
pub(super) fn over_text(
    said: &str,
    mark: &Mark,
    fate: Fate,
    commit: &str,
    run_url: Option<&str>,
) -> String {
    let word = match fate {
        Fate::Withdrawn => "No longer confirmed",
        Fate::Fixed | Fate::NotSeen => "Fixed",
    };
    let end = Mark {
        over: true,
        ..mark.clone()
    };
    let end = format!("\n\n{}\n", end.line());
    let said = said.trim_end().strip_suffix(&mark.line());
    let said = said.unwrap_or_default().trim_end();
    let text = format!("**{word}** as of `{}`.\n\n{said}", short(commit));
    format!("{}{end}", shortened(&text, MAX_BODY - end.len(), run_url))
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
