//! One backend reads one packet: ask, parse, repair once, anchor; then its next model.

use std::fmt::Display;
use std::sync::Arc;

use super::Dropped;
use super::breaker::Line;
use super::cascade::Cascade;
use super::deadline::Deadline;
use super::member::{Member, Unanswered};
use super::session::Session;
use crate::backends::{ErrorKind, Limits, Prompt, Reply, Request, Stop};
use crate::change::FileChange;
use crate::context::Packet;
use crate::findings::{self, Claim, Complaint, DropReason, RawClaim};

/// Why an answer that looks whole does not count as one.
const OUT_OF_LENGTH: &str = "its answer was cut off at the limit of its length; raise the backend's `max_output_tokens` or lower packets.max_tokens";

/// Why there is no answer where the model would not give one.
pub(super) const REFUSED: &str = "the model refused";

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

/// What one voter is asked about a packet.
pub(super) struct Question<'q> {
    /// Who its claims are by.
    pub(super) voter: &'q str,
    /// Which sample of its backend it is, from 1.
    pub(super) sample: u32,
    pub(super) prompt: Prompt,
    pub(super) limits: Limits,
    /// One after the other until one answers.
    pub(super) models: &'q [Line],
}

/// Asks `member` about `packet` in the roles of `task`: one of its models after the other
/// until one gives an answer that can be read.
pub(super) async fn read(
    session: &Session,
    member: &Member,
    packet: &Packet,
    task: &Task,
    question: Question<'_>,
) -> Answer {
    let voter = question.voter;
    let mut request = Request {
        schema: Some(Arc::clone(&task.schema)),
        roles: task.roles.clone(),
        prompt: question.prompt,
        model: None,
        sample: question.sample,
        files: files(packet),
        limits: question.limits,
        cancel: session.cancel.clone(),
    };
    let deadline = session.deadline();
    let mut cascade = Cascade::default();
    let mut partial = None;
    for model in question.models {
        request.model.clone_from(model);
        let reader = Reader {
            session,
            member,
            voter,
            request: &request,
            deadline: &deadline,
        };
        match reader.ask().await {
            (answer @ Answer::Read(..), _) => {
                cascade.record_passed_over(member);
                return answer;
            }
            (Answer::Failed(_), Some(failure)) => cascade.failed(model, &failure),
            (Answer::Abstained(why) | Answer::Failed(why), _) => cascade.abstained(model, &why),
            (Answer::Partial(claims, dropped, why), failure) => {
                cascade.abstained(model, &why);
                partial.get_or_insert((claims, dropped));
                if let Some(failure) = failure {
                    member
                        .account
                        .record_failure(&failure.error.message, failure.was_sent);
                }
            }
        }
        if cascade.is_over() || deadline.is_over() {
            break;
        }
    }
    cascade.record_loss(member);
    match partial {
        Some((claims, dropped)) => Answer::Partial(claims, dropped, cascade.why()),
        None if cascade.has_abstained() => Answer::Abstained(cascade.why()),
        None => Answer::Failed(cascade.why()),
    }
}

/// The files that a packet shows a part of.
pub(super) fn files(packet: &Packet) -> Vec<Arc<FileChange>> {
    let slices = packet.slices.iter();
    slices.map(|slice| Arc::clone(&slice.file)).collect()
}

/// One model reads one packet.
struct Reader<'r> {
    session: &'r Session,
    member: &'r Member,
    voter: &'r str,
    request: &'r Request,
    deadline: &'r Deadline,
}

