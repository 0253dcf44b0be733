//! `llmux diff` and `llmux run`: settings → change → packets → crew → claims → findings →
//! outcome → reports → verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::Answers;
use super::args::{Change, Diff, Global, Review, Run};
use super::error::Error;
use super::exit::Exit;
use super::part::{self, Draft};
use super::recipe::Recipe;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::settings::Place;
use super::{dry_run, experience, keep, memory, plan, review, rule_files, settings, store};
use crate::change::Source;
use crate::config::{Loaded, Settings};
use crate::findings::{Memory, Taxonomy};
use crate::gate::Outcome;
use crate::{change, engine, gate, report};

/// `llmux diff`: the built-in workflow `diff`, or the user's of that name.
pub(super) fn diff(args: &Diff, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let work = Work {
        workflow: "diff",
        values: &BTreeMap::new(),
        source: &args.change.source(),
        scope: &args.change,
        review: &args.review,
    };
    review_change(&work, global, screen)
}

/// `llmux run`: any workflow.
pub(super) fn run(args: &Run, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let work = Work {
        workflow: &args.workflow,
        values: &args.args.iter().cloned().collect(),
        source: &args.change.source(),
        scope: &args.change,
        review: &args.review,
    };
    review_change(&work, global, screen)
}

fn review_change(work: &Work<'_>, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let here = Place::find(global)?;
    match outcome(work, &here, global, screen)? {
        Some(mut told) => tell(&mut told, screen),
        None => Ok(Exit::Passed),
    }
}

/// What is to be reviewed, and how.
pub(super) struct Work<'w> {
    /// A workflow file, or the name of one.
    pub(super) workflow: &'w str,
    /// `args` in templates.
    pub(super) values: &'w BTreeMap<String, String>,
    /// Which change.
    pub(super) source: &'w Source,
    /// Which of its files.
    pub(super) scope: &'w Change,
    /// Policy, backends, reports.
    pub(super) review: &'w Review,
}

/// How a review ended, and where it is to be told.
pub(super) struct Told {
    pub(super) outcome: Outcome,
    /// The exit code of a signal that ended it.
    pub(super) interrupted: Option<Exit>,
    pub(super) reports: Vec<report::Spec>,
    /// Why the part file could not be written: what was paid for is told all the same.
    pub(super) unwritten: Option<Error>,
}

