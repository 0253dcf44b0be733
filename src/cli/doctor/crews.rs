//! Who does each step of a workflow, and whether that is enough for a verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::backends::{BackendCheck, State};
use crate::cli::crew::Backends;
use crate::config::Settings;
use crate::engine::{Confirmation, Quorum, Seat, samples_of, voters_of};
use crate::findings::Voter;
use crate::findings::confidence::Model;
use crate::units::Threshold;
use crate::workflow::{Crew, Execution, OnError, Produces, Step, Workflow};

/// The crew of one step.
#[derive(Debug, Serialize)]
pub(super) struct CrewCheck {
    pub(super) step: String,
    pub(super) role: String,
    /// Whether the step looks for findings; otherwise it writes text.
    pub(super) finds: bool,
    pub(super) execution: Execution,
    pub(super) members: Vec<Member>,
    /// Backends of the role that are no members, and why.
    pub(super) missing: Vec<Missing>,
    /// As configuration writes it.
    pub(super) threshold: Threshold,
    /// Those of categories and severities that have one of their own.
    pub(super) thresholds: BTreeMap<String, Threshold>,
    /// How many of the voters must read each packet.
    pub(super) readers_needed: usize,
    /// Whether a run is incomplete where this crew cannot do its part.
    pub(super) required: bool,
    /// Whether it can.
    pub(super) quorum: bool,
    /// Why it cannot.
    pub(super) why: Option<String>,
}

/// A backend of a crew.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) state: State,
    pub(super) weight: f64,
    /// How often it is asked about each packet.
    pub(super) samples: u32,
    pub(super) authoritative: bool,
    /// The step's own, in place of the backend's.
    pub(super) model: Option<String>,
}

/// A backend that a crew has to do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Missing {
    pub(super) name: String,
    pub(super) why: String,
}

impl Member {
    pub(super) fn new(name: &str, seat: Option<&Seat>, state: State, model: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            weight: seat.map_or(1.0, |seat| seat.weight),
            samples: 1,
            authoritative: seat.is_some_and(|seat| seat.authoritative),
            model: model.map(str::to_owned),
        }
    }

    fn with_samples(self, samples: u32) -> Self {
        Self { samples, ..self }
    }
}

impl Missing {
    pub(super) fn of(crew: &Crew) -> Vec<Self> {
        let missing = |(name, why): &(String, String)| Self {
            name: name.clone(),
            why: why.clone(),
        };
        crew.unavailable.iter().map(missing).collect()
    }
}

impl CrewCheck {
    /// Whether it keeps no run from a verdict.
    pub(super) fn is_sound(&self) -> bool {
        self.quorum || !self.required
    }
}

/// Judges the crews of a workflow by the rule that judges a run, as though each backend that
/// works answered every question and the others none.
pub(super) fn check(
    workflow: &Workflow,
    crews: &[Crew],
    backends: &Backends,
    settings: &Settings,
    priors: &Arc<Model>,
    checks: &[BackendCheck],
) -> Vec<CrewCheck> {
    let seats = backends.seats(crews, &settings.run);
    let state = |name: &str| {
        let check = checks.iter().find(|check| check.name == name);
        check.map_or(State::Unknown, |check| check.state)
    };
    let works = |name: &str| state(name).works();
    let authoritative = |name: &str| seat(&seats, name).is_some_and(|seat| seat.authoritative);
    let steps: Vec<(&Step, &Crew, Confirmation, Quorum)> = workflow
        .steps
        .iter()
        .zip(crews)
        .map(|(step, crew)| {
            let confirmation = Confirmation::new(step, crew, &seats, &settings.vote, priors);
            let execution = crew.execution_of(step);
            let quorum = Quorum::new(crew, execution, &confirmation, &authoritative);
            (step, crew, confirmation, quorum)
        })
        .collect();
    let readers = readers(&steps, &seats, &works);
    let judge = |(step, crew, confirmation, quorum): &(&Step, &Crew, Confirmation, Quorum)| {
        let finds = step.produces == Produces::Findings;
        let own = quorum.readers_of(&works);
        let is_met = if finds {
            quorum.is_met(&|name| own.contains(&name), &readers)
        } else {
            !own.is_empty()
        };
        let member = |name: &String| {
            let seat = seat(&seats, name);
            // A program that takes no model asks its own, whatever the step says.
            let takes_model =
                seat.is_some_and(|seat| seat.backend.takes_model() && seat.backend.writes_text());
            let model = step.model_for(name).filter(|_| takes_model);
            let samples = seat.map_or(1, |seat| samples_of(step, crew, seat));
            Member::new(name, seat, state(name), model).with_samples(samples)
        };
        CrewCheck {
            step: step.name.clone(),
            role: step.role.clone(),
            finds,
            execution: crew.execution_of(step),
            members: crew.backends.iter().map(member).collect(),
            missing: Missing::of(crew),
            threshold: confirmation.common(),
            thresholds: confirmation
                .special()
                .into_iter()
                .map(|(name, threshold)| (name.to_owned(), threshold))
                .collect(),
            readers_needed: quorum.readers.min(quorum.voters.len()),
            required: finds || step.on_error == OnError::Fail,
            quorum: is_met,
            why: (!is_met).then(|| why(finds, quorum, &own, &readers)),
        }
    };
    steps.iter().map(judge).collect()
}

/// The voters that read where all that works answers.
fn readers(
    steps: &[(&Step, &Crew, Confirmation, Quorum)],
    seats: &[Seat],
    works: &dyn Fn(&str) -> bool,
) -> Vec<Voter> {
    let mut samples: BTreeMap<&str, u32> = BTreeMap::new();
    for (step, crew, _, quorum) in steps {
        if step.produces != Produces::Findings {
            continue;
        }
        for name in quorum.readers_of(works) {
            if let Some(seat) = seat(seats, name).filter(|seat| !seat.authoritative) {
                let most = samples.entry(seat.backend.name()).or_default();
                *most = (*most).max(samples_of(step, crew, seat));
            }
        }
    }
    let readers = samples.into_iter();
    let readers = readers.filter_map(|(name, most)| Some(voters_of(seat(seats, name)?, most)));
    readers.flatten().collect()
}

fn seat<'s>(seats: &'s [Seat], name: &str) -> Option<&'s Seat> {
    seats.iter().find(|seat| seat.backend.name() == name)
}

fn why(finds: bool, quorum: &Quorum, readers: &[&str], all: &[Voter]) -> String {
    let voters = quorum.voters.len();
    let reading = quorum.voters.iter();
    let reading = reading.filter(|name| readers.contains(&name.as_str()));
    let reading = reading.count();
    if readers.is_empty() {
        "no backend of its role can be asked".to_owned()
    } else if voters == 0 {
        "only scanners are left of its crew".to_owned()
    } else if !finds || reading < quorum.readers {
        format!(
            "{reading} of its {voters} voters can read, {} must",
            quorum.readers
        )
    } else {
        let shortfall = quorum.shortfall(all);
        shortfall.unwrap_or_else(|| "it can confirm nothing".to_owned())
    }
}
