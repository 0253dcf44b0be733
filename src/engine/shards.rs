//! A run divided by packets: each of its parts asks about its own, and a merge joins them.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::{Plan, Routes};
use crate::workflow::{Produces, Workflow};

/// Which packets a plan asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shards {
    /// How many there are.
    pub of: u32,
    /// Those that are here, from 1.
    pub here: BTreeSet<u32>,
    /// Whether this is one part, and not what joins them: what is said of all findings together
    /// is left to that.
    pub is_part: bool,
}

impl Shards {
    /// The shard of a packet, from 1. It depends on the packet alone: neither on the order of
    /// packets nor on what else the change has.
    fn of_packet(&self, id: &str) -> u32 {
        let digest = Sha256::digest(id.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        let place = u64::from_be_bytes(first) % u64::from(self.of.max(1));
        u32::try_from(place).map_or(1, |place| place + 1)
    }

    /// Who reads which packet, where each shard has decided it for itself: money and latencies
    /// that it knew of may have been others. `decided` is what each shard that is here says.
    pub fn joined_routes(
        &self,
        packets: &[String],
        decided: &BTreeMap<u32, &Routes>,
    ) -> Option<Routes> {
        let mut routes = Routes::clone(decided.values().next()?);
        for ((id, route), place) in packets.iter().zip(&mut routes.packets).zip(0..) {
            let own = decided.get(&self.of_packet(id));
            if let Some(own) = own.and_then(|own| own.packets.get::<usize>(place)) {
                route.clone_from(own);
            }
        }
        Some(routes)
    }

    /// The shards that are not here.
    fn missing(&self) -> impl Iterator<Item = u32> {
        (1..=self.of).filter(|shard| !self.here.contains(shard))
    }
}

impl Plan {
    /// Whether a packet is asked about.
    pub(super) fn is_here(&self, packet: usize) -> bool {
        self.elsewhere(packet).is_none()
    }

    /// The shard that a packet is in, where that is not here.
    pub(super) fn elsewhere(&self, packet: usize) -> Option<u32> {
        let shards = self.shards.as_ref()?;
        let shard = shards.of_packet(&self.packets.get(packet)?.id);
        (!shards.here.contains(&shard)).then_some(shard)
    }

    /// Whether this is one part of a run that others do the rest of.
    pub(super) fn is_part(&self) -> bool {
        self.shards.as_ref().is_some_and(|shards| shards.is_part)
    }

    /// How many packets are asked about.
    pub fn packets_here(&self) -> usize {
        (0..self.packets.len())
            .filter(|packet| self.is_here(*packet))
            .count()
    }

    /// What a reader must know of shards that are not here: (shard, its packets), those without
    /// packets left out.
    pub(super) fn missing_shards(&self) -> Vec<(u32, usize)> {
        let Some(shards) = self.shards.as_ref().filter(|shards| !shards.is_part) else {
            return Vec::new();
        };
        let count = |shard: u32| {
            let packets = self.packets.iter();
            let own = packets.filter(|packet| shards.of_packet(&packet.id) == shard);
            own.count()
        };
        let counted = shards.missing().map(|shard| (shard, count(shard)));
        counted.collect()
    }
}

/// Why a workflow's run cannot be divided: a step over packets that goes by what steps before it
/// found would see only what its own shard found. None where it can be.
pub fn undividable(workflow: &Workflow) -> Option<String> {
    let looks = |name: &str| {
        let mut steps = workflow.steps.iter();
        steps.any(|step| step.name == name && step.produces == Produces::Findings)
    };
    let looking = workflow.steps.iter();
    let mut looking = looking.filter(|step| step.produces == Produces::Findings);
    looking.find_map(|step| {
        let upstream = workflow.upstream(&step.name);
        let other = upstream.into_iter().find(|name| looks(name))?;
        Some(format!(
            "step `{}` depends on what `{other}` finds in all packets",
            step.name
        ))
    })
}
