//! Steps over packets: every lane reads its packets, which are all where nothing is routed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Plan;
use super::lanes::{Candidate, Lane};
use super::member::Member;
use super::progress::Event;
use super::read::{Answer, Question, Task, read};
use super::samples::{Variation, enough};
use super::session::{Reading, Session};
use crate::backends::{Limits, Prompt};
use crate::context::{self, Packet};
use crate::workflow::{self, About, PacketVars, Scene, Step};

/// What a call's failure is called where the fault is llmux's own.
pub(super) const PANICKED: &str =
    "llmux failed while it worked on the answer, which is a bug of llmux";

/// Reads all packets for the steps of one wave; leaves the readings in the session.
pub(super) async fn read_all(session: &Arc<Session>, wave: &[usize], names: &str) {
    let plan = &session.plan;
    let lanes = plan.assignments(wave, plan.workflow.fold);
    let calls = lanes
        .iter()
        .map(|(lane, packets)| lane.calls() * packets.len());
    session.tell(&Event::Started {
        steps: names,
        packets: plan.packets_here(),
        calls: calls.sum(),
    });
    let vars = session.packet_vars();
    let fixed: Result<Arc<str>, String> = plan
        .templates
        .render_fixed(&vars)
        .map(Arc::from)
        .map_err(|error| error.to_string());
    let scene = Arc::new(Scene::new(&vars));
    let mut warmth = Warmth::default();
    let lanes = lanes.into_iter().map(|(lane, packets)| {
        let steps = lane.steps.iter().map(|step| &plan.workflow.steps[*step]);
        let roles = steps.map(|step| step.role.clone()).collect();
        let (warm, mut lead) = warmth.of(&lane.candidates[0]);
        let reader = Arc::new(Reader {
            session: Arc::clone(session),
            task: Task::new(roles),
            prompt: Prompts::new(plan, &lane, fixed.clone(), &scene),
            lane,
            warm,
        });
        // More of a lane than can be in flight need not exist, since prompts are large; but while
        // answers are read and written down, the next calls shall be under way.
        let at_once = plan.settings.max_in_flight.saturating_mul(2);
        stream::iter(packets).for_each_concurrent(at_once, move |packet| {
            in_task(Arc::clone(&reader), packet, lead.take())
        })
    });
    join_all(lanes).await;
    note_unread(session, wave);
}

/// Whose cache is being warmed: of a backend with samples, the first sample of the first packet
/// goes alone, so that its provider has what all the others share.
#[derive(Default)]
struct Warmth {
    backends: BTreeMap<String, CancellationToken>,
}

impl Warmth {
    /// What a backend's calls wait for, and the lead where none goes ahead yet: when it is
    /// dropped, however that came, the others go.
    fn of(&mut self, candidate: &Candidate) -> (Option<CancellationToken>, Option<DropGuard>) {
        if candidate.samples < 2 {
            return (None, None);
        }
        if let Some(warm) = self.backends.get(&candidate.backend) {
            return (Some(warm.clone()), None);
        }
        let warm = CancellationToken::new();
        self.backends
            .insert(candidate.backend.clone(), warm.clone());
        (Some(warm.clone()), Some(warm.drop_guard()))
    }
}

/// Reads in a task of its own. One that panics leaves failed readings: what is lost must
/// not look like what was never asked.
async fn in_task(reader: Arc<Reader>, packet: usize, lead: Option<DropGuard>) {
    let task = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move { reader.read(packet, lead).await }
    });
    if let Err(error) = task.await {
        tracing::error!("a call ended by a panic: {error}");
        let first = &reader.lane.candidates[0];
        if let Some(member) = reader.session.members.get(&first.backend) {
            member.account.record_failure(PANICKED, true);
        }
        let failed = || Answer::Failed(PANICKED.to_owned());
        let answers = (0..first.samples).map(|_| failed()).collect();
        reader.leave(packet, vec![(first.backend.clone(), answers)]);
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
                    Some((reading.packet, &reading.voter, why))
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
    /// Cancelled as soon as all may be asked.
    warm: Option<CancellationToken>,
}

/// A backend, and what its samples answered.
type Answers = (String, Vec<Answer>);

