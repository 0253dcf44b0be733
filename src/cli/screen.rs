//! Standard error and the terminal: colours, width, notices, logs.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use super::args::{Color, Global};
use super::error::Error;
use crate::report::Style;

/// What is known of the terminal, and how much to say.
pub(super) struct Screen {
    quiet: bool,
    verbose: u8,
}

impl Screen {
    pub(super) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self {
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Sends logs to standard error: warnings, or what `-v`, `-vv` or `LLMUX_LOG` ask for.
    pub(super) fn start_logging(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => "error",
            (false, 0) => "warn",
            (false, 1) => "llmux=info,warn",
            (false, 2) => "llmux=debug,warn",
            (false, _) => "trace",
        };
        let filter = tracing_subscriber::EnvFilter::try_from_env("LLMUX_LOG")
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(has_color(&std::io::stderr()))
            .without_time()
            .with_target(false)
            .init();
    }

    /// Whether progress may move the cursor.
    pub(super) fn has_bars(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
    }

    /// Whether anything but errors is said.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Says what went wrong on standard error, also where quiet.
    pub(super) fn error(sentence: &str) {
        let sentence = crate::report::log_line(sentence);
        let _ = writeln!(anstream::stderr(), "error: {sentence}");
    }

    /// Says a sentence on standard error, unless quiet.
    pub(super) fn note(&self, kind: &str, sentence: &str) {
        if !self.quiet {
            // Where standard error is closed there is nobody left to tell.
            let sentence = crate::report::log_line(sentence);
            let _ = writeln!(anstream::stderr(), "{kind}: {sentence}");
        }
    }
}

/// Writes a whole answer to standard output. A reader that has seen enough is no error.
pub(super) fn print(text: &[u8]) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io("standard output cannot be written", error))
        }
        _ => Ok(()),
    }
}

/// How reports on standard output look.
pub(super) fn style() -> Style {
    let width = if std::io::stdout().is_terminal() {
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    } else {
        None
    };
    Style {
        color: has_color(&std::io::stdout()),
        width: width.unwrap_or(100),
    }
}

/// Whether a stream gets colours: `--color` has been told to [`anstream`], which also
/// knows `NO_COLOR` and terminals.
fn has_color(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}
