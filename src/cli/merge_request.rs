//! `llmux review` in GitLab: a merge request, from its job to the discussions on it.

use super::args::{Global, Post, PullRequest};
use super::diff::{self, Told};
use super::error::Error;
use super::exit::Exit;
use super::posting::{Telling, tell_end};
use super::pull_request::{from_parts, run};
use super::runtime::Runtime;
use super::screen::Screen;
use super::settings::Place;
use crate::backends::Environment;
use crate::forge::github::PullRequest as Pull;
use crate::forge::gitlab::{self, Api, Runner};
use crate::forge::{self, Origin, Review};

/// `llmux review`, where GitLab is meant.
pub(super) fn review(
    args: &PullRequest,
    runner: &Runner,
    environment: &Environment,
    here: Place,
    global: &Global,
    screen: &Screen,
) -> Result<Exit, Error> {
    let request = gitlab::request(args.pr.as_deref(), runner)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let api = Api::new(request.project, runner, environment).map_err(Error::Usage)?;
    let runtime = Runtime::start()?;
    let (base, head) = match request.at {
        Some(at) => at,
        None => match runtime.unless_signal(api.merge_request(request.iid)) {
            Ok(found) => {
                let found = found.map_err(|error| Error::Forge(error.to_string()))?;
                (found.refs.start, found.refs.head)
            }
            Err(signal) => return Ok(signal),
        },
    };
    let pull = Pull {
        number: request.iid,
        base,
        head,
        is_open: true,
    };
    let range = format!("{}...{}", pull.base, pull.head);
    screen.note("note", &format!("merge request {}: {range}", pull.number));
    let told = if args.from.is_empty() {
        let project = api.project();
        let origin = Origin {
            place: project.place(),
            url: format!("{}.git", project.web),
            server: project.server.as_str(),
            login: runner.token(project).map(|token| ("oauth2", token)),
        };
        let fetch = forge::fetch(&here.dir, &origin, &pull.base, &pull.head);
        match runtime.unless_signal(fetch) {
            Ok(fetched) => fetched?,
            Err(signal) => return Ok(signal),
        }
        run(args, here, &pull, global, screen)?
    } else {
        Some(from_parts(args, &here, &pull, screen)?)
    };
    let Some(mut told) = told else {
        return Ok(Exit::Passed);
    };
    let reported = diff::tell(&mut told, screen);
    let posted = post(&api, runner, &pull, &told, args.post, &runtime, screen);
    // The verdict stands whatever became of its comments; a pass that nobody was told is none.
    match reported? {
        Exit::Passed => Ok(posted.unwrap_or(Exit::Passed)),
        exit => Ok(exit),
    }
}

/// Posts it, and says what came of it; the exit code where that is no success.
fn post(
    api: &Api,
    runner: &Runner,
    pull: &Pull,
    told: &Told,
    post: Post,
    runtime: &Runtime,
    screen: &Screen,
) -> Option<Exit> {
    if told.interrupted.is_some() {
        screen.note("note", "interrupted: nothing is posted");
        return None;
    }
    let words = Telling {
        outcome: &told.outcome,
        source_url: format!("{}/-/blob/{}", api.project().web, pull.head),
    };
    let review = Review {
        outcome: &told.outcome,
        words: &words,
        post: post.into(),
        number: pull.number,
        commit: &pull.head,
        run_url: runner.run_url(),
    };
    let ended = match runtime.unless_signal(gitlab::post(api, &review)) {
        Ok(ended) => ended,
        Err(signal) => {
            let why = "interrupted: the review may be posted in part";
            screen.note("warning", why);
            return Some(signal);
        }
    };
    tell_end(ended, screen, || "the reports have it".to_owned())
}