/// Reviews a change; none where only the plan was wanted, which is printed.
pub(super) fn outcome(
    work: &Work<'_>,
    here: &Place,
    global: &Global,
    screen: &Screen,
) -> Result<Option<Told>, Error> {
    let args = work.review;
    let loaded = settings::load(here, work.scope, args, global)?;
    let reports = settings::reports(args, &loaded.settings.report)?;
    if let Some(path) = &args.part {
        part::check(path)?;
    }
    let script = plan::Script::find(work.workflow, here)?;
    let change = Arc::new(change::read(
        &here.dir,
        work.source,
        &loaded.settings.change,
    )?);
    for notice in loaded.notices() {
        screen.note("note", &notice);
    }
    let memory = memory::recall(here, &change, args, &loaded.settings, screen)?;

    if change.files.is_empty() {
        let Some(run) = nothing_to_review(work, &script, change, &memory, here, &loaded)? else {
            return Ok(None);
        };
        let draft = args.part.as_ref().map(|path| {
            let script = (work.workflow, &script);
            let recipe = Recipe::of_nothing(script, &loaded, &args.choice, &run.change);
            Draft::of_nothing(path, args.shard, recipe, memory)
        });
        return Ok(Some(Told {
            outcome: gate::judge(run, loaded.settings.gate),
            interrupted: None,
            reports,
            unwritten: draft.and_then(|draft| draft.write(engine::Log::default()).err()),
        }));
    }
    let steps = script.check(&loaded.settings, &args.choice)?;
    let runtime = Runtime::start()?;
    // A replay of a folder has all that it needs, and a plan asks nobody.
    let needs_store = args.replay.is_none() && !args.dry_run;
    let store = needs_store.then(|| runtime.wait(store::for_review(&loaded.settings, screen)));
    let store = store.flatten();
    let settings = &loaded.settings;
    let experience = experience::of(store.as_ref(), here, settings, &args.choice, screen);
    let experience = runtime.wait(experience)?;
    let answers = Answers::of(args)?;
    let brief = plan::Brief {
        here,
        settings: &loaded.settings,
        review: args,
        answers: &answers,
        experience: &experience,
        screen,
    };
    let (mut plan, known) = plan::plan(change, steps, work.values.clone(), &brief)?;
    plan.memory = memory;
    if args.dry_run {
        return dry_run::print(&plan).map(|()| None);
    }
    plan::check_prices(&plan, &loaded.settings)?;
    let script = (work.workflow, &script);
    let is_kept = loaded.settings.store.content && store.is_some();
    let recipe = if is_kept || args.part.is_some() {
        let files = (&loaded, rule_files::having_a_say(here, settings)?);
        let choice = &args.choice;
        Some(Recipe::of(script, work.values, files, choice, &plan, known))
    } else {
        None
    };
    let written = recipe.as_ref().filter(|_| is_kept);
    let written = written.and_then(Recipe::written);
    let learned = (experience.judged.as_slice(), experience.project.as_str());
    let draft = args.part.as_ref().zip(recipe);
    let draft = draft.map(|(path, recipe)| Draft::of(path, args.shard, recipe, learned, &plan));
    let kept = runtime.wait(keep::begin(store, &mut plan, written, &brief));
    let recorder = Arc::clone(&plan.recorder);
    let spent = plan.funds.spent.clone();
    let (run, interrupted) = review::run(plan, &runtime, screen);
    let outcome = gate::judge(run, loaded.settings.gate.clone());
    if let Some(kept) = kept {
        runtime.wait(kept.end(&outcome, &loaded.settings, screen));
    }
    let unwritten = draft.and_then(|draft| draft.write(recorder.told().after(&spent)).err());
    Ok(Some(Told {
        outcome,
        interrupted,
        reports,
        unwritten,
    }))
}

/// Nothing to ask: no backend is looked for, no key is read. A commit hook should not be felt,
/// so even the workflow is only read where it could be wrong.
fn nothing_to_review(
    work: &Work<'_>,
    script: &plan::Script,
    change: Arc<change::Change>,
    memory: &Memory,
    here: &Place,
    loaded: &Loaded,
) -> Result<Option<engine::Run>, Error> {
    let (settings, args) = (&loaded.settings, work.review);
    let name = if script.is_builtin() {
        work.workflow.to_owned()
    } else {
        script.check(settings, &args.choice)?.name
    };
    plan::check_names(here, settings, args)?;
    if args.dry_run {
        dry_run::print_nothing(&change)?;
        return Ok(None);
    }
    Ok(Some(nothing(name, change, memory, settings)))
}

/// The run over a change without a file to review.
pub(super) fn nothing(
    workflow: String,
    change: Arc<change::Change>,
    memory: &Memory,
    settings: &Settings,
) -> engine::Run {
    let taxonomy = Taxonomy::with(&settings.taxonomy);
    let mut run = engine::Run::of_nothing(change, workflow, taxonomy);
    memory::of_nothing(memory, &mut run);
    run
}

/// Writes the reports, and says how it ended.
pub(super) fn tell(told: &mut Told, screen: &Screen) -> Result<Exit, Error> {
    let (outcome, reports) = (&told.outcome, &told.reports);
    report::write_all(
        outcome,
        reports,
        screen::style(),
        &mut std::io::stdout().lock(),
    )?;
    review::conclude(outcome, reports, screen);
    if let Some(error) = told.unwritten.take() {
        return Err(error);
    }
    let outcome = &told.outcome;
    Ok(told.interrupted.unwrap_or_else(|| Exit::from(outcome)))
}
