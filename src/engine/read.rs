//! One backend reads one packet: ask, parse, repair once, anchor.

use std::sync::Arc;
use std::time::Duration;

use super::Dropped;
use super::member::Member;
use super::session::Session;
use crate::backends::{Prompt, Request, Stop};
use crate::context::Packet;
use crate::findings::{self, Claim, Complaint, DropReason, RawClaim};

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

/// Asks `member` about `packet` in `roles` (one or more); `timeout` stands in place of the backend's.
pub(super) async fn read(
    session: &Session,
    member: &Member,
    packet: &Packet,
    roles: Vec<String>,
    prompt: Prompt,
    timeout: Option<Duration>,
) -> Answer {
    let mut limits = member.seat.limits.clone();
    limits.timeout = timeout.unwrap_or(limits.timeout);
    let mut request = Request {
        schema: Some(Arc::new(findings::schema(&roles))),
        roles,
        prompt,
        files: packet
            .slices
            .iter()
            .map(|slice| Arc::clone(&slice.file))
            .collect(),
        limits,
        cancel: session.cancel.clone(),
    };
    let reply = match member.ask(&request, &session.slots).await {
        Ok(reply) => reply,
        Err(error) => return Answer::Failed(error.message),
    };
    if reply.stop == Stop::Refusal {
        return abstain(member, "the model refused");
    }
    let complaint = match findings::parse(&reply.text, &request.roles) {
        Ok(raw) => {
            let (claims, dropped) = anchor(session, member, packet, &request.roles, &raw);
            return Answer::Read(claims, dropped);
        }
        Err(complaint) => complaint,
    };
    request.prompt.task = repair_task(&request.prompt.task, &reply.text, &complaint);
    let second = match member.ask(&request, &session.slots).await {
        Ok(reply) => reply,
        Err(error) => return Answer::Failed(error.message),
    };
    match findings::parse_lenient(&second.text, &request.roles) {
        Ok(salvage) => {
            let (claims, dropped) =
                anchor(session, member, packet, &request.roles, &salvage.claims);
            if salvage.lost == 0 {
                return Answer::Read(claims, dropped);
            }
            member.record_abstention();
            let why = format!("{} of its claims could not be read", salvage.lost);
            Answer::Partial(claims, dropped, why)
        }
        Err(_) if second.stop == Stop::Refusal => abstain(member, "the model refused"),
        Err(complaint) => abstain(member, &complaint.to_string()),
    }
}

fn abstain(member: &Member, why: &str) -> Answer {
    member.record_abstention();
    Answer::Abstained(why.to_owned())
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
