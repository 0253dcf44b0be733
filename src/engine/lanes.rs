//! Who reads a packet: crews become lanes, and steps that ask the same question share one.

use std::borrow::Cow;
use std::sync::Arc;

use super::Plan;
use super::breaker::Line;
use super::routing::Route;
use crate::workflow::{Crew, Execution, Produces, Step, StepModel};

/// Backends that are asked one after the other until one answers; most lanes have one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lane {
    /// First choice first.
    pub(super) candidates: Vec<Candidate>,
    /// In place of the backends' own, where the steps say so.
    pub(super) temperature: Option<f32>,
    /// Indices of the steps that the answer serves.
    pub(super) steps: Vec<usize>,
}

/// A backend and the models to ask it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) backend: String,
    /// One after the other until one answers; never empty.
    pub(super) models: Vec<Line>,
    /// How often it is asked about each packet.
    pub(super) samples: u32,
}

impl Lane {
    /// How many calls each packet takes, where the first candidate answers.
    pub(super) fn calls(&self) -> usize {
        self.candidates
            .first()
            .map_or(0, |candidate| candidate.samples as usize)
    }
}

impl Plan {
    /// Lanes of several steps over the same subject. With `fold`, steps with the same
    /// candidates become one call, unless they ask for other models or temperatures, or more
    /// often; the others keep their own.
    pub(super) fn lanes(&self, steps: &[usize], fold: bool) -> Vec<Lane> {
        self.lanes_of(steps, fold, None)
    }

    /// The same, each with the packets that it reads.
    pub(super) fn assignments(&self, steps: &[usize], fold: bool) -> Vec<(Lane, Vec<usize>)> {
        let all = || {
            let packets = 0..self.packets.len();
            packets
                .filter(|packet| self.is_here(*packet))
                .collect::<Vec<_>>()
        };
        let Some(routes) = &self.routes else {
            let lanes = self.lanes(steps, fold).into_iter();
            return lanes.map(|lane| (lane, all())).collect();
        };
        let mut assignments: Vec<(Lane, Vec<usize>)> = Vec::new();
        let here = routes.packets.iter().enumerate();
        for (packet, route) in here.filter(|(packet, _)| self.is_here(*packet)) {
            for lane in self.lanes_of(steps, fold, Some(route)) {
                let known = assignments.iter_mut().find(|(known, _)| *known == lane);
                match known {
                    Some((_, packets)) => packets.push(packet),
                    None => assignments.push((lane, vec![packet])),
                }
            }
        }
        assignments
    }

    /// The lanes of a packet that goes that way.
    pub(super) fn lanes_of(&self, steps: &[usize], fold: bool, route: Option<&Route>) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = Vec::new();
        for step in steps {
            let temperature = self.workflow.steps[*step].temperature;
            for candidates in self.candidates(*step, &self.asked(*step, route)) {
                let shared = lanes.iter_mut().find(|lane| {
                    fold && lane.candidates == candidates && lane.temperature == temperature
                });
                match shared {
                    Some(lane) => lane.steps.push(*step),
                    None => lanes.push(Lane {
                        candidates,
                        temperature,
                        steps: vec![*step],
                    }),
                }
            }
        }
        lanes
    }

    /// A scanner neither stands in for a model nor is spared because a model answered:
    /// authoritative backends have lanes of their own, `execution` is about the others.
    fn candidates(&self, step: usize, asked: &[String]) -> Vec<Vec<Candidate>> {
        let (authorities, voters): (Vec<_>, Vec<_>) =
            asked.iter().partition(|name| self.is_authoritative(name));
        let candidate = |name: &String| Candidate {
            backend: name.clone(),
            models: self.models(step, name),
            samples: self.samples(step, name),
        };
        let alone = |name| vec![candidate(name)];
        let mut lanes: Vec<Vec<Candidate>> = match self.execution_of(step) {
            Execution::Parallel => voters.into_iter().map(alone).collect(),
            Execution::First => voters.into_iter().take(1).map(alone).collect(),
            Execution::Fallback if voters.is_empty() => Vec::new(),
            Execution::Fallback => vec![voters.into_iter().map(candidate).collect()],
        };
        lanes.extend(authorities.into_iter().map(alone));
        lanes
    }

    /// Those of a step's crew that are asked, in order: about a packet that goes that way, or for
    /// a text.
    fn asked(&self, step: usize, route: Option<&Route>) -> Cow<'_, [String]> {
        let crew = &self.crews[step].backends;
        if self.workflow.steps[step].produces != Produces::Findings {
            let writers = self.routes.as_ref().map(|routes| routes.writers(crew));
            return writers.map_or(Cow::Borrowed(crew), |it| it.into_iter().cloned().collect());
        }
        match route.and_then(|route| route.of(step)) {
            Some(route) => Cow::Owned(route.asked.clone()),
            None => Cow::Borrowed(crew),
        }
    }

    /// What was asked for in vain: models for programs whose arguments have no place for one.
    /// One sentence each.
    pub(super) fn lost_models(&self) -> Vec<String> {
        let mut lost = Vec::new();
        let deaf = self.seats.iter().filter(|seat| !seat.backend.takes_model());
        for seat in deaf.filter(|seat| self.is_in_a_crew(seat.backend.name())) {
            let name = seat.backend.name();
            let for_step = |(step, crew): (&Step, &Crew)| {
                // A scanner never has a model: only who names it must be told.
                let is_meant =
                    seat.backend.writes_text() || matches!(step.model, Some(StepModel::Each(_)));
                let is_asked = crew.backends.iter().any(|backend| backend == name);
                let model = step.model_for(name).filter(|_| is_meant && is_asked)?;
                Some(format!("step `{}` wants the model `{model}`", step.name))
            };
            let steps = self.workflow.steps.iter().zip(&self.crews);
            let cascade = (!seat.models.is_empty()).then(|| "it has `models`".to_owned());
            for wish in steps.filter_map(for_step).chain(cascade) {
                lost.push(format!(
                    "backend `{name}` asks its own model although {wish}: nothing in its \
                     configuration takes one; a program gets it where `args` has {{model}}"
                ));
            }
        }
        lost
    }

    /// The step's model, else the backend's cascade, else its own model.
    pub(super) fn models(&self, step: usize, backend: &str) -> Vec<Line> {
        let takes_model = self
            .seat(backend)
            .is_some_and(|seat| seat.backend.takes_model());
        match self.workflow.steps[step].model_for(backend) {
            Some(model) if takes_model => vec![Some(Arc::from(model))],
            _ => self.own_models(backend),
        }
    }

    /// The backend's cascade, else its own model.
    pub(super) fn own_models(&self, backend: &str) -> Vec<Line> {
        match self.seat(backend) {
            Some(seat) if seat.backend.takes_model() && !seat.models.is_empty() => {
                seat.models.iter().cloned().map(Some).collect()
            }
            _ => vec![None],
        }
    }

    /// Whether a step asks the backend; otherwise it is a critic or an arbiter alone.
    pub(super) fn is_in_a_crew(&self, backend: &str) -> bool {
        let mut members = self.crews.iter().flat_map(|crew| &crew.backends);
        members.any(|name| name == backend)
    }
}
