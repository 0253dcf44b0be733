//! The story of a posting: what stands there, discussions on lines, what is over, the summary.

use serde_json::{Value, json};

use super::api::{Api, Note, Refs};
use super::quiet::{has_action, quiet};
use crate::forge::client::Failure;
use crate::forge::marker::{Mark, State};
use crate::forge::posting::{Comment, comments};
use crate::forge::since::{Earlier, Since, compare};
use crate::forge::suggestion::Suggestion;
use crate::forge::summary::{REFUSALS, Said, over_text};
use crate::forge::{Ended, MAX_BODY, Post, Review};

/// Discussions that one run marks as over.
const MAX_OVER: usize = 100;
/// Lines above the commented one that a suggestion may replace.
const MAX_ABOVE: u32 = 100;
/// Posts a review: one sticky note, and discussions on lines where they are wanted.
///
/// # Errors
/// Where something of it could not be posted; what could stands there.
pub async fn post(api: &Api, review: &Review<'_>) -> Result<Ended, Failure> {
    if review.post == Post::None {
        return Ok(Ended::Nothing("--post none".to_owned()));
    }
    if !api.has_token() {
        let why = "there is no token for this server: set GITLAB_TOKEN (for servers outside of this job also GITLAB_HOST)";
        return Ok(Ended::NotAllowed(why.to_owned()));
    }
    match Posting(review).tell(api).await {
        Err(Failure::Denied(why) | Failure::NotFound(why)) => Ok(Ended::NotAllowed(why)),
        ended => ended,
    }
}

/// Own discussions on lines, and their marks.
type Thread = (String, Note, Mark);

/// A review on its way.
struct Posting<'p>(&'p Review<'p>);

