//! What a reader of the report must know beside the findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::Answer;
use super::session::{Reading, Results, Session};
use crate::findings::Voter;
use crate::workflow::{OnError, Produces};

/// Notices, and reasons for an incomplete run.
pub(super) fn remarks(
    session: &Session,
    readings: &[Arc<Reading>],
    results: &Results,
) -> (Vec<String>, Vec<String>) {
    let mut notices = Vec::new();
    let mut unavailable = BTreeSet::new();
    // Whose word was not needed is missed by nobody.
    let critics = results
        .needed_critics
        .then_some(&session.plan.refuting.critics);
    let arbiter = session.plan.arbiter.as_ref();
    let arbiter = arbiter.filter(|_| results.needed_arbiter);
    let crews = session.plan.crews.iter().chain(critics).chain(arbiter);
    for crew in crews {
        for (name, why) in &crew.unavailable {
            if unavailable.insert(name) {
                notices.push(format!("backend `{name}` was not asked: {why}"));
            }
        }
    }
    for (name, member) in &session.members {
        if let Some(error) = member.account.report(name).error {
            notices.push(format!("backend `{name}` failed: {error}"));
        }
        notices.extend(member.account.passed_over(name));
    }
    notices.extend(abstentions(readings));
    notices.extend(speechless(results));
    notices.extend(arbitration(results));
    notices.extend(all_dropped(session, readings));
    notices.extend(unheard(results));
    if let Some(routes) = &session.plan.routes {
        notices.extend(routes.notices.iter().cloned());
    }
    notices.extend(session.plan.lost_models());
    notices.extend(results.partial.values().cloned());
    let (lacking, missed) = skipped(session, results);
    notices.extend(missed);
    let mut incomplete = lacking;
    incomplete.extend(results.unjudged.iter().cloned());
    if let Some(routes) = &session.plan.routes {
        incomplete.extend(routes.gaps.iter().cloned());
    }
    incomplete.extend(out_of_reach(session));
    let steps = &session.plan.workflow.steps;
    let mut finders = (0..steps.len())
        .filter(|step| steps[*step].produces == Produces::Findings)
        .peekable();
    if finders.peek().is_some() && finders.all(|step| results.unwanted.contains(&step)) {
        incomplete.push(
            "nothing was read: the conditions of all steps that look for findings were not met"
                .to_owned(),
        );
    }
    (notices, incomplete)
}

/// What the crews could not confirm, had all of them reported it: nothing that was read tells.
fn out_of_reach(session: &Session) -> BTreeSet<String> {
    let plan = &session.plan;
    let steps = || 0..plan.workflow.steps.len();
    let voters = plan.seats.iter().filter(|seat| !seat.authoritative);
    let readers: Vec<Voter> = voters
        .flat_map(|seat| {
            let name = seat.backend.name();
            let most = steps().map(|step| plan.samples(step, name)).max();
            (1..=most.unwrap_or(1)).map(|sample| plan.voter(seat, sample))
        })
        .collect();
    if readers.is_empty() {
        return BTreeSet::new();
    }
    steps()
        .filter(|step| plan.workflow.steps[*step].produces == Produces::Findings)
        .filter(|step| !plan.crews[*step].backends.is_empty())
        .filter_map(|step| plan.quorum_of(step).shortfall(&readers))
        .collect()
}

/// Who gave answers that are none, with the first reason in the order of packets.
fn abstentions(readings: &[Arc<Reading>]) -> Vec<String> {
    let mut silent: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for reading in readings {
        if let Answer::Abstained(why) | Answer::Partial(_, _, why) = &reading.answer {
            silent.entry(&reading.voter).or_insert((0, why)).0 += 1;
        }
    }
    let sentences = silent.into_iter().map(|(name, (count, why))| {
        let packets = packets(count);
        format!("backend `{name}` gave no whole answer about {packets}: {why}")
    });
    sentences.collect()
}

/// The same for critics.
fn speechless(results: &Results) -> Vec<String> {
    by_backend(&results.speechless)
        .map(|(name, (count, why))| {
            let packets = packets(count);
            format!("critic `{name}` gave no answer that could be read about {packets}: {why}")
        })
        .collect()
}

/// The same for the arbiter, and what it left to merging.
fn arbitration(results: &Results) -> Vec<String> {
    let misread = by_backend(&results.misread).map(|(name, (count, why))| {
        let files = files(count);
        format!("arbiter `{name}` gave no answer that could be read about {files}: {why}")
    });
    let mut whole = results.unarbitrated.values();
    let left = whole.next().map(|why| {
        let files = files(results.unarbitrated.len());
        format!(
            "the arbiter did not judge the pairs of claims in doubt of {files}, which stay as \
             merging has them: {why}"
        )
    });
    misread.chain(left).collect()
}

/// What no critic may be shown.
fn unheard(results: &Results) -> Vec<String> {
    let sentences = results.unheard.iter().map(|(policy, paths)| {
        let files = files(paths.len());
        format!("policy `{policy}` permits no critic for the doubtful findings of {files}")
    });
    sentences.collect()
}

/// How often each backend stands in the entries, with the first reason in their order.
fn by_backend<T: Ord>(
    entries: &[(T, String, String)],
) -> impl Iterator<Item = (&str, (usize, &str))> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort();
    let mut silent: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (_, name, why) in entries {
        silent.entry(name).or_insert((0, why)).0 += 1;
    }
    silent.into_iter()
}

/// Models of which no claim could be placed: they have read something else, or nothing. What
/// stands outside the change is not counted: the place is there.
fn all_dropped(session: &Session, readings: &[Arc<Reading>]) -> Vec<String> {
    let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for reading in readings {
        if let Answer::Read(claims, dropped) | Answer::Partial(claims, dropped, _) = &reading.answer
        {
            let (placed, lost) = sums.entry(&reading.backend).or_default();
            *placed += claims.len() + dropped.outside_change;
            *lost += dropped.quote_not_found + dropped.unknown_file;
        }
    }
    let is_model = |name: &str| !session.plan.is_authoritative(name);
    let sentences = sums.into_iter().filter_map(|(name, sum)| match sum {
        (0, lost @ 1..) if is_model(name) => Some(format!(
            "nothing that backend `{name}` claimed stands in the change: {lost} of its claims {} dropped",
            if lost == 1 { "was" } else { "were" }
        )),
        _ => None,
    });
    sentences.collect()
}

/// Steps that brought nothing, those of one reason in one sentence: first what the verdict
/// lacks, then what it does without.
fn skipped(session: &Session, results: &Results) -> (Vec<String>, Vec<String>) {
    let mut reasons: Vec<(&str, bool, Vec<String>)> = Vec::new();
    for (step, why) in &results.skipped {
        let step = &session.plan.workflow.steps[*step];
        let needed = step.produces == Produces::Findings || step.on_error == OnError::Fail;
        let name = format!("`{}`", step.name);
        let same = reasons
            .iter_mut()
            .find(|(other, kind, _)| other == why && *kind == needed);
        match same {
            Some((_, _, names)) => names.push(name),
            None => reasons.push((why, needed, vec![name])),
        }
    }
    let (mut lacking, mut missed) = (Vec::new(), Vec::new());
    for (why, needed, names) in reasons {
        let steps = if names.len() == 1 { "step" } else { "steps" };
        let sentence = format!("{steps} {} brought nothing: {why}", names.join(", "));
        if needed {
            lacking.push(sentence);
        } else {
            missed.push(sentence);
        }
    }
    (lacking, missed)
}

fn packets(count: usize) -> String {
    match count {
        1 => "1 packet".to_owned(),
        count => format!("{count} packets"),
    }
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}
