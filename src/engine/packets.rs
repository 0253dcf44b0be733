//! Steps over packets: every lane reads every packet.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use super::lanes::Lane;
use super::member::Member;
use super::progress::Event;
use super::read::{Answer, Task, read};
use super::session::{Reading, Session};
use crate::backends::{Limits, Prompt};
use crate::context::Packet;
use crate::workflow;

/// What a call's failure is called where the fault is llmux's own.
const PANICKED: &str = "llmux failed while it worked on the answer, which is a bug of llmux";

/// Reads all packets for the steps of one wave; leaves the readings in the session.
pub(super) async fn read_all(session: &Arc<Session>, wave: &[usize], names: &str) {
    let plan = &session.plan;
    let lanes = plan.lanes(wave, plan.workflow.fold);
    session.tell(&Event::Started {
        steps: names,
        packets: plan.packets.len(),
        calls: plan.packets.len() * lanes.len(),
    });
    let vars = Arc::new(session.vars());
    let fixed: Result<Arc<str>, String> = plan
        .templates
        .render_fixed(&vars)
        .map(Arc::from)
        .map_err(|error| error.to_string());
    let lanes = lanes.into_iter().map(|lane| {
        let roles = lane
            .steps
            .iter()
            .map(|step| plan.workflow.steps[*step].role.clone())
            .collect();
        let reader = Arc::new(Reader {
            session: Arc::clone(session),
            lane,
            task: Task::new(roles),
            vars: Arc::clone(&vars),
            fixed: fixed.clone(),
        });
        // More of a lane than can be in flight need not exist: prompts are large.
        stream::iter(0..plan.packets.len())
            .for_each_concurrent(plan.settings.max_in_flight, move |packet| {
                in_task(Arc::clone(&reader), packet)
            })
    });
    join_all(lanes).await;
    note_unread(session, wave);
}

/// Reads in a task of its own. One that panics leaves a failed reading: what is lost must
/// not look like what was never asked.
async fn in_task(reader: Arc<Reader>, packet: usize) {
    let task = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move { reader.read(packet).await }
    });
    if let Err(error) = task.await {
        tracing::error!("a call ended by a panic: {error}");
        let backend = reader.lane.candidates[0].clone();
        if let Some(member) = reader.session.members.get(&backend) {
            member.record_fault(PANICKED);
        }
        reader.leave(packet, backend, Answer::Failed(PANICKED.to_owned()));
    }
}

/// Writes down which steps of a wave brought no answer at all.
fn note_unread(session: &Session, wave: &[usize]) {
    let results = &mut *session.results();
    for step in wave {
        let own = || {
            results
                .readings
                .iter()
                .filter(|reading| reading.steps.contains(step))
        };
        let is_read = |answer: &Answer| matches!(answer, Answer::Read(..) | Answer::Partial(..));
        if own().any(|reading| is_read(&reading.answer)) {
            continue;
        }
        // The first in the order of packets, whoever answered first.
        let failure = own()
            .filter_map(|reading| match &reading.answer {
                Answer::Failed(why) | Answer::Abstained(why) => {
                    Some((reading.packet, &reading.backend, why))
                }
                Answer::Read(..) | Answer::Partial(..) => None,
            })
            .min();
        if let Some((_, _, why)) = failure {
            let why = format!("no backend answered ({why})");
            results.skipped.insert(*step, why);
        }
    }
}

/// One lane at work.
struct Reader {
    session: Arc<Session>,
    lane: Lane,
    task: Task,
    vars: Arc<workflow::Vars>,
    fixed: Result<Arc<str>, String>,
}

impl Reader {
    /// Asks the lane's candidates one after the other until one answers.
    async fn read(&self, packet: usize) {
        let session = &*self.session;
        let piece = &session.plan.packets[packet];
        let prompt = self
            .fixed
            .clone()
            .and_then(|fixed| prompt(session, &self.lane, piece, &self.vars, fixed));
        for name in &self.lane.candidates {
            let Some(member) = session.members.get(name) else {
                continue;
            };
            let answer = match &prompt {
                Ok(prompt) => {
                    let limits = self.limits(member);
                    read(session, member, piece, &self.task, prompt.clone(), limits).await
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
            self.leave(packet, name.clone(), answer);
            if answered || session.cancel.is_cancelled() {
                return;
            }
        }
    }

    /// A folded call does the work of several steps: the most patient one decides.
    fn limits(&self, member: &Member) -> Limits {
        let own = member.seat.limits.timeout;
        let steps = self.lane.steps.iter();
        let patience = steps
            .map(|step| self.session.plan.workflow.steps[*step].timeout)
            .map(|timeout| timeout.unwrap_or(own))
            .max();
        Limits {
            timeout: patience.unwrap_or(own),
            ..member.seat.limits.clone()
        }
    }

    fn leave(&self, packet: usize, backend: String, answer: Answer) {
        let reading = Arc::new(Reading {
            packet,
            backend,
            steps: self.lane.steps.clone(),
            answer,
        });
        self.session.results().readings.push(reading);
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
