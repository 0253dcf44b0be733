//! Who read what, and whether it is enough for a verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::quorum::Quorum;
use super::read::Answer;
use super::session::{Reading as Call, Session};
use super::{Coverage, FileCoverage, Reading};
use crate::change::RepoPath;
use crate::workflow::{Execution, Produces, Step};

/// The coverage of a run that left `calls` behind.
pub(super) fn coverage(
    session: &Session,
    calls: &[Arc<Call>],
    unwanted: &BTreeSet<usize>,
) -> Coverage {
    let plan = &session.plan;
    let mut packets_of: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    for (index, packet) in plan.packets.iter().enumerate() {
        for slice in &packet.slices {
            let packets = packets_of.entry(&slice.file.path).or_default();
            if packets.last() != Some(&index) {
                packets.push(index);
            }
        }
    }
    let steps: Vec<usize> = (0..plan.workflow.steps.len())
        .filter(|step| plan.workflow.steps[*step].produces == Produces::Findings)
        .filter(|step| !unwanted.contains(step))
        .collect();
    // Where all steps that read were unwanted nothing was read; a workflow may have none.
    let is_reading = |step: &Step| step.produces == Produces::Findings;
    let none_wanted = steps.is_empty() && plan.workflow.steps.iter().any(is_reading);
    let calls = Calls::new(session, calls);
    let quorums: Vec<(usize, Quorum)> = steps
        .iter()
        .map(|step| (*step, plan.quorum_of(*step)))
        .collect();
    let read: Vec<bool> = (0..plan.packets.len())
        .map(|packet| {
            let mut quorums = quorums.iter();
            !none_wanted && quorums.all(|(step, quorum)| calls.is_enough(*step, quorum, packet))
        })
        .collect();
    let files = plan
        .change
        .files
        .iter()
        .map(|file| {
            let packets = packets_of.get(&file.path).map_or(&[][..], Vec::as_slice);
            FileCoverage {
                path: file.path.clone(),
                readings: calls.readings(&steps, packets),
                covered: !packets.is_empty() && packets.iter().all(|packet| read[*packet]),
            }
        })
        .collect();
    Coverage { files }
}

/// The calls of a run, found by packet and backend.
struct Calls<'a> {
    session: &'a Session,
    by_packet: BTreeMap<usize, BTreeMap<&'a str, Vec<&'a Call>>>,
}

impl<'a> Calls<'a> {
    fn new(session: &'a Session, calls: &'a [Arc<Call>]) -> Self {
        let mut by_packet: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for call in calls {
            by_packet
                .entry(call.packet)
                .or_default()
                .entry(call.backend.as_str())
                .or_default()
                .push(&**call);
        }
        Self { session, by_packet }
    }

    fn of(&self, packet: usize, backend: &str) -> &[&'a Call] {
        self.by_packet
            .get(&packet)
            .and_then(|backends| backends.get(backend))
            .map_or(&[], Vec::as_slice)
    }

    /// What each backend did with a file that stands in `packets`: the worst of its calls.
    fn readings(&self, steps: &[usize], packets: &[usize]) -> BTreeMap<String, Reading> {
        let mut readings = BTreeMap::new();
        for step in steps {
            let crew = &self.session.plan.crews[*step];
            for (name, why) in &crew.unavailable {
                readings.insert(name.clone(), Reading::Skipped(why.clone()));
            }
            for name in &crew.backends {
                let mut own = packets
                    .iter()
                    .flat_map(|packet| self.of(*packet, name))
                    .peekable();
                let reading = if own.peek().is_none() {
                    Reading::Skipped(unasked(self.session, *step))
                } else {
                    worst(own)
                };
                readings.insert(name.clone(), reading);
            }
        }
        readings
    }

    /// Whether enough of a step's crew read a packet.
    fn is_enough(&self, step: usize, quorum: &Quorum, packet: usize) -> bool {
        let has_read = |name: &str| {
            self.of(packet, name)
                .iter()
                .any(|call| call.steps.contains(&step) && matches!(call.answer, Answer::Read(..)))
        };
        quorum.is_met(&has_read, self.weight(packet))
    }

    /// Of all voters that read the packet in any step.
    fn weight(&self, packet: usize) -> f64 {
        self.session
            .plan
            .seats
            .iter()
            .filter(|seat| !seat.authoritative)
            .filter(|seat| {
                self.of(packet, seat.backend.name())
                    .iter()
                    .any(|call| matches!(call.answer, Answer::Read(..)))
            })
            .map(|seat| seat.weight)
            .sum()
    }
}

fn unasked(session: &Session, step: usize) -> String {
    match session.plan.execution_of(step) {
        _ if session.cancel.is_cancelled() => "the run ended before".to_owned(),
        Execution::First => "not the first of its crew".to_owned(),
        Execution::Fallback => "not needed: another one answered".to_owned(),
        Execution::Parallel => "its step was skipped".to_owned(),
    }
}

fn worst<'c>(calls: impl Iterator<Item = &'c &'c Call>) -> Reading {
    let mut worst = Reading::Read;
    for call in calls {
        match &call.answer {
            Answer::Failed(why) => return Reading::Failed(why.clone()),
            Answer::Abstained(why) | Answer::Partial(_, _, why) => {
                worst = Reading::Abstained(why.clone());
            }
            Answer::Read(..) => {}
        }
    }
    worst
}
