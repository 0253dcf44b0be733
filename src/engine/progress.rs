//! What a run tells while it goes on.

/// Gets a run's events; draws bars, prints lines, or does nothing.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// Steps begin: their names, and how many calls they will make at least.
    Started {
        /// Names of the steps, joined into one where they are folded.
        steps: &'a str,
        /// Pieces of the change.
        packets: usize,
        /// Calls, repairs not counted.
        calls: usize,
    },
    /// One call is over.
    Called {
        /// Who was asked.
        backend: &'a str,
        /// The files of the packet, shortened, or the step's name.
        subject: &'a str,
        /// What came of it: `2 claims`, `abstained: …`, `failed: …`.
        result: &'a str,
        /// Spent so far by all backends, in US dollars.
        spent_usd: f64,
    },
    /// Something goes before critics or the arbiter: what that can cost at most, before the
    /// first call.
    Reserved {
        /// Calls, repairs among them.
        calls: usize,
        /// US dollars; none where a price is not known.
        cost_usd: Option<f64>,
    },
    /// Steps are over.
    Finished {
        /// As in [`Event::Started`].
        steps: &'a str,
    },
}
