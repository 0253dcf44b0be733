//! Pairs of claims of which merging cannot tell whether they are one go to a model that can:
//! doubts → cases (a file with its pairs) → the first of the role's crew that answers. What
//! nobody answers stays as merging has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::judge::{self, Silence};
use super::member::Member;
use super::packets::PANICKED;
use super::progress::Event;
use super::session::Session;
use super::{Plan, Reservation, tally};
use crate::backends::Request;
use crate::change::RepoPath;
use crate::context::tokens;
use crate::findings::{Claim, PAIRS, check_pairs, pair_schema};
use crate::workflow::{Produces, Workflow};

mod prompt;

/// What progress lines and reports call it.
const NAME: &str = "arbiter";

/// Pairs that one question holds; merging decides the rest of a file.
const MAX_PAIRS: usize = 40;

/// Two claims that may be one.
type Pair = (Claim, Claim);

/// One file and its pairs in doubt.
#[derive(Clone, Debug)]
struct Case {
    path: RepoPath,
    pairs: Vec<Pair>,
}

/// Puts the pairs that are in doubt now to the arbiter. Nobody is asked about a pair twice.
pub(super) async fn arbitrate(session: &Arc<Session>) {
    if session.cancel.is_cancelled() || session.plan.arbiter.is_none() {
        return;
    }
    let cases = cases(session);
    if cases.is_empty() {
        return;
    }
    session.results().needed_arbiter = true;
    session.tell(&Event::Started {
        steps: NAME,
        packets: cases.len(),
        calls: cases.len(),
    });
    let reservation = reservation(&session.plan, &cases);
    session.tell(&Event::Reserved {
        calls: reservation.calls,
        cost_usd: reservation.cost_usd,
    });
    stream::iter(cases)
        .for_each_concurrent(session.plan.settings.max_in_flight, |case| {
            in_task(session, case)
        })
        .await;
    session.tell(&Event::Finished { steps: NAME });
}

async fn in_task(session: &Arc<Session>, case: Case) {
    let path = case.path.clone();
    let work = {
        let session = Arc::clone(session);
        async move { settle(&session, &case).await }
    };
    if !judge::in_task("an arbitration", work).await {
        let mut results = session.results();
        results.unarbitrated.insert(path, PANICKED.to_owned());
    }
}

/// The pairs by file. All of them count as asked about from here on.
fn cases(session: &Session) -> Vec<Case> {
    let mut by_file: BTreeMap<RepoPath, Vec<Pair>> = BTreeMap::new();
    let doubts = tally::doubts(session);
    let mut results = session.results();
    for (one, other) in doubts {
        results.judgements.record(&one, &other, None);
        let pairs = by_file.entry(one.location.path.clone()).or_default();
        // The most doubtful come first.
        if pairs.len() < MAX_PAIRS {
            pairs.push((one, other));
        }
    }
    let case = |(path, mut pairs): (RepoPath, Vec<Pair>)| {
        // How much in doubt they are must not be read off their order.
        pairs.sort_by(|left, right| order(left).cmp(&order(right)));
        Case { path, pairs }
    };
    by_file.into_iter().map(case).collect()
}

fn order((one, other): &Pair) -> impl Ord + '_ {
    (one.assertion(), other.assertion())
}

