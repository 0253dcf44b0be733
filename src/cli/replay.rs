//! `llmux replay`: a run from the store, voted on, judged and told again, with no call.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::Answers;
use super::args::{Global, Replay, Review};
use super::error::Error;
use super::exit::Exit;
use super::recipe::Recipe;
use super::runtime::Runtime;
use super::screen::Screen;
use super::settings::{self, Place};
use super::{diff, experience, keep, memory, plan, review, store as stores};
use crate::config;
use crate::engine::{Recorder, Recording, Serving};
use crate::gate;
use crate::store::{Past, RunRow, Store};

pub(super) fn replay(args: &Replay, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    let runtime = Runtime::start()?;
    let (store, run, recipe, past) = runtime.wait(async {
        let store = stores::needed(&loaded.settings, screen).await?;
        let (run, recipe) = find(&store, &args.run).await?;
        let past = store.calls_of(&run.id).await;
        let past = past.map_err(|error| Error::Store(error.to_string()))?;
        Ok::<_, Error>((store, run, recipe, past))
    })?;
    let review = Review {
        judging: args.judging.clone(),
        choice: recipe.choice(),
        ..Review::default()
    };
    let loaded = settings::as_written(&recipe.settings, &review)?;
    let reports = settings::reports(&review, &loaded.settings.report)?;
    let change = recipe.change(&here, &loaded.settings.change)?;
    let memory = memory::recall(&here, &change, &review, &loaded.settings, screen)?;
    let steps = recipe.script.check(&loaded.settings, &review.choice)?;
    let experience = experience::of(
        Some(&store),
        &here,
        &loaded.settings,
        &review.choice,
        screen,
    );
    let experience = runtime.wait(experience)?;
    let project = here.clone().with(recipe.project());
    let brief = plan::Brief {
        here: &project,
        settings: &loaded.settings,
        review: &review,
        answers: &Answers::Run(&recipe),
        experience: &experience,
        screen,
    };
    let (mut plan, _) = plan::plan(change, steps, recipe.args.clone(), &brief)?;
    plan.memory = memory;
    plan.recorder = Arc::new(Recorder::new(recording(store.clone(), &run, &recipe, past)));
    let (run, interrupted) = review::run(plan, &runtime, screen);
    let outcome = gate::judge(run, loaded.settings.gate);
    runtime.wait(store.close());
    let mut told = diff::Told {
        outcome,
        interrupted,
        reports,
        unwritten: None,
    };
    diff::tell(&mut told, screen)
}

/// The run whose id begins so.
async fn find(store: &Store, beginning: &str) -> Result<(RunRow, Recipe), Error> {
    let failed = |error: crate::store::Error| Error::Store(error.to_string());
    let mut found = store.find_runs(beginning).await.map_err(failed)?;
    let run = match (found.pop(), found.is_empty()) {
        (Some(run), true) if !beginning.is_empty() => run,
        (None, _) => {
            let why = format!("no run begins with `{beginning}`; `llmux runs` lists them");
            return Err(Error::Usage(why));
        }
        _ => {
            let why = format!("several runs begin with `{beginning}`: write more of the id");
            return Err(Error::Usage(why));
        }
    };
    let text = store.recipe(&run.id).await.map_err(failed)?;
    let text = text.ok_or_else(|| {
        Error::Usage(format!(
            "run {} cannot be replayed: its content was not kept (store.content = false), or went \
             to make room (store.max_size)",
            keep::short(&run.id)
        ))
    })?;
    Ok((run, Recipe::read(&text)?))
}

fn recording(
    store: Store,
    run: &RunRow,
    recipe: &Recipe,
    past: BTreeMap<String, Past>,
) -> Recording {
    let known = recipe.backends.iter();
    let known = known.map(|one| (one.name.clone(), one.configuration.clone()));
    Recording {
        store: Some(store),
        run: run.id.clone(),
        team: run.team.clone(),
        serving: Serving::Replay,
        past,
        configurations: known.collect(),
        ..Recording::default()
    }
}
