//! From settings and a change to a plan: team, backends, crews, packets.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::args::{Choice, Review, Shard};
use super::context_files;
use super::crew::{self, Backends};
use super::error::Error;
use super::experience::Experience;
use super::priors;
use super::screen::Screen;
use super::settings::Place;
use crate::backends::{self, Recorded};
use crate::change::Change;
use crate::config::{Settings, teams};
use crate::context;
use crate::engine::routing::{self, Known};
use crate::engine::{self, Funds, Plan, Refuting, Seat, Shards};
use crate::findings::{Memory, Taxonomy};
use crate::workflow::{
    self, Crew, ForEach, Problems, Produces, TeamSettings, TemplateError, Templates, Workflow,
};

/// Tokens that a model reads where its backend does not say.
const CONTEXT_TOKENS: usize = 32_000;
/// Tokens of a packet below which a review makes no sense.
const LEAST_PACKET: usize = 500;

/// A workflow's text, not yet read.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Script {
    text: String,
    source: String,
    /// Whether it stands in for the built-in review.
    is_review: bool,
}

impl Script {
    /// Finds it in the project, among the user's, among the built-in ones.
    pub(super) fn find(name: &str, here: &Place) -> Result<Self, Error> {
        let (text, source) = workflow::find(name, &here.project, here.user.as_deref())?;
        let is_review = name == "diff";
        Ok(Self {
            text,
            source,
            is_review,
        })
    }

    /// Whether it is one that llmux ships, which our tests have checked.
    pub(super) fn is_builtin(&self) -> bool {
        workflow::is_builtin(&self.source)
    }

    /// What messages call it: its file, where it has one.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Reads and checks it.
    pub(super) fn check(&self, settings: &Settings, choice: &Choice) -> Result<Workflow, Error> {
        let workflow =
            Workflow::parse(&self.text, &self.source).map_err(workflow::FindError::from)?;
        let looks = |step: &workflow::Step| step.produces == Produces::Findings;
        if self.is_review && !workflow.steps.iter().any(looks) {
            return Err(Error::Usage(format!(
                "{}: no step produces findings, so that every change would pass; give a step \
                 `produces = \"findings\"`, or run the file with `llmux run`",
                workflow.source
            )));
        }
        check(workflow, settings, choice)
    }
}

fn check(workflow: Workflow, settings: &Settings, choice: &Choice) -> Result<Workflow, Error> {
    let roles: Vec<_> = settings.roles.keys().map(String::as_str).collect();
    let backends: Vec<_> = settings.backend_order.iter().map(String::as_str).collect();
    let is_known = |name: &str| crew::may_have(name, settings, choice);
    let problems: Problems = workflow
        .check_roles(&roles)
        .into_iter()
        .chain(workflow.check_backends(&is_known, &backends))
        .collect();
    if !problems.is_empty() {
        return Err(workflow::FindError::from(problems).into());
    }
    for step in &workflow.steps {
        let beyond = match (step.produces, step.for_each) {
            (Produces::Verdict | Produces::Edits, _) => "produces a verdict or edits",
            (Produces::Findings, Some(ForEach::Findings)) => "produces findings for each finding",
            (Produces::Findings | Produces::Text, _) => continue,
        };
        return Err(Error::Usage(format!(
            "{}: step `{}` {beyond}, which this version cannot run; it runs steps that produce \
             findings for each packet, or text",
            workflow.source, step.name
        )));
    }
    Ok(workflow)
}

/// What a plan goes by beside the change and the workflow.
pub(super) struct Brief<'b> {
    pub(super) here: &'b Place,
    pub(super) settings: &'b Settings,
    pub(super) review: &'b Review,
    pub(super) answers: &'b Answers<'b>,
    /// What earlier runs teach.
    pub(super) experience: &'b Experience,
    pub(super) screen: &'b Screen,
}

/// Who could be asked, and the settings of those that stand in no file.
pub(super) type KnownBackends = (Vec<Recorded>, Vec<(String, backends::Settings)>);