impl Reader<'_> {
    /// What came of it, and the failure of its last call, where that brought no answer.
    async fn ask(&self) -> (Answer, Option<Unanswered>) {
        let reply = match self.call(self.request).await {
            Ok(reply) if reply.stop == Stop::Refusal => return (refused(), None),
            Ok(reply) => reply,
            Err(failure) => {
                let why = failure.error.message.clone();
                return (Answer::Failed(why), Some(failure));
            }
        };
        let roles = &self.request.roles;
        let complaint = match findings::parse(&reply.text, roles) {
            // Whole by its looks; but the model had more to say, and perhaps another object.
            Ok(_) if reply.stop == Stop::Length => Complaint::OutOfLength,
            Ok(raw) => {
                let answer = self.whole(&raw, None);
                self.own_up(&answer, None, &[self.request]).await;
                return (answer, None);
            }
            Err(complaint) => complaint,
        };
        let mut request = self.request.clone();
        request.prompt.task = repair_task(&request.prompt.task, &reply.text, &complaint);
        let outcome = match self.call(&request).await {
            Ok(second) if second.stop == Stop::Refusal => (self.first_or(&reply, refused()), None),
            Err(failure) => {
                let nothing = Answer::Failed(failure.error.message.clone());
                (self.first_or(&reply, nothing), Some(failure))
            }
            Ok(second) => (self.second(&reply, &second), None),
        };
        let failure = outcome.1.as_ref();
        self.own_up(&outcome.0, failure, &[self.request, &request])
            .await;
        outcome
    }

    /// What is no whole answer now is none in the next run either: it is asked again then. Where
    /// the run's end or its budget cut the repair off, the next run goes on with that.
    async fn own_up(&self, answer: &Answer, failure: Option<&Unanswered>, asked: &[&Request]) {
        let is_cut_off = failure.is_some_and(|failure| {
            let kind = failure.error.kind;
            matches!(kind, ErrorKind::Cancelled | ErrorKind::Broke)
        });
        if !matches!(answer, Answer::Read(..)) && !is_cut_off {
            self.member.disown(asked).await;
        }
    }

    async fn call(&self, request: &Request) -> Result<Reply, Unanswered> {
        let Self {
            session,
            member,
            deadline,
            ..
        } = self;
        call(session, member, request, deadline).await
    }

    /// What the first answer said legibly is not lost because the second brought nothing.
    fn first_or(&self, first: &Reply, nothing: Answer) -> Answer {
        match findings::parse_lenient(&first.text, &self.request.roles) {
            Ok(first) if !first.claims.is_empty() => {
                let (claims, dropped) = self.anchored(&first.claims);
                let why = "a part of its answer could not be read, nor repaired".to_owned();
                Answer::Partial(claims, dropped, why)
            }
            _ => nothing,
        }
    }

    fn second(&self, first: &Reply, second: &Reply) -> Answer {
        match findings::parse_lenient(&second.text, &self.request.roles) {
            Ok(salvage) => {
                let lost = match salvage.lost {
                    0 if second.stop == Stop::Length => Some(OUT_OF_LENGTH.to_owned()),
                    0 => None,
                    lost => Some(format!("{lost} of its claims could not be read")),
                };
                self.whole(&salvage.claims, lost)
            }
            Err(complaint) => self.first_or(first, Answer::Abstained(complaint.reason())),
        }
    }

    /// An answer of which nothing is lost but what `lost` says.
    fn whole(&self, raw: &[RawClaim], lost: Option<String>) -> Answer {
        let (claims, dropped) = self.anchored(raw);
        let lost = (raw.len() > self.most())
            .then(|| too_many(raw.len()))
            .or(lost);
        match lost {
            Some(why) => Answer::Partial(claims, dropped, why),
            None => Answer::Read(claims, dropped),
        }
    }

    /// A scanner says what is there; a model with that many claims about one packet is lost,
    /// and comparing them all would take longer than the review.
    fn most(&self) -> usize {
        if self.member.seat.backend.writes_text() {
            MAX_CLAIMS
        } else {
            usize::MAX
        }
    }

    fn anchored(&self, raw: &[RawClaim]) -> (Vec<Claim>, Dropped) {
        let role = self.request.roles.first().map_or("", String::as_str);
        let (name, plan) = (self.voter, &self.session.plan);
        let mut dropped = Dropped::default();
        let mut claims = Vec::new();
        for claim in raw.iter().take(self.most()) {
            let files = &self.request.files;
            match findings::anchor(claim, name, role, files, plan.scope, &plan.taxonomy) {
                Ok(claim) => claims.push(claim),
                Err(DropReason::QuoteNotFound) => dropped.quote_not_found += 1,
                Err(DropReason::OutsideChange) => dropped.outside_change += 1,
                Err(DropReason::UnknownFile) => dropped.unknown_file += 1,
            }
        }
        (claims, dropped)
    }
}

/// Asks, and says of a call that was cut off what cut it off.
pub(super) async fn call(
    session: &Session,
    member: &Member,
    request: &Request,
    deadline: &Deadline,
) -> Result<Reply, Unanswered> {
    let answer = member.ask(request, deadline, &session.slots).await;
    answer.map_err(|mut failure| {
        if failure.error.kind == ErrorKind::Cancelled {
            session.ending().clone_into(&mut failure.error.message);
        }
        failure
    })
}

fn too_many(claims: usize) -> String {
    format!("it made {claims} claims about one packet, of which the first {MAX_CLAIMS} were read")
}

fn refused() -> Answer {
    Answer::Abstained(REFUSED.to_owned())
}

/// The answer is repeated at the end, so that the cached beginning stays the same.
pub(super) fn repair_task(task: &str, answer: &str, complaint: &impl Display) -> String {
    const LONGEST_ECHO: usize = 20_000;
    let end = answer.floor_char_boundary(LONGEST_ECHO);
    format!(
        "{task}\n\nYou were asked this before and answered:\n<answer>\n{}\n</answer>\n\
         That answer could not be read: {complaint}\n\
         Answer again with the one JSON object and nothing else.",
        &answer[..end]
    )
}
