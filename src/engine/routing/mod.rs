//! Who reads which packet is decided before the first call: cheap first, strong on risk, within
//! what policies allow. The result is data of the plan ([`Routes`]); docs/routing.md tells how.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::breaker::Line;
use super::run::waves;
use super::samples::voters_of;
use super::{Plan, Quorum, Seat};
use crate::context::Packet;
use crate::findings::Voter;
use crate::workflow::{Execution, Produces};

mod asked;
mod choice;
mod outcome;
mod policies;
mod risk;
mod routes;
mod rules;
mod settings;

pub use choice::{Candidate, Choice, Reaches, Size, choose, fit};
pub use risk::{Risk, RiskKind};
pub use routes::{PassedOver, PolicyReport, Route, Routes, StepRoute};
pub use rules::Rules;
pub use settings::{Enforce, Policy, RiskSettings, Settings};

use policies::Verdicts;

/// What is known of backends and money beside the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Backends on this machine.
    pub locals: BTreeSet<String>,
    /// Backend → median of the time that its calls took; nothing of whom nothing is known.
    pub latencies: BTreeMap<String, Duration>,
    /// What may still be spent, in billionths of a dollar; none where nothing bounds it.
    pub remaining_nano_usd: Option<u64>,
}

impl Plan {
    /// Decides who reads which packet. Everybody reads everything where `rules` are off.
    pub fn route(&mut self, rules: &Rules, known: &Known) {
        self.routes = None;
        if !rules.is_on() {
            return;
        }
        let decide = Router::new(self, rules, known);
        let mut routes = decide.routes();
        decide.keep_to_budget(&mut routes);
        decide.conclude(&mut routes);
        self.routes = Some(routes);
    }
}

/// A step that looks for findings.
struct Looking {
    step: usize,
    quorum: Quorum,
    execution: Execution,
    /// Each voter of the crew with its samples, in the crew's order.
    voters: Vec<Vec<Voter>>,
    /// Sets of voters, and whether they make a quorum.
    tried: RefCell<BTreeMap<Vec<usize>, bool>>,
}

struct Router<'p> {
    plan: &'p Plan,
    rules: &'p Rules,
    known: &'p Known,
    steps: Vec<Looking>,
    /// Tokens of a prompt without its packet.
    prompt: usize,
}

impl<'p> Router<'p> {
    fn new(plan: &'p Plan, rules: &'p Rules, known: &'p Known) -> Self {
        let steps = plan.workflow.steps.iter().enumerate();
        let looking = steps.filter(|(_, step)| step.produces == Produces::Findings);
        let looking = looking.map(|(step, _)| Looking::new(plan, step)).collect();
        Self {
            plan,
            rules,
            known,
            steps: looking,
            prompt: plan.prompt_tokens().unwrap_or_default(),
        }
    }

    fn routes(&self) -> Routes {
        let packets = self.plan.packets.iter();
        let mut routes = Routes {
            packets: packets.map(|packet| self.route(packet)).collect(),
            ..Routes::default()
        };
        self.seal(&mut routes);
        routes
    }

    fn route(&self, packet: &Packet) -> Route {
        let enabled = self.rules.settings.enabled;
        let verdicts = self.verdicts(packet);
        let mut route = Route {
            files: packet
                .slices
                .iter()
                .map(|it| it.file.path.clone())
                .collect(),
            tokens: packet.tokens,
            risks: if enabled {
                risk::of(packet, self.rules)
            } else {
                Vec::new()
            },
            is_cut: false,
            steps: Vec::new(),
            barred: verdicts.barred,
            avoided: verdicts.avoided,
        };
        self.assign(&mut route, packet);
        route
    }

    /// Chooses who reads the packet in each step.
    fn assign(&self, route: &mut Route, packet: &Packet) {
        let size = self.size(route);
        let steps = self.steps.iter();
        route.steps = steps
            .map(|it| self.in_step(it, route, packet, size))
            .collect();
    }

