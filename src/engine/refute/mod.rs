//! Findings that have too few votes go before backends that did not report them: doubts →
//! cases (a packet with its doubts) → one critic after the other, as far as its vote can
//! still change something.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::judge::{self, Silence};
use super::member::Member;
use super::packets::{PANICKED, subject};
use super::progress::Event;
use super::read::files;
use super::session::Session;
use crate::backends::{Prompt, Request};
use crate::context::Packet;
use crate::findings::{
    Ballot, Checked, Claim, Finding, Opinion, VERDICTS, check_opinions, verdict_schema,
};

mod doubt;
mod prompt;
mod reserve;

use doubt::Doubt;
pub(super) use prompt::longest_task;

/// What progress lines call it.
const NAME: &str = "refutation";

/// Doubtful findings of one packet that go before critics: more is a model gone wild.
const MAX_DOUBTS: usize = 20;

/// What a critic said of a finding. Later claims may join the finding, so it is known by the
/// claim whose words the critic was shown.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    claim: Claim,
    pub(super) ballot: Ballot,
}

impl Heard {
    pub(super) fn is_of(&self, finding: &Finding) -> bool {
        finding.claims.contains(&self.claim)
    }
}

/// One packet and its doubtful findings.
#[derive(Debug)]
struct Case {
    /// Index into the plan's packets.
    packet: usize,
    doubts: Vec<Doubt>,
}

/// Puts what is doubtful now before critics. Who has judged a finding is not asked about it
/// again.
pub(super) async fn refute(session: &Arc<Session>) {
    if session.cancel.is_cancelled() || !session.plan.may_refute() {
        return;
    }
    let cases = cases(session);
    if cases.is_empty() {
        return;
    }
    session.results().needed_critics = true;
    let fixed: Arc<str> = match session.plan.templates.render_fixed(&session.packet_vars()) {
        Ok(fixed) => fixed.into(),
        Err(error) => {
            session.results().unjudged.insert(error.to_string());
            return;
        }
    };
    let reservation = reserve::of(&session.plan, &fixed, &cases);
    session.tell(&Event::Started {
        steps: NAME,
        packets: cases.len(),
        calls: cases.len(),
    });
    session.tell(&Event::Reserved {
        calls: reservation.calls,
        cost_usd: reservation.cost_usd,
    });
    stream::iter(cases)
        .for_each_concurrent(session.plan.settings.max_in_flight, |case| {
            in_task(session, case, Arc::clone(&fixed))
        })
        .await;
    session.tell(&Event::Finished { steps: NAME });
}

async fn in_task(session: &Arc<Session>, case: Case, fixed: Arc<str>) {
    let work = {
        let session = Arc::clone(session);
        async move { hear(&session, case, fixed).await }
    };
    if !judge::in_task("a refutation", work).await {
        session.results().unjudged.insert(PANICKED.to_owned());
    }
}

/// The doubtful findings by packet, in the order of packets. What is too much for one
/// packet's question is said, where it could block.
fn cases(session: &Session) -> Vec<Case> {
    let mut by_packet: BTreeMap<usize, Vec<Doubt>> = BTreeMap::new();
    for (packet, doubt) in doubt::all(session) {
        by_packet.entry(packet).or_default().push(doubt);
    }
    let mut unheard = 0;
    let cases = by_packet.into_iter().map(|(packet, mut doubts)| {
        // Stable: of equal weight in report order.
        doubts.sort_by_key(|doubt| !doubt.can_block);
        let rest = doubts.split_off(doubts.len().min(MAX_DOUBTS));
        unheard += rest.iter().filter(|doubt| doubt.can_block).count();
        // How bad they are told to be must not be read off their order.
        doubts.sort_by(|left, right| left.place().cmp(&right.place()));
        Case { packet, doubts }
    });
    let cases = cases.collect();
    if unheard > 0 {
        session.results().unjudged.insert(format!(
            "{unheard} doubtful findings that could block were not put before a critic: one \
             packet has more than {MAX_DOUBTS}"
        ));
    }
    cases
}

/// One critic after the other, each with one question for all that its vote can still change.
async fn hear(session: &Session, mut case: Case, fixed: Arc<str>) {
    let packet = &session.plan.packets[case.packet];
    for critic in &session.plan.refuting.critics.backends {
        if session.cancel.is_cancelled() {
            break;
        }
        let Some(member) = session.members.get(critic) else {
            continue;
        };
        let doubts = case.doubts.iter_mut();
        let mut asked: Vec<&mut Doubt> = doubts.filter(|doubt| doubt.needs(critic)).collect();
        if asked.is_empty() {
            continue;
        }
        let findings: Vec<&Finding> = asked.iter().map(|doubt| &doubt.finding).collect();
        let question = question(session, member, packet, &fixed, &findings);
        let files = question.files.clone();
        let answer = judge::ask(session, member, question, &VERDICTS).await;
        let opinions = match &answer {
            Ok(raw) => check_opinions(raw, asked.len(), &files),
            Err(Silence { why, .. }) => vec![(Opinion::Silent, None, why.clone()); asked.len()],
        };
        session.tell(&Event::Called {
            backend: critic,
            subject: &subject(packet),
            result: &summary(answer.as_ref().map(drop), &opinions),
            spent_usd: session.spent_usd(),
        });
        let mut results = session.results();
        if let Err(silence) = answer
            && silence.is_abstention
        {
            let entry = (case.packet, critic.clone(), silence.why);
            results.speechless.push(entry);
        }
        for (doubt, opinion) in asked.iter_mut().zip(opinions) {
            let ballot = ballot(member, opinion);
            results.heard.push(Heard {
                claim: doubt.claim.clone(),
                ballot: ballot.clone(),
            });
            doubt.ballots.push(ballot);
        }
    }
}

/// A question in the layout of the calls that read the packet: what they share with it is in
/// the provider's cache.
fn question(
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

fn ballot(critic: &Member, (opinion, quote, reason): Checked) -> Ballot {
    Ballot {
        critic: critic.name().to_owned(),
        weight: critic.seat.weight,
        authoritative: critic.seat.authoritative,
        opinion,
        quote,
        reason,
    }
}

/// For progress lines.
fn summary(answer: Result<(), &Silence>, opinions: &[Checked]) -> String {
    if let Err(silence) = answer {
        return silence.summary();
    }
    let count = |wanted| opinions.iter().filter(|(own, ..)| *own == wanted).count();
    format!(
        "{} confirmed, {} refuted, {} unsure",
        count(Opinion::Confirm),
        count(Opinion::Refute),
        count(Opinion::Unsure)
    )
}
