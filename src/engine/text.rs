//! Steps that write text: the summary, and whatever a user's workflow asks for.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::breaker::Line;
use super::cascade::Cascade;
use super::lanes::Lane;
use super::member::Member;
use super::progress::Event;
use super::session::Session;
use super::vars::finding_vars;
use crate::backends::{Prompt, Reply, Request, Stop};
use crate::findings::{Finding, Severity, Standing};
use crate::workflow::{About, ForEach, PacketVars, Scene, Step};

/// Runs one text step, once or for each packet or finding; leaves its texts in the session.
pub(super) async fn write(session: &Arc<Session>, step: usize, for_each: Option<ForEach>) {
    let plan = &session.plan;
    let scene = Scene::new(&session.vars());
    let tally = session.tally();
    let counts = |finding: &&Finding| finding.suppression.is_none();
    let findings: Vec<&Finding> = tally.findings.iter().filter(counts).collect();
    let subjects = match for_each {
        None => 1,
        Some(ForEach::Packets) => plan.packets.len(),
        Some(ForEach::Findings) => findings.len(),
    };
    let over = |wanted| for_each == Some(wanted);
    let lanes = plan.lanes(&[step], false);
    session.tell(&Event::Started {
        steps: &plan.workflow.steps[step].name,
        packets: subjects,
        calls: subjects * lanes.len(),
    });
    // In the order of subjects and crew, whoever answers first.
    let answers = stream::iter(0..subjects * lanes.len())
        .map(|call| {
            let (subject, lane) = (call / lanes.len(), &lanes[call % lanes.len()]);
            let packet = over(ForEach::Packets).then(|| PacketVars::from(&plan.packets[subject]));
            let finding = over(ForEach::Findings).then(|| finding_vars(findings[subject]));
            let scene = &scene;
            async move {
                let about = About {
                    packet: packet.as_ref(),
                    finding: finding.as_ref(),
                };
                follow(session, step, lane, scene, about).await
            }
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
    scene: &Scene,
    about: About<'_>,
) -> Result<String, String> {
    let this = &session.plan.workflow.steps[step];
    let task = session.plan.templates.render_task_in(this, scene, about);
    let task = task.map_err(|error| error.to_string())?;
    let shown = session.plan.templates.uses_packet_text(this);
    let prompt = Prompt {
        fixed: "".into(),
        packet: match about.packet {
            Some(packet) if !shown => Arc::clone(&packet.text),
            _ => "".into(),
        },
        task,
    };
    let mut why = "no backend to ask".to_owned();
    for candidate in &lane.candidates {
        let Some(member) = session.members.get(&candidate.backend) else {
            continue;
        };
        let answer = ask(session, this, member, &candidate.models, &prompt).await;
        let result = match &answer {
            Ok(_) => "written".to_owned(),
            Err(error) => format!("failed: {error}"),
        };
        session.tell(&Event::Called {
            backend: &candidate.backend,
            subject: &this.name,
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

/// Asks one of a backend's models after the other until one writes a text.
async fn ask(
    session: &Session,
    step: &Step,
    member: &Member,
    models: &[Line],
    prompt: &Prompt,
) -> Result<String, String> {
    let mut limits = member.seat.limits.clone();
    limits.timeout = step.timeout.unwrap_or(limits.timeout);
    limits.temperature = step.temperature.or(limits.temperature);
    let mut request = Request {
        roles: vec![step.role.clone()],
        prompt: prompt.clone(),
        schema: None,
        model: None,
        sample: 1,
        files: Vec::new(),
        limits,
        cancel: session.cancel.clone(),
    };
    let deadline = session.deadline();
    let mut cascade = Cascade::default();
    for model in models {
        request.model.clone_from(model);
        match member.ask(&request, &deadline, &session.slots).await {
            Ok(reply) => match text_of(&reply) {
                Ok(text) => {
                    cascade.record_passed_over(member);
                    return Ok(text);
                }
                Err(trouble) => {
                    member.disown(&[&request]).await;
                    cascade.abstained(model, trouble);
                }
            },
            Err(failure) => cascade.failed(model, &failure),
        }
        if cascade.is_over() || deadline.is_over() {
            break;
        }
    }
    cascade.record_loss(member);
    Err(cascade.why())
}

fn text_of(reply: &Reply) -> Result<String, &'static str> {
    let text = reply.text.trim();
    match reply.stop {
        // What a model says as it refuses is no summary.
        Stop::Refusal => Err("the model refused"),
        _ if text.is_empty() => Err("the answer was empty"),
        Stop::End | Stop::Length => Ok(text.to_owned()),
    }
}

/// What stands in the place of a summary that no model wrote.
pub(super) fn plain_summary(findings: &[Finding], files: usize) -> String {
    let confirmed = |severity| {
        findings
            .iter()
            .filter(|finding| finding.vote.standing == Standing::Confirmed)
            .filter(|finding| finding.suppression.is_none())
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
