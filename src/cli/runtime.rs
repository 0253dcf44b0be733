//! Threads for work that waits, and signals that end it.

use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::exit::Exit;
use super::signals;

/// Threads. What still works there when it goes is left behind.
pub(super) struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    pub(super) fn start() -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Io("no threads for the run", error))?;
        Ok(Self(Some(runtime)))
    }

    /// Does short work to its end.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.0 {
            Some(runtime) => runtime.block_on(work),
            None => unreachable!("it is there until it is dropped"),
        }
    }

    /// Does the work to its end; at the first signal it is cancelled and tells what it has. The
    /// exit code is that of the signal, where one came.
    pub(super) fn until_signal<T>(
        &self,
        work: impl AsyncFnOnce(CancellationToken) -> T,
    ) -> (T, Option<Exit>) {
        self.wait(async {
            let cancel = CancellationToken::new();
            let signals = signals::watch(cancel.clone());
            let done = work(cancel.clone()).await;
            let exit = signals.over(cancel.is_cancelled()).await;
            (done, exit)
        })
    }

    /// Does the work to its end; the exit code of a signal, where one came before.
    pub(super) fn unless_signal<T>(&self, work: impl Future<Output = T>) -> Result<T, Exit> {
        let (done, signal) = self.until_signal(async |cancel| {
            tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                done = work => Some(done),
            }
        });
        done.ok_or(signal.unwrap_or(Exit::Interrupted))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // A backend that ignores its cancellation must not hold the result back.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
