//! Questions whose answer judges numbered things: ask, parse, repair once; then the backend's
//! next model. Critics and the arbiter are asked so.

use super::cascade::Cascade;
use super::deadline::Deadline;
use super::member::{Member, Unanswered};
use super::read::{REFUSED, call, repair_task};
use super::session::Session;
use crate::backends::{ErrorKind, Reply, Request, Stop};
use crate::findings::Form;

mod claim;
mod reserve;

pub(super) use claim::line;
pub use reserve::Reservation;

/// Why a backend judged nothing.
#[derive(Debug)]
pub(super) struct Silence {
    pub(super) why: String,
    /// Whether it answered, and nothing that could be read.
    pub(super) is_abstention: bool,
}

impl Silence {
    /// For progress lines.
    pub(super) fn summary(&self) -> String {
        let what = if self.is_abstention {
            "abstained"
        } else {
            "failed"
        };
        format!("{what}: {}", self.why)
    }
}

/// Does `work` in a task of its own, and says whether it came to its end: a panic must not
/// look like a case that was never heard.
pub(super) async fn in_task(name: &str, work: impl Future<Output = ()> + Send + 'static) -> bool {
    let ended = tokio::spawn(work).await;
    if let Err(error) = &ended {
        tracing::error!("{name} ended by a panic: {error}");
    }
    ended.is_ok()
}

/// Asks one of the backend's models after the other until one answers readably.
pub(super) async fn ask<T>(
    session: &Session,
    member: &Member,
    mut question: Request,
    form: &Form<T>,
) -> Result<Vec<T>, Silence> {
    let deadline = session.deadline();
    let mut cascade = Cascade::default();
    for model in session.plan.own_models(member.name()) {
        question.model.clone_from(&model);
        match judge(session, member, &question, form, &deadline).await {
            Ok(entries) => {
                cascade.record_passed_over(member);
                return Ok(entries);
            }
            Err(Nothing::Failed(failure)) => cascade.failed(&model, &failure),
            Err(Nothing::Abstained(why)) => cascade.abstained(&model, &why),
        }
        if cascade.is_over() || deadline.is_over() {
            break;
        }
    }
    cascade.record_loss(member);
    Err(Silence {
        why: cascade.why(),
        is_abstention: cascade.has_abstained(),
    })
}

/// Why one model gave no answer.
enum Nothing {
    Failed(Unanswered),
    Abstained(String),
}

impl Nothing {
    /// Whether the run's end or its budget took the answer, and not the backend.
    fn is_cut_off(&self) -> bool {
        matches!(self, Self::Failed(failure) if matches!(
            failure.error.kind,
            ErrorKind::Cancelled | ErrorKind::Broke
        ))
    }
}

async fn judge<T>(
    session: &Session,
    member: &Member,
    question: &Request,
    form: &Form<T>,
    deadline: &Deadline,
) -> Result<Vec<T>, Nothing> {
    let first = answer(session, member, question, deadline).await?;
    let complaint = match form.parse(&first.text) {
        Ok(_) if first.stop == Stop::Length => form.out_of_length(),
        Ok(entries) => return Ok(entries),
        Err(complaint) => complaint,
    };
    let mut again = question.clone();
    again.prompt.task = repair_task(&question.prompt.task, &first.text, &complaint);
    let second = match answer(session, member, &again, deadline).await {
        Ok(second) => second,
        Err(nothing) => {
            if !nothing.is_cut_off() {
                member.disown(&[question]).await;
            }
            return Err(nothing);
        }
    };
    // Of what it lost nothing is known.
    let read = form.parse_lenient(&second.text);
    if read.is_err() {
        member.disown(&[question, &again]).await;
    }
    read.map_err(|complaint| Nothing::Abstained(complaint.reason()))
}

async fn answer(
    session: &Session,
    member: &Member,
    question: &Request,
    deadline: &Deadline,
) -> Result<Reply, Nothing> {
    match call(session, member, question, deadline).await {
        Ok(reply) if reply.stop == Stop::Refusal => Err(Nothing::Abstained(REFUSED.to_owned())),
        Ok(reply) => Ok(reply),
        Err(failure) => Err(Nothing::Failed(failure)),
    }
}
