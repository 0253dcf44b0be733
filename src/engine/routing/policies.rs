//! What policies say of backends that may be asked about a packet.

use std::collections::BTreeMap;

use super::Known;
use super::rules::{Compiled, Rules};
use super::settings::Enforce;
use crate::context::Packet;
use crate::units::nano_usd;

/// Who breaks a policy by reading a packet: backend → the first policy by name.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// Of the hard ones.
    pub(super) barred: BTreeMap<String, String>,
    /// Of the soft ones.
    pub(super) avoided: BTreeMap<String, String>,
}

impl Verdicts {
    /// `seats` are all backends, with the highest cost of one call about the packet.
    pub(super) fn of(
        packet: &Packet,
        seats: &[(&str, Option<u64>)],
        rules: &Rules,
        known: &Known,
    ) -> Self {
        let mut verdicts = Self::default();
        for policy in &rules.policies {
            let into = match policy.policy.enforce {
                Enforce::Hard => &mut verdicts.barred,
                Enforce::Soft => &mut verdicts.avoided,
                Enforce::Monitor => continue,
            };
            for name in policy.breakers(packet, seats, known) {
                let name = name.to_owned();
                into.entry(name).or_insert_with(|| policy.name.clone());
            }
        }
        verdicts
    }
}

impl Compiled {
    /// Whether it says anything about the packet.
    pub(super) fn concerns(&self, packet: &Packet) -> bool {
        packet.slices.iter().any(|slice| self.covers(&slice.file))
    }

    /// Who breaks it by reading the packet.
    pub(super) fn breakers<'s>(
        &self,
        packet: &Packet,
        seats: &[(&'s str, Option<u64>)],
        known: &Known,
    ) -> Vec<&'s str> {
        if !self.concerns(packet) {
            return Vec::new();
        }
        let breaking = seats
            .iter()
            .filter(|(name, cost)| self.is_broken(name, *cost, known));
        breaking.map(|(name, _)| *name).collect()
    }

    /// A cost that is not known is not known to be low; of a time that is not known nothing is
    /// said.
    fn is_broken(&self, backend: &str, cost: Option<u64>, known: &Known) -> bool {
        let policy = &self.policy;
        let is_away = policy.local && !known.locals.contains(backend);
        let is_dear = policy
            .max_cost
            .is_some_and(|most| cost.is_none_or(|cost| cost > nano_usd(most)));
        let is_slow = policy.max_latency.is_some_and(|most| {
            let median = known.latencies.get(backend);
            median.is_some_and(|median| *median > most)
        });
        is_away || is_dear || is_slow
    }
}
