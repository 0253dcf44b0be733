//! From rows to sums.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};

use super::{Calls, Findings, Group, Latency, Period, Stats};
use crate::store::day;

/// A row of `calls`.
pub(super) struct Call {
    backend: String,
    role: String,
    team: String,
    day: String,
    outcome: String,
    taped: i64,
    input: i64,
    cached_input: i64,
    output: i64,
    nano_usd: Option<i64>,
    latency_ms: i64,
}

impl FromRow<'_, AnyRow> for Call {
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        // In the order of the statement: names are looked up again for each row.
        Ok(Self {
            backend: row.try_get(0)?,
            role: row.try_get(1)?,
            team: row.try_get(2)?,
            day: row.try_get(3)?,
            outcome: row.try_get(4)?,
            taped: row.try_get(5)?,
            input: row.try_get(6)?,
            cached_input: row.try_get(7)?,
            output: row.try_get(8)?,
            nano_usd: row.try_get(9)?,
            latency_ms: row.try_get(10)?,
        })
    }
}

/// What was to be asked, and was not.
const UNSENT: &str = "unsent";

/// Project and fingerprint.
type Identity = (String, String);

/// What runs said of a finding, and people.
struct Seen {
    first: i64,
    standing: String,
    teams: BTreeSet<String>,
    backends: BTreeSet<String>,
    roles: BTreeSet<String>,
    is_real: Option<bool>,
}

/// Sums that grow.
#[derive(Default)]
struct Tally {
    calls: Calls,
    times: Vec<u64>,
    findings: Findings,
}

type Tallies = BTreeMap<String, Tally>;

/// What was read so far.
#[derive(Default)]
pub(super) struct Gather {
    total: Tally,
    backends: Tallies,
    roles: Tallies,
    teams: Tallies,
    days: Tallies,
    crews: BTreeMap<(String, String), Calls>,
    cost_by_day: BTreeMap<String, BTreeMap<String, u64>>,
    findings: HashMap<Identity, Seen>,
}

/// A number of the store as a count; nothing in it is negative.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Gather {
    pub(super) fn call(&mut self, call: &Call) {
        let groups = [
            (&mut self.backends, &call.backend),
            (&mut self.roles, &call.role),
            (&mut self.teams, &call.team),
            (&mut self.days, &call.day),
        ];
        for (tallies, name) in groups {
            tally(tallies, name).call(call);
        }
        self.total.call(call);
        let crew = (call.backend.clone(), call.role.clone());
        add(self.crews.entry(crew).or_default(), call);
        let cost = call.nano_usd.map_or(0, count);
        if call.taped == 0 && cost > 0 {
            let day = self.cost_by_day.entry(call.day.clone()).or_default();
            let sum = day.entry(call.backend.clone()).or_default();
            *sum = sum.saturating_add(cost);
        }
    }

    /// Project, fingerprint, team, start of the run, standing; the oldest run first.
    pub(super) fn finding(
        &mut self,
        (project, fingerprint, team, started, standing): (String, String, String, i64, String),
    ) {
        let seen = self.findings.entry((project, fingerprint));
        let seen = seen.or_insert_with(|| Seen {
            first: started,
            standing: String::new(),
            teams: BTreeSet::new(),
            backends: BTreeSet::new(),
            roles: BTreeSet::new(),
            is_real: None,
        });
        seen.standing = standing;
        seen.teams.insert(team);
    }

    /// Project, fingerprint, backend, role.
    pub(super) fn claim(
        &mut self,
        (project, fingerprint, backend, role): (String, String, String, String),
    ) {
        if let Some(seen) = self.findings.get_mut(&(project, fingerprint)) {
            seen.backends.insert(backend);
            seen.roles.insert(role);
        }
    }

    /// Project, fingerprint, whether it is real.
    pub(super) fn feedback(&mut self, (project, fingerprint, is_real): (String, String, i64)) {
        if let Some(seen) = self.findings.get_mut(&(project, fingerprint)) {
            seen.is_real = Some(is_real != 0);
        }
    }

    pub(super) fn finish(mut self, period: Period) -> Stats {
        let findings = std::mem::take(&mut self.findings);
        for seen in findings.values() {
            let day = BTreeSet::from([day(seen.first)]);
            let groups = [
                (&mut self.backends, &seen.backends),
                (&mut self.roles, &seen.roles),
                (&mut self.teams, &seen.teams),
                (&mut self.days, &day),
            ];
            for (tallies, names) in groups {
                for name in names {
                    tally(tallies, name).finding(seen);
                }
            }
            self.total.finding(seen);
        }
        let groups = |tallies: Tallies| {
            let groups = tallies.into_iter();
            groups.map(|(name, tally)| (name, tally.finish())).collect()
        };
        Stats {
            period,
            total: self.total.finish(),
            by_backend: groups(self.backends),
            by_role: groups(self.roles),
            by_team: groups(self.teams),
            by_day: groups(self.days),
            by_backend_and_role: self.crews,
            cost_by_day: self.cost_by_day,
            ..Stats::default()
        }
    }
}

fn tally<'t>(tallies: &'t mut Tallies, name: &str) -> &'t mut Tally {
    tallies.entry(name.to_owned()).or_default()
}

impl Tally {
    fn call(&mut self, call: &Call) {
        add(&mut self.calls, call);
        // A failure ends when patience does, which says nothing of the model.
        if call.taped == 0 && has_reply(call) {
            self.times.push(count(call.latency_ms));
        }
    }

    fn finding(&mut self, seen: &Seen) {
        let findings = &mut self.findings;
        findings.reported += 1;
        match seen.standing.as_str() {
            "confirmed" => findings.confirmed += 1,
            "refuted" => findings.refuted += 1,
            "suppressed" => findings.suppressed += 1,
            _ => findings.unconfirmed += 1,
        }
        match seen.is_real {
            Some(true) => findings.real += 1,
            Some(false) => findings.dismissed += 1,
            None => {}
        }
    }

    fn finish(self) -> Group {
        Group {
            calls: self.calls,
            latency: Latency::of(self.times),
            findings: self.findings,
        }
    }
}

fn has_reply(call: &Call) -> bool {
    ["answered", "abstained", "refused"].contains(&call.outcome.as_str())
}

fn add(calls: &mut Calls, call: &Call) {
    if call.taped != 0 {
        calls.taped += 1;
        return;
    }
    if call.outcome == UNSENT {
        calls.unsent += 1;
        return;
    }
    match call.outcome.as_str() {
        "answered" => calls.answered += 1,
        "abstained" => calls.abstained += 1,
        "refused" => calls.refused += 1,
        _ => calls.failed += 1,
    }
    let sums = [
        (&mut calls.input, call.input),
        (&mut calls.cached_input, call.cached_input),
        (&mut calls.output, call.output),
        (&mut calls.nano_usd, call.nano_usd.unwrap_or(0)),
    ];
    for (sum, number) in sums {
        *sum = sum.saturating_add(count(number));
    }
    if call.nano_usd.is_none() && has_reply(call) {
        calls.unpriced += 1;
    }
}
