//! Who read what, and whether it is enough for a verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::read::Answer;
use super::session::{Reading as Call, Session};
use super::{Coverage, FileCoverage, Reading};
use crate::change::RepoPath;
use crate::units::Threshold;
use crate::workflow::{Execution, Produces};

/// The coverage of a run that left `calls` behind.
pub(super) fn coverage(session: &Session, calls: &[Call], unwanted: &BTreeSet<usize>) -> Coverage {
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
    let files = plan
        .change
        .files
        .iter()
        .map(|file| {
            let packets = packets_of.get(&file.path).map_or(&[][..], Vec::as_slice);
            FileCoverage {
                path: file.path.clone(),
                readings: readings(session, &steps, packets, calls),
                covered: !packets.is_empty()
                    && packets.iter().all(|packet| {
                        steps
                            .iter()
                            .all(|step| is_enough(session, *step, *packet, calls))
                    }),
            }
        })
        .collect();
    Coverage { files }
}

/// What each backend did with a file that stands in `packets`: the worst of its calls.
fn readings(
    session: &Session,
    steps: &[usize],
    packets: &[usize],
    calls: &[Call],
) -> BTreeMap<String, Reading> {
    let mut readings = BTreeMap::new();
    for step in steps {
        let crew = &session.plan.crews[*step];
        for (name, why) in &crew.unavailable {
            readings.insert(name.clone(), Reading::Skipped(why.clone()));
        }
        for name in &crew.backends {
            let own: Vec<_> = calls
                .iter()
                .filter(|call| call.backend == *name && packets.contains(&call.packet))
                .collect();
            let reading = if own.is_empty() {
                Reading::Skipped(unasked(session, *step))
            } else {
                worst(&own)
            };
            readings.insert(name.clone(), reading);
        }
    }
    readings
}

fn unasked(session: &Session, step: usize) -> String {
    match session.plan.execution_of(step) {
        _ if session.cancel.is_cancelled() => "the run ended before".to_owned(),
        Execution::First => "not the first of its crew".to_owned(),
        Execution::Fallback => "not needed: another one answered".to_owned(),
        Execution::Parallel => "its step was skipped".to_owned(),
    }
}

fn worst(calls: &[&Call]) -> Reading {
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

/// Whether enough of a step's crew read a packet: half of the voters rounded up where all
/// are asked, one where one is enough, and as much weight as the threshold asks for. An
/// authoritative backend has no vote; where the crew has none but such, all must have read.
fn is_enough(session: &Session, step: usize, packet: usize, calls: &[Call]) -> bool {
    let plan = &session.plan;
    let crew = &plan.crews[step];
    let has_read = |name: &String| {
        calls.iter().any(|call| {
            call.packet == packet
                && call.backend == *name
                && call.steps.contains(&step)
                && matches!(call.answer, Answer::Read(..))
        })
    };
    if plan.execution_of(step) != Execution::Parallel {
        return crew.backends.iter().any(has_read);
    }
    let is_authority = |name: &&String| {
        session
            .members
            .get(*name)
            .is_some_and(|member| member.seat.authoritative)
    };
    let (authorities, voters): (Vec<_>, Vec<_>) = crew.backends.iter().partition(is_authority);
    if voters.is_empty() {
        return !authorities.is_empty() && authorities.into_iter().all(has_read);
    }
    let readers: Vec<_> = voters.iter().filter(|name| has_read(name)).collect();
    let weight: f64 = readers
        .iter()
        .filter_map(|name| session.members.get(**name))
        .map(|member| member.seat.weight)
        .sum();
    let can_confirm = match plan.threshold_of(step) {
        Threshold::Weight(needed) => weight >= needed,
        Threshold::Share(_) | Threshold::Auto => true,
    };
    readers.len() >= voters.len().div_ceil(2) && can_confirm
}
