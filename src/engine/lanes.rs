//! Who reads a packet: crews become lanes, and steps that ask the same backend share one.

use super::Plan;
use crate::workflow::Execution;

/// Backends that are asked one after the other until one answers; most lanes have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    /// Names, first choice first.
    pub(super) candidates: Vec<String>,
    /// Indices of the steps that the answer serves.
    pub(super) steps: Vec<usize>,
}

impl Plan {
    /// Lanes of several steps over the same subject. With `fold`, steps with the same
    /// candidates become one call; the others keep their own.
    pub(super) fn lanes(&self, steps: &[usize], fold: bool) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = Vec::new();
        for step in steps {
            for candidates in self.candidates(*step) {
                let shared = lanes
                    .iter_mut()
                    .find(|lane| fold && lane.candidates == candidates);
                match shared {
                    Some(lane) => lane.steps.push(*step),
                    None => lanes.push(Lane {
                        candidates,
                        steps: vec![*step],
                    }),
                }
            }
        }
        lanes
    }

    /// A scanner neither stands in for a model nor is spared because a model answered:
    /// authoritative backends have lanes of their own, `execution` is about the others.
    fn candidates(&self, step: usize) -> Vec<Vec<String>> {
        let (authorities, voters): (Vec<_>, Vec<_>) = self.crews[step]
            .backends
            .iter()
            .cloned()
            .partition(|name| self.is_authoritative(name));
        let alone = |name| vec![name];
        let mut lanes: Vec<Vec<String>> = match self.execution_of(step) {
            Execution::Parallel => voters.into_iter().map(alone).collect(),
            Execution::First => voters.into_iter().take(1).map(alone).collect(),
            Execution::Fallback if voters.is_empty() => Vec::new(),
            Execution::Fallback => vec![voters],
        };
        lanes.extend(authorities.into_iter().map(alone));
        lanes
    }
}
