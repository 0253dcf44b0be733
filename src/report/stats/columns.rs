//! Cost by day as columns, each stacked by backend, as SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::bars::{ACROSS, float, open, step};
use super::cells::dollars;
use super::name;
use crate::html::escaped;
use crate::store::{Stats, day, start_of_day};
use crate::units;

const LEFT: f64 = 72.0;
const TOP: f64 = 12.0;
const WIDTH: f64 = ACROSS - LEFT - 8.0;
const HEIGHT: f64 = 220.0;
const BOTTOM: f64 = 28.0;
/// More days than this are put together by month.
const MOST_DAYS: i64 = 92;
/// Words below the columns.
const MOST_WORDS: usize = 9;
/// Backends with a colour of their own; the others share the last.
pub(super) const COLOURS: usize = 7;
const DAY: i64 = 86_400_000;

/// The cost of a period.
pub(super) struct Columns {
    /// Names with their colours, those that cost most first.
    pub(super) legend: Vec<(String, usize)>,
    /// A day or month, and what each colour cost in it.
    stacks: Vec<(String, BTreeMap<usize, u64>)>,
    /// What one is.
    unit: &'static str,
}

impl Columns {
    pub(super) fn of(stats: &Stats) -> Self {
        let mut costs: BTreeMap<&str, u64> = BTreeMap::new();
        for (backend, cost) in stats.cost_by_day.values().flatten() {
            let sum = costs.entry(backend).or_default();
            *sum = sum.saturating_add(*cost);
        }
        let mut order: Vec<(&str, u64)> = costs.into_iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let colour = |backend: &str| {
            let at = order.iter().position(|(name, _)| *name == backend);
            at.unwrap_or(COLOURS).min(COLOURS)
        };
        let mut legend: Vec<(String, usize)> = order
            .iter()
            .take(COLOURS)
            .enumerate()
            .map(|(at, (backend, _))| (name(backend), at))
            .collect();
        if order.len() > COLOURS {
            legend.push((format!("{} others", order.len() - COLOURS), COLOURS));
        }
        let (days, unit) = units(stats);
        let mut columns: BTreeMap<String, BTreeMap<usize, u64>> =
            days.into_iter().map(|day| (day, BTreeMap::new())).collect();
        for (day, by_backend) in &stats.cost_by_day {
            let length = if unit == "month" { 7 } else { 10 };
            // A day that is none is told in the tables only.
            let Some(column) = day.get(..length).and_then(|key| columns.get_mut(key)) else {
                continue;
            };
            for (backend, cost) in by_backend {
                let sum = column.entry(colour(backend)).or_default();
                *sum = sum.saturating_add(*cost);
            }
        }
        Self {
            legend,
            stacks: columns.into_iter().collect(),
            unit,
        }
    }

    pub(super) fn title(&self) -> String {
        format!("Cost per {}", self.unit)
    }

    /// The picture; none where nothing was paid.
    pub(super) fn svg(&self) -> Option<String> {
        let sums = self.stacks.iter().map(|(_, parts)| parts.values().sum());
        let most = units::dollars(sums.max().unwrap_or(0));
        if most <= 0.0 {
            return None;
        }
        let about = "Columns of US dollars, stacked by backend; the table below has the sums.";
        let mut out = open("cost", &self.title(), about, TOP + HEIGHT + BOTTOM);
        grid(&mut out, most);
        let each = WIDTH / float(self.stacks.len());
        let every = self.stacks.len().div_ceil(MOST_WORDS);
        for (at, (when, parts)) in self.stacks.iter().enumerate() {
            let middle = LEFT + each * (float(at) + 0.5);
            if at % every == 0 {
                let y = TOP + HEIGHT + 17.0;
                // Of a day its month and day.
                let word = when.get(5..10).unwrap_or(when);
                let _ = writeln!(
                    out,
                    "<text class=\"dim\" x=\"{middle:.1}\" y=\"{y:.1}\" \
                     text-anchor=\"middle\">{word}</text>"
                );
            }
            self.column(&mut out, when, parts, middle, (each * 0.8).min(44.0), most);
        }
        out.push_str("</svg>\n");
        Some(out)
    }

    fn column(
        &self,
        out: &mut String,
        when: &str,
        parts: &BTreeMap<usize, u64>,
        middle: f64,
        width: f64,
        most: f64,
    ) {
        let mut below = TOP + HEIGHT;
        for (colour, cost) in parts {
            let height = units::dollars(*cost) / most * HEIGHT;
            below -= height;
            let who = self.legend.get(*colour).map_or("", |(name, _)| name);
            let _ = writeln!(
                out,
                "<rect class=\"c{colour}\" x=\"{:.1}\" y=\"{below:.2}\" width=\"{width:.1}\" \
                 height=\"{height:.2}\"><title>{when}, {}: {}</title></rect>",
                middle - width / 2.0,
                escaped(who),
                escaped(&dollars(*cost))
            );
        }
    }
}

/// The scale and its lines.
fn grid(out: &mut String, most: f64) {
    let step = step(most);
    let mut tick = 0.0;
    while tick <= most {
        let y = TOP + (1.0 - tick / most) * HEIGHT;
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{LEFT:.1} {y:.1}h{WIDTH:.1}\"/>\n\
             <text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 4.0,
            scale(tick, step)
        );
        tick += step;
    }
}

/// Every day from the first to the last with a cost, those without one too; months where these
/// are many.
fn units(stats: &Stats) -> (Vec<String>, &'static str) {
    let mut days = stats.cost_by_day.keys().filter_map(|day| start_of_day(day));
    let Some(first) = days.next() else {
        return (Vec::new(), "day");
    };
    let last = days.next_back().unwrap_or(first);
    let count = (last - first) / DAY + 1;
    let mut all: Vec<String> = (0..count).map(|at| day(first + at * DAY)).collect();
    if count <= MOST_DAYS {
        return (all, "day");
    }
    for day in &mut all {
        day.truncate(7);
    }
    all.dedup();
    (all, "month")
}

/// A number of the scale, with as many decimals as its step needs.
fn scale(value: f64, step: f64) -> String {
    let mut decimals = 0;
    let mut step = step;
    while step < 0.999 && decimals < 9 {
        step *= 10.0;
        decimals += 1;
    }
    format!("${value:.decimals$}")
}
