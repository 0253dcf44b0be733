//! Ctrl-C and SIGTERM end a run early; what is known by then is still written.

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
    tokio::select! {
        exit = interrupt() => exit,
        _ = term.recv() => Exit::Terminated,
    }
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
