//! From a role and a team to the backends that will run.

use std::collections::BTreeMap;

use super::{Combine, Execution, RoleSettings, Step, TeamSettings};
use crate::units::Threshold;

/// A role resolved by the team: the backends that will run, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Crew {
    /// The role.
    pub role: String,
    /// Those that are available, in the order of the configuration; may be empty.
    pub backends: Vec<String>,
    /// The others, in the same order, with the reason.
    pub unavailable: Vec<(String, String)>,
    /// How they run, where the role says so.
    pub execution: Option<Execution>,
    /// What several answers become.
    pub combine: Combine,
    /// In place of those of `[vote]`, where the role says so.
    pub threshold: Option<Threshold>,
    /// How often each backend is asked, where the role says so.
    pub samples: Option<u32>,
    /// Whether doubtful findings go before a critic, where the role says so.
    pub refute: Option<bool>,
}

impl Crew {
    /// How the crew runs in `step`: as the role's settings say; else all at once where the
    /// step is `parallel`; else one after the other until one answers.
    pub fn execution_of(&self, step: &Step) -> Execution {
        self.execution.unwrap_or(if step.parallel {
            Execution::Parallel
        } else {
            Execution::Fallback
        })
    }

    /// What confirms a finding of `step`, where it or the role says so; the step comes first.
    pub fn threshold_of(&self, step: &Step) -> Option<Threshold> {
        step.threshold.or(self.threshold)
    }
}

/// Turns a role into backends. The team's list replaces the role's; a role that nobody
/// configured has every configured backend. `team` is already resolved by `extends`;
/// `configured` names all backends in order; `available` gives the reason why one cannot
/// be asked. A name that is not configured counts as unavailable, a name given twice
/// once.
pub fn resolve_crew(
    role: &str,
    roles: &BTreeMap<String, RoleSettings>,
    team: Option<&TeamSettings>,
    configured: &[String],
    available: &dyn Fn(&str) -> Result<(), String>,
) -> Crew {
    let settings = roles.get(role);
    let wanted = team
        .and_then(|team| team.roles.get(role))
        .or_else(|| settings.and_then(|settings| settings.backends.as_ref()))
        .map_or(configured, Vec::as_slice);
    let mut crew = Crew {
        role: role.to_owned(),
        backends: Vec::new(),
        unavailable: Vec::new(),
        execution: settings.and_then(|settings| settings.execution),
        combine: settings
            .and_then(|settings| settings.combine)
            .unwrap_or_default(),
        threshold: settings.and_then(|settings| settings.threshold),
        samples: settings.and_then(|settings| settings.samples),
        refute: settings.and_then(|settings| settings.refute),
    };
    for (index, name) in wanted.iter().enumerate() {
        if wanted[..index].contains(name) {
            continue;
        }
        let answer = if configured.contains(name) {
            available(name)
        } else {
            Err(format!("no backend `{name}` is configured"))
        };
        match answer {
            Ok(()) => crew.backends.push(name.clone()),
            Err(reason) => crew.unavailable.push((name.clone(), reason)),
        }
    }
    crew
}
