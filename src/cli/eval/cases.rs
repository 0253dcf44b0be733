//! Cases: a change, the tape of its review, and what should have been found. Each is really
//! run, as `llmux diff --patch change.diff --replay tape` would run it here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::answers::Answers;
use super::super::args::{Change, Global, Review};
use super::super::error::Error;
use super::super::exit::Exit;
use super::super::experience::Experience;
use super::super::runtime::Runtime;
use super::super::screen::Screen;
use super::super::settings::{self, Place};
use super::super::{plan, progress};
use crate::change;
use crate::engine::{self, Reading, Run};
use crate::eval::{self, Case, Data};

/// Replays all cases; exits 3 where an answer is missing. No data where a signal came.
pub(super) fn replay(
    folders: &[PathBuf],
    global: &Global,
    screen: &Screen,
) -> Result<(Option<Data>, Exit), Error> {
    let mut cases = Vec::new();
    let mut missing = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let expected = eval::read_expected(folder)?;
        let (run, interrupted) = review(folder, global, screen)?;
        if let Some(signal) = interrupted {
            return Ok((None, signal));
        }
        let answers = answers(&run);
        let silent = answers.iter().filter(|(_, answered)| !**answered);
        missing.extend(silent.map(|(backend, _)| {
            format!("{name}: {backend} gave no whole answer and counts there as not asked")
        }));
        if !answers.values().any(|answered| *answered) {
            return Err(Error::Usage(format!(
                "{}: no backend answered: record the tape with `llmux diff --patch change.diff \
                 --record tape` and the configuration in force here",
                folder.display()
            )));
        }
        // What a role's own critics did away with was said all the same.
        let findings = run.findings.iter().chain(&run.refuted);
        let claims = findings.flat_map(|finding| &finding.claims);
        cases.push(Case::new(name, answers, claims, &expected));
    }
    let exit = if missing.is_empty() {
        Exit::Passed
    } else {
        Exit::Incomplete
    };
    let mut data = Data::of_cases(cases);
    data.notes.extend(missing);
    Ok((Some(data), exit))
}

/// Runs one case to its end.
fn review(folder: &Path, global: &Global, screen: &Screen) -> Result<(Run, Option<Exit>), Error> {
    let here = Place::find(global)?;
    let which = Change {
        patch: Some(folder.join("change.diff")),
        ..Change::default()
    };
    let args = Review {
        replay: Some(folder.join("tape")),
        ..Review::default()
    };
    let loaded = settings::load(&here, &which, &args, global)?;
    let script = plan::Script::find("diff", &here)?;
    let change = Arc::new(change::read(
        &here.dir,
        &which.source(),
        &loaded.settings.change,
    )?);
    let steps = script.check(&loaded.settings, &args.choice)?;
    let brief = plan::Brief {
        here: &here,
        settings: &loaded.settings,
        review: &args,
        answers: &Answers::of(&args)?,
        experience: &Experience::default(),
        screen,
    };
    let (mut plan, _) = plan::plan(change, steps, BTreeMap::new(), &brief)?;
    // What is measured is what reviewers say; a tape of reviews knows no judges.
    plan.refuting.by_default = false;
    plan.arbiter = None;
    let runtime = Runtime::start()?;
    Ok(runtime.until_signal(async |cancel| engine::run(plan, &cancel, progress::none()).await))
}

/// Whether each backend that was asked has read every file.
fn answers(run: &Run) -> BTreeMap<String, bool> {
    let readings = || run.coverage.files.iter().flat_map(|file| &file.readings);
    let names: BTreeSet<&String> = readings().map(|(name, _)| name).collect();
    names
        .into_iter()
        .map(|name| {
            let mut own = readings().filter(|(other, _)| *other == name);
            (
                name.clone(),
                own.all(|(_, reading)| *reading == Reading::Read),
            )
        })
        .collect()
}
