//! The run itself, with its progress; and the last word on standard error.

use super::exit::Exit;
use super::progress;
use super::runtime::Runtime;
use super::screen::Screen;
use crate::engine::{self, Plan, Run};
use crate::gate::{Outcome, Verdict};
use crate::report::{Format, Spec};

/// Runs a plan to its end or to the first signal, which is told beside what is known.
pub(super) fn run(plan: Plan, runtime: &Runtime, screen: &Screen) -> (Run, Option<Exit>) {
    let progress = progress::of(screen);
    runtime.until_signal(async |cancel| engine::run(plan, &cancel, progress).await)
}

/// Says on standard error what stands in no report that a person sees now.
pub(super) fn conclude(outcome: &Outcome, reports: &[Spec], screen: &Screen) {
    let is_shown = |spec: &Spec| spec.format == Format::Terminal && spec.path.is_none();
    if !reports.iter().any(is_shown) {
        for notice in &outcome.run.notices {
            screen.note("warning", notice);
        }
        if let Some(learned) = crate::report::learned_line(&outcome.run) {
            screen.note("note", &learned);
        }
        screen.note("verdict", &crate::report::verdict_line(outcome));
    }
    if matches!(outcome.verdict, Verdict::Incomplete(_)) && outcome.policy.allow_incomplete {
        screen.note(
            "warning",
            "the run is incomplete; it passes because of --allow-incomplete",
        );
    }
}
