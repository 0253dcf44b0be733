//! Threads for work that waits, and signals that end it.

use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::exit::Exit;
use super::signals;

/// Does the work to its end; at the first signal it is cancelled and tells what it has. The
/// exit code is that of the signal, where one came.
pub(super) fn until_signal<T>(
    work: impl AsyncFnOnce(CancellationToken) -> T,
) -> Result<(T, Option<Exit>), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Io("no threads for the run", error))?;
    let result = runtime.block_on(async {
        let cancel = CancellationToken::new();
        let signals = signals::watch(cancel.clone());
        let done = work(cancel.clone()).await;
        let exit = signals.over(cancel.is_cancelled()).await;
        (done, exit)
    });
    // A backend that ignores its cancellation must not hold the result back.
    runtime.shutdown_background();
    Ok(result)
}
