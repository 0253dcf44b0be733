//! `llmux merge`: parts of a run become the report that one run gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::Answers;
use super::args::{Global, Merge, Review};
use super::crew::Backends;
use super::diff::Told;
use super::error::Error;
use super::exit::Exit;
use super::experience::Experience;
use super::part::{self, Draft, Parts};
use super::runtime::Runtime;
use super::screen::Screen;
use super::settings::{self, Place};
use super::{diff, keep, memory, plan, review, rule_files, store as stores};
use crate::change::Project;
use crate::config::{self, ReportSettings};
use crate::engine::{Funds, Log, Plan, Recording, Routes, Serving, Shards};
use crate::gate;
use crate::store::Past;

pub(super) fn merge(args: &Merge, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let parts = Parts::read(&args.parts)?;
    let review = Review {
        judging: args.judging.clone(),
        choice: parts.first().recipe.choice(),
        timeout: args.timeout.clone(),
        budget: args.budget,
        part: args.part.clone(),
        ..Review::default()
    };
    // A job that only joins has no checkout, so that no project says anything there.
    let here = match Place::find(global) {
        Ok(here) => here,
        Err(_) => Place::here()?.with(Project::Nowhere),
    };
    let mut told = if args.offline {
        told(parts, &review, &here, None, screen)?
    } else {
        let live = Live::find(&here, global, &review, screen)?;
        told(parts, &review, &here, Some(&live), screen)?
    };
    diff::tell(&mut told, screen)
}

/// What this machine has, to ask what no part was told.
pub(super) struct Live {
    settings: config::Settings,
    backends: Backends,
}

impl Live {
    /// By its own configuration: what a part says of commands and addresses is not believed.
    fn find(
        here: &Place,
        global: &Global,
        review: &Review,
        screen: &Screen,
    ) -> Result<Self, Error> {
        let settings = config::load(&settings::inputs(here, global, Vec::new()))?.settings;
        let rules = rule_files::load(here, &settings)?;
        let gather = |choice| Backends::with_broken(&settings, choice, &Answers::Live, &rules);
        let backends = match gather(&review.choice) {
            Ok(backends) => backends,
            // It asks for one that only the parts' machine has.
            Err(error) => {
                screen.note("note", &format!("nobody can be asked here: {error}"));
                gather(&super::args::Choice::default())?
            }
        };
        Ok(Self { settings, backends })
    }
}

/// Tells a run by its parts. Without `live` nobody is asked, and no store is opened.
pub(super) fn told(
    mut parts: Parts,
    review: &Review,
    here: &Place,
    live: Option<&Live>,
    screen: &Screen,
) -> Result<Told, Error> {
    let (calls, spent) = parts.calls();
    let shards = Shards {
        of: parts.of(),
        here: parts.here().collect(),
        is_part: false,
    };
    let first = parts.first();
    let recipe = &first.recipe;
    if let Some(path) = &review.part {
        part::check(path)?;
    }
    let loaded = settings::as_written(&recipe.settings, review)?;
    // A part is data: where this machine's files are written it does not say.
    let reports = settings::reports(review, &ReportSettings::default())?;
    let project = here.clone().with(recipe.project());
    let change = recipe.change(&project, &loaded.settings.change)?;
    let judging = &review.judging;
    let is_told = judging.previous.is_some() || judging.baseline_rev.is_some();
    let memory = if is_told || judging.baseline.is_some() {
        memory::recall(here, &change, review, &loaded.settings, screen)?
    } else {
        memory::as_kept(&first.memory, &loaded.settings)
    };
    if change.files.is_empty() {
        let run = diff::nothing(recipe.workflow.clone(), change, &memory, &loaded.settings);
        let path = review.part.as_ref();
        let draft = path.map(|path| Draft::of_nothing(path, None, parts.into_recipe(), memory));
        return Ok(Told {
            outcome: gate::judge(run, loaded.settings.gate),
            interrupted: None,
            reports,
            unwritten: draft.and_then(|draft| draft.write(Log::default()).err()),
        });
    }
    let steps = recipe.script.check(&loaded.settings, &review.choice)?;
    let experience = Experience {
        project: first.project.clone(),
        judged: first.judged.clone(),
        ..Experience::default()
    };
    let answers = match live {
        Some(live) => Answers::Parts(recipe, &live.backends),
        None => Answers::Run(recipe),
    };
    let brief = plan::Brief {
        here: &project,
        settings: &loaded.settings,
        review,
        answers: &answers,
        experience: &experience,
        screen,
    };
    let (mut plan, known) = plan::plan(change, steps, recipe.args.clone(), &brief)?;
    plan.memory = memory;
    let routes = parts.routes(&shards);
    let is_routed = |routes: &Routes| routes.packets.len() == plan.packets.len();
    if !is_cut_alike(&plan, &first.packets) || !routes.as_ref().is_none_or(is_routed) {
        let why = "these parts were cut otherwise than this llmux cuts them: join them with the one \
                   that wrote them";
        return Err(Error::Usage(why.to_owned()));
    }
    plan.routes = routes;
    plan.shards = Some(shards);
    plan.funds = Funds {
        settings: loaded.settings.budget.clone(),
        project: experience.project.clone(),
        team: plan.team.as_ref().map(|(name, _)| name.clone()),
        spent: spent.clone(),
    };
    let draft = review.part.as_ref().map(|path| {
        let files = rule_files::having_a_say(&project, &loaded.settings)?;
        let joined = recipe.again((&loaded, files), &plan, known);
        let learned = (experience.judged.as_slice(), experience.project.as_str());
        Ok::<_, Error>(Draft::of(path, None, joined, learned, &plan))
    });
    let draft = draft.transpose()?;
    let runtime = Runtime::start()?;
    let store = live.map(|live| runtime.wait(stores::for_review(&live.settings, screen)));
    let recording = Recording {
        journal: review.part.is_some(),
        ..recording(recipe, calls, live.is_some(), &plan)
    };
    let kept = runtime.wait(keep::join(store.flatten(), &mut plan, recording, screen));
    let recorder = Arc::clone(&plan.recorder);
    let (run, interrupted) = review::run(plan, &runtime, screen);
    let outcome = gate::judge(run, loaded.settings.gate.clone());
    if let Some(kept) = kept {
        runtime.wait(kept.end(&outcome, &loaded.settings, screen));
    }
    let unwritten = draft.and_then(|draft| draft.write(recorder.told().after(&spent)).err());
    Ok(Told {
        outcome,
        interrupted,
        reports,
        unwritten,
    })
}

/// Whether the packets are those that the parts have read.
fn is_cut_alike(plan: &Plan, ids: &[String]) -> bool {
    let packets = plan.packets.iter().map(|packet| packet.id.as_str());
    packets.eq(ids.iter().map(String::as_str))
}

fn recording(
    recipe: &super::recipe::Recipe,
    past: BTreeMap<String, Past>,
    may_ask: bool,
    plan: &Plan,
) -> Recording {
    let known = recipe.backends.iter();
    let known = known.map(|one| (one.name.clone(), one.configuration.clone()));
    Recording {
        run: crate::store::new_id(),
        team: plan.funds.team.clone().unwrap_or_default(),
        serving: if may_ask {
            Serving::Joined
        } else {
            Serving::Replay
        },
        past,
        configurations: known.collect(),
        ..Recording::default()
    }
}
