//! Who judges findings that have too few votes, and whether anybody can.

use serde::Serialize;

use super::backends::{BackendCheck, State};
use super::crews::{CrewCheck, Member, Missing};
use crate::cli::crew::Backends;
use crate::config::Settings;
use crate::workflow::Crew;

/// The crew of the role `critic`.
#[derive(Debug, Serialize)]
pub(super) struct CriticsCheck {
    /// Whether doubtful findings of any step go before them.
    pub(super) wanted: bool,
    pub(super) members: Vec<Member>,
    /// Backends of the role that are no members, and why.
    pub(super) missing: Vec<Missing>,
    /// Whether every finding has one that works and did not report it.
    pub(super) served: bool,
    /// Why not.
    pub(super) why: Option<String>,
}

/// Judges the critics beside the crews of the workflow: a critic is none for its own findings.
pub(super) fn check(
    critics: &Crew,
    crews: &[Crew],
    checked: &[CrewCheck],
    backends: &Backends,
    settings: &Settings,
    checks: &[BackendCheck],
) -> CriticsCheck {
    let by_default = settings.vote.refute && settings.gate.fail_on.least().is_some();
    let says = |wanted| crews.iter().any(|crew| crew.refute == Some(wanted));
    let state = |name: &str| {
        let check = checks.iter().find(|check| check.name == name);
        check.map_or(State::Unknown, |check| check.state)
    };
    let member = |name: &String| {
        let seat = backends.seat(name, &settings.run);
        Member::new(name, seat.as_ref(), state(name), None)
    };
    let members: Vec<Member> = critics.backends.iter().map(member).collect();
    let working: Vec<&str> = members
        .iter()
        .filter(|member| member.state.works())
        .map(|member| member.name.as_str())
        .collect();
    let finders = checked.iter().filter(|crew| crew.finds);
    let mut finders = finders.flat_map(|crew| &crew.members);
    let why = match working.as_slice() {
        [] => Some("no backend of the role `critic` can be asked".to_owned()),
        [only] if finders.any(|finder| finder.name == *only) => Some(format!(
            "`{only}` is the only one that can be asked, and nobody judges what it reports itself"
        )),
        _ => None,
    };
    CriticsCheck {
        wanted: by_default || says(true),
        members,
        missing: Missing::of(critics),
        served: why.is_none(),
        why,
    }
}
