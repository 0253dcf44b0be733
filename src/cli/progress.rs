//! Progress on standard error: bars on a terminal, plain lines in CI, nothing with `--quiet`.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Screen;
use crate::engine::{Event, Progress};

/// What suits this standard error.
pub(super) fn of(screen: &Screen) -> Arc<dyn Progress> {
    if screen.is_quiet() {
        Arc::new(Silence)
    } else if screen.has_bars() {
        Arc::new(Bar(Mutex::new(None)))
    } else {
        Arc::new(Lines)
    }
}

struct Silence;

impl Progress for Silence {
    fn event(&self, _: &Event<'_>) {}
}

/// A line for each call, as CI logs want it.
struct Lines;

impl Progress for Lines {
    fn event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Started {
                steps,
                packets,
                calls,
            } => {
                format!(
                    "{steps}: {}, {}",
                    count(*packets, "packet"),
                    count(*calls, "call")
                )
            }
            Event::Called {
                backend,
                subject,
                result,
                ..
            } => {
                format!("  {backend}: {subject}: {result}")
            }
            Event::Finished { .. } => return,
        };
        // Names and errors come from strangers: no line of theirs may be a command to CI.
        let line = crate::report::clean_line(&line);
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// One bar for the steps that run, with what was spent.
struct Bar(Mutex<Option<ProgressBar>>);

impl Progress for Bar {
    fn event(&self, event: &Event<'_>) {
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started {
                steps,
                packets,
                calls,
            } => {
                let calls = *calls as u64;
                let new = ProgressBar::new(calls).with_style(style());
                new.set_prefix((*steps).to_owned());
                new.set_message(count(*packets, "packet"));
                new.enable_steady_tick(std::time::Duration::from_millis(120));
                *bar = Some(new);
            }
            Event::Called {
                backend,
                result,
                spent_usd,
                ..
            } => {
                if let Some(bar) = &*bar {
                    let result = crate::report::clean_line(result);
                    bar.set_message(format!("${spent_usd:.4}  {backend}: {result}"));
                    bar.inc(1);
                }
            }
            Event::Finished { .. } => {
                if let Some(bar) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix} [{bar:30}] {pos}/{len} calls  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}
