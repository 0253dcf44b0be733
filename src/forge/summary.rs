//! Texts that every forge gets alike: the summary, and that of a comment which is over.

use std::collections::BTreeSet;

use super::client::Failure;
use super::marker::Mark;
use super::posting::{Words, shortened};
use super::since::{Fate, Since};
use super::{MAX_BODY, Post};
use crate::gate::Outcome;

/// Comments that are refused alone, with none taken, before the others are not tried any more:
/// it is not about them then.
pub(super) const REFUSALS: usize = 5;

/// A finished review, and how it is to be told.
pub struct Review<'o> {
    /// What was found.
    pub outcome: &'o Outcome,
    /// How it is put.
    pub words: &'o dyn Words,
    /// How much of it.
    pub post: Post,
    /// The pull request.
    pub number: u64,
    /// The commit that was reviewed, hexadecimal.
    pub commit: &'o str,
    /// The page of the run that has the rest.
    pub run_url: Option<String>,
}

/// What became of comments on lines.
#[derive(Default)]
pub(super) struct Said {
    /// Fingerprints of those that stand there.
    pub(super) posted: BTreeSet<String>,
    /// How many the forge did not take.
    pub(super) refused: usize,
    /// Why the last one of these was not.
    pub(super) refusal: Option<String>,
    /// What ended it early.
    pub(super) failure: Option<Failure>,
}

impl Review<'_> {
    /// The one summary's text, with the hidden mark that the next run reads. `moved` is the pull
    /// request's tip where that is another by now; `names` are what the forge calls a pull
    /// request, and a run of CI.
    pub(super) fn summary(
        &self,
        since: &Since,
        said: &Said,
        moved: Option<&str>,
        [request, run]: [&str; 2],
    ) -> String {
        let mut lead: Vec<String> = since.sentence().into_iter().collect();
        if let Some(head) = moved {
            lead.push(format!(
                "Reviewed is `{}`; the {request} has gone on to `{}`",
                short(self.commit),
                short(head)
            ));
        }
        if said.refused > 0 {
            lead.push(format!(
                "{} of the comments on lines could not be posted there and stand below: {}",
                said.refused,
                said.refusal.as_deref().unwrap_or_default()
            ));
        }
        let run = self.run_url.as_ref().map_or_else(String::new, |url| {
            format!(" · [the {run}]({url}) has everything")
        });
        let end = format!(
            "\n_Reviewed: `{}`{run}_\n\n{}\n",
            short(self.commit),
            since.state(self.outcome, self.commit).line()
        );
        let elsewhere = said.posted.union(&since.told).cloned().collect();
        let page = self.words.page(&lead, &elsewhere, MAX_BODY - end.len());
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
