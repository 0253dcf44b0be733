//! One backend reads one packet: ask, parse, repair once, anchor.

use std::sync::Arc;

use super::Dropped;
use super::member::Member;
use super::session::Session;
use crate::backends::{Limits, Prompt, Request, Stop};
use crate::context::Packet;
use crate::findings::{self, Claim, Complaint, DropReason, RawClaim};

/// Why an answer that looks whole does not count as one.
const OUT_OF_LENGTH: &str = "its answer was cut off at the limit of its length; raise the backend's `max_output_tokens` or lower packets.max_tokens";

/// Claims of one answer that are read.
const MAX_CLAIMS: usize = 250;

/// What came of one packet in one lane.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Claims that stand in the packet's files, and how many did not.
    Read(Vec<Claim>, Dropped),
    /// The same from an answer of which some could not be read, even after a repair; why.
    Partial(Vec<Claim>, Dropped, String),
    /// No object that could be read, even after a repair; why.
    Abstained(String),
    /// No answer; why.
    Failed(String),
}

impl Answer {
    /// For progress lines.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Read(claims, _) if claims.len() == 1 => "1 claim".to_owned(),
            Self::Read(claims, _) => format!("{} claims", claims.len()),
            Self::Partial(claims, _, why) => {
                format!("{} claims, the rest lost: {why}", claims.len())
            }
            Self::Abstained(why) => format!("abstained: {why}"),
            Self::Failed(why) => format!("failed: {why}"),
        }
    }
}

/// What is the same for every packet of a lane.
pub(super) struct Task {
    /// One role, or several where steps are folded.
    roles: Vec<String>,
    schema: Arc<serde_json::Value>,
}

impl Task {
    pub(super) fn new(roles: Vec<String>) -> Self {
        let schema = Arc::new(findings::schema(&roles));
        Self { roles, schema }
    }
}

/// Asks `member` about `packet` in the roles of `task`.
pub(super) async fn read(
    session: &Session,
    member: &Member,
    packet: &Packet,
    task: &Task,
    prompt: Prompt,
    limits: Limits,
) -> Answer {
    let request = Request {
        schema: Some(Arc::clone(&task.schema)),
        roles: task.roles.clone(),
        prompt,
        model: None,
        files: packet
            .slices
            .iter()
            .map(|slice| Arc::clone(&slice.file))
            .collect(),
        limits,
        cancel: session.cancel.clone(),
    };
    let answer = ask(session, member, packet, request).await;
    if matches!(answer, Answer::Abstained(_) | Answer::Partial(..)) {
        member.record_abstention();
    }
    answer
}

async fn ask(session: &Session, member: &Member, packet: &Packet, mut request: Request) -> Answer {
    let roles = request.roles.clone();
    // A scanner says what is there; a model with that many claims about one packet is lost,
    // and comparing them all would take longer than the review.
    let most = if member.seat.backend.writes_text() {
        MAX_CLAIMS
    } else {
        usize::MAX
    };
    let anchored = |claims: &[RawClaim]| {
        anchor(
            session,
            member,
            packet,
            &roles,
            &claims[..claims.len().min(most)],
        )
    };
    let reply = match member.ask(&request, &session.slots).await {
        Ok(reply) if reply.stop == Stop::Refusal => return refused(),
        Ok(reply) => reply,
        Err(error) => return Answer::Failed(error.message),
    };
    let complaint = match findings::parse(&reply.text, &roles) {
        // Whole by its looks; but the model had more to say, and perhaps another object.
        Ok(_) if reply.stop == Stop::Length => Complaint::OutOfLength,
        Ok(raw) => {
            let (claims, dropped) = anchored(&raw);
            if raw.len() > most {
                return Answer::Partial(claims, dropped, too_many(raw.len()));
            }
            return Answer::Read(claims, dropped);
        }
        Err(complaint) => complaint,
    };
    // What the first answer said legibly is not lost because the second brought nothing.
    let first_or = |nothing: Answer| match findings::parse_lenient(&reply.text, &roles) {
        Ok(first) if !first.claims.is_empty() => {
            let (claims, dropped) = anchored(&first.claims);
            let why = "a part of its answer could not be read, nor repaired".to_owned();
            Answer::Partial(claims, dropped, why)
        }
        _ => nothing,
    };
    request.prompt.task = repair_task(&request.prompt.task, &reply.text, &complaint);
    match member.ask(&request, &session.slots).await {
        Ok(second) if second.stop == Stop::Refusal => first_or(refused()),
        Err(error) => first_or(Answer::Failed(error.message)),
        Ok(second) => match findings::parse_lenient(&second.text, &roles) {
            Ok(salvage) => {
                let (claims, dropped) = anchored(&salvage.claims);
                if salvage.claims.len() > most {
                    let why = too_many(salvage.claims.len());
                    return Answer::Partial(claims, dropped, why);
                }
                if salvage.lost == 0 && second.stop == Stop::Length {
                    return Answer::Partial(claims, dropped, OUT_OF_LENGTH.to_owned());
                }
                if salvage.lost == 0 {
                    return Answer::Read(claims, dropped);
                }
                let why = format!("{} of its claims could not be read", salvage.lost);
                Answer::Partial(claims, dropped, why)
            }
            Err(complaint) => first_or(Answer::Abstained(complaint.to_string())),
        },
    }
}

fn too_many(claims: usize) -> String {
    format!("it made {claims} claims about one packet, of which the first {MAX_CLAIMS} were read")
}

fn refused() -> Answer {
    Answer::Abstained("the model refused".to_owned())
}

/// The answer is repeated at the end, so that the cached beginning stays the same.
fn repair_task(task: &str, answer: &str, complaint: &Complaint) -> String {
    const LONGEST_ECHO: usize = 20_000;
    let end = answer.floor_char_boundary(LONGEST_ECHO);
    format!(
        "{task}\n\nYou were asked this before and answered:\n<answer>\n{}\n</answer>\n\
         That answer could not be read: {complaint}\n\
         Answer again with the one JSON object and nothing else.",
        &answer[..end]
    )
}

fn anchor(
    session: &Session,
    member: &Member,
    packet: &Packet,
    roles: &[String],
    raw: &[RawClaim],
) -> (Vec<Claim>, Dropped) {
    let files: Vec<_> = packet
        .slices
        .iter()
        .map(|slice| Arc::clone(&slice.file))
        .collect();
    let role = roles.first().map_or("", String::as_str);
    let mut dropped = Dropped::default();
    let mut claims = Vec::new();
    for claim in raw {
        match findings::anchor(claim, member.name(), role, &files, session.plan.scope) {
            Ok(claim) => claims.push(claim),
            Err(DropReason::QuoteNotFound) => dropped.quote_not_found += 1,
            Err(DropReason::OutsideChange) => dropped.outside_change += 1,
            Err(DropReason::UnknownFile) => dropped.unknown_file += 1,
        }
    }
    (claims, dropped)
}
