//! Backends that are asked several times: how often, how the questions differ, and what each
//! answer is called. All samples of a backend are its calls, in its slots, on its account; each
//! is a voter of its own.

use super::{Plan, Seat};
use crate::findings::Voter;
use crate::workflow::{Crew, Produces, Step};

/// Temperatures of the samples in turn: wide apart also where there are few, and none that a
/// protocol would refuse.
const HEATS: [f32; 5] = [0.2, 0.6, 1.0, 0.4, 0.8];

/// How a sample's question differs from that of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Variation {
    /// Where nobody fixed one and the backend takes one.
    pub(super) temperature: Option<f32>,
    /// Else which order of the packet's files and hunks; 0 is the packet's own.
    pub(super) order: usize,
}

impl Variation {
    /// That of sample `number`, from 1, of so many; `fixed` is the temperature that step or
    /// backend want.
    pub(super) fn of(number: u32, samples: u32, seat: &Seat, fixed: Option<f32>) -> Self {
        let index = number.saturating_sub(1) as usize;
        match fixed {
            _ if samples < 2 => Self::default(),
            None if seat.backend.takes_temperature() => Self {
                temperature: Some(HEATS[index % HEATS.len()]),
                order: 0,
            },
            _ => Self {
                temperature: None,
                order: index,
            },
        }
    }
}

/// How many of so many samples must read for their backend to have read: those that could
/// confirm something together.
pub(super) fn enough(samples: usize) -> usize {
    samples.div_ceil(2)
}

/// How often a step asks a backend about each packet: as often as the role says, else as the
/// backend does. A text is written once, and a scanner says the same each time.
pub fn samples_of(step: &Step, crew: &Crew, seat: &Seat) -> u32 {
    if step.produces != Produces::Findings || !seat.backend.writes_text() {
        return 1;
    }
    crew.samples.unwrap_or(seat.samples).max(1)
}

/// The voters that a backend is where it is asked `samples` times: itself, or `NAME#1` and on.
pub fn voters_of(seat: &Seat, samples: u32) -> Vec<Voter> {
    let voter = |number| voter(seat, number, samples > 1);
    (1..=samples).map(voter).collect()
}

fn voter(seat: &Seat, number: u32, is_sampled: bool) -> Voter {
    let name = seat.backend.name();
    Voter {
        name: if is_sampled {
            format!("{name}#{number}")
        } else {
            name.to_owned()
        },
        weight: seat.weight,
        factor: seat.factor,
        authoritative: seat.authoritative,
        silent: false,
    }
}

impl Plan {
    /// How often `step` asks the backend.
    pub(super) fn samples(&self, step: usize, backend: &str) -> u32 {
        self.seat(backend).map_or(1, |seat| {
            samples_of(&self.workflow.steps[step], &self.crews[step], seat)
        })
    }

    /// The voter that sample `number` is. A backend that any step asks several times has samples
    /// in all of them, so that its first one is one voter.
    pub(super) fn voter(&self, seat: &Seat, number: u32) -> Voter {
        let name = seat.backend.name();
        let is_member = |crew: &Crew| crew.backends.iter().any(|member| member == name);
        let mut steps = self.workflow.steps.iter().zip(&self.crews);
        let is_sampled =
            steps.any(|(step, crew)| is_member(crew) && samples_of(step, crew, seat) > 1);
        voter(seat, number, is_sampled)
    }
}
