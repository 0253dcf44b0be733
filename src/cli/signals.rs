//! Ctrl-C, SIGTERM and a terminal that closes end a run early; what is known by then is still
//! written. The second signal ends llmux at once, whatever it is doing.

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;

/// Waits for signals.
pub(super) struct Watch {
    first: JoinHandle<Exit>,
    second: second::Second,
}

/// Cancels `token` at the first signal.
pub(super) fn watch(token: CancellationToken) -> Watch {
    let second = second::Second::new();
    let armed = second.clone();
    let first = tokio::spawn(async move {
        let exit = first().await;
        token.cancel();
        armed.arm_soon();
        exit
    });
    Watch { first, second }
}

impl Watch {
    /// Which signal cancelled the token, if one did. One that comes later lets llmux write
    /// its reports; the next one does not.
    pub(super) async fn over(self, cancelled: bool) -> Option<Exit> {
        if cancelled {
            return self.first.await.ok();
        }
        self.first.abort();
        self.second.arm_at_next();
        None
    }
}

/// The end at once: inside the signal's handler, since every thread may be busy writing. The
/// guards of programs see that llmux is gone.
#[cfg(unix)]
mod second {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;

    use super::{Exit, may_hang_up};

    /// Ctrl-C often comes twice: from the terminal, and from a wrapper that passes it on.
    const ECHO: Duration = Duration::from_millis(500);

    #[derive(Clone)]
    pub(super) struct Second {
        armed: Arc<AtomicBool>,
        signals: Vec<i32>,
    }

    impl Second {
        pub(super) fn new() -> Self {
            let armed = Arc::new(AtomicBool::new(false));
            let mut signals = vec![SIGINT, SIGTERM];
            if may_hang_up() {
                signals.push(SIGHUP);
            }
            // Where one cannot be caught it ends the process anyway.
            signals.retain(|signal| {
                let exit = match *signal {
                    SIGINT => Exit::Interrupted,
                    _ => Exit::Terminated,
                };
                let code = exit.code().into();
                flag::register_conditional_shutdown(*signal, code, Arc::clone(&armed)).is_ok()
            });
            Self { armed, signals }
        }

        pub(super) fn arm_soon(self) {
            let armed = Arc::clone(&self.armed);
            let later = std::thread::Builder::new().spawn(move || {
                std::thread::sleep(ECHO);
                armed.store(true, Ordering::Relaxed);
            });
            if later.is_err() {
                self.armed.store(true, Ordering::Relaxed);
            }
        }

        pub(super) fn arm_at_next(&self) {
            for signal in &self.signals {
                // Where it fails, signals do nothing for the rest of the writing.
                let _ = flag::register(*signal, Arc::clone(&self.armed));
            }
        }
    }
}

/// Windows ends a process that does not answer to Ctrl-Break.
#[cfg(not(unix))]
mod second {
    #[derive(Clone)]
    pub(super) struct Second;

    impl Second {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn arm_soon(self) {}

        pub(super) fn arm_at_next(&self) {}
    }
}

#[cfg(unix)]
async fn first() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return interrupt().await;
    };
    // A terminal that closes must not leave agents behind that go on spending.
    let hangup = async {
        if may_hang_up()
            && let Ok(mut hangup) = signal(SignalKind::hangup())
        {
            hangup.recv().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        exit = interrupt() => exit,
        _ = term.recv() => Exit::Terminated,
        () = hangup => Exit::Terminated,
    }
}

/// Whether SIGHUP ends this process: under `nohup` it must not, and to ask for a signal is
/// to stop ignoring it. Only Linux tells without `unsafe`.
#[cfg(unix)]
fn may_hang_up() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|ignored| ignored & HANGUP == 0)
}

#[cfg(not(unix))]
async fn first() -> Exit {
    interrupt().await
}

async fn interrupt() -> Exit {
    if tokio::signal::ctrl_c().await.is_err() {
        // No handler could be set: the default one ends the process.
        std::future::pending::<()>().await;
    }
    Exit::Interrupted
}