    fn size(&self, route: &Route) -> Size {
        let settings = &self.rules.settings;
        match (settings.enabled, route.risks.is_empty() || route.is_cut) {
            (false, _) => Size::Whole,
            (true, true) => Size::Cheapest(settings.voters),
            (true, false) if settings.risky_voters == 0 => Size::Whole,
            (true, false) => Size::Strongest(settings.risky_voters),
        }
    }

    fn in_step(&self, looking: &Looking, route: &Route, packet: &Packet, size: Size) -> StepRoute {
        let crew = &self.plan.crews[looking.step];
        let voters = &looking.quorum.voters;
        let is_barred = |name: &String| route.barred.contains_key(name);
        let permitted: Vec<usize> = (0..voters.len())
            .filter(|at| !is_barred(&voters[*at]))
            .collect();
        let candidates = permitted.iter().map(|at| Candidate {
            weight: looking.voters[*at]
                .first()
                .map_or(0.0, |voter| voter.weight),
            cost: self.cost(looking.step, &voters[*at], packet),
            is_avoided: route.avoided.contains_key(&voters[*at]),
        });
        let candidates: Vec<Candidate> = candidates.collect();
        let chosen = match looking.execution {
            Execution::Parallel => {
                let reaches = |own: &[usize]| {
                    let set = own.iter().map(|at| permitted[*at]).collect();
                    looking.reaches(set)
                };
                choose(&candidates, size, &reaches).members
            }
            Execution::First => in_turn(&candidates, false).into_iter().take(1).collect(),
            Execution::Fallback => in_turn(&candidates, matches!(size, Size::Cheapest(_))),
        };
        let mut asked: Vec<String> = chosen
            .into_iter()
            .map(|at| voters[permitted[at]].clone())
            .collect();
        let authorities = looking.quorum.authorities.iter();
        asked.extend(authorities.filter(|name| !is_barred(name)).cloned());
        let others = crew.backends.iter().filter(|name| !asked.contains(name));
        let why = |name: &String| match (route.barred.get(name), route.avoided.get(name)) {
            (Some(policy), _) => PassedOver::Barred(policy.clone()),
            (None, Some(policy)) => PassedOver::Avoided(policy.clone()),
            (None, None) => PassedOver::NotNeeded,
        };
        StepRoute {
            step: looking.step,
            name: self.plan.workflow.steps[looking.step].name.clone(),
            passed_over: others.map(|name| (name.clone(), why(name))).collect(),
            asked,
        }
    }

    /// Highest cost of a backend's calls about a packet in one step, in billionths of a dollar.
    fn cost(&self, step: usize, backend: &str, packet: &Packet) -> Option<u64> {
        let seat = self.plan.seat(backend)?;
        let samples = self.plan.samples(step, backend) as usize;
        self.cost_of(seat, &self.plan.models(step, backend), samples, packet)
    }

    /// The same of so many calls to such models of a seat; what runs on this machine costs
    /// nothing unless its price is given.
    fn cost_of(&self, seat: &Seat, models: &[Line], calls: usize, packet: &Packet) -> Option<u64> {
        let is_free = || {
            let is_local = self.known.locals.contains(seat.backend.name());
            (is_local || !seat.backend.writes_text()).then_some(0)
        };
        let tokens = packet.tokens + self.prompt;
        seat.highest_cost(models, calls, calls * tokens)
            .or_else(is_free)
    }

    /// Highest cost of one call of each backend about a packet.
    fn costs(&self, packet: &Packet) -> Vec<(&'p str, Option<u64>)> {
        let seats = self.plan.seats.iter();
        let costs = seats.map(|seat| {
            let name = seat.backend.name();
            let models = self.plan.own_models(name);
            (name, self.cost_of(seat, &models, 1, packet))
        });
        costs.collect()
    }

