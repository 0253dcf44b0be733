//! `--dry-run`: what a review would ask, and what that can cost.

use std::fmt::Write as _;

use super::error::Error;
use super::progress;
use super::screen;
use crate::change::Change;
use crate::context::Packet;
use crate::engine::routing::Routes;
use crate::engine::{Estimate, Plan, Reservation};

/// `--dry-run`: files, packets, calls, tokens and highest cost; no call.
pub(super) fn print(plan: &Plan) -> Result<(), Error> {
    let estimates = plan.estimate();
    let judges = [
        ("arbiter", plan.arbiters_reservation()),
        ("refutation", plan.reservation()),
    ];
    let judges = judges.into_iter();
    let judges: Vec<_> = judges
        .filter_map(|(who, most)| Some((who, most?)))
        .collect();
    let routes = plan.routes.as_ref();
    print_parts(&plan.change, &plan.packets, &estimates, &judges, routes)
}

/// The same of a change without a file to review.
pub(super) fn print_nothing(change: &Change) -> Result<(), Error> {
    print_parts(change, &[], &[], &[], None)
}

fn print_parts(
    change: &Change,
    packets: &[Packet],
    estimates: &[Estimate],
    reservations: &[(&str, Reservation)],
    routes: Option<&Routes>,
) -> Result<(), Error> {
    let mut text = String::new();
    let _ = writeln!(text, "{}", change.title);
    let _ = writeln!(text, "files: {}", change.files.len());
    for file in &change.files {
        let _ = writeln!(text, "  {}", file.path);
    }
    if !change.left_out.is_empty() {
        let _ = writeln!(text, "left out: {}", change.left_out.len());
        for file in &change.left_out {
            let _ = writeln!(text, "  {}: {}", file.path, file.reason);
        }
    }
    let tokens: usize = packets.iter().map(|packet| packet.tokens).sum();
    let _ = writeln!(text, "packets: {} ({tokens} tokens)", packets.len());
    for line in routes.into_iter().flat_map(crate::report::routing) {
        let _ = writeln!(text, "{line}");
    }
    for estimate in estimates {
        let cost = highest_cost(estimate);
        let _ = writeln!(
            text,
            "{}: {} calls{}{}, {} tokens in, {cost}",
            estimate.backend,
            estimate.calls,
            sampled(estimate.samples),
            of_first(estimate.further_models),
            estimate.input_tokens
        );
    }
    for (who, reservation) in reservations {
        let _ = writeln!(
            text,
            "{who}: at most {} more calls, {}",
            reservation.calls,
            progress::at_most(reservation.cost_usd)
        );
    }
    let text = crate::report::log_text(&text);
    screen::print(text.as_bytes())
}

/// `highest cost $0.1234 (list price of 2026-11-28)`
fn highest_cost(estimate: &Estimate) -> String {
    let Some(cost) = estimate.cost_usd else {
        return progress::at_most(None);
    };
    let listed = estimate.listed;
    let listed = listed.map(|day| format!(" (list price of {day})"));
    format!("highest cost ${cost:.4}{}", listed.unwrap_or_default())
}

/// What makes so many of them.
fn sampled(samples: usize) -> String {
    match samples {
        0 | 1 => String::new(),
        more => format!(", {more} samples of each packet"),
    }
}

/// What a count of calls leaves out where a backend has a cascade of models.
fn of_first(further: usize) -> String {
    match further {
        0 => String::new(),
        1 => " of its first model (1 more stands in where it gives no answer)".to_owned(),
        more => format!(" of its first model ({more} more stand in where it gives no answer)"),
    }
}
