//! Who does each step of a workflow, and whether that is enough for a verdict.

use std::collections::BTreeSet;

use serde::Serialize;

use super::backends::{BackendCheck, State};
use crate::cli::crew::Backends;
use crate::config::Settings;
use crate::engine::{Quorum, Seat, threshold_of};
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
            authoritative: seat.is_some_and(|seat| seat.authoritative),
            model: model.map(str::to_owned),
        }
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
    checks: &[BackendCheck],
) -> Vec<CrewCheck> {
    let seats = backends.seats(crews, &settings.run);
    let state = |name: &str| {
        let check = checks.iter().find(|check| check.name == name);
        check.map_or(State::Unknown, |check| check.state)
    };
    let works = |name: &str| state(name).works();
    let authoritative = |name: &str| seat(&seats, name).is_some_and(|seat| seat.authoritative);
    let steps: Vec<(&Step, &Crew, Threshold, Quorum)> = workflow
        .steps
        .iter()
        .zip(crews)
        .map(|(step, crew)| {
            let threshold = threshold_of(step, crew, &seats, settings.vote.threshold);
            let execution = crew.execution_of(step);
            let quorum = Quorum::new(crew, execution, threshold, &authoritative);
            (step, crew, threshold, quorum)
        })
        .collect();
    let readers: BTreeSet<&str> = steps
        .iter()
        .filter(|(step, ..)| step.produces == Produces::Findings)
        .flat_map(|(_, _, _, quorum)| quorum.readers_of(&works))
        .collect();
    let voters = seats.iter().filter(|seat| !seat.authoritative);
    let weight: f64 = voters
        .filter(|seat| readers.contains(seat.backend.name()))
        .map(|seat| seat.weight)
        .sum();
    let judge = |(step, crew, threshold, quorum): &(&Step, &Crew, Threshold, Quorum)| {
        let finds = step.produces == Produces::Findings;
        let own = quorum.readers_of(&works);
        let is_met = if finds {
            quorum.is_met(&|name| own.contains(&name), weight)
        } else {
            !own.is_empty()
        };
        let member = |name: &String| {
            let seat = seat(&seats, name);
            // A program that takes no model asks its own, whatever the step says.
            let takes_model =
                seat.is_some_and(|seat| seat.backend.takes_model() && seat.backend.writes_text());
            let model = step.model_for(name).filter(|_| takes_model);
            Member::new(name, seat, state(name), model)
        };
        CrewCheck {
            step: step.name.clone(),
            role: step.role.clone(),
            finds,
            execution: crew.execution_of(step),
            members: crew.backends.iter().map(member).collect(),
            missing: Missing::of(crew),
            threshold: *threshold,
            readers_needed: quorum.readers.min(quorum.voters.len()),
            required: finds || step.on_error == OnError::Fail,
            quorum: is_met,
            why: (!is_met).then(|| why(finds, quorum, &own, weight)),
        }
    };
    steps.iter().map(judge).collect()
}

fn seat<'s>(seats: &'s [Seat], name: &str) -> Option<&'s Seat> {
    seats.iter().find(|seat| seat.backend.name() == name)
}

fn why(finds: bool, quorum: &Quorum, readers: &[&str], weight: f64) -> String {
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
        format!(
            "all that can read weigh {weight} together, and it takes {} to confirm a finding",
            quorum.weight
        )
    }
}
