//! The schedule: each step starts as soon as what it depends on is done.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::progress::{Event, Progress};
use super::remarks::remarks;
use super::session::{Results, Session};
use super::tally::dropped;
use super::{Plan, Run, Shards, Status, arbiter, coverage, packets, refute, text};
use crate::change::RepoPath;
use crate::findings::Finding;
use crate::findings::remember::{Ignore, Witness};
use crate::workflow::{OnError, Produces, Workflow};

/// Runs a plan to its end, its deadline, or until `cancel` is cancelled; then says what
/// is known. Findings do not depend on the order in which backends answer.
pub async fn run(plan: Plan, cancel: &CancellationToken, progress: Arc<dyn Progress>) -> Run {
    // The deadline cancels the calls and not the caller's token: that is how the two differ.
    let inner = cancel.child_token();
    let deadline = tokio::spawn({
        let (inner, limit) = (inner.clone(), plan.settings.timeout);
        async move {
            tokio::time::sleep(limit).await;
            inner.cancel();
        }
    });
    let session = Arc::new(Session::new(plan, inner.clone(), progress));
    schedule(&session).await;
    deadline.abort();
    session.plan.recorder.finish().await;
    conclude(&session, cancel.is_cancelled(), inner.is_cancelled())
}

async fn schedule(session: &Arc<Session>) {
    let total = session.plan.workflow.steps.len();
    let mut started = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut running: JoinSet<Vec<usize>> = JoinSet::new();
    loop {
        let mut ready: Vec<usize> = (0..total)
            .filter(|step| !started.contains(step) && is_ready(session, *step, &done))
            .collect();
        // Who reads findings reads what is left of them once they are settled; and the
        // doubtful ones are known when all that look for more are done.
        if may_settle(&session.plan) && ready.iter().any(|step| reads_findings(session, *step)) {
            let looks = |step: &usize| looks_for_findings(session, *step);
            if ready.iter().chain(started.difference(&done)).any(looks) {
                ready.retain(|step| !reads_findings(session, *step));
            } else {
                settle(session).await;
            }
        }
        let mut skipped_some = false;
        let mut wanted = Vec::new();
        for step in ready {
            started.insert(step);
            if is_wanted(session, step) {
                wanted.push(step);
            } else {
                done.insert(step);
                skipped_some = true;
            }
        }
        for wave in waves(&session.plan.workflow, &wanted) {
            let session = Arc::clone(session);
            running.spawn(async move {
                perform(&session, &wave).await;
                wave
            });
        }
        if skipped_some {
            continue;
        }
        match running.join_next().await {
            Some(Ok(wave)) => done.extend(wave),
            Some(Err(error)) => tracing::error!("a step ended by a panic: {error}"),
            None => break,
        }
    }
    // Where no step reads them, or steps found more since.
    settle(session).await;
    // Neither done nor waited for any more: a panic took them, or what they depend on.
    for step in (0..total).filter(|step| !done.contains(step)) {
        session.results().skipped.insert(
            step,
            "llmux failed before it ended, which is a bug of llmux".to_owned(),
        );
    }
}

fn may_settle(plan: &Plan) -> bool {
    plan.arbiter.is_some() || plan.may_refute()
}

/// Which claims are one comes first: critics judge what has too few votes after that.
async fn settle(session: &Arc<Session>) {
    if session.plan.is_part() {
        return;
    }
    arbiter::arbitrate(session).await;
    refute::refute(session).await;
}

fn looks_for_findings(session: &Session, step: usize) -> bool {
    session.plan.workflow.steps[step].produces == Produces::Findings
}

/// Whether a step writes about what those before it found.
fn reads_findings(session: &Session, step: usize) -> bool {
    let workflow = &session.plan.workflow;
    let upstream = workflow.upstream(&workflow.steps[step].name);
    let mut others = workflow.steps.iter().enumerate();
    !looks_for_findings(session, step)
        && others.any(|(at, other)| {
            looks_for_findings(session, at) && upstream.contains(other.name.as_str())
        })
}

fn is_ready(session: &Session, step: usize, done: &BTreeSet<usize>) -> bool {
    let steps = &session.plan.workflow.steps;
    steps[step].depends_on.iter().all(|name| {
        steps
            .iter()
            .position(|other| other.name == *name)
            .is_some_and(|at| done.contains(&at))
    })
}

/// Decides whether a step that is ready is run, and writes down why it is not.
fn is_wanted(session: &Session, step: usize) -> bool {
    let plan = &session.plan;
    if plan.is_part() && reads_findings(session, step) {
        session.results().unwanted.insert(step);
        return false;
    }
    let this = &plan.workflow.steps[step];
    let failed_before = this.depends_on.iter().find(|name| {
        plan.workflow.steps.iter().enumerate().any(|(at, other)| {
            other.name == **name
                && other.on_error == OnError::Fail
                && session.results().skipped.contains_key(&at)
        })
    });
    let why = if let Some(name) = failed_before {
        format!("`{name}`, which it depends on, brought nothing")
    } else if session.cancel.is_cancelled() {
        "the run ended before".to_owned()
    } else if plan.crews[step].backends.is_empty() {
        "no backend is available for its role".to_owned()
    } else if let Some(policy) = plan.forbids_text(step) {
        format!("policy `{policy}` permits none of its backends")
    } else {
        let wanted = match this.when {
            Some(_) => plan.templates.is_wanted(this, &session.vars()),
            None => Ok(true),
        };
        match wanted {
            Ok(true) => return true,
            Ok(false) => {
                session.results().unwanted.insert(step);
                return false;
            }
            Err(error) => error.to_string(),
        }
    };
    session.results().skipped.insert(step, why);
    false
}

