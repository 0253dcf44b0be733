//! `llmux doctor`: configuration → backends → looks and probes → crews → surroundings →
//! what to do.

mod advice;
mod backends;
mod configuration;
mod crews;
mod critics;
mod diagnosis;
mod files;
mod git;
mod look;
mod network;
mod probe;
mod text;
mod workflows;

use super::answers::Answers;
use super::args::{Choice, Doctor, DoctorFormat, Global};
use super::crew::{Backends, CRITIC};
use super::error::Error;
use super::exit::Exit;
use super::plan;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::settings::Place;
use crate::change::Project;
use backends::Wish;
use diagnosis::{Diagnosis, Problem, SCHEMA_VERSION, Tool, Verdict};

/// Says which backends, teams and tools answer, and why not. What is wrong with the
/// configuration does not keep the rest from being shown.
pub(super) fn doctor(args: &Doctor, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let (here, untrusted) = match Place::find(global) {
        Ok(here) => (here, None),
        Err(error) => (Place::here()?.with(Project::Nowhere), Some(error)),
    };
    let (loaded, configuration, mut problems) = configuration::load(&here, global)?;
    problems.extend(untrusted.map(|error| Problem::new("pull request", &error)));
    let settings = &loaded.settings;
    let team = plan::team(&here, settings, &args.choice);
    let (team, team_warning) = or_among(&mut problems, "--team", team)?.unwrap_or_default();
    let (rules, rules_check) = files::rules(&here, settings, &mut problems);
    let priors = files::priors(&here, settings, &mut problems);
    let workflow = workflows::chosen(&args.workflow, &here, settings, &args.choice, &mut problems);
    let backends = |choice| Backends::with_broken(settings, choice, &Answers::Live, &rules);
    let backends = match or_among(&mut problems, "--backend", backends(&args.choice))? {
        Some(backends) => backends,
        None => backends(&Choice::default())?,
    };

    let wish = Wish::new(args, settings);
    if args.probe {
        screen.note("note", &backends::announcement(&backends, &wish));
    }
    let (checks, interrupted) = Runtime::start()?
        .until_signal(async |cancel| backends::check_all(&backends, &wish, &cancel).await);

    let (crews, critics, formation) = workflow.map_or_else(Default::default, |workflow| {
        let crews = backends.crews(&workflow, settings, team.as_ref(), args.choice.offline);
        let formation = if configuration.errors.is_none() {
            backends.formation(&workflow, &crews)
        } else {
            // What it configures is not known.
            let found = backends.found_and_formed(&workflow, &crews);
            found.map(|found| format!("without the configuration that is wrong: {found}"))
        };
        let checked = crews::check(&workflow, &crews, &backends, settings, &priors, &checks);
        let critics = backends.judges(CRITIC, settings, team.as_ref(), args.choice.offline);
        let critics = critics::check(&critics, &crews, &checked, &backends, settings, &checks);
        (checked, Some(critics), formation)
    });
    let mut diagnosis = Diagnosis {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        verdict: Verdict::of(&problems, &checks, &crews),
        probed: args.probe,
        offline: args.choice.offline,
        interrupted: interrupted.is_some(),
        workflow: args.workflow.clone(),
        formation,
        backends: checks,
        crews,
        critics,
        problems,
        advice: Vec::new(),
        git: git::check(&here.dir),
        ci: super::ci::check(),
        configuration,
        team: files::team(&here, team.as_ref(), team_warning),
        workflows: workflows::all(&here, settings, &args.choice),
        rules: rules_check,
        cache: files::cache(),
        network: network::check(),
        terminal: screen::style().into(),
    };
    diagnosis.advice = advice::give(
        &diagnosis,
        !args.choice.backend.is_empty(),
        loaded.notices(),
    );

    print(&diagnosis, args.format)?;
    Ok(interrupted.unwrap_or_else(|| diagnosis.verdict.exit()))
}

/// Where there are problems already the error is one of them: what a file that was left out
/// may have named is not unknown.
fn or_among<T>(
    problems: &mut Vec<Problem>,
    place: &str,
    result: Result<T, Error>,
) -> Result<Option<T>, Error> {
    match result {
        Err(error) if !problems.is_empty() => {
            problems.push(Problem::new(place, &error));
            Ok(None)
        }
        result => result.map(Some),
    }
}

fn print(diagnosis: &Diagnosis, format: DoctorFormat) -> Result<(), Error> {
    let mut text = Vec::new();
    match format {
        DoctorFormat::Json => crate::report::write_json(diagnosis, &mut text)
            .map_err(|error| Error::Io("the answer cannot be written", error))?,
        DoctorFormat::Terminal => text.extend(text::render(diagnosis, screen::style()).bytes()),
    }
    screen::print(&text)
}