impl Reader {
    /// Asks the lane's candidates one after the other until one answers; the samples of one at
    /// once.
    async fn read(&self, packet: usize, mut lead: Option<DropGuard>) {
        let session = &*self.session;
        let mut answers: Vec<Answers> = Vec::new();
        for (place, candidate) in self.lane.candidates.iter().enumerate() {
            let Some(member) = session.members.get(&candidate.backend) else {
                continue;
            };
            // Only the first candidates are sure to be asked, so that nobody waits in vain.
            let warm = self.warm.as_ref().filter(|_| place == 0);
            let samples = (1..=candidate.samples).map(|number| {
                let lead = lead.take();
                async move {
                    if let (Some(warm), None) = (warm, &lead) {
                        warm.cancelled().await;
                    }
                    let answer = self.sample(packet, candidate, member, number).await;
                    drop(lead);
                    answer
                }
            });
            let own = join_all(samples).await;
            let is_enough = has_answered(&own) || session.cancel.is_cancelled();
            answers.push((candidate.backend.clone(), own));
            if is_enough {
                break;
            }
        }
        self.leave(packet, answers);
    }

    /// Asks one backend once.
    async fn sample(
        &self,
        packet: usize,
        candidate: &Candidate,
        member: &Member,
        number: u32,
    ) -> Answer {
        let session = &*self.session;
        let piece = &session.plan.packets[packet];
        let voter = session.plan.voter(&member.seat, number).name;
        let mut limits = self.limits(member);
        let variation = Variation::of(number, candidate.samples, &member.seat, limits.temperature);
        limits.temperature = limits.temperature.or(variation.temperature);
        let prompt = self
            .prompt
            .of(&session.plan, &self.lane, piece, variation.order);
        let answer = match prompt {
            Ok(prompt) => {
                let question = Question {
                    voter: &voter,
                    sample: number,
                    prompt,
                    limits,
                    models: &candidate.models,
                };
                read(session, member, piece, &self.task, question).await
            }
            Err(error) => Answer::Failed(error),
        };
        session.tell(&Event::Called {
            backend: &voter,
            subject: &subject(piece),
            result: &answer.summary(),
            spent_usd: session.spent_usd(),
        });
        answer
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
    fn leave(&self, packet: usize, answers: Vec<Answers>) {
        let plan = &self.session.plan;
        let voice = answers.iter().position(|(_, own)| has_answered(own));
        let voice = voice.unwrap_or(0);
        let mut readings = Vec::new();
        for (index, (backend, own)) in answers.into_iter().enumerate() {
            let Some(seat) = plan.seat(&backend) else {
                continue;
            };
            readings.extend((1..).zip(own).map(|(sample, answer)| {
                Arc::new(Reading {
                    packet,
                    backend: backend.clone(),
                    sample,
                    voter: plan.voter(seat, sample).name,
                    steps: self.lane.steps.clone(),
                    is_spare: index != voice,
                    answer,
                })
            }));
        }
        self.session.results().readings.extend(readings);
    }
}

/// Whether enough samples of one backend gave an answer that can be read.
fn has_answered(samples: &[Answer]) -> bool {
    let read = samples
        .iter()
        .filter(|answer| matches!(answer, Answer::Read(..)));
    read.count() >= enough(samples.len())
}

/// Fixed part, packet, task: in the order in which a provider's cache wants them.
pub(super) struct Prompts {
    fixed: Result<Arc<str>, String>,
    scene: Arc<Scene>,
    /// Where it is the same for every packet.
    task: Option<Result<String, String>>,
    /// Whether the task writes the packet's text itself.
    shows_packet: bool,
}

impl Prompts {
    pub(super) fn new(
        plan: &Plan,
        lane: &Lane,
        fixed: Result<Arc<str>, String>,
        scene: &Arc<Scene>,
    ) -> Self {
        let steps = || lane.steps.iter().map(|step| &plan.workflow.steps[*step]);
        let is_same = !steps().any(Step::uses_packet);
        Self {
            fixed,
            scene: Arc::clone(scene),
            task: is_same.then(|| task(plan, lane, scene, About::default())),
            shows_packet: steps().any(|step| plan.templates.uses_packet_text(step)),
        }
    }

    /// With the packet's files and hunks in an order of their own, where `order` is not 0.
    pub(super) fn of(
        &self,
        plan: &Plan,
        lane: &Lane,
        packet: &Packet,
        order: usize,
    ) -> Result<Prompt, String> {
        let packet = &*match order {
            0 => Cow::Borrowed(packet),
            _ => Cow::Owned(context::in_order(packet, order)),
        };
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
