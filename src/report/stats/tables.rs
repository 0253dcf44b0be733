//! The tables that the terminal and the page show.

use super::cells::{Cell, money};
use super::{By, name};
use crate::store::{Group, Stats};

/// Rows of cells; the first of each is the row's name.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) about: &'static str,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Those of a grouping: calls, then findings, where there are any.
pub(super) fn tables(stats: &Stats, by: By) -> Vec<Table> {
    [calls(stats, by), findings(stats, by)]
        .into_iter()
        .filter(|table| !table.rows.is_empty())
        .collect()
}

fn calls(stats: &Stats, by: By) -> Table {
    let row = |label: Cell, group: &Group| {
        let calls = &group.calls;
        vec![
            label,
            Cell::Count(calls.asked()),
            Cell::Count(calls.taped),
            Cell::Bad(calls.failed),
            Cell::Bad(calls.refused),
            Cell::Bad(calls.abstained),
            Cell::Count(calls.input),
            Cell::Count(calls.output),
            Cell::Money(money(calls)),
            Cell::Time(group.latency.map(|latency| latency.median_ms)),
            Cell::Time(group.latency.map(|latency| latency.p95_ms)),
        ]
    };
    let has = |group: &Group| group.calls != crate::store::Calls::default();
    Table {
        title: format!("Calls by {}", by.word()),
        about: CALLS,
        head: vec![
            by.title(),
            "Calls",
            "Taped",
            "Failed",
            "Refused",
            "Abstained",
            "In",
            "Out",
            "Cost",
            "Median",
            "p95",
        ],
        rows: rows(stats, by, has, row),
    }
}

fn findings(stats: &Stats, by: By) -> Table {
    let row = |label: Cell, group: &Group| {
        let findings = &group.findings;
        vec![
            label,
            Cell::Count(findings.reported),
            Cell::Count(findings.confirmed),
            Cell::Count(findings.unconfirmed),
            Cell::Count(findings.refuted),
            Cell::Count(findings.suppressed),
            Cell::Count(findings.real),
            Cell::Count(findings.dismissed),
            Cell::Share(findings.precision()),
        ]
    };
    Table {
        title: format!("Findings by {}", by.word()),
        about: match by {
            By::Day => FINDINGS_BY_DAY,
            By::Backend | By::Role | By::Team => FINDINGS,
        },
        head: vec![
            by.title(),
            "Findings",
            "Confirmed",
            "Unconfirmed",
            "Refuted",
            "Suppressed",
            "Real",
            "Dismissed",
            "Precision",
        ],
        rows: rows(stats, by, |group| group.findings.reported > 0, row),
    }
}

const CALLS: &str = "Calls that were made, and beside them those answered from the tape. In and \
                     Out are tokens. Cost with a +: some calls are of unknown price. Median and \
                     p95 are times of calls with a reply, by nearest rank.";
const FINDINGS: &str = "Each counts once however many runs saw it, and for everybody who reported \
                        it. Real and Dismissed are people's words, Precision is the share of Real \
                        among both.";
const FINDINGS_BY_DAY: &str = "Each counts on the first day it was seen, as it stands now.";

/// A row for each group that has something, and their total below where there are several.
fn rows(
    stats: &Stats,
    by: By,
    has: impl Fn(&Group) -> bool,
    row: impl Fn(Cell, &Group) -> Vec<Cell>,
) -> Vec<Vec<Cell>> {
    let groups = by.groups(stats).iter().filter(|(_, group)| has(group));
    let mut rows: Vec<_> = groups
        .map(|(key, group)| row(Cell::Name(name(key)), group))
        .collect();
    if rows.len() > 1 {
        rows.push(row(Cell::Name("all".to_owned()), &stats.total));
    }
    rows
}