/// One member of the crew after the other, until one answers.
async fn settle(session: &Session, case: &Case) {
    let Some(crew) = &session.plan.arbiter else {
        return;
    };
    let mut silences: Vec<(String, Silence)> = Vec::new();
    let arbiters = session.plan.arbiters_of(&case.path);
    for name in &arbiters {
        let name = name.as_str();
        if session.cancel.is_cancelled() {
            break;
        }
        let Some(member) = session.members.get(name) else {
            continue;
        };
        let question = question(session, &crew.role, member, &case.pairs);
        let answer = judge::ask(session, member, question, &PAIRS).await;
        let answer = answer.map(|raw| check_pairs(&raw, case.pairs.len()));
        session.tell(&Event::Called {
            backend: name,
            subject: &case.path.to_string(),
            result: &answer
                .as_ref()
                .map_or_else(Silence::summary, |it| summary(it)),
            spent_usd: session.spent_usd(),
        });
        match answer {
            Ok(answers) => return keep(session, case, &answers, silences),
            Err(silence) => silences.push((name.to_owned(), silence)),
        }
    }
    let why = if crew.backends.is_empty() {
        format!("no model is available for the role `{}`", crew.role)
    } else if let (true, Some(policy)) = (arbiters.is_empty(), session.plan.sealing(&case.path)) {
        format!(
            "policy `{policy}` permits none for the role `{}`",
            crew.role
        )
    } else if silences.is_empty() {
        session.ending().to_owned()
    } else {
        let each = silences.iter();
        let each = each.map(|(name, silence)| format!("`{name}`: {}", silence.why));
        each.collect::<Vec<_>>().join("; ")
    };
    session
        .results()
        .unarbitrated
        .insert(case.path.clone(), why);
}

/// The answer, and those before it whose answers could not be read.
fn keep(
    session: &Session,
    case: &Case,
    answers: &[Option<bool>],
    silences: Vec<(String, Silence)>,
) {
    let mut results = session.results();
    for ((one, other), same) in case.pairs.iter().zip(answers) {
        results.judgements.record(one, other, *same);
    }
    let deaf = silences.into_iter();
    let deaf = deaf.filter(|(_, silence)| silence.is_abstention);
    let path = || case.path.clone();
    results
        .misread
        .extend(deaf.map(|(name, silence)| (path(), name, silence.why)));
}

fn question(session: &Session, role: &str, member: &Member, pairs: &[Pair]) -> Request {
    Request {
        roles: vec![role.to_owned()],
        prompt: prompt::prompt(pairs),
        schema: Some(Arc::new(pair_schema())),
        model: None,
        sample: 1,
        files: Vec::new(),
        limits: member.seat.limits.clone(),
        cancel: session.cancel.clone(),
    }
}

fn reservation(plan: &Plan, cases: &[Case]) -> Reservation {
    let questions = cases.iter().flat_map(|case| {
        let prompt = prompt::prompt(&case.pairs);
        let input = tokens(&prompt.fixed) + tokens(&prompt.task);
        let arbiters = plan.arbiters_of(&case.path).into_iter();
        arbiters.map(move |name| (name.as_str(), input))
    });
    plan.most(questions)
}

/// For progress lines.
fn summary(answers: &[Option<bool>]) -> String {
    let count = |wanted| answers.iter().filter(|own| **own == wanted).count();
    format!(
        "{} pairs are one, {} two, {} open",
        count(Some(true)),
        count(Some(false)),
        count(None)
    )
}

impl Plan {
    /// Tokens of the arbiter's longest prompt; 0 where there is none.
    pub fn arbiters_prompt_tokens(&self) -> usize {
        match &self.arbiter {
            Some(_) => prompt::longest(),
            None => 0,
        }
    }

    /// The most that the arbiter could take, were there pairs in doubt in every file and only
    /// the last of its crew answered; none where there is no arbiter.
    pub fn arbiters_reservation(&self) -> Option<Reservation> {
        self.arbiter.as_ref().filter(|it| !it.backends.is_empty())?;
        let rounds = rounds(&self.workflow);
        let files = self.change.files.iter();
        let asked = files.flat_map(|file| self.arbiters_of(&file.path));
        let asked = asked.flat_map(|name| (0..rounds).map(|_| (name.as_str(), prompt::longest())));
        Some(self.most(asked))
    }
}

/// How often the arbiter can be asked about a file: once for all steps that look for findings,
/// and once more for each that does so after a step that reads them.
fn rounds(workflow: &Workflow) -> usize {
    let steps = workflow.steps.iter();
    let looks = steps.filter(|step| step.produces == Produces::Findings);
    let later = looks.filter(|step| {
        let upstream = workflow.upstream(&step.name);
        let mut others = workflow.steps.iter();
        others.any(|other| {
            other.produces != Produces::Findings && upstream.contains(other.name.as_str())
        })
    });
    1 + later.count()
}
