//! All that a run asked and was told, for a part file: with it the run is told again on another
//! machine.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Question, Served};
use crate::store::{Call, CallOutcome, Past};

/// What was asked and told.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// By what a question is known by.
    pub calls: BTreeMap<String, Past>,
    /// Backend → billionths of a US dollar, as far as it is known.
    pub spent: BTreeMap<String, i64>,
}

impl Log {
    /// With what the run had spent before: by backend.
    #[must_use]
    pub fn after(mut self, spent: &[(String, i64)]) -> Self {
        for (backend, nano_usd) in spent {
            let sum = self.spent.entry(backend.clone()).or_default();
            *sum = sum.saturating_add(*nano_usd);
        }
        self
    }
}

/// A log in the making; none where nobody wants it.
#[derive(Debug, Default)]
pub(super) struct Journal(Option<Mutex<Log>>);

impl Journal {
    pub(super) fn new(wanted: bool) -> Self {
        Self(wanted.then(Mutex::default))
    }

    pub(super) fn log(&self) -> Log {
        let mut log = Log::default();
        self.enter(|own| log = own.clone());
        log
    }

    /// An answer that nobody had to be asked for.
    pub(super) fn served(&self, question: &Question<'_>, served: &Served) {
        let (outcome, reply, taped, message) = match served {
            Served::Own(reply) => (CallOutcome::Answered, Some(reply), false, ""),
            Served::Taped(reply) => (CallOutcome::Answered, Some(reply), true, ""),
            Served::Failed(failure) => {
                let outcome = if failure.was_sent {
                    CallOutcome::Failed
                } else {
                    CallOutcome::Unsent
                };
                (outcome, None, false, failure.error.message.as_str())
            }
        };
        self.enter(|log| {
            let past = Past {
                outcome,
                taped,
                tape: None,
                message: message.to_owned(),
                reply: reply.cloned(),
            };
            log.calls.insert(question.key.clone(), past);
        });
    }

    /// A call that was made.
    pub(super) fn recorded(&self, call: &Call, is_whole: bool) {
        self.enter(|log| {
            let past = Past {
                outcome: call.outcome,
                taped: false,
                tape: None,
                message: call.message.clone(),
                reply: call.reply.clone().filter(|_| is_whole),
            };
            log.calls.insert(call.key.clone(), past);
            if let Some(nano_usd) = call.nano_usd {
                let spent = log.spent.entry(call.backend.clone()).or_default();
                *spent = spent.saturating_add(nano_usd);
            }
        });
    }

    /// Answers that nobody could read.
    pub(super) fn disowned(&self, keys: &[String]) {
        self.enter(|log| {
            for key in keys {
                if let Some(past) = log.calls.get_mut(key) {
                    past.outcome = CallOutcome::Abstained;
                }
            }
        });
    }

    fn enter(&self, write: impl FnOnce(&mut Log)) {
        if let Some(log) = &self.0 {
            write(&mut log.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
