//! The story of a posting: what stands there, comments on lines, what is over, the summary.

use std::collections::BTreeSet;

use super::api::{Api, PullRequest};
use super::batch::Ready;
use super::graphql::{Note, Thread};
use crate::forge::client::Failure;
use crate::forge::marker::{Mark, State, is_review};
use crate::forge::posting::comments;
use crate::forge::since::{Earlier, Since, compare};
use crate::forge::summary::{Said, over_text};
use crate::forge::{Ended, MAX_BODY, Post, Review};

/// Comments that one run marks as over.
const MAX_OVER: usize = 100;

/// Posts a review: one sticky summary, and comments on lines where they are wanted.
///
/// # Errors
/// Where something of it could not be posted; what could stands there.
pub async fn post(api: &Api, review: &Review<'_>) -> Result<Ended, Failure> {
    if review.post == Post::None {
        return Ok(Ended::Nothing("--post none".to_owned()));
    }
    if !api.has_token() {
        let why = "there is no token: set GITHUB_TOKEN or GH_TOKEN";
        return Ok(Ended::NotAllowed(why.to_owned()));
    }
    match Posting(review).tell(api).await {
        Err(Failure::Denied(why) | Failure::NotFound(why)) => Ok(Ended::NotAllowed(why)),
        ended => ended,
    }
}

/// What stands on the pull request.
struct Standing {
    summary: Option<(Note, State)>,
    threads: Vec<(Thread, Mark)>,
}

/// A review on its way.
struct Posting<'p>(&'p Review<'p>);

