//! What a run keeps, and what it is told of before it asks: the tape, and its own calls of before
//! it was interrupted.
//!
//! Trouble with the store stops no run: it is said once, and nothing is kept or looked up there
//! after it. What was answered is in the run's hands either way, and in its journal where one is
//! wanted.

mod journal;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::RwLock;

use self::journal::Journal;
pub use self::journal::Log;
use super::breaker::Line;
use super::member::Unanswered;
use crate::backends::{
    Backend, CallError, ErrorKind, Reply, Request, Stop, configuration_of, question_key,
};
use crate::store::{Call, CallOutcome, Entry, Error, Hold, Past, Short, Store};

/// Bytes of a reply that is kept: no answer about one packet is longer.
const LONGEST: usize = 1 << 20;
/// Why a replay lacks a reply.
const NEVER: &str = "it is not on the tape any more; `llmux diff --refresh` asks again";

/// Which answers need not be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Serving {
    /// None but those of this run: everything is asked anew.
    Fresh,
    /// All of the tape that are young enough, and what this run asked before it was interrupted.
    #[default]
    Tape,
    /// The run was ended: what failed in it is not asked again either.
    Settled,
    /// Parts of this run asked them elsewhere: what they were told is told again, and paid by it;
    /// what none of them asked is asked.
    Joined,
    /// Nothing is asked at all.
    Replay,
}

/// What a [`Recorder`] needs to know; by default it keeps nothing.
#[derive(Debug, Default)]
pub struct Recording {
    /// The store; none where there is none.
    pub store: Option<Store>,
    /// Id of the run.
    pub run: String,
    /// Name of the team; may be empty.
    pub team: String,
    /// Which answers need not be asked for.
    pub serving: Serving,
    /// The run's calls so far, by key.
    pub past: BTreeMap<String, Past>,
    /// No answer older than that counts, in milliseconds since 1970.
    pub since: i64,
    /// Whether replies are kept.
    pub content: bool,
    /// Whether all that is told goes into a journal too.
    pub journal: bool,
    /// Name of a backend → hash of its configuration, where that is not the backend's to say.
    pub configurations: BTreeMap<String, String>,
}

/// What a run keeps; does nothing where there is neither a store nor a journal.
#[derive(Debug, Default)]
pub struct Recorder {
    /// None where nothing is kept.
    recording: Option<Arc<Recording>>,
    /// None without a store, and after trouble with it.
    store: RwLock<Option<Store>>,
    journal: Journal,
    /// Backends' configurations, hashed once.
    configurations: Mutex<BTreeMap<String, String>>,
    /// Calls that the tape answered: nothing is lost where they are not written down.
    taped: Mutex<Vec<(Call, String)>>,
    /// Whether anybody was asked.
    has_asked: AtomicBool,
    trouble: Mutex<Option<Error>>,
}

/// An answer that nobody had to be asked for.
pub(super) enum Served {
    /// An answer of this run, paid by it.
    Own(Reply),
    /// An answer that another run paid.
    Taped(Reply),
    /// What this run was told before.
    Failed(Unanswered),
}

/// A question, and what it is known by.
#[derive(Debug)]
pub(super) struct Question<'q> {
    key: String,
    backend: &'q str,
    request: &'q Request,
}

impl Recorder {
    /// One that keeps.
    pub fn new(recording: Recording) -> Self {
        Self {
            configurations: Mutex::new(recording.configurations.clone()),
            store: RwLock::new(recording.store.clone()),
            journal: Journal::new(recording.journal),
            recording: Some(Arc::new(recording)),
            ..Self::default()
        }
    }

    /// Whether any call was made, and not only answered from the tape.
    pub fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// The first trouble with the store.
    pub fn trouble(&self) -> Option<Error> {
        lock(&self.trouble).clone()
    }

    /// Writes down what is still to be: which answers came from the tape.
    pub async fn finish(&self) {
        let calls = std::mem::take(&mut *lock(&self.taped));
        if let Some(store) = self.store().await {
            let done = store.record_taped(&calls).await;
            self.note(done).await;
        }
    }

    /// What was asked and told so far, where a journal is wanted.
    pub fn told(&self) -> Log {
        self.journal.log()
    }

    /// The store, as long as it works.
    pub async fn store(&self) -> Option<Store> {
        self.store.read().await.clone()
    }

