//! What a store knows of a period: for people, for programs, as a page with charts, and as
//! counters for Prometheus. One file per format, from the same [`Stats`].

mod bars;
mod cells;
mod columns;
pub mod html;
pub mod json;
pub mod prometheus;
mod tables;
pub mod terminal;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::clean;
use crate::store::{Group, Stats, minute};
use cells::{count, dollars};

/// A way to group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By backend.
    Backend,
    /// By role.
    Role,
    /// By team.
    Team,
    /// By day.
    Day,
}

impl By {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Backend, Self::Role, Self::Team, Self::Day];

    /// `backend`
    fn word(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Role => "role",
            Self::Team => "team",
            Self::Day => "day",
        }
    }

    /// `Backend`
    fn title(self) -> &'static str {
        match self {
            Self::Backend => "Backend",
            Self::Role => "Role",
            Self::Team => "Team",
            Self::Day => "Day",
        }
    }

    fn groups(self, stats: &Stats) -> &BTreeMap<String, Group> {
        match self {
            Self::Backend => &stats.by_backend,
            Self::Role => &stats.by_role,
            Self::Team => &stats.by_team,
            Self::Day => &stats.by_day,
        }
    }
}

/// A name of the store on one line; one that is empty is said to be.
fn name(text: &str) -> String {
    let line = clean::line(text);
    if line.is_empty() {
        return "(none)".to_owned();
    }
    clean::cut(&line, 80).into_owned()
}

/// Which part of the store is shown.
fn scope(stats: &Stats) -> String {
    let period = &stats.period;
    let mut text = match &period.project {
        Some(project) => name(project),
        None => "all projects".to_owned(),
    };
    if let Some(since) = period.since {
        let _ = write!(text, ", from {}", minute(since));
    }
    if let Some(until) = period.until {
        let _ = write!(text, " to {}", minute(until));
    }
    if period.since.is_some() || period.until.is_some() {
        text.push_str(" UTC");
    }
    text
}

/// What there is to say where nothing is there.
const EMPTY: &str = "The store holds no run, no call and no finding of this project and period. \
                     --all-projects and --since show more.";

/// The totals, a sentence each.
fn summary(stats: &Stats) -> Vec<String> {
    let calls = &stats.total.calls;
    let runs: u64 = stats.runs.values().sum();
    let mut lines = Vec::new();
    if runs > 0 {
        let each = stats.runs.iter();
        let each: Vec<String> = each
            .map(|(status, runs)| format!("{} {}", count(*runs), name(status)))
            .collect();
        lines.push(format!("{}: {}.", of(runs, "run"), each.join(", ")));
    }
    let mut text = format!(
        "{} made, {} answered from the tape",
        of(calls.asked(), "call"),
        count(calls.taped)
    );
    if calls.unsent > 0 {
        let unsent = of(calls.unsent, "call");
        let _ = write!(
            text,
            ", {unsent} not made after failures or for want of time"
        );
    }
    let _ = write!(text, "; cost {}", dollars(calls.nano_usd));
    if calls.unpriced > 0 {
        let unpriced = of(calls.unpriced, "call");
        let _ = write!(text, ", without that of {unpriced} of unknown price");
    }
    lines.push(text + ".");
    lines.extend(unsettled(stats));
    lines
}

/// What was promised and not settled, where there is such.
fn unsettled(stats: &Stats) -> Option<String> {
    let unsettled = &stats.unsettled;
    let oldest = unsettled.oldest.map(minute)?;
    Some(format!(
        "{} promised to {} and not settled, since {oldest} UTC at the earliest: they are still \
         going on, or their run was killed and they may have been billed.",
        dollars(unsettled.nano_usd),
        of(unsettled.count, "call")
    ))
}

/// `1 call`, `2 calls`
fn of(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}