/// Decides who reads what; and what a replay must know of the backends.
pub(super) fn plan(
    change: Arc<Change>,
    workflow: Workflow,
    args: BTreeMap<String, String>,
    brief: &Brief<'_>,
) -> Result<(Plan, KnownBackends), Error> {
    let Brief {
        here,
        settings,
        review,
        answers,
        experience,
        screen,
    } = brief;
    let (team, warning) = team(here, settings, &review.choice)?;
    if let Some(warning) = warning {
        screen.note("warning", &warning);
    }
    let rules = routing::Rules::new(&settings.routing)?;
    let priors = priors::load(here, settings)?;
    let backends = Backends::gather(here, settings, &review.choice, answers)?;
    // A replay needs no network, whoever is replayed.
    let offline = review.choice.offline && review.replay.is_none();
    let crews = backends.crews(&workflow, settings, team.as_ref(), offline);
    if let Some(formation) = backends.formation(&workflow, &crews) {
        screen.note("note", &format!("{formation}; see `llmux doctor`"));
    }
    let seats = backends.seats(&crews, &settings.run);
    let left_out = backends.left_out(offline);
    if !left_out.is_empty() {
        let sentence = format!("--offline leaves out {}", left_out.join(", "));
        screen.note("note", &sentence);
    }
    note_without_models(&seats, &backends, screen);
    let templates = Templates::new(&workflow).map_err(|error| Error::Usage(error.to_string()))?;
    let judges = |role: &str| backends.judges(role, settings, team.as_ref(), offline);
    let (critics, arbiter) = (
        judges(crew::CRITIC),
        settings.merge.arbiter.as_deref().map(judges),
    );
    let mut plan = Plan {
        packets: Vec::new(),
        context: match (answers.recipe(), &team) {
            (Some(recipe), _) => recipe.context.clone(),
            (_, Some((_, team))) => context_files::read(here, &change, team, &rules, screen),
            (_, None) => String::new(),
        },
        change,
        workflow,
        templates,
        crews,
        seats,
        refuting: Refuting {
            critics,
            by_default: settings.vote.refute,
            blocks_from: settings.gate.fail_on.least(),
        },
        arbiter,
        routes: None,
        shards: None,
        team,
        args,
        scope: settings.anchor.scope,
        merge: settings.merge.clone(),
        taxonomy: Taxonomy::with(&settings.taxonomy),
        vote: settings.vote.clone(),
        priors,
        learning: None,
        settings: settings.run.clone(),
        memory: Memory::default(),
        recorder: Arc::default(),
        funds: Funds::default(),
    };
    let broken = |error: TemplateError| Error::Usage(error.to_string());
    let critics = plan.critics_prompt_tokens().map_err(broken)?;
    let prompt = plan.prompt_tokens().map_err(broken)?.max(critics);
    let room = room(&plan, &backends, prompt)?;
    let parts = rules.parts(&plan.change).into_iter();
    let packets = parts.flat_map(|part| context::pack(&part, &settings.packets, room));
    plan.packets = packets.collect();
    plan.shards = review
        .shard
        .map(|shard| divided(&plan, shard))
        .transpose()?;
    seat_judges(&mut plan, &backends, critics, &settings.run);
    // Before who reads what is decided: that goes by what votes weigh.
    plan.learn(&experience.judged);
    if let Some(recipe) = answers.recipe() {
        // What was not asked then is not there now, whatever is wanted of votes today.
        plan.routes.clone_from(&recipe.routes);
    } else {
        let known = Known {
            locals: backends.locals(),
            latencies: experience.latencies.clone(),
            remaining_nano_usd: experience.remaining_nano_usd,
        };
        plan.route(&rules, &known);
    }
    let known = (backends.recorded(offline), backends.found(settings));
    Ok((plan, known))
}

/// Says where only rules read.
fn note_without_models(seats: &[Seat], backends: &Backends, screen: &Screen) {
    if seats.is_empty() || seats.iter().any(|seat| !seat.authoritative) {
        return;
    }
    let why = if backends.has_models() {
        "none of those that there are can be asked; see `llmux doctor`"
    } else {
        "only the built-in rules: name models under [backends] in .llmux/config.toml, or set a key \
         such as OPENAI_API_KEY"
    };
    screen.note("note", &format!("no model reads this change, {why}"));
}

/// One part of a plan.
fn divided(plan: &Plan, Shard { number, of }: Shard) -> Result<Shards, Error> {
    if let Some(why) = engine::undividable(&plan.workflow) {
        let source = &plan.workflow.source;
        return Err(Error::Usage(format!(
            "{source} cannot be run in shards: {why}"
        )));
    }
    Ok(Shards {
        of,
        here: [number].into(),
        is_part: true,
    })
}

