//! Who read which packet, in the words that reports share.

use std::collections::BTreeMap;

use super::{clean, words};
use crate::engine::Routes;
use crate::engine::routing::{Enforce, Risk, RiskKind, Route};

/// Reasons that are named before the rest is counted.
const MAX_NAMED: usize = 3;

/// Whether packets are risky, whether they are read as ordinary ones for want of money, and by whom.
type Group<'r> = (bool, bool, Vec<&'r str>);

/// Crews with the number of their packets, the ordinary ones first, then what became of
/// policies and budget. Each is one line without its line feed.
pub fn lines(routes: &Routes) -> Vec<String> {
    let mut groups: BTreeMap<Group<'_>, Vec<&Route>> = BTreeMap::new();
    for route in &routes.packets {
        let key = (!route.risks.is_empty(), route.is_cut, readers(route));
        groups.entry(key).or_default().push(route);
    }
    let groups = groups.iter().map(|(kind, routes)| group(kind, routes));
    let groups: Vec<String> = groups.collect();
    let mut lines = vec![format!("Routing: {}", groups.join("; "))];
    lines.extend(
        routes
            .budget
            .iter()
            .map(|budget| format!("Budget of routing: {budget}")),
    );
    let policies = routes.policies.iter().filter(|policy| policy.packets > 0);
    lines.extend(policies.map(|policy| {
        let name = clean::line(&policy.name);
        let kept = match (policy.enforce, policy.violations) {
            (_, 0) => "kept".to_owned(),
            (Enforce::Monitor, count) => words::number(count, "violation"),
            (Enforce::Hard | Enforce::Soft, count) => {
                format!(
                    "{}, without which no quorum could be reached",
                    words::number(count, "violation")
                )
            }
        };
        let packets = words::number(policy.packets, "packet");
        format!(
            "Policy {name} ({}): {kept} in {packets}",
            policy.enforce.as_str()
        )
    }));
    lines
}

/// `2 risky packets by a, b (src/auth/a.rs: touched path)`
fn group((is_risky, is_cut, crew): &Group<'_>, routes: &[&Route]) -> String {
    let what = if *is_risky { "risky packet" } else { "packet" };
    let packets = words::number(routes.len(), what);
    let crew = match crew.as_slice() {
        [] => "nobody".to_owned(),
        names => clean::line(&names.join(", ")),
    };
    let cut = if *is_cut { ", for want of money" } else { "" };
    let risks: Vec<&Risk> = routes.iter().flat_map(|route| &route.risks).collect();
    let why = match risks.as_slice() {
        [] => String::new(),
        risks => {
            let mut named: Vec<String> =
                risks.iter().take(MAX_NAMED).map(|it| reason(it)).collect();
            if risks.len() > MAX_NAMED {
                named.push(format!("{} more", risks.len() - MAX_NAMED));
            }
            format!(" ({})", named.join("; "))
        }
    };
    format!("{packets} by {crew}{cut}{why}")
}

fn reason(risk: &Risk) -> String {
    let what = match risk.kind {
        RiskKind::Size | RiskKind::Security => &risk.detail,
        RiskKind::Path => risk.kind.as_str(),
    };
    match &risk.path {
        Some(path) => clean::line(&format!("{path}: {what}")),
        None => clean::line(what),
    }
}

/// Whom any step asks, each once, in the order of the steps.
fn readers(route: &Route) -> Vec<&str> {
    let mut readers: Vec<&str> = Vec::new();
    for name in route.steps.iter().flat_map(|step| &step.asked) {
        if !readers.contains(&name.as_str()) {
            readers.push(name);
        }
    }
    readers
}
