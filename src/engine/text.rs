//! Steps that write text: the summary, and whatever a user's workflow asks for.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::lanes::Lane;
use super::member::Member;
use super::progress::Event;
use super::session::Session;
use super::vars::finding_vars;
use crate::backends::{Prompt, Request, Stop};
use crate::findings::{Finding, Severity, Standing};
use crate::workflow::{ForEach, Vars};

/// Runs one text step, once or for each packet or finding; leaves its texts in the session.
pub(super) async fn write(session: &Arc<Session>, step: usize, for_each: Option<ForEach>) {
    let plan = &session.plan;
    let vars = session.vars();
    let findings = session.findings();
    let subjects = match for_each {
        None => 1,
        Some(ForEach::Packets) => plan.packets.len(),
        Some(ForEach::Findings) => findings.len(),
    };
    let subject = |index: usize| match for_each {
        None => vars.clone(),
        Some(ForEach::Packets) => Vars {
            packet: Some((&plan.packets[index]).into()),
            ..vars.clone()
        },
        Some(ForEach::Findings) => Vars {
            finding: Some(finding_vars(&findings[index])),
            ..vars.clone()
        },
    };
    let lanes = plan.lanes(&[step], false);
    session.tell(&Event::Started {
        steps: &plan.workflow.steps[step].name,
        packets: subjects,
        calls: subjects * lanes.len(),
    });
    // In the order of subjects and crew, whoever answers first.
    let answers = stream::iter(0..subjects * lanes.len())
        .map(|call| {
            let vars = subject(call / lanes.len());
            let lane = &lanes[call % lanes.len()];
            async move { follow(session, step, lane, &vars).await }
        })
        .buffered(plan.settings.max_in_flight)
        .collect::<Vec<Result<String, String>>>()
        .await;
    leave(session, step, answers);
}

/// Keeps what was written, and says what was not.
fn leave(session: &Session, step: usize, answers: Vec<Result<String, String>>) {
    let asked = answers.len();
    let mut texts = Vec::new();
    let mut failures = Vec::new();
    for answer in answers {
        match answer {
            Ok(text) => texts.push(text),
            Err(why) => failures.push(why),
        }
    }
    let mut results = session.results();
    match failures.first() {
        None if texts.is_empty() => {
            // No finding to write about is no failure.
            results.unwanted.insert(step);
            return;
        }
        None => {}
        Some(why) if texts.is_empty() => {
            results.skipped.insert(step, why.clone());
            return;
        }
        Some(why) => {
            let sentence = format!(
                "step `{}` wrote {} of {asked} texts: {why}",
                session.plan.workflow.steps[step].name,
                texts.len()
            );
            results.partial.insert(step, sentence);
        }
    }
    results.texts.insert(step, texts);
}

async fn follow(
    session: &Session,
    step: usize,
    lane: &Lane,
    vars: &Vars,
) -> Result<String, String> {
    let mut why = "no backend to ask".to_owned();
    for name in &lane.candidates {
        let Some(member) = session.members.get(name) else {
            continue;
        };
        let answer = ask(session, step, member, vars).await;
        let result = match &answer {
            Ok(_) => "written".to_owned(),
            Err(error) => format!("failed: {error}"),
        };
        session.tell(&Event::Called {
            backend: name,
            subject: &session.plan.workflow.steps[step].name,
            result: &result,
            spent_usd: session.spent_usd(),
        });
        match answer {
            Ok(text) => return Ok(text),
            Err(error) => why = error,
        }
    }
    Err(why)
}

async fn ask(
    session: &Session,
    step: usize,
    member: &Member,
    vars: &Vars,
) -> Result<String, String> {
    let plan = &session.plan;
    let this = &plan.workflow.steps[step];
    let task = plan
        .templates
        .render_task(this, vars)
        .map_err(|error| error.to_string())?;
    let shown = plan.templates.uses_packet_text(this);
    let mut limits = member.seat.limits.clone();
    limits.timeout = this.timeout.unwrap_or(limits.timeout);
    let request = Request {
        roles: vec![this.role.clone()],
        prompt: Prompt {
            fixed: "".into(),
            packet: match &vars.packet {
                Some(packet) if !shown => Arc::clone(&packet.text),
                _ => "".into(),
            },
            task,
        },
        schema: None,
        model: None,
        files: Vec::new(),
        limits,
        cancel: session.cancel.clone(),
    };
    let reply = member
        .ask(&request, &session.slots)
        .await
        .map_err(|error| error.message)?;
    let text = reply.text.trim();
    let trouble = match reply.stop {
        // What a model says as it refuses is no summary.
        Stop::Refusal => Some("the model refused"),
        _ if text.is_empty() => Some("the answer was empty"),
        Stop::End | Stop::Length => None,
    };
    match trouble {
        None => Ok(text.to_owned()),
        Some(trouble) => {
            member.record_abstention();
            Err(trouble.to_owned())
        }
    }
}

/// What stands in the place of a summary that no model wrote.
pub(super) fn plain_summary(findings: &[Finding], files: usize) -> String {
    let confirmed = |severity| {
        findings
            .iter()
            .filter(|finding| finding.vote.standing == Standing::Confirmed)
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (confirmed(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let files = if files == 1 {
        "1 file".to_owned()
    } else {
        format!("{files} files")
    };
    if counts.is_empty() {
        format!("No finding was confirmed in {files}.")
    } else {
        format!("Confirmed in {files}: {}.", counts.join(", "))
    }
}