impl Posting<'_> {
    async fn tell(&self, api: &Api) -> Result<Ended, Failure> {
        let request = api.merge_request(self.0.number).await?;
        if !request.is_open {
            let why = "the merge request is closed or merged";
            return Ok(Ended::Nothing(why.to_owned()));
        }
        let own = api.own_notes(self.0.number).await?;
        let summary = own
            .iter()
            .find_map(|(_, note)| Some((note.clone(), State::read(&note.body)?)));
        let state = summary.as_ref().map(|(_, state)| state);
        let has_moved = request.refs.head != self.0.commit;
        if has_moved && state.is_some_and(|it| it.commit == request.refs.head) {
            let why = "a later push of the merge request was reviewed in the meantime";
            return Ok(Ended::Nothing(why.to_owned()));
        }
        let threads: Vec<Thread> = own
            .into_iter()
            .filter_map(|(id, note)| {
                let mark = Mark::read(&note.body)?;
                Some((id, note, mark))
            })
            .collect();
        let earlier: Vec<Earlier> = threads.iter().map(earlier).collect();
        let since = compare(self.0.outcome, &earlier, state);
        let mut notes = Vec::new();
        let mut said = Said::default();
        if self.0.post == Post::Review {
            let refs = if has_moved {
                api.version(self.0.number, self.0.commit).await?
            } else {
                Some(request.refs.clone())
            };
            match refs {
                Some(refs) => said = self.say(api, &since, &refs).await,
                None => notes.push(
                    "no comments on lines: the merge request was pushed to anew since the run began"
                        .to_owned(),
                ),
            }
            if said.failure.is_none() {
                self.close(api, &since, &threads, &mut notes).await?;
            }
        }
        let moved = has_moved.then_some(request.refs.head.as_str());
        let url = self
            .summarize(api, summary.map(|(note, _)| note), &since, &said, moved)
            .await;
        match (said.failure, url) {
            (None, url) => Ok(Ended::Posted { url: url?, notes }),
            (Some(Failure::Denied(why) | Failure::NotFound(why)), Ok(url)) => {
                notes.push(format!("no comments on lines: {why}"));
                Ok(Ended::Posted { url, notes })
            }
            (Some(failure), _) => Err(failure),
        }
    }

    /// Discussions on what has none yet. One that GitLab does not take never loses the others.
    async fn say(&self, api: &Api, since: &Since, refs: &Refs) -> Said {
        let mut said = Said::default();
        for comment in comments(self.0.outcome) {
            let fingerprint = comment.finding.fingerprint.clone();
            if since.told.contains(&fingerprint) {
                continue;
            }
            if said.posted.is_empty() && said.refused >= REFUSALS {
                said.refused += 1;
                continue;
            }
            let body = self.body(comment.clone());
            let position = position(&comment, refs);
            match self.discuss(api, &body, &position, &fingerprint).await {
                Ok(()) => {
                    said.posted.insert(fingerprint);
                }
                Err(Failure::Refused(why)) => {
                    said.refused += 1;
                    said.refusal = Some(why);
                }
                Err(failure) => {
                    said.failure = Some(failure);
                    break;
                }
            }
        }
        said
    }

    /// Says it once, also where the first answer was lost.
    async fn discuss(
        &self,
        api: &Api,
        body: &str,
        position: &Value,
        fingerprint: &str,
    ) -> Result<(), Failure> {
        match api.discuss(self.0.number, body, position).await {
            Err(Failure::Unsure(why)) => {
                let own = api.own_notes(self.0.number).await?;
                let mut marks = own.iter().filter_map(|(_, note)| Mark::read(&note.body));
                if marks.any(|mark| mark.fingerprint == fingerprint && !mark.over) {
                    return Ok(());
                }
                // GitLab fails, too, at places that it does not like: no reason to lose others.
                match api.discuss(self.0.number, body, position).await {
                    Err(Failure::Unsure(_)) => Err(Failure::Refused(why)),
                    ended => ended,
                }
            }
            ended => ended,
        }
    }

    fn body(&self, mut comment: Comment<'_>) -> String {
        let above = comment.span.last.new - comment.span.first.new;
        if let Some(Suggestion::Offered(code)) = &comment.suggestion
            && (above > MAX_ABOVE || has_action(code))
        {
            comment.suggestion = Some(Suggestion::Shown(code.clone()));
        }
        let offer = format!("suggestion:-{above}+0");
        // Room for what breaks quick actions.
        let text = comment.text(
            self.0.words,
            &offer,
            MAX_BODY / 2,
            self.0.run_url.as_deref(),
        );
        quiet(&text)
    }

    /// Marks discussions as over, in their text and as resolved.
    async fn close(
        &self,
        api: &Api,
        since: &Since,
        threads: &[Thread],
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        for (index, fate) in since.over.iter().take(MAX_OVER) {
            let (id, note, mark) = &threads[*index];
            let body = over_text(
                &note.body,
                mark,
                *fate,
                self.0.commit,
                self.0.run_url.as_deref(),
            );
            let done = match api.edit(self.0.number, note.id, &quiet(&body)).await {
                Ok(()) => api.resolve(self.0.number, id).await,
                failed => failed,
            };
            match done {
                // Somebody has deleted it.
                Ok(()) | Err(Failure::NotFound(_)) => {}
                Err(Failure::Denied(why)) => {
                    notes.push(format!(
                        "discussions that are over are not marked as resolved: {why}; the role \
                         Developer lets llmux do so"
                    ));
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Writes the one summary; where it stands.
    async fn summarize(
        &self,
        api: &Api,
        standing: Option<Note>,
        since: &Since,
        said: &Said,
        moved: Option<&str>,
    ) -> Result<String, Failure> {
        let body = quiet(&self.0.summary(since, said, moved, ["merge request", "job"]));
        let url = |id: u64| {
            let web = &api.project().web;
            format!("{web}/-/merge_requests/{}#note_{id}", self.0.number)
        };
        match standing {
            Some(note) if note.body.trim_end() == body.trim_end() => Ok(url(note.id)),
            Some(note) => {
                api.edit(self.0.number, note.id, &body).await?;
                Ok(url(note.id))
            }
            None => match api.say(self.0.number, &body).await {
                // It may stand there.
                Err(Failure::Unsure(why)) => {
                    let own = api.own_notes(self.0.number).await?;
                    let found = own.iter().find(|(_, it)| State::read(&it.body).is_some());
                    found
                        .map(|(_, note)| url(note.id))
                        .ok_or(Failure::Unsure(why))
                }
                said => said.map(url),
            },
        }
    }
}

fn earlier((_, note, mark): &Thread) -> Earlier {
    let position = note.position.as_ref();
    let path = position.and_then(|it| it.new_path.clone());
    Earlier {
        mark: mark.clone(),
        path: path.unwrap_or_default(),
        line: position.and_then(|it| it.new_line),
        resolved: note.resolved,
    }
}

/// The last of the lines: a suggestion says how many above it are meant. A line that the change
/// did not add is named by both its numbers.
fn position(comment: &Comment<'_>, refs: &Refs) -> Value {
    let path = comment.path.to_string();
    let old_path = comment.old_path.as_ref().map(ToString::to_string);
    let line = comment.span.last;
    let mut position = json!({
        "position_type": "text",
        "base_sha": refs.base,
        "start_sha": refs.start,
        "head_sha": refs.head,
        "old_path": old_path.unwrap_or_else(|| path.clone()),
        "new_path": path,
        "new_line": line.new,
    });
    if let Some(old) = line.old {
        position["old_line"] = json!(old);
    }
    position
}
