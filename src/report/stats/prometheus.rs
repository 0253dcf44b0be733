//! Counters in Prometheus' text format, for the textfile collector of its node exporter.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::report::clean;
use crate::store::Stats;
use crate::units::dollars;

/// Samples of one name.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    /// By what follows the name: suffix and labels. What reads alike once cleaned is one.
    samples: BTreeMap<String, f64>,
}

impl Family {
    fn new(name: &'static str, kind: &'static str, help: &'static str) -> Self {
        Self {
            name,
            kind,
            help,
            samples: BTreeMap::new(),
        }
    }

    fn add(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let key = if labels.is_empty() {
            suffix.to_owned()
        } else {
            format!("{suffix}{{{}}}", labels.join(","))
        };
        *self.samples.entry(key).or_default() += value;
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if self.samples.is_empty() {
            return Ok(());
        }
        let Self {
            name, kind, help, ..
        } = self;
        writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")?;
        for (key, value) in &self.samples {
            writeln!(out, "{name}{key} {value}")?;
        }
        Ok(())
    }
}

/// Writes the counters of a store. `stats` are of all its projects and of all time: a counter
/// over a period would fall.
///
/// # Errors
/// Those of the output.
pub fn write(stats: &Stats, out: &mut impl Write) -> io::Result<()> {
    for family in calls(stats).iter().chain(&findings(stats)) {
        family.write(out)?;
    }
    Ok(())
}

fn calls(stats: &Stats) -> Vec<Family> {
    let mut calls = Family::new(
        "llmux_calls_total",
        "counter",
        "Calls by what came of them; unsent: not made; taped: answered without asking.",
    );
    for ((backend, role), of) in &stats.by_backend_and_role {
        let outcomes = [
            ("answered", of.answered),
            ("abstained", of.abstained),
            ("refused", of.refused),
            ("failed", of.failed),
            ("unsent", of.unsent),
            ("taped", of.taped),
        ];
        for (outcome, count) in outcomes {
            let labels = [
                ("backend", &**backend),
                ("role", role),
                ("outcome", outcome),
            ];
            calls.add("", &labels, number(count));
        }
    }
    let mut tokens = Family::new(
        "llmux_tokens_total",
        "counter",
        "Tokens; kind input is without those read from the provider's cache.",
    );
    let mut cost = Family::new(
        "llmux_cost_usd_total",
        "counter",
        "US dollars spent on calls of known price, by the ledger.",
    );
    let mut unpriced = Family::new(
        "llmux_unpriced_calls_total",
        "counter",
        "Calls with a reply whose price is not known.",
    );
    for (backend, group) in &stats.by_backend {
        let of = &group.calls;
        let backend = ("backend", &**backend);
        let kinds = [
            ("input", of.input.saturating_sub(of.cached_input)),
            ("cached_input", of.cached_input),
            ("output", of.output),
        ];
        for (kind, count) in kinds {
            tokens.add("", &[backend, ("kind", kind)], number(count));
        }
        unpriced.add("", &[backend], number(of.unpriced));
    }
    for (backend, spent) in &stats.spent {
        cost.add("", &[("backend", backend)], dollars(*spent));
    }
    vec![calls, tokens, cost, unpriced, latency(stats)]
}

fn latency(stats: &Stats) -> Family {
    let mut latency = Family::new(
        "llmux_call_latency_seconds",
        "summary",
        "How long calls with a reply took, since the store began.",
    );
    for (backend, group) in &stats.by_backend {
        let backend = ("backend", &**backend);
        if let Some(times) = &group.latency {
            for (quantile, time) in [("0.5", times.median_ms), ("0.95", times.p95_ms)] {
                latency.add("", &[backend, ("quantile", quantile)], number(time) / 1e3);
            }
            latency.add("_sum", &[backend], number(times.sum_ms) / 1e3);
            latency.add("_count", &[backend], number(times.count));
        }
    }
    latency
}

/// Gauges: a finding that is confirmed later is unconfirmed no more.
fn findings(stats: &Stats) -> Vec<Family> {
    let mut findings = Family::new(
        "llmux_findings",
        "gauge",
        "Different findings that a backend reported, by how they stand now.",
    );
    let mut judged = Family::new(
        "llmux_findings_judged",
        "gauge",
        "Different findings that a backend reported, by what people say of them.",
    );
    for (backend, group) in &stats.by_backend {
        let of = &group.findings;
        let standings = [
            ("confirmed", of.confirmed),
            ("unconfirmed", of.unconfirmed),
            ("refuted", of.refuted),
            ("suppressed", of.suppressed),
        ];
        for (standing, count) in standings {
            let labels = [("backend", &**backend), ("standing", standing)];
            findings.add("", &labels, number(count));
        }
        for (verdict, count) in [("real", of.real), ("dismissed", of.dismissed)] {
            let labels = [("backend", &**backend), ("verdict", verdict)];
            judged.add("", &labels, number(count));
        }
    }
    let mut runs = Family::new("llmux_runs", "gauge", "Runs by status.");
    for (status, count) in &stats.runs {
        runs.add("", &[("status", status)], number(*count));
    }
    let mut promised = Family::new(
        "llmux_unsettled_usd",
        "gauge",
        "US dollars promised to calls and not settled.",
    );
    promised.add("", &[], dollars(stats.unsettled.nano_usd));
    vec![findings, judged, runs, promised]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus has no other numbers"
)]
fn number(count: u64) -> f64 {
    count as f64
}

/// A label's value: nothing that steers a terminal, and what the format asks to be escaped.
fn escaped(value: &str) -> String {
    let visible = clean::exact(value);
    visible.replace('\\', "\\\\").replace('"', "\\\"")
}
