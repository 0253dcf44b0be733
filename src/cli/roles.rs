//! From roles to the backends that do them.

use std::collections::BTreeMap;

use super::crew::Backends;
use crate::config::Settings;
use crate::workflow::{Crew, RoleSettings, TeamSettings, resolve_crew};

/// Roles as the configuration, the team and the flags have them.
pub(super) struct Roles<'a> {
    backends: &'a Backends,
    settings: BTreeMap<String, RoleSettings>,
    team: Option<TeamSettings>,
    offline: bool,
}

impl<'a> Roles<'a> {
    /// `is_chosen` says whether `--backend` names the crew of every role.
    pub(super) fn new(
        backends: &'a Backends,
        is_chosen: bool,
        settings: &Settings,
        team: Option<&(String, TeamSettings)>,
        offline: bool,
    ) -> Self {
        let mut roles = settings.roles.clone();
        let mut team = team.map(|(_, team)| team.clone());
        if is_chosen {
            for role in roles.values_mut() {
                role.backends = None;
            }
            if let Some(team) = &mut team {
                team.roles.clear();
            }
        }
        Self {
            backends,
            settings: roles,
            team,
            offline,
        }
    }

    /// Who does a role; only where it `finds` may they be scanners.
    pub(super) fn crew(&self, role: &str, finds: bool) -> Crew {
        let backends = self.backends;
        let available = |name: &str| backends.available(name, self.offline);
        let team = self.team.as_ref();
        let mut crew = resolve_crew(role, &self.settings, team, &backends.order, &available);
        if self.offline {
            // Who was left out on purpose is missed by nobody.
            crew.unavailable
                .retain(|(name, _)| !backends.is_left_out(name, true));
        }
        if !finds {
            // What only scans code is no candidate for prose, and nothing to report.
            crew.backends.retain(|name| {
                let built = backends.get(name);
                built.is_some_and(|(backend, _)| backend.writes_text())
            });
        }
        crew
    }
}
