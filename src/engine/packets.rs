//! Steps over packets: every lane reads every packet.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use super::Plan;
use super::lanes::{Candidate, Lane};
use super::member::Member;
use super::progress::Event;
use super::read::{Answer, Task, read};
use super::session::{Reading, Session};
use crate::backends::{Limits, Prompt};
use crate::context::Packet;
use crate::workflow::{self, About, PacketVars, Scene, Step};

/// What a call's failure is called where the fault is llmux's own.
pub(super) const PANICKED: &str =
    "llmux failed while it worked on the answer, which is a bug of llmux";

/// Reads all packets for the steps of one wave; leaves the readings in the session.
pub(super) async fn read_all(session: &Arc<Session>, wave: &[usize], names: &str) {
    let plan = &session.plan;
    let lanes = plan.lanes(wave, plan.workflow.fold);
    session.tell(&Event::Started {
        steps: names,
        packets: plan.packets.len(),
        calls: plan.packets.len() * lanes.len(),
    });
    let vars = session.vars();
    let fixed: Result<Arc<str>, String> = plan
        .templates
        .render_fixed(&vars)
        .map(Arc::from)
        .map_err(|error| error.to_string());
    let scene = Arc::new(Scene::new(&vars));
    let lanes = lanes.into_iter().map(|lane| {
        let steps = lane.steps.iter().map(|step| &plan.workflow.steps[*step]);
        let roles = steps.map(|step| step.role.clone()).collect();
        let reader = Arc::new(Reader {
            session: Arc::clone(session),
            task: Task::new(roles),
            prompt: Prompts::new(plan, &lane, fixed.clone(), &scene),
            lane,
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
        let backend = reader.lane.candidates[0].backend.clone();
        if let Some(member) = reader.session.members.get(&backend) {
            member.account.record_failure(PANICKED, true);
        }
        reader.leave(packet, vec![(backend, Answer::Failed(PANICKED.to_owned()))]);
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
    prompt: Prompts,
}

impl Reader {
    /// Asks the lane's candidates one after the other until one answers.
    async fn read(&self, packet: usize) {
        let session = &*self.session;
        let piece = &session.plan.packets[packet];
        let prompt = self.prompt.of(&session.plan, &self.lane, piece);
        let mut answers = Vec::new();
        for Candidate { backend, models } in &self.lane.candidates {
            let Some(member) = session.members.get(backend) else {
                continue;
            };
            let answer = match &prompt {
                Ok(prompt) => {
                    let (prompt, limits) = (prompt.clone(), self.limits(member));
                    read(session, member, piece, &self.task, prompt, limits, models).await
                }
                Err(error) => Answer::Failed(error.clone()),
            };
            session.tell(&Event::Called {
                backend,
                subject: &subject(piece),
                result: &answer.summary(),
                spent_usd: session.spent_usd(),
            });
            let is_enough = matches!(answer, Answer::Read(..)) || session.cancel.is_cancelled();
            answers.push((backend.clone(), answer));
            if is_enough {
                break;
            }
        }
        self.leave(packet, answers);
    }

    /// A folded call does the work of several steps: the most patient one decides.
    fn limits(&self, member: &Member) -> Limits {
        let own = &member.seat.limits;
        let steps = self.lane.steps.iter();
        let patience = steps
            .map(|step| self.session.plan.workflow.steps[*step].timeout)
            .map(|timeout| timeout.unwrap_or(own.timeout))
            .max();
        Limits {
            timeout: patience.unwrap_or(own.timeout),
            temperature: self.lane.temperature.or(own.temperature),
            ..own.clone()
        }
    }

    /// A lane has one voice: that of whoever answered, else that of the first, who is silent.
    fn leave(&self, packet: usize, answers: Vec<(String, Answer)>) {
        let reads = |answer: &Answer| matches!(answer, Answer::Read(..));
        let voice = answers.iter().position(|(_, answer)| reads(answer));
        let voice = voice.unwrap_or(0);
        let readings = answers.into_iter().enumerate();
        let readings = readings.map(|(index, (backend, answer))| {
            Arc::new(Reading {
                packet,
                backend,
                steps: self.lane.steps.clone(),
                is_spare: index != voice,
                answer,
            })
        });
        self.session.results().readings.extend(readings);
    }
}

/// Fixed part, packet, task: in the order in which a provider's cache wants them.
struct Prompts {
    fixed: Result<Arc<str>, String>,
    scene: Arc<Scene>,
    /// Where it is the same for every packet.
    task: Option<Result<String, String>>,
    /// Whether the task writes the packet's text itself.
    shows_packet: bool,
}

impl Prompts {
    fn new(plan: &Plan, lane: &Lane, fixed: Result<Arc<str>, String>, scene: &Arc<Scene>) -> Self {
        let steps = || lane.steps.iter().map(|step| &plan.workflow.steps[*step]);
        let is_same = !steps().any(Step::uses_packet);
        Self {
            fixed,
            scene: Arc::clone(scene),
            task: is_same.then(|| task(plan, lane, scene, About::default())),
            shows_packet: steps().any(|step| plan.templates.uses_packet_text(step)),
        }
    }

    fn of(&self, plan: &Plan, lane: &Lane, packet: &Packet) -> Result<Prompt, String> {
        let rendered = || {
            let packet = PacketVars::from(packet);
            let about = About {
                packet: Some(&packet),
                ..About::default()
            };
            task(plan, lane, &self.scene, about)
        };
        Ok(Prompt {
            fixed: self.fixed.clone()?,
            packet: if self.shows_packet {
                "".into()
            } else {
                Arc::clone(&packet.text)
            },
            task: self.task.clone().unwrap_or_else(rendered)?,
        })
    }
}

/// The tasks of a lane's steps in one.
fn task(plan: &Plan, lane: &Lane, scene: &Scene, about: About<'_>) -> Result<String, String> {
    let mut tasks = Vec::new();
    for step in lane.steps.iter().map(|step| &plan.workflow.steps[*step]) {
        let task = plan.templates.render_task_in(step, scene, about);
        tasks.push((step.role.as_str(), task.map_err(|error| error.to_string())?));
    }
    Ok(workflow::folded_task(&tasks))
}

/// For progress lines: the first file, and how many more.
pub(super) fn subject(packet: &Packet) -> String {
    match packet.slices.as_slice() {
        [] => String::new(),
        [only] => only.file.path.to_string(),
        [first, rest @ ..] => format!("{} +{}", first.file.path, rest.len()),
    }
}