    fn verdicts(&self, packet: &Packet) -> Verdicts {
        Verdicts::of(packet, &self.costs(packet), self.rules, self.known)
    }

    /// Reads risky packets as ordinary ones, the last first, until the rest fits what is left.
    fn keep_to_budget(&self, routes: &mut Routes) {
        let Some(remaining) = self.known.remaining_nano_usd else {
            return;
        };
        let cheaper: Vec<Option<Route>> = (self.plan.packets.iter().zip(&routes.packets))
            .map(|(packet, route)| self.cheaper(route, packet))
            .collect();
        let total = |at: usize, route: &Route| self.total(at, route);
        let costs = routes.packets.iter().zip(&cheaper).enumerate();
        let costs: Vec<(u64, Option<u64>)> = costs
            .map(|(at, (route, cheaper))| {
                (total(at, route), cheaper.as_ref().map(|it| total(at, it)))
            })
            .collect();
        let keeps = fit(&costs, remaining);
        for ((route, keeps), cheaper) in routes.packets.iter_mut().zip(&keeps).zip(cheaper) {
            if let (false, Some(cheaper)) = (keeps, cheaper) {
                *route = cheaper;
            }
        }
        let cut = keeps.iter().filter(|keeps| !**keeps).count();
        let packets = routes.packets.iter().enumerate();
        let sum = packets
            .map(|(at, route)| total(at, route))
            .fold(0, u64::saturating_add);
        routes.budget = outcome::budget(cut, sum, remaining);
    }

    /// A risky packet's route were it an ordinary one.
    fn cheaper(&self, route: &Route, packet: &Packet) -> Option<Route> {
        if route.risks.is_empty() {
            return None;
        }
        let mut cheaper = route.clone();
        cheaper.is_cut = true;
        self.assign(&mut cheaper, packet);
        Some(cheaper)
    }

    /// Highest cost of all calls about a packet; steps that are folded share theirs. What no
    /// price is known of is not in it.
    fn total(&self, packet: usize, route: &Route) -> u64 {
        let plan = self.plan;
        let steps: Vec<usize> = self.steps.iter().map(|looking| looking.step).collect();
        let lanes = waves(&plan.workflow, &steps)
            .into_iter()
            .flat_map(|wave| plan.lanes_of(&wave, plan.workflow.fold, Some(route)));
        let costs = lanes.filter_map(|lane| {
            let first = lane.candidates.first()?;
            let seat = plan.seat(&first.backend)?;
            self.cost_of(
                seat,
                &first.models,
                first.samples as usize,
                &plan.packets[packet],
            )
        });
        costs.fold(0, u64::saturating_add)
    }
}

impl Looking {
    fn new(plan: &Plan, step: usize) -> Self {
        let quorum = plan.quorum_of(step);
        let voters = quorum.voters.iter().map(|name| {
            let seat = plan.seat(name);
            seat.map_or_else(Vec::new, |seat| voters_of(seat, plan.samples(step, name)))
        });
        Self {
            step,
            execution: plan.execution_of(step),
            voters: voters.collect(),
            quorum,
            tried: RefCell::default(),
        }
    }

    /// Whether these voters, by their place in the crew, could confirm a finding of every kind.
    fn reaches(&self, set: Vec<usize>) -> bool {
        if let Some(known) = self.tried.borrow().get(&set) {
            return *known;
        }
        let readers: Vec<Voter> = set.iter().flat_map(|at| self.voters[*at].clone()).collect();
        let reaches = !readers.is_empty() && self.quorum.shortfall(&readers).is_none();
        self.tried.borrow_mut().insert(set, reaches);
        reaches
    }
}

/// The order in which one is asked after the other: those that a policy speaks against last.
fn in_turn(candidates: &[Candidate], by_cost: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|at| {
        let Candidate {
            cost, is_avoided, ..
        } = candidates[*at];
        let cost = by_cost.then_some((cost.is_none(), cost));
        (is_avoided, cost, *at)
    });
    order
}
