//! `llmux review`: a pull request, from its event to the comments on it.

use std::collections::BTreeMap;

use super::args::{Change, Global, PullRequest};
use super::diff::{self, Work};
use super::error::Error;
use super::exit::Exit;
use super::posting::Posting;
use super::runtime::Runtime;
use super::screen::Screen;
use super::settings::{self, Place};
use crate::change::{self, Project, Source};
use crate::forge::github::{self, Api, Runner};
use crate::forge::{self, Origin};

/// `llmux review`.
pub(super) fn review(args: &PullRequest, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let here = Place::here()?;
    let environment = settings::environment();
    let runner = Runner::of(&environment);
    let remote = change::remote_name(&here.dir);
    let request = github::request(args.pull_request.as_deref(), remote.as_deref(), &runner)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let api = Api::new(request.repository, &runner, &environment).map_err(Error::Usage)?;
    let runtime = Runtime::start()?;
    let pull = match runtime.unless_signal(api.find(&request.subject)) {
        Ok(pull) => pull.map_err(|error| Error::Forge(error.to_string()))?,
        Err(signal) => return Ok(signal),
    };
    let range = format!("{}...{}", pull.base, pull.head);
    screen.note("note", &format!("pull request {}: {range}", pull.number));

    let repository = api.repository();
    let token = runner.token(&repository.server);
    let origin = Origin {
        place: repository.place(),
        url: repository.url(),
        server: repository.server.web.as_str(),
        login: token.map(|token| ("x-access-token", token)),
    };
    match runtime.unless_signal(forge::fetch(&here.dir, &origin, &pull.base, &pull.head)) {
        Ok(fetched) => fetched?,
        Err(signal) => return Ok(signal),
    }
    // Whoever asks for a merge must not set how it is reviewed.
    let owners = Project::at(&here.dir, &pull.base)?;
    let here = here.with(owners);
    let work = Work {
        workflow: "diff",
        values: &BTreeMap::new(),
        source: &Source::Range(Some(range)),
        scope: &Change {
            include: args.include.clone(),
            exclude: args.exclude.clone(),
            ..Change::default()
        },
        review: &args.review,
    };
    let Some(told) = diff::outcome(&work, &here, global, screen)? else {
        return Ok(Exit::Passed);
    };
    let reported = diff::tell(&told, screen);
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
