//! One writer for a process: what calls want written at the same moment goes into one transaction,
//! since it is the transaction that costs. Each call waits until its own is in.

use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, oneshot};

use super::{Call, Entry, Error, Hold, Kind, Short, Store};

/// Jobs of one transaction.
const MOST: usize = 200;

/// Where jobs go; the writer begins with the first of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue(Arc<OnceLock<mpsc::UnboundedSender<Job>>>);

/// A call that was made.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) call: Call,
    pub(super) hold: Hold,
    /// Whether the reply itself is kept.
    pub(super) content: bool,
}

/// A call that is to be made.
#[derive(Debug, PartialEq)]
pub(super) struct Wish {
    pub(super) run: String,
    pub(super) backend: String,
    pub(super) nano_usd: i64,
    /// In order.
    pub(super) entries: Vec<Entry>,
}

type Reservation = Result<Result<Hold, Short>, Error>;

#[derive(Debug)]
enum Job {
    Record(Box<Record>, oneshot::Sender<Result<(), Error>>),
    Reserve(Wish, oneshot::Sender<Reservation>),
    /// The run, and the keys of answers that it takes back.
    Disown(String, Vec<String>, oneshot::Sender<Result<(), Error>>),
}

impl Store {
    /// Writes down a call that was made, and settles what was reserved for it: all of it or
    /// nothing. `content` is whether the reply itself is kept.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn record(&self, call: Call, hold: Hold, content: bool) -> Result<(), Error> {
        let record = Box::new(Record {
            call,
            hold,
            content,
        });
        let waiting = self.put(|done| Job::Record(record, done));
        waiting?.await.map_err(|_| gone())?
    }

    /// Takes answers back that could not be read: they answer nobody any more. A replay of the
    /// run still finds them.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn disown(&self, run: &str, keys: Vec<String>) -> Result<(), Error> {
        let waiting = self.put(|done| Job::Disown(run.to_owned(), keys, done));
        waiting?.await.map_err(|_| gone())?
    }

    /// Reserves so many billionths of a US dollar on all lines, or on none.
    ///
    /// # Errors
    /// Where the store cannot be written; what is full is no error.
    pub async fn reserve(
        &self,
        run: &str,
        backend: &str,
        nano_usd: i64,
        mut entries: Vec<Entry>,
    ) -> Reservation {
        // In one order everywhere, so that two transactions never wait for each other crosswise.
        entries.sort();
        let wish = Wish {
            run: run.to_owned(),
            backend: backend.to_owned(),
            nano_usd,
            entries,
        };
        let waiting = self.put(|done| Job::Reserve(wish, done));
        waiting?.await.map_err(|_| gone())?
    }

    /// Puts a job into the line.
    fn put<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<T>) -> Job,
    ) -> Result<oneshot::Receiver<T>, Error> {
        let queue = self.queue.0.get_or_init(|| {
            let (queue, jobs) = mpsc::unbounded_channel();
            let store = Self {
                queue: Queue::default(),
                ..self.clone()
            };
            tokio::spawn(work(store, jobs));
            queue
        });
        let (done, answer) = oneshot::channel();
        queue.send(job(done)).map_err(|_| gone())?;
        Ok(answer)
    }
}

fn gone() -> Error {
    Error::new(Kind::Other, "its writer is gone")
}

/// Until nobody can send any more.
async fn work(store: Store, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, MOST).await > 0 {
        let (mut records, mut settled, mut disowned) = (Vec::new(), Vec::new(), Vec::new());
        let mut wishes: Vec<(Vec<Wish>, Vec<oneshot::Sender<Reservation>>)> = Vec::new();
        for job in batch.drain(..) {
            match job {
                Job::Record(record, done) => {
                    records.push(*record);
                    settled.push(done);
                }
                Job::Disown(run, keys, done) => disowned.push((run, keys, done)),
                Job::Reserve(wish, done) => {
                    let alike = |group: &Vec<Wish>| {
                        let first = &group[0];
                        first.backend == wish.backend && first.entries == wish.entries
                    };
                    match wishes.iter_mut().find(|(group, _)| alike(group)) {
                        Some((group, waiting)) => {
                            group.push(wish);
                            waiting.push(done);
                        }
                        None => wishes.push((vec![wish], vec![done])),
                    }
                }
            }
        }
        // First what frees money. Whoever waits may be gone, with the run's end.
        if !records.is_empty() {
            let result = store.record_all(&records).await;
            for done in settled {
                let _ = done.send(result.clone());
            }
        }
        // What they take back is written by now.
        for (run, keys, done) in disowned {
            let _ = done.send(store.disown_now(&run, &keys).await);
        }
        // A transaction for each: two with lines in another order could wait crosswise.
        for (group, waiting) in wishes {
            for (result, done) in store.reserve_all(&group).await.into_iter().zip(waiting) {
                let _ = done.send(result);
            }
        }
    }
}
