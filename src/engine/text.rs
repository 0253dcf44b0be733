//! Steps that write text: the summary, and whatever a user's workflow asks for.

use std::sync::Arc;

use super::lanes::Lane;
use super::member::Member;
use super::progress::Event;
use super::run::state;
use super::session::Session;
use super::vars::finding_vars;
use crate::backends::{Prompt, Request};
use crate::context::Packet;
use crate::findings::{Finding, Severity, Standing};
use crate::workflow::{ForEach, Vars};

/// Runs one text step, once or for each packet or finding; leaves its texts in the session.
pub(super) async fn write(session: &Arc<Session>, step: usize, for_each: Option<ForEach>) {
    let plan = &session.plan;
    let (findings, vars) = state(session);
    let about = |packet: Option<&Packet>, finding: Option<&Finding>| Vars {
        packet: packet.map(Into::into),
        finding: finding.map(finding_vars),
        ..vars.clone()
    };
    let subjects: Vec<Vars> = match for_each {
        None => vec![about(None, None)],
        Some(ForEach::Packets) => plan
            .packets
            .iter()
            .map(|one| about(Some(one), None))
            .collect(),
        Some(ForEach::Findings) => findings.iter().map(|one| about(None, Some(one))).collect(),
    };
    let lanes = plan.lanes(&[step], false);
    session.tell(&Event::Started {
        steps: &plan.workflow.steps[step].name,
        packets: subjects.len(),
        calls: subjects.len() * lanes.len(),
    });
    let asked = subjects
        .iter()
        .flat_map(|subject| lanes.iter().map(move |lane| (subject, lane)));
    let answers =
        futures_util::future::join_all(asked.map(|(vars, lane)| follow(session, step, lane, vars)))
            .await;
    let (texts, failures): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    let mut results = session.results();
    if texts.is_empty() {
        let why = failures.into_iter().find_map(Result::err);
        results
            .skipped
            .insert(step, why.unwrap_or_else(|| "nothing to ask".to_owned()));
    } else {
        results.texts.insert(step, texts);
    }
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
        files: Vec::new(),
        limits,
        cancel: session.cancel.clone(),
    };
    let reply = member
        .ask(&request, &session.slots)
        .await
        .map_err(|error| error.message)?;
    let text = reply.text.trim();
    if text.is_empty() {
        member.record_abstention();
        return Err("the answer was empty".to_owned());
    }
    Ok(text.to_owned())
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
