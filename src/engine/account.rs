//! What a backend did in a run, added up in any order, so that it does not tell who
//! answered first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BackendReport;
use super::breaker::Line;
use super::price::of_usage;
use crate::backends::{Price, Reply, Usage};
use crate::units::{dollars, nano_usd};

/// One backend's sums.
#[derive(Debug, Default)]
pub(super) struct Account {
    sums: Mutex<Sums>,
}

#[derive(Debug, Default)]
struct Sums {
    answered: usize,
    taped: usize,
    abstained: usize,
    failed: usize,
    usage: Usage,
    /// Billionths of a US dollar: whole numbers add up to the same sum in any order.
    nano_usd: Option<u64>,
    models: BTreeSet<String>,
    error: Option<Reason>,
    /// Model of a cascade → how often the next one was asked in its place, and why.
    passed_over: BTreeMap<Line, (usize, Reason)>,
}

/// Of several the least is told, whichever came first: that of a call that was sent (false)
/// says more than that of one that was not (true).
type Reason = (bool, String);

impl Account {
    /// Adds an answer that did cost so many billionths of a US dollar, where that is known.
    pub(super) fn settle(&self, reply: &Reply, asked: &Line, nano_usd: Option<u64>) {
        let mut sums = self.sums();
        if let Some(nano) = nano_usd {
            sums.nano_usd = Some(sums.nano_usd.unwrap_or(0).saturating_add(nano));
        }
        sums.answered += 1;
        if reply.latency.is_zero() {
            sums.taped += 1;
        }
        let asked = || asked.as_deref().map(str::to_owned);
        sums.models.extend(reply.model.clone().or_else(asked));
        if let Some(usage) = reply.usage {
            // The numbers are the server's, and may be any.
            let sum = &mut sums.usage;
            sum.input = sum.input.saturating_add(usage.input);
            sum.cached_input = sum.cached_input.saturating_add(usage.cached_input);
            sum.output = sum.output.saturating_add(usage.output);
        }
    }

    /// Adds an answer that was paid before: it costs nothing now.
    pub(super) fn settle_taped(&self, reply: &Reply, asked: &Line) {
        let mut sums = self.sums();
        sums.nano_usd.get_or_insert(0);
        sums.answered += 1;
        sums.taped += 1;
        let asked = || asked.as_deref().map(str::to_owned);
        sums.models.extend(reply.model.clone().or_else(asked));
    }

    pub(super) fn record_failure(&self, message: &str, was_sent: bool) {
        let mut sums = self.sums();
        sums.failed += 1;
        let reason = (!was_sent, message.to_owned());
        if sums.error.as_ref().is_none_or(|least| reason < *least) {
            sums.error = Some(reason);
        }
    }

    /// A packet without an answer that could be read.
    pub(super) fn record_abstention(&self) {
        self.sums().abstained += 1;
    }

    /// A model of a cascade gave no answer, and the next one was asked.
    pub(super) fn record_passed_over(&self, model: &Line, message: &str, was_sent: bool) {
        let mut sums = self.sums();
        let reason = (!was_sent, message.to_owned());
        let (times, least) = sums
            .passed_over
            .entry(model.clone())
            .or_insert_with(|| (0, reason.clone()));
        *times += 1;
        if reason < *least {
            *least = reason;
        }
    }

    pub(super) fn spent_nano_usd(&self) -> u64 {
        self.sums().nano_usd.unwrap_or(0)
    }

    /// One sentence for each model of a cascade that others stood in for.
    pub(super) fn passed_over(&self, backend: &str) -> Vec<String> {
        let sums = self.sums();
        let sentence = |(model, (times, (_, why))): (&Line, &(usize, Reason))| {
            let model = model.as_deref().unwrap_or("its own model");
            let times = match times {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            format!(
                "backend `{backend}`: `{model}` gave no answer {times}, and its next model was asked: {why}"
            )
        };
        sums.passed_over.iter().map(sentence).collect()
    }

    pub(super) fn report(&self, name: &str) -> BackendReport {
        let sums = self.sums();
        let models: Vec<&str> = sums.models.iter().map(String::as_str).collect();
        BackendReport {
            name: name.to_owned(),
            model: (!models.is_empty()).then(|| models.join(", ")),
            answered: sums.answered,
            taped: sums.taped,
            abstained: sums.abstained,
            failed: sums.failed,
            usage: sums.usage,
            cost_usd: sums.nano_usd.map(dollars),
            error: sums.error.as_ref().map(|(_, message)| message.clone()),
        }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer did cost, in billionths of a US dollar: by its own word, else by `price`.
pub(super) fn cost(reply: &Reply, price: Option<Price>) -> Option<u64> {
    let cost = reply
        .cost_usd
        .or_else(|| Some(of_usage(reply.usage?, price?)))?;
    Some(nano_usd(cost))
}
