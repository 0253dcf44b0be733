//! The same work on many files, on several threads, answers in order.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gix::ObjectId;

use super::Error;
use super::contents::Contents;
use super::{git, packed};

/// Threads at most: beyond, the object database is what is waited for.
const THREADS: usize = 4;
/// Items that a thread takes at once: neighbours share delta bases.
const CHUNK: usize = 16;
/// Fewer items than this for each thread are not worth starting it.
const WORTH_A_THREAD: usize = 16;

/// Calls `work` for each item; each thread has its own handle on the repository.
/// `id` is the object that the work on an item begins with.
///
/// # Errors
/// The first that `work` meets.
pub(super) fn map<T: Sync, R: Send>(
    repo: &gix::Repository,
    items: &[T],
    id: impl Fn(&T) -> Option<ObjectId>,
    work: impl Fn(&Contents<'_>, &T) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(THREADS).min(items.len() / WORTH_A_THREAD);
    if threads <= 1 {
        return in_order(repo, items, work);
    }
    let ids: Vec<_> = items.iter().map(id).collect();
    let order = packed::order(repo, &ids);
    let next = AtomicUsize::new(0);
    let shared = repo.clone().into_sync();
    let part = || -> Result<Vec<(usize, R)>, Error> {
        let repo = git::with_cache(shared.to_thread_local());
        let contents = Contents::new(&repo);
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(rest) = order.get(start..) else {
                return Ok(done);
            };
            for at in rest.iter().copied().take(CHUNK) {
                match work(&contents, &items[at]) {
                    Ok(answer) => done.push((at, answer)),
                    Err(error) => {
                        // The others need not go on.
                        next.store(order.len(), Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
        }
    };
    let parts: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(part)).collect();
        let own = part();
        let joined = others.into_iter().map(|it| match it.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    });
    let Ok(parts) = parts.into_iter().collect::<Result<Vec<_>, Error>>() else {
        // Which thread failed first is chance; the first file that cannot be read is not.
        return in_order(repo, items, work);
    };
    let mut all: Vec<_> = parts.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, answer)| answer).collect())
}

fn in_order<T, R>(
    repo: &gix::Repository,
    items: &[T],
    work: impl Fn(&Contents<'_>, &T) -> Result<R, Error>,
) -> Result<Vec<R>, Error> {
    let contents = Contents::new(repo);
    items.iter().map(|item| work(&contents, item)).collect()
}
