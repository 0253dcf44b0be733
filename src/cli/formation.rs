//! What is said where no backend is configured: who was found, and which crews that makes.

use super::crew::Backends;
use crate::workflow::{Crew, Produces, Workflow};

impl Backends {
    /// What was found on a machine without configuration, and which crews that makes; none
    /// where backends are configured or chosen, or nothing was found.
    pub(super) fn formation(&self, workflow: &Workflow, crews: &[Crew]) -> Option<String> {
        let found = self.found_and_formed(workflow, crews)?;
        Some(format!("no backend is configured; {found}"))
    }

    /// The same without saying why.
    pub(super) fn found_and_formed(&self, workflow: &Workflow, crews: &[Crew]) -> Option<String> {
        if self.found.is_empty() {
            return None;
        }
        let key_of = |name: &String| self.built.get(name)?.1.api_key.clone();
        let found = self.found.iter().map(|name| match key_of(name) {
            // Written as `${NAME}`.
            Some(key) => format!("{name} ({})", key.trim_matches(['$', '{', '}'])),
            None => name.clone(),
        });
        let found: Vec<String> = found.collect();
        Some(format!(
            "found {} \u{2014} {}",
            found.join(", "),
            formed(workflow, crews)
        ))
    }
}

/// `every role is done by claude, rules`, or who does each.
fn formed(workflow: &Workflow, crews: &[Crew]) -> String {
    let looking = workflow.steps.iter().zip(crews);
    let looking: Vec<&Crew> = looking
        .filter(|(step, _)| step.produces == Produces::Findings)
        .map(|(_, crew)| crew)
        .collect();
    let members = |crew: &Crew| match crew.backends.as_slice() {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    match looking.as_slice() {
        [] => "no role looks for findings".to_owned(),
        [first, others @ ..] if others.iter().all(|crew| crew.backends == first.backends) => {
            format!("every role is done by {}", members(first))
        }
        crews => {
            let each = crews.iter();
            let each = each.map(|crew| format!("{} by {}", crew.role, members(crew)));
            format!("roles are done: {}", each.collect::<Vec<_>>().join("; "))
        }
    }
}
