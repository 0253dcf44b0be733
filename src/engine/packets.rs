//! Steps over packets: every lane reads every packet.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::lanes::Lane;
use super::progress::Event;
use super::read::{Answer, read};
use super::run::state;
use super::session::{Reading, Session};
use crate::backends::Prompt;
use crate::context::Packet;
use crate::workflow;

/// Reads all packets for the steps of one wave; leaves the readings in the session.
pub(super) async fn read_all(session: &Arc<Session>, wave: &[usize], names: &str) {
    let plan = &session.plan;
    let lanes = plan.lanes(wave, plan.workflow.fold);
    session.tell(&Event::Started {
        steps: names,
        packets: plan.packets.len(),
        calls: plan.packets.len() * lanes.len(),
    });
    let vars = Arc::new(state(session).1);
    let fixed = plan
        .fixed(&vars)
        .map(Arc::from)
        .map_err(|error| error.to_string());
    let mut running = JoinSet::new();
    for packet in 0..plan.packets.len() {
        for lane in &lanes {
            let (session, lane, vars) = (Arc::clone(session), lane.clone(), Arc::clone(&vars));
            let fixed = fixed.clone();
            running.spawn(async move { follow(&session, &lane, packet, &vars, fixed).await });
        }
    }
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!("a call ended by a panic: {error}");
        }
    }
    let results = &mut *session.results();
    for step in wave {
        let own = || {
            results
                .readings
                .iter()
                .filter(|reading| reading.steps.contains(step))
        };
        let failure = own().find_map(|reading| match &reading.answer {
            Answer::Failed(why) | Answer::Abstained(why) => Some(why.clone()),
            Answer::Read(..) | Answer::Partial(..) => None,
        });
        let none_read =
            !own().any(|reading| matches!(reading.answer, Answer::Read(..) | Answer::Partial(..)));
        if let (true, Some(why)) = (none_read, failure) {
            results
                .skipped
                .insert(*step, format!("no backend answered ({why})"));
        }
    }
}

/// Asks a lane's candidates one after the other until one answers.
async fn follow(
    session: &Session,
    lane: &Lane,
    packet: usize,
    vars: &workflow::Vars,
    fixed: Result<Arc<str>, String>,
) {
    let piece = &session.plan.packets[packet];
    let prompt = fixed.and_then(|fixed| prompt(session, lane, piece, vars, fixed));
    let steps = lane
        .steps
        .iter()
        .map(|step| &session.plan.workflow.steps[*step]);
    // A folded call does the work of several steps: the most patient one decides.
    let patience = steps.filter_map(|step| step.timeout).max();
    for name in &lane.candidates {
        let Some(member) = session.members.get(name) else {
            continue;
        };
        let roles = lane
            .steps
            .iter()
            .map(|step| session.plan.workflow.steps[*step].role.clone());
        let answer = match &prompt {
            Ok(prompt) => {
                read(
                    session,
                    member,
                    piece,
                    roles.collect(),
                    prompt.clone(),
                    patience,
                )
                .await
            }
            Err(error) => Answer::Failed(error.clone()),
        };
        session.tell(&Event::Called {
            backend: name,
            subject: &subject(piece),
            result: &answer.summary(),
            spent_usd: session.spent_usd(),
        });
        let answered = matches!(answer, Answer::Read(..));
        session.results().readings.push(Reading {
            packet,
            backend: name.clone(),
            steps: lane.steps.clone(),
            answer,
        });
        if answered || session.cancel.is_cancelled() {
            return;
        }
    }
}

/// Fixed part, packet, task: in the order in which a provider's cache wants them.
fn prompt(
    session: &Session,
    lane: &Lane,
    packet: &Packet,
    vars: &workflow::Vars,
    fixed: Arc<str>,
) -> Result<Prompt, String> {
    let plan = &session.plan;
    let vars = workflow::Vars {
        packet: Some(packet.into()),
        ..vars.clone()
    };
    let mut tasks = Vec::new();
    let mut shown = false;
    for step in &lane.steps {
        let step = &plan.workflow.steps[*step];
        let task = plan
            .templates
            .render_task(step, &vars)
            .map_err(|error| error.to_string())?;
        shown |= plan.templates.uses_packet_text(step);
        tasks.push((step.role.as_str(), task));
    }
    Ok(Prompt {
        fixed,
        packet: if shown {
            "".into()
        } else {
            Arc::clone(&packet.text)
        },
        task: workflow::folded_task(&tasks),
    })
}

/// For progress lines: the first file, and how many more.
fn subject(packet: &Packet) -> String {
    match packet.slices.as_slice() {
        [] => String::new(),
        [only] => only.file.path.to_string(),
        [first, rest @ ..] => format!("{} +{}", first.file.path, rest.len()),
    }
}
