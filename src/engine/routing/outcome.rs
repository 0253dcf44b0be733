//! What the decision comes to: which policies are kept, and what is left unread.

use std::collections::{BTreeMap, BTreeSet};

use super::routes::{Kept, Whole};
use super::rules::Compiled;
use super::settings::Enforce;
use super::{PolicyReport, Route, Router, Routes};
use crate::change::RepoPath;
use crate::findings::Voter;
use crate::units::dollars;
use crate::workflow::Produces;

impl Router<'_> {
    /// Which files' text stays on this machine.
    pub(super) fn seal(&self, routes: &mut Routes) {
        let kept = |enforce| {
            let files = self.plan.change.files.iter();
            let files = files.filter_map(|file| {
                let policy = self.rules.keeping(file, enforce)?;
                Some((file.path.clone(), policy.to_owned()))
            });
            Kept::new(files.collect())
        };
        routes.whole = Whole {
            locals: self.known.locals.clone(),
            sealed: kept(Enforce::Hard),
            avoided: kept(Enforce::Soft),
        };
        routes.basis = format!("{:?} {:?}", self.rules.settings, self.known.locals);
    }

    /// Counts, and says what a reader must know.
    pub(super) fn conclude(&self, routes: &mut Routes) {
        let policies = self.rules.policies.iter();
        routes.policies = policies.map(|policy| self.report(policy, routes)).collect();
        let broken = routes.policies.iter();
        let broken =
            broken.filter(|policy| policy.enforce == Enforce::Soft && policy.violations > 0);
        let notices: Vec<String> = broken.map(not_kept).collect();
        routes.notices.extend(notices);
        let texts = self.texts_away(routes);
        routes.notices.extend(texts);
        routes.gaps = self.gaps(routes);
    }

    fn report(&self, policy: &Compiled, routes: &Routes) -> PolicyReport {
        let mut report = PolicyReport {
            name: policy.name.clone(),
            enforce: policy.policy.enforce,
            packets: 0,
            violations: 0,
            prevented: 0,
        };
        for (packet, route) in self.plan.packets.iter().zip(&routes.packets) {
            report.packets += usize::from(policy.concerns(packet));
            let breakers = policy.breakers(packet, &self.costs(packet), self.known);
            for name in breakers {
                let asks = |name: &str| {
                    let mut steps = route.steps.iter();
                    steps.any(|step| step.asked.iter().any(|asked| asked == name))
                };
                let is_kept_out = |name: &str| {
                    let mut passed = route.steps.iter().flat_map(|step| &step.passed_over);
                    passed.any(|(other, why)| {
                        other == name && why.parts().1 == Some(policy.name.as_str())
                    })
                };
                if asks(name) {
                    report.violations += 1;
                } else if is_kept_out(name) {
                    report.prevented += 1;
                }
            }
        }
        report
    }

    /// Texts that are written elsewhere although a soft policy speaks against it.
    fn texts_away(&self, routes: &Routes) -> Vec<String> {
        let Some(policy) = routes.whole.avoided.any() else {
            return Vec::new();
        };
        let steps = self.plan.workflow.steps.iter().zip(&self.plan.crews);
        let texts = steps.filter(|(step, _)| step.produces == Produces::Text);
        let away = texts.filter(|(_, crew)| {
            let writers = routes.writers(&crew.backends);
            writers
                .iter()
                .any(|name| !self.known.locals.contains(*name))
        });
        away.map(|(step, _)| {
            format!(
                "policy `{policy}` (soft) is not kept by step `{}`: no backend on this machine \
                 could write its text",
                step.name
            )
        })
        .collect()
    }

    /// Packets that hard policies keep from enough backends, by policy and reason.
    fn gaps(&self, routes: &Routes) -> Vec<String> {
        let mut gaps: BTreeMap<(String, String), BTreeSet<&RepoPath>> = BTreeMap::new();
        for route in &routes.packets {
            if let Some((policies, why)) = self.gap(route) {
                gaps.entry((policies, why))
                    .or_default()
                    .extend(&route.files);
            }
        }
        let sentence = |((policies, why), files): ((String, String), BTreeSet<&RepoPath>)| {
            let mut files = files.into_iter();
            let first = files.next().map_or_else(String::new, RepoPath::to_string);
            let files = match files.count() {
                0 => first,
                more => format!("{first} and {more} more"),
            };
            format!("{policies} leaves too few backends for {files}: {why}")
        };
        gaps.into_iter().map(sentence).collect()
    }

    /// By which policies a packet is not read by enough, and what is missing.
    fn gap(&self, route: &Route) -> Option<(String, String)> {
        let barred = |names: &[String]| -> BTreeSet<&String> {
            names
                .iter()
                .filter_map(|name| route.barred.get(name))
                .collect()
        };
        let asked: BTreeSet<&String> = route.steps.iter().flat_map(|step| &step.asked).collect();
        let readers: Vec<Voter> = self.readers(&asked);
        self.steps
            .iter()
            .zip(&route.steps)
            .find_map(|(looking, step)| {
                let crew = &self.plan.crews[looking.step].backends;
                let policies = barred(crew);
                if policies.is_empty() {
                    return None;
                }
                let is_asked = |name: &String| step.asked.contains(name);
                let quorum = &looking.quorum;
                let why = if !quorum.voters.is_empty() && !quorum.voters.iter().any(is_asked) {
                    format!("step `{}` has no model that it permits", step.name)
                } else if quorum.voters.is_empty() && !quorum.authorities.iter().all(is_asked) {
                    format!("step `{}` has no scanner that it permits", step.name)
                } else {
                    quorum
                        .shortfall(&readers)
                        .filter(|_| !quorum.voters.is_empty())?
                };
                let names: Vec<String> = policies
                    .into_iter()
                    .map(|name| format!("`{name}`"))
                    .collect();
                let plural = if names.len() == 1 {
                    "policy"
                } else {
                    "policies"
                };
                Some((format!("{plural} {}", names.join(", ")), why))
            })
    }

    /// All voters among some backends.
    fn readers(&self, asked: &BTreeSet<&String>) -> Vec<Voter> {
        let plan = self.plan;
        let seats = plan.seats.iter().filter(|seat| !seat.authoritative);
        let seats = seats.filter(|seat| asked.iter().any(|name| *name == seat.backend.name()));
        seats
            .flat_map(|seat| {
                let steps = self.steps.iter();
                let samples = steps
                    .map(|it| plan.samples(it.step, seat.backend.name()))
                    .max();
                (1..=samples.unwrap_or(1)).map(|sample| plan.voter(seat, sample))
            })
            .collect()
    }
}

fn not_kept(policy: &PolicyReport) -> String {
    let times = if policy.violations == 1 {
        "once".to_owned()
    } else {
        format!("{} times", policy.violations)
    };
    format!(
        "policy `{}` (soft) is not kept {times}: without it no quorum could be reached",
        policy.name
    )
}

/// What the budget did; nothing where all fits as it is.
pub(super) fn budget(cut: usize, sum: u64, remaining: u64) -> Option<String> {
    let usd = |nano: u64| format!("${:.4}", dollars(nano));
    let left = usd(remaining);
    let packets = match cut {
        0 => None,
        1 => Some("1 risky packet is read as an ordinary one".to_owned()),
        more => Some(format!("{more} risky packets are read as ordinary ones")),
    };
    let beyond = (sum > remaining).then(|| {
        format!(
            "what is left to do may take up to {}, which is more",
            usd(sum)
        )
    });
    match (packets, beyond) {
        (None, None) => None,
        (Some(packets), None) => Some(format!("{left} are left: {packets}")),
        (None, Some(beyond)) => Some(format!("{left} are left: {beyond}")),
        (Some(packets), Some(beyond)) => Some(format!("{left} are left: {packets}; {beyond}")),
    }
}