/// Steps that run together: those over packets in one wave where the workflow folds.
pub(super) fn waves(workflow: &Workflow, ready: &[usize]) -> Vec<Vec<usize>> {
    let (folded, alone): (Vec<usize>, Vec<usize>) = ready
        .iter()
        .partition(|step| workflow.fold && workflow.steps[**step].produces == Produces::Findings);
    let mut waves: Vec<Vec<usize>> = alone.into_iter().map(|step| vec![step]).collect();
    if !folded.is_empty() {
        waves.insert(0, folded);
    }
    waves
}

async fn perform(session: &Arc<Session>, wave: &[usize]) {
    let names = session.step_names(wave);
    let first = &session.plan.workflow.steps[wave[0]];
    if first.produces == Produces::Findings {
        packets::read_all(session, wave, &names).await;
    } else {
        text::write(session, wave[0], first.for_each).await;
    }
    session.tell(&Event::Finished { steps: &names });
}

fn conclude(session: &Session, interrupted: bool, over: bool) -> Run {
    let plan = &session.plan;
    let tally = session.tally();
    let readings = session.readings();
    let results = std::mem::take(&mut *session.results());
    let coverage = coverage::coverage(session, &readings, &results.unwanted);
    let (mut notices, mut incomplete) = remarks(session, &readings, &results);
    incomplete.extend(plan.missing_shards().iter().map(missing));
    incomplete.extend(session.budget.spent().map(str::to_owned));
    let backends: Vec<_> = session
        .members
        .values()
        .map(|member| member.account.report(member.name()))
        .filter(|report| plan.is_in_a_crew(&report.name) || report.was_asked())
        .collect();
    let faults = backends
        .iter()
        .any(|backend| backend.failed + backend.abstained > 0);
    let answered = backends.iter().any(|backend| backend.answered > 0);
    let wanted = results.unwanted.len() < plan.workflow.steps.len();
    let status = match () {
        () if interrupted => Status::Partial,
        () if session.budget.spent().is_some() => Status::BudgetExhausted,
        () if over => Status::Timeout,
        () if plan.packets_here() > 0 && wanted && !answered => Status::SystemFailure,
        () if faults || !results.skipped.is_empty() || !notices.is_empty() => Status::Degraded,
        () => Status::Success,
    };
    // What a part did not see another one may have seen.
    let witness = |path: &RepoPath| {
        if plan.is_part() {
            Witness::default()
        } else {
            coverage.witness(path)
        }
    };
    let files = &plan.change.files;
    // What critics did away with is not fixed: it was said again.
    let said: Vec<Finding> = tally
        .findings
        .iter()
        .chain(&tally.refuted)
        .cloned()
        .collect();
    let remembered = plan.memory.conclude(&said, files, plan.scope, &witness);
    // After the status: a word in the code is no fault of the run.
    notices.extend(remembered.ignores.iter().filter_map(Ignore::notice));
    notices.extend(plan.shards.as_ref().and_then(part));
    Run {
        workflow: plan.workflow.name.clone(),
        team: plan.team.as_ref().map(|(name, _)| name.clone()),
        taxonomy: Arc::clone(&plan.taxonomy),
        dropped: dropped(&readings),
        texts: texts(session, &results, &tally.findings),
        change: Arc::clone(&plan.change),
        findings: tally.findings.clone(),
        refuted: tally.refuted.clone(),
        coverage,
        backends,
        status,
        incomplete,
        notices,
        remembered,
        learning: plan.learning.clone(),
        routing: plan.routes.clone(),
    }
}

/// What a part leaves to others.
fn part(shards: &Shards) -> Option<String> {
    let shard = shards.here.first().filter(|_| shards.is_part)?;
    Some(format!(
        "this is shard {shard} of {}: other packets are read by the others, and refutation and \
         summary are left to `llmux merge`",
        shards.of
    ))
}

fn missing((shard, packets): &(u32, usize)) -> String {
    let packets = match packets {
        1 => "1 packet was".to_owned(),
        more => format!("{more} packets were"),
    };
    format!("part {shard} is missing: its {packets} not read")
}

/// What the text steps wrote; a plain summary where one could not.
fn texts(session: &Session, results: &Results, findings: &[Finding]) -> Vec<(String, String)> {
    let steps = session.plan.workflow.steps.iter().enumerate();
    steps
        .filter(|(_, step)| step.produces == Produces::Text)
        .filter_map(|(index, step)| {
            let text = match results.texts.get(&index) {
                Some(texts) => texts.join("\n\n"),
                None if results.unwanted.contains(&index) => return None,
                None => text::plain_summary(findings, session.plan.change.files.len()),
            };
            Some((step.name.clone(), text))
        })
        .collect()
}
