//! Who else may be asked: critics, the arbiter, those who write texts.

use super::super::Plan;
use crate::change::RepoPath;
use crate::workflow::Produces;

impl Plan {
    /// Critics that may be shown a packet, in the order in which they are asked.
    pub(in crate::engine) fn critics_of(&self, packet: usize) -> Vec<&String> {
        let critics = &self.refuting.critics.backends;
        let routes = self.routes.as_ref();
        match routes.and_then(|routes| routes.packets.get(packet)) {
            Some(route) => route.judges(critics),
            None => critics.iter().collect(),
        }
    }

    /// The hard policy that keeps a packet from critics.
    pub(in crate::engine) fn barring_critics(&self, packet: usize) -> Option<&str> {
        let route = self.routes.as_ref()?.packets.get(packet)?;
        route.barring(&self.refuting.critics.backends)
    }

    /// Arbiters that may be shown what is said of a file, in the order in which they are asked.
    pub(in crate::engine) fn arbiters_of(&self, path: &RepoPath) -> Vec<&String> {
        let Some(crew) = &self.arbiter else {
            return Vec::new();
        };
        match &self.routes {
            Some(routes) => routes.readers_of(path, &crew.backends),
            None => crew.backends.iter().collect(),
        }
    }

    /// The hard policy that keeps a file's text on this machine.
    pub(in crate::engine) fn sealing(&self, path: &RepoPath) -> Option<&str> {
        self.routes.as_ref()?.sealing(path)
    }

    /// The hard policy that permits none of those who would write a step's text.
    pub(in crate::engine) fn forbids_text(&self, step: usize) -> Option<&str> {
        let routes = self.routes.as_ref()?;
        let writes = self.workflow.steps[step].produces != Produces::Findings;
        let is_left_to_nobody = writes && routes.writers(&self.crews[step].backends).is_empty();
        routes.sealing_any().filter(|_| is_left_to_nobody)
    }
}
