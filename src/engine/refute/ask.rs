//! One critic judges claims about one packet: ask, parse, repair once; then its next model.

use std::sync::Arc;

use super::super::cascade::Cascade;
use super::super::deadline::Deadline;
use super::super::member::{Member, Unanswered};
use super::super::read::{REFUSED, call, files, repair_task};
use super::super::session::Session;
use super::prompt;
use crate::backends::{Prompt, Reply, Request, Stop};
use crate::context::Packet;
use crate::findings::{
    Finding, RawOpinion, VerdictComplaint, parse_verdicts, parse_verdicts_lenient, verdict_schema,
};

/// Why a critic said nothing.
#[derive(Debug)]
pub(super) struct Silence {
    pub(super) why: String,
    /// Whether it answered, and nothing that could be read.
    pub(super) is_abstention: bool,
}

/// A question in the layout of the calls that read the packet: what they share with it is in
/// the provider's cache.
pub(super) fn question(
    session: &Session,
    member: &Member,
    packet: &Packet,
    fixed: &Arc<str>,
    findings: &[&Finding],
) -> Request {
    Request {
        roles: vec![session.plan.refuting.critics.role.clone()],
        prompt: Prompt {
            fixed: Arc::clone(fixed),
            packet: Arc::clone(&packet.text),
            task: prompt::task(findings),
        },
        schema: Some(Arc::new(verdict_schema())),
        model: None,
        sample: 1,
        files: files(packet),
        limits: member.seat.limits.clone(),
        cancel: session.cancel.clone(),
    }
}

/// Asks one of the backend's models after the other until one answers readably.
pub(super) async fn ask(
    session: &Session,
    member: &Member,
    mut question: Request,
) -> Result<Vec<RawOpinion>, Silence> {
    let deadline = session.deadline();
    let mut cascade = Cascade::default();
    for model in session.plan.own_models(member.name()) {
        question.model.clone_from(&model);
        match judge(session, member, &question, &deadline).await {
            Ok(opinions) => {
                cascade.record_passed_over(member);
                return Ok(opinions);
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

async fn judge(
    session: &Session,
    member: &Member,
    question: &Request,
    deadline: &Deadline,
) -> Result<Vec<RawOpinion>, Nothing> {
    let first = answer(session, member, question, deadline).await?;
    let complaint = match parse_verdicts(&first.text) {
        Ok(_) if first.stop == Stop::Length => VerdictComplaint::out_of_length(),
        Ok(opinions) => return Ok(opinions),
        Err(complaint) => complaint,
    };
    let mut again = question.clone();
    again.prompt.task = repair_task(&question.prompt.task, &first.text, &complaint);
    let second = answer(session, member, &again, deadline).await?;
    // Of a claim that it lost nothing is known, which is "unsure".
    parse_verdicts_lenient(&second.text).map_err(|complaint| Nothing::Abstained(complaint.reason()))
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
