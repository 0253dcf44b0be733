//! Who reads a packet: crews become lanes, and steps that ask the same backend share one.

use crate::workflow::{Crew, Execution};

/// Backends that are asked one after the other until one answers; most lanes have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    /// Names, first choice first.
    pub(super) candidates: Vec<String>,
    /// Indices of the steps that the answer serves.
    pub(super) steps: Vec<usize>,
}

/// Lanes of several steps over the same packets. With `fold`, steps with the same
/// candidates become one call; the others keep their own.
pub(super) fn lanes<'a>(
    steps: impl IntoIterator<Item = (usize, &'a Crew, Execution)>,
    fold: bool,
) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for (step, crew, execution) in steps {
        for candidates in candidates(crew, execution) {
            let shared = lanes
                .iter_mut()
                .find(|lane| fold && lane.candidates == candidates);
            match shared {
                Some(lane) => lane.steps.push(step),
                None => lanes.push(Lane {
                    candidates,
                    steps: vec![step],
                }),
            }
        }
    }
    lanes
}

fn candidates(crew: &Crew, execution: Execution) -> Vec<Vec<String>> {
    match execution {
        Execution::Parallel => crew
            .backends
            .iter()
            .map(|name| vec![name.clone()])
            .collect(),
        Execution::First => crew
            .backends
            .iter()
            .take(1)
            .map(|name| vec![name.clone()])
            .collect(),
        Execution::Fallback if crew.backends.is_empty() => Vec::new(),
        Execution::Fallback => vec![crew.backends.clone()],
    }
}
