//! `llmux review`: a pull request, from its event to the comments on it.

use std::collections::BTreeMap;

use super::args::{Change, Global, Post, PullRequest, Review};
use super::diff::{self, Told, Work};
use super::error::Error;
use super::exit::Exit;
use super::part::Parts;
use super::posting::Posting;
use super::runtime::Runtime;
use super::screen::Screen;
use super::settings::{self, Place};
use super::{merge, merge_request};
use crate::change::{self, Project, Source};
use crate::forge::github::{self, Api, PullRequest as Pull, Runner};
use crate::forge::{self, Origin, gitlab};

/// `llmux review`.
pub(super) fn review(args: &PullRequest, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    if args.review.shard.is_some() && args.post != Post::None {
        // What it has not read would be told as fixed.
        let why = "a shard is no whole review: give it --post none, and post what `llmux merge` \
                   makes of all parts";
        return Err(Error::Usage(why.to_owned()));
    }
    let here = Place::here()?;
    let environment = settings::environment();
    let gitlab = gitlab::Runner::of(&environment);
    if gitlab::is_meant(args.pr.as_deref(), &gitlab) {
        return merge_request::review(args, &gitlab, &environment, here, global, screen);
    }
    let runner = Runner::of(&environment);
    let remote = change::remote_name(&here.dir);
    let request = github::request(args.pr.as_deref(), remote.as_deref(), &runner)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let api = Api::new(request.repository, &runner, &environment).map_err(Error::Usage)?;
    let runtime = Runtime::start()?;
    let pull = match runtime.unless_signal(api.find(&request.subject)) {
        Ok(pull) => pull.map_err(|error| Error::Forge(error.to_string()))?,
        Err(signal) => return Ok(signal),
    };
    let range = format!("{}...{}", pull.base, pull.head);
    screen.note("note", &format!("pull request {}: {range}", pull.number));
    let told = if args.from.is_empty() {
        let token = runner.token(&api.repository().server);
        let origin = origin(&api, token);
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
    let posting = Posting {
        api: &api,
        runner: &runner,
        pull: &pull,
        told: &told,
        screen,
    };
    let posted = posting.post(&runtime, args.post);
    // The verdict stands whatever became of its comments; a pass that nobody was told is none.
    match reported? {
        Exit::Passed => Ok(posted.unwrap_or(Exit::Passed)),
        exit => Ok(exit),
    }
}

fn origin<'a>(api: &'a Api, token: Option<&'a str>) -> Origin<'a> {
    let repository = api.repository();
    Origin {
        place: repository.place(),
        url: repository.url(),
        server: repository.server.web.as_str(),
        login: token.map(|token| ("x-access-token", token)),
    }
}

/// Reviews it here; none where only the plan was wanted.
pub(super) fn run(
    args: &PullRequest,
    here: Place,
    pull: &Pull,
    global: &Global,
    screen: &Screen,
) -> Result<Option<Told>, Error> {
    // Whoever asks for a merge must not set how it is reviewed.
    let owners = Project::at(&here.dir, &pull.base)?;
    let work = Work {
        workflow: "diff",
        values: &BTreeMap::new(),
        source: &Source::Range(Some(format!("{}...{}", pull.base, pull.head))),
        scope: &Change {
            include: args.include.clone(),
            exclude: args.exclude.clone(),
            ..Change::default()
        },
        review: &args.review,
    };
    diff::outcome(&work, &here.with(owners), global, screen)
}

/// What another job was told, by nobody else's settings than its own; nobody is asked.
pub(super) fn from_parts(
    args: &PullRequest,
    here: &Place,
    pull: &Pull,
    screen: &Screen,
) -> Result<Told, Error> {
    let parts = Parts::read(&args.from)?;
    let review = Review {
        judging: args.review.judging.clone(),
        choice: parts.first().recipe.choice(),
        timeout: args.review.timeout.clone(),
        budget: args.review.budget,
        ..Review::default()
    };
    let told = merge::told(parts, &review, here, None, screen)?;
    let head = told.outcome.run.change.head.as_deref();
    if head != Some(pull.head.as_str()) {
        return Err(Error::Usage(format!(
            "the part is of commit {}, and pull request {} stands at {}: it was pushed to since, or the part is another's",
            head.unwrap_or("(none)"),
            pull.number,
            pull.head
        )));
    }
    Ok(told)
}
