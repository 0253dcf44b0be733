//! `llmux diff` and `llmux run`: settings → change → packets → crew → claims → findings →
//! outcome → reports → verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{Change, Diff, Global, Review, Run};
use super::error::Error;
use super::exit::Exit;
use super::screen::{self, Screen};
use super::{memory, plan, review, settings};
use crate::engine;
use crate::findings::Taxonomy;
use crate::{change, gate, report};

/// `llmux diff`: the built-in workflow `diff`, or the user's of that name.
pub(super) fn diff(args: &Diff, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    review_change(
        "diff",
        BTreeMap::new(),
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
        values,
        &args.change,
        &args.review,
        global,
        screen,
    )
}

fn review_change(
    workflow: &str,
    values: BTreeMap<String, String>,
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

    let (run, interrupted) = if change.files.is_empty() {
        // Nothing to ask: no backend is looked for, no key is read. A commit hook should not
        // be felt, so even the workflow is only read where it could be wrong.
        let name = if script.is_builtin() {
            workflow.to_owned()
        } else {
            script.check(&loaded.settings, &args.choice)?.name
        };
        plan::check_names(&here, &loaded.settings, args)?;
        if args.dry_run {
            return plan::print(&change, &[], &[], &[]);
        }
        let taxonomy = Taxonomy::with(&loaded.settings.taxonomy);
        let mut run = engine::Run::of_nothing(change, name, taxonomy);
        memory::of_nothing(&memory, &mut run);
        (run, None)
    } else {
        let steps = script.check(&loaded.settings, &args.choice)?;
        let mut plan = plan::plan(change, steps, values, &here, &loaded.settings, args, screen)?;
        plan.memory = memory;
        if args.dry_run {
            let estimates = plan.estimate();
            let judges = [
                ("arbiter", plan.arbiters_reservation()),
                ("refutation", plan.reservation()),
            ];
            let judges = judges.into_iter();
            let judges: Vec<_> = judges
                .filter_map(|(who, most)| Some((who, most?)))
                .collect();
            return plan::print(&plan.change, &plan.packets, &estimates, &judges);
        }
        review::run(plan, screen)?
    };

    let outcome = gate::judge(run, loaded.settings.gate);
    report::write_all(
        &outcome,
        &reports,
        screen::style(),
        &mut std::io::stdout().lock(),
    )?;
    review::conclude(&outcome, &reports, screen);
    Ok(interrupted.unwrap_or_else(|| Exit::from(&outcome)))
}
