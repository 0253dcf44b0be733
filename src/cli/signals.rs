//! Ctrl-C, SIGTERM and a terminal that closes end a run early; what is known by then is still written.

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;

/// Cancels `token` at the first signal; the handle then tells which.
pub(super) fn watch(token: CancellationToken) -> JoinHandle<Exit> {
    tokio::spawn(async move {
        let exit = first().await;
        token.cancel();
        exit
    })
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