impl Posting<'_> {
    async fn tell(&self, api: &Api) -> Result<Ended, Failure> {
        let pull = api.pull(self.0.number).await?;
        if !pull.is_open {
            let why = "the pull request is closed or merged";
            return Ok(Ended::Nothing(why.to_owned()));
        }
        let standing = self.standing(api).await?;
        let state = standing.summary.as_ref().map(|(_, state)| state);
        if pull.head != self.0.commit && state.is_some_and(|it| it.commit == pull.head) {
            let why = "a later push of the pull request was reviewed in the meantime";
            return Ok(Ended::Nothing(why.to_owned()));
        }
        let earlier: Vec<Earlier> = standing.threads.iter().map(earlier).collect();
        let since = compare(self.0.outcome, &earlier, state);
        let mut notes = Vec::new();
        let mut said = Said::default();
        let mut failure = None;
        if self.0.post == Post::Review {
            said = self.say(api, &since).await;
            failure = said.failure.take();
            if failure.is_none() {
                failure = self
                    .tidy(api, &standing.threads, &since, &said, &mut notes)
                    .await
                    .err();
            }
        }
        // It says what became of the comments, also where that is little.
        let url = self.summarize(api, &pull, &standing, &since, &said).await;
        match (failure, url) {
            (None, url) => Ok(Ended::Posted { url: url?, notes }),
            (Some(Failure::Denied(why) | Failure::NotFound(why)), Ok(url)) => {
                notes.push(format!("no comments on lines: {why}"));
                Ok(Ended::Posted { url, notes })
            }
            (Some(failure), _) => Err(failure),
        }
    }

    async fn standing(&self, api: &Api) -> Result<Standing, Failure> {
        let notes = api.notes(self.0.number).await?;
        let summary = notes.into_iter().find_map(|note| {
            let state = State::read(&note.body)?;
            Some((note, state))
        });
        let threads = match self.0.post {
            Post::Review => api.threads(self.0.number).await?,
            Post::Summary | Post::None => Vec::new(),
        };
        let marked = |thread: Thread| Mark::read(&thread.body).map(|mark| (thread, mark));
        Ok(Standing {
            summary,
            threads: threads.into_iter().filter_map(marked).collect(),
        })
    }

    /// Comments on what has none yet.
    async fn say(&self, api: &Api, since: &Since) -> Said {
        let comments = comments(self.0.outcome);
        let untold = comments
            .iter()
            .filter(|it| !since.told.contains(&it.finding.fingerprint));
        let ready: Vec<Ready<'_>> = untold
            .map(|comment| Ready {
                comment,
                body: comment.text(
                    self.0.words,
                    "suggestion",
                    MAX_BODY,
                    self.0.run_url.as_deref(),
                ),
            })
            .collect();
        api.say(self.0.number, self.0.commit, &ready).await
    }

    /// Marks comments as over: in their text, since the right to resolve a thread is seldom
    /// given, and as resolved; and folds own reviews that nothing is open of any more.
    async fn tidy(
        &self,
        api: &Api,
        threads: &[(Thread, Mark)],
        since: &Since,
        said: &Said,
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let mut over = BTreeSet::new();
        let mut may_resolve = true;
        for (index, fate) in since.over.iter().take(MAX_OVER) {
            let (thread, mark) = &threads[*index];
            let body = over_text(
                &thread.body,
                mark,
                *fate,
                self.0.commit,
                self.0.run_url.as_deref(),
            );
            match api.edit_comment(&thread.comment, &body).await {
                Ok(()) => over.insert(thread.id.as_str()),
                // Somebody has deleted it.
                Err(Failure::NotFound(_)) => continue,
                Err(Failure::Denied(why)) => {
                    notes.push(format!("comments that are over stay as they are: {why}"));
                    return Ok(());
                }
                Err(failure) => return Err(failure),
            };
            if !may_resolve {
                continue;
            }
            match api.resolve(&thread.id).await {
                Ok(()) | Err(Failure::NotFound(_)) => {}
                Err(Failure::Denied(why)) => {
                    may_resolve = false;
                    notes.push(format!(
                        "threads that are over are marked in their text alone: {why}; \
                         `contents: write` lets llmux resolve them"
                    ));
                }
                Err(failure) => return Err(failure),
            }
        }
        if over.is_empty() && said.posted.is_empty() {
            return Ok(());
        }
        self.fold(api, threads, &over).await
    }

    async fn fold(
        &self,
        api: &Api,
        threads: &[(Thread, Mark)],
        over: &BTreeSet<&str>,
    ) -> Result<(), Failure> {
        let is_closed = |thread: &Thread, mark: &Mark| {
            thread.resolved || mark.over || over.contains(thread.id.as_str())
        };
        let mut closed = BTreeSet::new();
        let mut open = BTreeSet::new();
        for (thread, mark) in threads {
            let into = if is_closed(thread, mark) {
                &mut closed
            } else {
                &mut open
            };
            into.extend(thread.review.as_deref());
        }
        for review in api.reviews(self.0.number).await? {
            let id = review.id.as_str();
            let is_over = closed.contains(id) && !open.contains(id);
            if is_over && is_review(&review.body) && !review.is_minimized {
                match api.minimize(id).await {
                    // It is only tidier so.
                    Err(Failure::Denied(why) | Failure::NotFound(why)) => {
                        tracing::info!("reviews that are over stay as they are: {why}");
                        break;
                    }
                    done => done?,
                }
            }
        }
        Ok(())
    }

    /// Writes the one summary; where it stands.
    async fn summarize(
        &self,
        api: &Api,
        pull: &PullRequest,
        standing: &Standing,
        since: &Since,
        said: &Said,
    ) -> Result<String, Failure> {
        let moved = (pull.head != self.0.commit).then_some(pull.head.as_str());
        let body = self.0.summary(since, said, moved, ["pull request", "run"]);
        match &standing.summary {
            Some((note, _)) if note.body.trim_end() == body.trim_end() => Ok(note.url.clone()),
            Some((note, _)) => {
                api.edit_note(&note.id, &body).await?;
                Ok(note.url.clone())
            }
            None => match api.comment(self.0.number, &body).await {
                // It may stand there.
                Err(Failure::Unsure(why)) => {
                    let notes = api.notes(self.0.number).await?;
                    let note = notes.into_iter().find(|it| State::read(&it.body).is_some());
                    match note {
                        Some(note) => Ok(note.url),
                        None => api
                            .comment(self.0.number, &body)
                            .await
                            .map_err(|_| Failure::Unsure(why)),
                    }
                }
                done => done,
            },
        }
    }
}

fn earlier((thread, mark): &(Thread, Mark)) -> Earlier {
    Earlier {
        mark: mark.clone(),
        path: thread.path.clone(),
        line: thread.line,
        resolved: thread.resolved,
    }
}