    /// After trouble nothing is kept there any more.
    async fn note<T>(&self, done: Result<T, Error>) -> Option<T> {
        match done {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::debug!("the store cannot be used: {error}");
                lock(&self.trouble).get_or_insert(error);
                *self.store.write().await = None;
                None
            }
        }
    }

    /// What a question is known by; none where nothing is kept of it: a scanner's answer is
    /// quicker made than looked up.
    pub(super) fn question<'q>(
        &self,
        backend: &'q dyn Backend,
        request: &'q Request,
    ) -> Option<Question<'q>> {
        if !backend.writes_text() || self.recording.is_none() {
            return None;
        }
        let name = backend.name();
        let mut known = lock(&self.configurations);
        let configuration = known
            .entry(name.to_owned())
            .or_insert_with(|| configuration_of(backend));
        Some(Question {
            key: question_key(name, configuration, request),
            backend: name,
            request,
        })
    }

    /// An answer that is there already.
    pub(super) async fn served(&self, question: &Question<'_>) -> Option<Served> {
        let served = self.find(question).await?;
        self.journal.served(question, &served);
        Some(served)
    }

    async fn find(&self, question: &Question<'_>) -> Option<Served> {
        let recording = self.recording.as_deref()?;
        let past = recording.past.get(&question.key);
        if let Some(past) = past
            && let Some(served) = self.served_again(recording, past).await
        {
            return Some(served);
        }
        if recording.serving == Serving::Replay {
            let why = format!(
                "this call of `{}` was not made by that run",
                question.backend
            );
            return Some(Served::Failed(never(why)));
        }
        let store = self.store().await?;
        let found = store.answer(&question.key, recording.since).await;
        let kept = self.note(found).await??;
        let reply = Reply {
            latency: Duration::ZERO,
            ..kept.reply
        };
        let call = recording.call(question, CallOutcome::Answered, Some(reply.clone()));
        lock(&self.taped).push((call, kept.id));
        Some(Served::Taped(reply))
    }

    async fn served_again(&self, recording: &Recording, past: &Past) -> Option<Served> {
        let is_over = matches!(
            recording.serving,
            Serving::Settled | Serving::Joined | Serving::Replay
        );
        let is_told = past.outcome == CallOutcome::Answered || is_over;
        if !is_told {
            return None;
        }
        if matches!(past.outcome, CallOutcome::Failed | CallOutcome::Unsent) {
            let mut failure = never(past.message.clone());
            failure.was_sent = past.outcome == CallOutcome::Failed;
            return Some(Served::Failed(failure));
        }
        let kept = match (&past.reply, &past.tape) {
            (Some(reply), _) => Some(reply.clone()),
            (None, Some(id)) => {
                let store = self.store().await?;
                let kept = self.note(store.reply(id).await).await?;
                kept.map(|kept| kept.reply)
            }
            (None, None) => None,
        };
        match kept {
            // Who reads a run again after its end has paid nothing.
            Some(reply) if past.taped || recording.serving == Serving::Settled => {
                Some(Served::Taped(Reply {
                    latency: Duration::ZERO,
                    ..reply
                }))
            }
            Some(reply) => Some(Served::Own(reply)),
            None if matches!(recording.serving, Serving::Joined | Serving::Replay) => {
                Some(Served::Failed(never(NEVER.to_owned())))
            }
            None => None,
        }
    }

    /// Writes down what came of a call that was made, and settles what was reserved for it: it is
    /// in when this returns. False where the store does not know of it.
    pub(super) async fn record(
        &self,
        question: &Question<'_>,
        result: Result<&Reply, &Unanswered>,
        nano_usd: Option<i64>,
        hold: Hold,
    ) -> bool {
        let Some(recording) = self.recording.as_deref() else {
            return false;
        };
        self.has_asked.store(true, Ordering::Relaxed);
        let copy = |reply: &Reply| Reply {
            text: match reply.text.len() {
                0..=LONGEST => reply.text.clone(),
                _ => String::new(),
            },
            model: reply.model.clone(),
            ..*reply
        };
        let (outcome, reply) = match result {
            Ok(reply) if reply.stop == Stop::Refusal => (CallOutcome::Refused, Some(copy(reply))),
            Ok(reply) => (CallOutcome::Answered, Some(copy(reply))),
            Err(failure) if failure.was_sent => (CallOutcome::Failed, None),
            Err(_) => (CallOutcome::Unsent, None),
        };
        let is_kept = result.map_or(true, |reply| reply.text.len() <= LONGEST);
        let mut call = recording.call(question, outcome, reply);
        call.nano_usd = nano_usd;
        if let Err(failure) = result {
            call.message.clone_from(&failure.error.message);
        }
        self.journal.recorded(&call, is_kept);
        let Some(store) = self.store().await else {
            return false;
        };
        let is_kept = recording.content && is_kept;
        let done = store.record(call, hold, is_kept).await;
        self.note(done).await.is_some()
    }

    /// Takes answers back that nobody could read, so that they answer nobody again.
    pub(super) async fn disown(&self, backend: &dyn Backend, requests: &[&Request]) {
        let Some(recording) = self.recording.as_deref() else {
            return;
        };
        let mut keys = Vec::new();
        for request in requests {
            if let Some(question) = self.question(backend, request) {
                keys.push(question.key);
            }
        }
        for (call, _) in lock(&self.taped).iter_mut() {
            if keys.contains(&call.key) {
                call.outcome = CallOutcome::Abstained;
            }
        }
        self.journal.disowned(&keys);
        if let Some(store) = self.store().await {
            let done = store.disown(&recording.run, keys).await;
            self.note(done).await;
        }
    }

    /// Reserves on the store's lines. None where the store cannot be used.
    pub(super) async fn reserve(
        &self,
        backend: &str,
        nano_usd: i64,
        entries: Vec<Entry>,
    ) -> Option<Result<Hold, Short>> {
        let (recording, store) = (self.recording.as_deref()?, self.store().await?);
        let run = &recording.run;
        let done = store.reserve(run, backend, nano_usd, entries).await;
        self.note(done).await
    }

    /// Gives back what was reserved.
    pub(super) async fn release(&self, hold: &Hold) {
        if let Some(store) = self.store().await {
            let done = store.release(hold).await;
            self.note(done).await;
        }
    }
}

impl Recording {
    fn call(&self, question: &Question<'_>, outcome: CallOutcome, reply: Option<Reply>) -> Call {
        let asked: &Line = &question.request.model;
        let told = reply.as_ref().and_then(|reply| reply.model.clone());
        Call {
            run: self.run.clone(),
            key: question.key.clone(),
            backend: question.backend.to_owned(),
            model: told
                .or_else(|| asked.as_deref().map(str::to_owned))
                .unwrap_or_default(),
            roles: question.request.roles.clone(),
            team: self.team.clone(),
            outcome,
            reply,
            nano_usd: None,
            message: String::new(),
        }
    }
}

/// To ask again is of no use.
fn never(message: String) -> Unanswered {
    Unanswered {
        error: CallError::new(ErrorKind::Permanent, message),
        was_sent: true,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
