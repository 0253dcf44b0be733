//! What this process may spend: caps on one run, which need no store.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who spends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pocket {
    /// All backends together, by `budget.run` or a run's share of the team or the organisation;
    /// the key that sets it.
    Run(String),
    /// One backend.
    Backend(String),
}

#[derive(Clone, Copy, Debug)]
struct Sums {
    cap: i64,
    spent: i64,
    reserved: i64,
}

/// Caps with what is spent and promised, in billionths of a US dollar.
#[derive(Debug, Default)]
pub(super) struct Purse {
    pockets: Mutex<BTreeMap<Pocket, Sums>>,
}

/// A pocket that does not hold enough.
#[derive(Clone, Debug)]
pub(super) struct Lacking {
    pub(super) pocket: Pocket,
    pub(super) cap: i64,
    pub(super) spent: i64,
    pub(super) reserved: i64,
}

impl Purse {
    /// A cap, of which so much is spent already.
    pub(super) fn fill(&mut self, pocket: Pocket, cap: i64, spent: i64) {
        let sums = Sums {
            cap,
            spent,
            reserved: 0,
        };
        self.lock().insert(pocket, sums);
    }

    /// Takes so much out of all pockets that a backend's call is paid from, or nothing.
    pub(super) fn take(&self, backend: &str, nano_usd: i64) -> Result<(), Lacking> {
        let mut pockets = self.lock();
        let lacking = of(&mut pockets, backend)
            .find(|(_, sums)| sums.spent + sums.reserved > sums.cap - nano_usd);
        if let Some((pocket, sums)) = lacking {
            return Err(Lacking {
                pocket: pocket.clone(),
                cap: sums.cap,
                spent: sums.spent,
                reserved: sums.reserved,
            });
        }
        for (_, sums) in of(&mut pockets, backend) {
            sums.reserved += nano_usd;
        }
        Ok(())
    }

    /// Settles what was taken with what it did cost.
    pub(super) fn settle(&self, backend: &str, taken: i64, cost: i64) {
        for (_, sums) in of(&mut self.lock(), backend) {
            sums.reserved -= taken;
            sums.spent += cost;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Pocket, Sums>> {
        self.pockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of<'p>(
    pockets: &'p mut BTreeMap<Pocket, Sums>,
    backend: &'p str,
) -> impl Iterator<Item = (&'p Pocket, &'p mut Sums)> {
    pockets.iter_mut().filter(move |(pocket, _)| match pocket {
        Pocket::Run(_) => true,
        Pocket::Backend(name) => name == backend,
    })
}
