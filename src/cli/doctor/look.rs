//! One look at one backend, bounded in time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::backends::{Backend, Inspection};

/// Of one look: backends end theirs after 5 seconds and say why, so that this is for one
/// that does not.
const LOOK: Duration = Duration::from_secs(6);
/// What a look that was told to end may take to clean up after itself.
const GRACE: Duration = Duration::from_secs(1);

/// What a look brought.
pub(super) enum Seen {
    All(Box<Inspection>),
    /// What it had when it was ended, and why it was.
    Less(Option<Box<Inspection>>, String),
}

/// Looks in a task of its own, so that a mistake of llmux in one look spares the others.
pub(super) async fn inspect(backend: Arc<dyn Backend>, until: &CancellationToken) -> Seen {
    let until = until.clone();
    let look = tokio::spawn(async move {
        let token = until.child_token();
        let mut look = pin!(backend.inspect(&token));
        let why = tokio::select! {
            // A look that was ended early tells only what it had by then.
            biased;
            () = until.cancelled() => "it did not answer within the time of --timeout".to_owned(),
            seen = &mut look => return Seen::All(Box::new(seen)),
            () = tokio::time::sleep(LOOK) => {
                format!("it did not answer within {} seconds", LOOK.as_secs())
            }
        };
        token.cancel();
        // A program that was started must be gone before llmux is.
        let less = tokio::time::timeout(GRACE, look).await;
        Seen::Less(less.ok().map(Box::new), why)
    });
    look.await.unwrap_or_else(|_| {
        let why = "llmux failed while it looked, which is a bug of llmux";
        Seen::Less(None, why.to_owned())
    })
}
