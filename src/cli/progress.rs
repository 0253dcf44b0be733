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
        Arc::new(Lines {
            groups: std::env::var_os("GITHUB_ACTIONS").is_some(),
        })
    }
}

/// Nothing is told.
pub(super) fn none() -> Arc<dyn Progress> {
    Arc::new(Silence)
}

struct Silence;

impl Progress for Silence {
    fn event(&self, _: &Event<'_>) {}
}

/// A line for each call, as CI logs want it.
struct Lines {
    /// Whether the runner folds what stands between its two commands.
    groups: bool,
}

impl Progress for Lines {
    fn event(&self, event: &Event<'_>) {
        let command = match event {
            Event::Started { .. } if self.groups => "::group::",
            Event::Finished { .. } if self.groups => "::endgroup::",
            _ => "",
        };
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
            Event::Reserved { calls, cost_usd } => {
                format!(
                    "  at most {}, {}",
                    count(*calls, "call"),
                    at_most(*cost_usd)
                )
            }
            Event::Finished { .. } if command.is_empty() => return,
            Event::Finished { .. } => String::new(),
        };
        // Names and errors come from strangers: no line of theirs may be a command to CI.
        let line = crate::report::log_line(&line);
        let _ = writeln!(std::io::stderr(), "{command}{line}");
    }
}

/// One bar for all steps that run, with what was spent.
struct Bar(Mutex<Option<Shown>>);

struct Shown {
    bar: ProgressBar,
    /// Steps under way, and over how many packets.
    steps: Vec<(String, String)>,
}

impl Progress for Bar {
    fn event(&self, event: &Event<'_>) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started {
                steps,
                packets,
                calls,
            } => {
                let now = shown.get_or_insert_with(Shown::new);
                now.bar.inc_length(*calls as u64);
                let packets = count(*packets, "packet");
                now.steps.push(((*steps).to_owned(), packets));
                now.show_steps();
            }
            Event::Called {
                backend,
                result,
                spent_usd,
                ..
            } => {
                if let Some(now) = &*shown {
                    let result = crate::report::log_line(result);
                    now.bar
                        .set_message(format!("${spent_usd:.4}  {backend}: {result}"));
                    now.bar.inc(1);
                }
            }
            Event::Reserved { .. } => {}
            Event::Finished { steps } => {
                if let Some(now) = &mut *shown {
                    now.steps.retain(|(own, _)| own != steps);
                    now.show_steps();
                    if now.steps.is_empty() {
                        now.bar.finish_and_clear();
                        *shown = None;
                    }
                }
            }
        }
    }
}

impl Shown {
    fn new() -> Self {
        let bar = ProgressBar::new(0).with_style(style());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Self {
            bar,
            steps: Vec::new(),
        }
    }

    fn show_steps(&self) {
        let steps = self.steps.iter();
        let steps: Vec<_> = steps
            .map(|(name, packets)| format!("{name} ({packets})"))
            .collect();
        self.bar.set_prefix(steps.join(", "));
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix} [{bar:30}] {pos}/{len} calls  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// A bound of costs, in the words of progress lines and `--dry-run`.
pub(super) fn at_most(cost_usd: Option<f64>) -> String {
    cost_usd.map_or_else(
        || "price unknown".to_owned(),
        |cost| format!("at most ${cost:.4}"),
    )
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}
