//! What lanes ask, counted before it is asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::lanes::Lane;
use super::super::packets::Prompts;
use super::super::{Plan, Seat, vars};
use crate::context::Counter;
use crate::findings;
use crate::workflow::{About, ForEach, PacketVars, Produces, Scene, Step};

/// Counts what lanes ask, with the prompts of the run.
pub(super) struct Asked<'p> {
    plan: &'p Plan,
    fixed: Arc<str>,
    scene: Arc<Scene>,
    /// Tokens of each packet; many lanes read the same.
    packets: RefCell<BTreeMap<Counter, Vec<usize>>>,
}

impl<'p> Asked<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let vars = vars::packet_vars(plan, &[], &vars::Texts::new());
        let fixed = plan.templates.render_fixed(&vars).unwrap_or_default();
        Self {
            plan,
            fixed: fixed.into(),
            scene: Arc::new(Scene::new(&vars)),
            packets: RefCell::default(),
        }
    }

    /// Calls about these packets, and the tokens of all their questions.
    pub(super) fn of(&self, lane: &Lane, packets: &[usize], seat: &Seat) -> (usize, usize) {
        let subjects = if self.is_over_packets(lane) {
            packets.len()
        } else {
            1
        };
        let calls = subjects * lane.calls();
        if !seat.backend.writes_text() {
            return (calls, 0);
        }
        let step = &self.plan.workflow.steps[lane.steps[0]];
        let input = if step.produces == Produces::Findings {
            self.readings(lane, packets, seat)
        } else {
            self.texts(step, lane, packets, seat)
        };
        (calls, input * lane.calls())
    }

    pub(super) fn is_over_packets(&self, lane: &Lane) -> bool {
        self.plan.workflow.steps[lane.steps[0]].for_each == Some(ForEach::Packets)
    }

    /// Of one sample of each packet. The others have the same text in another order.
    fn readings(&self, lane: &Lane, packets: &[usize], seat: &Seat) -> usize {
        let counter = seat.counter;
        let steps = lane.steps.iter();
        let roles: Vec<String> = steps
            .map(|step| self.plan.workflow.steps[*step].role.clone())
            .collect();
        let schema = counter.tokens(&findings::schema(&roles).to_string());
        let common = counter.frame() + counter.tokens(&self.fixed) + schema;
        let prompts = Prompts::new(self.plan, lane, Ok(Arc::clone(&self.fixed)), &self.scene);
        // Most often the same for all packets.
        let mut task: Option<(String, usize)> = None;
        let packets = packets
            .iter()
            .map(|index| (*index, &self.plan.packets[*index]));
        let each = packets.map(|(index, packet)| {
            let Ok(prompt) = prompts.of(self.plan, lane, packet, 0) else {
                return 0;
            };
            let known = task.take().filter(|(text, _)| *text == prompt.task);
            let task = task.insert(known.unwrap_or_else(|| {
                let tokens = counter.tokens(&prompt.task);
                (prompt.task, tokens)
            }));
            let shown = !prompt.packet.is_empty();
            common
                + task.1
                + if shown {
                    self.packet(counter, index)
                } else {
                    0
                }
        });
        each.sum()
    }

    /// Of one step that writes text, about each packet where it does so.
    fn texts(&self, step: &Step, lane: &Lane, packets: &[usize], seat: &Seat) -> usize {
        let templates = &self.plan.templates;
        let counter = seat.counter;
        let task = |about: About<'_>| {
            let task = templates.render_task_in(step, &self.scene, about);
            counter.frame() + counter.tokens(&task.unwrap_or_default())
        };
        if !self.is_over_packets(lane) {
            return task(About::default());
        }
        let shown = templates.uses_packet_text(step);
        let packets = packets
            .iter()
            .map(|index| (*index, &self.plan.packets[*index]));
        let each = packets.map(|(index, packet)| {
            let packet = PacketVars::from(packet);
            let about = About {
                packet: Some(&packet),
                ..About::default()
            };
            task(about)
                + if shown {
                    0
                } else {
                    self.packet(counter, index)
                }
        });
        each.sum()
    }

    fn packet(&self, counter: Counter, index: usize) -> usize {
        let mut known = self.packets.borrow_mut();
        let packets = known.entry(counter).or_insert_with(|| {
            let packets = self.plan.packets.iter();
            packets.map(|packet| counter.tokens(&packet.text)).collect()
        });
        packets.get(index).copied().unwrap_or_default()
    }
}
