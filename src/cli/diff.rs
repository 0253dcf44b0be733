//! `llmux diff` and `llmux run`: settings → change → packets → crew → claims → findings →
//! outcome → reports → verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::Answers;
use super::args::{Change, Diff, Global, Review, Run};
use super::error::Error;
use super::exit::Exit;
use super::recipe::Recipe;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::{dry_run, experience, keep, memory, plan, review, settings, store};
use crate::config::Loaded;
use crate::findings::{Memory, Taxonomy};
use crate::gate::Outcome;
use crate::{change, engine, gate, report};

/// `llmux diff`: the built-in workflow `diff`, or the user's of that name.
pub(super) fn diff(args: &Diff, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    review_change(
        "diff",
        &BTreeMap::new(),
        &args.change,
        &args.review,
        global,
        screen,
    )
}

/// `llmux run`: any workflow.
pub(super) fn run(args: &Run, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let values = args.args.iter().cloned().collect();
    review_change(
        &args.workflow,
        &values,
        &args.change,
        &args.review,
        global,
        screen,
    )
}

fn review_change(
    workflow: &str,
    values: &BTreeMap<String, String>,
    which: &Change,
    args: &Review,
    global: &Global,
    screen: &Screen,
) -> Result<Exit, Error> {
    let here = settings::Place::find()?;
    let loaded = settings::load(&here, which, args, global)?;
    let reports = settings::reports(args, &loaded.settings.report)?;
    let script = plan::Script::find(workflow, &here)?;
    let change = Arc::new(change::read(
        &here.dir,
        &which.source(),
        &loaded.settings.change,
    )?);
    for notice in loaded.notices() {
        screen.note("note", &notice);
    }
    let memory = memory::recall(&here, &change, args, &loaded.settings, screen)?;

    if change.files.is_empty() {
        let run = nothing_to_review(workflow, &script, change, &memory, args, &here, &loaded)?;
        return match run {
            Some(run) => tell(
                &gate::judge(run, loaded.settings.gate),
                None,
                &reports,
                screen,
            ),
            None => Ok(Exit::Passed),
        };
    }
    let steps = script.check(&loaded.settings, &args.choice)?;
    let runtime = Runtime::start()?;
    // A replay of a folder has all that it needs, and a plan asks nobody.
    let needs_store = args.replay.is_none() && !args.dry_run;
    let store = needs_store.then(|| runtime.wait(store::for_review(&loaded.settings, screen)));
    let store = store.flatten();
    let settings = &loaded.settings;
    let experience = experience::of(store.as_ref(), &here, settings, &args.choice, screen);
    let experience = runtime.wait(experience)?;
    let answers = Answers::of(args)?;
    let brief = plan::Brief {
        here: &here,
        settings: &loaded.settings,
        review: args,
        answers: &answers,
        experience: &experience,
        screen,
    };
    let (mut plan, backends) = plan::plan(change, steps, values.clone(), &brief)?;
    plan.memory = memory;
    if args.dry_run {
        return dry_run::print(&plan);
    }
    plan::check_prices(&plan, &loaded.settings)?;
    let script = (workflow, &script);
    let recipe = || Recipe::of(script, values, &loaded, &args.choice, &plan, backends);
    let wanted = loaded.settings.store.content && store.is_some();
    let recipe = wanted.then(recipe).and_then(|recipe| recipe.written());
    let kept = runtime.wait(keep::begin(store, &mut plan, recipe, &brief));
    let (run, interrupted) = review::run(plan, &runtime, screen);
    let outcome = gate::judge(run, loaded.settings.gate.clone());
    if let Some(kept) = kept {
        runtime.wait(kept.end(&outcome, &loaded.settings, screen));
    }
    tell(&outcome, interrupted, &reports, screen)
}

/// Nothing to ask: no backend is looked for, no key is read. A commit hook should not be felt,
/// so even the workflow is only read where it could be wrong.
fn nothing_to_review(
    workflow: &str,
    script: &plan::Script,
    change: Arc<change::Change>,
    memory: &Memory,
    args: &Review,
    here: &settings::Place,
    loaded: &Loaded,
) -> Result<Option<engine::Run>, Error> {
    let settings = &loaded.settings;
    let name = if script.is_builtin() {
        workflow.to_owned()
    } else {
        script.check(settings, &args.choice)?.name
    };
    plan::check_names(here, settings, args)?;
    if args.dry_run {
        dry_run::print_nothing(&change)?;
        return Ok(None);
    }
    let taxonomy = Taxonomy::with(&settings.taxonomy);
    let mut run = engine::Run::of_nothing(change, name, taxonomy);
    memory::of_nothing(memory, &mut run);
    Ok(Some(run))
}

/// Writes the reports, and says how it ended.
pub(super) fn tell(
    outcome: &Outcome,
    interrupted: Option<Exit>,
    reports: &[report::Spec],
    screen: &Screen,
) -> Result<Exit, Error> {
    report::write_all(
        outcome,
        reports,
        screen::style(),
        &mut std::io::stdout().lock(),
    )?;
    review::conclude(outcome, reports, screen);
    Ok(interrupted.unwrap_or_else(|| Exit::from(outcome)))
}
