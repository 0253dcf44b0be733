//! Comments on lines, in reviews of a size that GitHub takes.

use std::collections::BTreeSet;

use super::api::{Api, OnLines};
use crate::forge::client::Failure;
use crate::forge::marker::{Mark, REVIEW};
use crate::forge::posting::Comment;
use crate::forge::summary::{REFUSALS, Said};

/// Comments of one review: 30 work, a few more were seen to fail.
const BATCH: usize = 30;
/// Times that an unsure end is looked into.
const UNSURE: usize = 3;

/// A comment, and its text.
pub(super) struct Ready<'c> {
    pub(super) comment: &'c Comment<'c>,
    pub(super) body: String,
}

impl Api {
    /// Posts comments. One that GitHub does not take never loses the others: a review that is
    /// refused is halved.
    pub(super) async fn say(&self, number: u64, commit: &str, ready: &[Ready<'_>]) -> Said {
        let mut said = Said::default();
        let mut batches: Vec<Vec<&Ready<'_>>> = ready
            .chunks(BATCH)
            .map(|batch| batch.iter().collect())
            .collect();
        batches.reverse();
        let mut unsure = 0;
        while let Some(batch) = batches.pop() {
            match self.post(number, commit, &batch).await {
                Ok(()) => said.posted.extend(batch.iter().map(|it| it.fingerprint())),
                Err(Failure::Refused(why)) if batch.len() == 1 => {
                    said.refused += 1;
                    said.refusal = Some(why);
                    if said.posted.is_empty() && said.refused >= REFUSALS {
                        said.refused += batches.iter().map(Vec::len).sum::<usize>();
                        break;
                    }
                }
                Err(Failure::Refused(_)) => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.push(second.to_vec());
                    batches.push(first.to_vec());
                }
                // It may stand there: twice the same is worse than a look.
                Err(Failure::Unsure(why)) if unsure < UNSURE => {
                    unsure += 1;
                    tracing::debug!("looked after: {why}");
                    match self.standing(number).await {
                        Ok(standing) => {
                            let (there, left): (Vec<_>, Vec<_>) = batch
                                .into_iter()
                                .partition(|it| standing.contains(&it.fingerprint()));
                            said.posted.extend(there.iter().map(|it| it.fingerprint()));
                            if !left.is_empty() {
                                batches.push(left);
                            }
                        }
                        Err(failure) => said.failure = Some(failure),
                    }
                }
                Err(failure) => said.failure = Some(failure),
            }
            if said.failure.is_some() {
                break;
            }
        }
        said
    }

    async fn post(&self, number: u64, commit: &str, batch: &[&Ready<'_>]) -> Result<(), Failure> {
        let comments: Vec<OnLines> = batch.iter().map(|it| it.on_lines()).collect();
        let count = match batch.len() {
            1 => "one comment".to_owned(),
            count => format!("{count} comments"),
        };
        let short = commit.get(..7).unwrap_or(commit);
        let body = format!(
            "llmux has {count} on `{short}`. Its summary on this page has the verdict.\n\n{REVIEW}\n"
        );
        self.review(number, commit, &body, &comments).await
    }

    /// Fingerprints of the comments that stand there.
    async fn standing(&self, number: u64) -> Result<BTreeSet<String>, Failure> {
        let threads = self.threads(number).await?;
        let marks = threads.iter().filter_map(|it| Mark::read(&it.body));
        let open = marks.filter(|mark| !mark.over);
        Ok(open.map(|mark| mark.fingerprint).collect())
    }
}

impl Ready<'_> {
    fn fingerprint(&self) -> String {
        self.comment.finding.fingerprint.clone()
    }

    fn on_lines(&self) -> OnLines {
        OnLines {
            path: self.comment.path.to_string(),
            start: self.comment.span.first.new,
            end: self.comment.span.last.new,
            body: self.body.clone(),
        }
    }
}
