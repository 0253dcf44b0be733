//! The run itself: a runtime, signals, progress; and the last word on standard error.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::exit::Exit;
use super::progress;
use super::screen::Screen;
use super::signals;
use crate::engine::{self, Plan, Run};
use crate::gate::{Outcome, Verdict};
use crate::report::{Format, Spec};

/// Runs a plan to its end or to the first signal, which is told beside what is known.
pub(super) fn run(plan: Plan, screen: &Screen) -> Result<(Run, Option<Exit>), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Io("no threads for the run", error))?;
    let progress = progress::of(screen);
    let result = runtime.block_on(async {
        let cancel = CancellationToken::new();
        let signals = signals::watch(cancel.clone());
        let run = engine::run(plan, &cancel, Arc::clone(&progress)).await;
        let exit = signals.over(cancel.is_cancelled()).await;
        (run, exit)
    });
    // A backend that ignores its cancellation must not hold the verdict back.
    runtime.shutdown_background();
    Ok(result)
}

/// Says on standard error what stands in no report that a person sees now.
pub(super) fn conclude(outcome: &Outcome, reports: &[Spec], screen: &Screen) {
    let is_shown = |spec: &Spec| spec.format == Format::Terminal && spec.path.is_none();
    if !reports.iter().any(is_shown) {
        for notice in &outcome.run.notices {
            screen.note("warning", notice);
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
