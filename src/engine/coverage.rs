//! Who read what, and whether it is enough for a verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::quorum::Quorum;
use super::read::Answer;
use super::samples::enough;
use super::session::{Reading as Call, Session};
use super::{Coverage, FileCoverage, Reading};
use crate::change::RepoPath;
use crate::findings::Voter;
use crate::workflow::{Execution, Produces, Step};

/// The coverage of a run that left `calls` behind.
pub(super) fn coverage(
    session: &Session,
    calls: &[Arc<Call>],
    unwanted: &BTreeSet<usize>,
) -> Coverage {
    let plan = &session.plan;
    let mut packets_of: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    let packets = plan.packets.iter().enumerate();
    // What other parts read is theirs to tell.
    for (index, packet) in packets.filter(|(index, _)| !plan.is_part() || plan.is_here(*index)) {
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
            let readers = calls.readers(packet);
            let mut quorums = quorums.iter();
            let is_enough = |(step, quorum): &(usize, Quorum)| {
                let has_read = |name: &str| calls.has_read(*step, name, packet);
                match route(session, packet, *step) {
                    Some((asked, is_barred)) => {
                        let quorum = quorum.of_routed(asked, is_barred);
                        quorum.is_met(&has_read, &readers)
                    }
                    None => quorum.is_met(&has_read, &readers),
                }
            };
            !none_wanted && quorums.all(is_enough)
        })
        .collect();
    let files = plan
        .change
        .files
        .iter()
        .filter(|file| !plan.is_part() || packets_of.contains_key(&file.path))
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

/// Who was to read a packet in a step, and whether somebody must not; none where nothing is
/// routed.
fn route(session: &Session, packet: usize, step: usize) -> Option<(&[String], bool)> {
    let route = session.plan.routes.as_ref()?.packets.get(packet)?;
    let asked = &route.of(step)?.asked;
    let crew = &session.plan.crews[step].backends;
    Some((asked, route.barring(crew).is_some()))
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

    /// What each backend did with a file that stands in `packets`: the worst of its packets.
    fn readings(&self, steps: &[usize], packets: &[usize]) -> BTreeMap<String, Reading> {
        let mut readings = BTreeMap::new();
        for step in steps {
            let crew = &self.session.plan.crews[*step];
            for (name, why) in &crew.unavailable {
                readings.insert(name.clone(), Reading::Skipped(why.clone()));
            }
            for name in &crew.backends {
                let own = packets.iter().flat_map(|packet| self.reads(*packet, name));
                let own = own.chain(self.spared(*step, packets, name));
                let own = own.chain(self.missing(packets));
                let own: Vec<_> = own.collect();
                let reading = own.into_iter().rev().max_by_key(Reading::rank);
                let reading =
                    reading.unwrap_or_else(|| Reading::Skipped(unasked(self.session, *step)));
                readings.insert(name.clone(), reading);
            }
        }
        readings
    }

    /// Why nobody was asked about some of the packets: their part is missing.
    fn missing(&self, packets: &[usize]) -> Option<Reading> {
        let plan = &self.session.plan;
        let shard = packets.iter().find_map(|packet| plan.elsewhere(*packet))?;
        Some(Reading::Skipped(format!("part {shard} is missing")))
    }

    /// Why a backend was not asked about some of the packets, where routing says so.
    fn spared(&self, step: usize, packets: &[usize], backend: &str) -> Option<Reading> {
        let routes = self.session.plan.routes.as_ref()?;
        let is_asked = |name: &str| name == backend;
        let why = packets.iter().find_map(|packet| {
            let mut steps = routes.packets[*packet].steps.iter();
            // Another step may have asked it.
            if steps.any(|step| step.asked.iter().any(|name| is_asked(name))) {
                return None;
            }
            let route = routes.packets[*packet].of(step)?;
            let mut passed = route.passed_over.iter();
            passed.find(|(name, _)| is_asked(name)).map(|(_, why)| why)
        })?;
        Some(Reading::NotRouted(why.sentence()))
    }

    /// What a backend did with a packet, for each question that it was asked about it: with
    /// several samples of one, as half of them did.
    fn reads(&self, packet: usize, backend: &str) -> Vec<Reading> {
        let mut questions: BTreeMap<&[usize], Vec<&Call>> = BTreeMap::new();
        for call in self.of(packet, backend) {
            questions.entry(&call.steps).or_default().push(call);
        }
        questions
            .into_values()
            .map(|samples| joint(&samples))
            .collect()
    }

    /// Whether a backend read a packet for a step.
    fn has_read(&self, step: usize, backend: &str, packet: usize) -> bool {
        let calls = self.of(packet, backend).iter();
        let samples: Vec<_> = calls
            .filter(|call| call.steps.contains(&step))
            .copied()
            .collect();
        !samples.is_empty() && joint(&samples) == Reading::Read
    }

    /// All voters that read the packet in any step.
    fn readers(&self, packet: usize) -> Vec<Voter> {
        let plan = &self.session.plan;
        let mut readers = Vec::new();
        for seat in plan.seats.iter().filter(|seat| !seat.authoritative) {
            let calls = self.of(packet, seat.backend.name()).iter();
            let read = calls.filter(|call| matches!(call.answer, Answer::Read(..)));
            let samples: BTreeSet<u32> = read.map(|call| call.sample).collect();
            readers.extend(samples.into_iter().map(|sample| plan.voter(seat, sample)));
        }
        readers
    }
}

/// What the samples of one question came to.
fn joint(samples: &[&Call]) -> Reading {
    let readings = samples.iter().map(|call| match &call.answer {
        Answer::Read(..) => Reading::Read,
        Answer::Abstained(why) | Answer::Partial(_, _, why) => Reading::Abstained(why.clone()),
        Answer::Failed(why) => Reading::Failed(why.clone()),
    });
    let readings: Vec<_> = readings.collect();
    let read = readings.iter().filter(|one| **one == Reading::Read);
    if read.count() >= enough(samples.len()) {
        return Reading::Read;
    }
    // The first of the worst, in the order of samples.
    let worst = readings.into_iter().rev().max_by_key(Reading::rank);
    worst.unwrap_or(Reading::Read)
}

fn unasked(session: &Session, step: usize) -> String {
    match session.plan.execution_of(step) {
        _ if session.cancel.is_cancelled() => "the run ended before".to_owned(),
        Execution::First => "not the first of its crew".to_owned(),
        Execution::Fallback => "not needed: another one answered".to_owned(),
        Execution::Parallel => "its step was skipped".to_owned(),
    }
}