/// A budget is kept only where each call's price is known.
pub(super) fn check_prices(plan: &Plan, settings: &Settings) -> Result<(), Error> {
    if !settings.budget.is_set() {
        return Ok(());
    }
    match plan.unpriced().as_slice() {
        [] => Ok(()),
        sentences => Err(Error::Usage(sentences.join("\nerror: "))),
    }
}

/// Who judges and is asked by no step makes no packet smaller: one that cannot read what it
/// would be asked is no judge. `critics` are the tokens of their prompt without its packet.
fn seat_judges(plan: &mut Plan, backends: &Backends, critics: usize, run: &engine::Settings) {
    let largest = plan.packets.iter().map(|packet| packet.tokens).max();
    let needed = largest.unwrap_or_default() + critics;
    keep_readers(
        &mut plan.refuting.critics,
        ("a critic", needed),
        backends,
        run,
    );
    let needed = plan.arbiters_prompt_tokens();
    if let Some(arbiter) = &mut plan.arbiter {
        keep_readers(arbiter, ("the arbiter", needed), backends, run);
    }
    let critics = plan.may_refute().then_some(&plan.refuting.critics);
    let crews = plan.crews.iter().chain(critics).chain(&plan.arbiter);
    plan.seats = backends.seats(crews, run);
}

/// Keeps those of a crew that can read so many tokens and answer.
fn keep_readers(
    crew: &mut Crew,
    (role, needed): (&str, usize),
    backends: &Backends,
    run: &engine::Settings,
) {
    for name in std::mem::take(&mut crew.backends) {
        let Some(seat) = backends.seat(&name, run) else {
            continue;
        };
        let context = backends.context_tokens(&name).unwrap_or(CONTEXT_TOKENS);
        let output = seat.limits.max_output_tokens.unwrap_or(0) as usize;
        if needed + output <= context {
            crew.backends.push(name);
        } else {
            let why = format!(
                "as {role} it would have to read {needed} tokens and write up to {output}, and \
                 its context_tokens are {context}"
            );
            crew.unavailable.push((name, why));
        }
    }
}

/// Tokens that a packet may have so that the smallest backend of the crews can read it and answer.
fn room(plan: &Plan, backends: &Backends, prompt: usize) -> Result<usize, Error> {
    let mut room = usize::MAX;
    for seat in plan.seats.iter().filter(|seat| seat.backend.writes_text()) {
        let name = seat.backend.name();
        let context = backends.context_tokens(name).unwrap_or(CONTEXT_TOKENS);
        let output = seat
            .limits
            .max_output_tokens
            .map_or(0, |tokens| tokens as usize);
        let left = context.saturating_sub(prompt + output);
        if left < LEAST_PACKET {
            return Err(Error::Usage(format!(
                "backend `{name}` reads {context} tokens; the prompt takes {prompt} and the answer \
                 {output}, which leaves {left} for the change: raise context_tokens or lower \
                 max_output_tokens under [backends.{name}]"
            )));
        }
        room = room.min(left);
    }
    Ok(room)
}

/// Finds names on the command line that nothing has, where a plan is not needed.
pub(super) fn check_names(here: &Place, settings: &Settings, review: &Review) -> Result<(), Error> {
    if !review.choice.backend.is_empty() {
        Backends::gather(here, settings, &review.choice, &Answers::of(review)?)?;
    }
    if let Some(name) = &review.choice.team {
        teams::resolve(name, &settings.teams).map_err(|error| Error::Usage(error.to_string()))?;
    }
    Ok(())
}

/// A team's name and its settings, `extends` followed.
pub(super) type NamedTeam = (String, TeamSettings);

/// The team that was chosen or is detected, and what a reader must know of the detection.
pub(super) fn team(
    here: &Place,
    settings: &Settings,
    choice: &Choice,
) -> Result<(Option<NamedTeam>, Option<String>), Error> {
    let (name, warning) = if let Some(name) = &choice.team {
        (Some(name.clone()), None)
    } else {
        let found = teams::detect(&here.project, &settings.teams);
        (found.team, found.warning)
    };
    let Some(name) = name else {
        return Ok((None, warning));
    };
    match teams::resolve(&name, &settings.teams) {
        Ok(team) => Ok((Some((name, team)), warning)),
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}
