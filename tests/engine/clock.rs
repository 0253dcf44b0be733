//! Runs on a clock that stands still while somebody works and jumps while all wait: what a
//! minute holds is tested in no time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use llmux::backends::{
    Backend, BoxFuture, CallError, ErrorKind, Limits, Reply, Request, Settings as BackendSettings,
};
use llmux::change::Change;
use llmux::context::{Counter, Packet};
use llmux::engine::{self, Event, Funds, Plan, Prices, Progress, Refuting, Run, Seat};
use llmux::findings::{MergeSettings, Scope, Taxonomy, VoteSettings};
use llmux::units::{Severity, Threshold};
use llmux::workflow::{Combine, Crew, Templates, Workflow};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a backend does with its call of that number, from 0.
pub(super) type Script = fn(usize) -> Result<Reply, CallError>;

/// A backend that works for a while and then does what its script says.
#[derive(Debug)]
pub(super) struct Scripted {
    name: &'static str,
    works: Duration,
    script: Script,
    /// When each call came.
    calls: Mutex<Vec<Instant>>,
}

impl Backend for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    fn available(&self) -> Result<(), String> {
        Ok(())
    }

    fn identity(&self) -> String {
        self.name.to_owned()
    }

    fn ask<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        let call = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(Instant::now());
            calls.len() - 1
        };
        Box::pin(async move {
            tokio::time::sleep(self.works).await;
            (self.script)(call)
        })
    }
}

impl Scripted {
    pub(super) fn new(name: &'static str, works: Duration, script: Script) -> Arc<Self> {
        Arc::new(Self {
            name,
            works,
            script,
            calls: Mutex::default(),
        })
    }

    /// When its calls came, since the first of them.
    pub(super) fn calls(&self) -> Vec<Duration> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|call| *call - calls[0]).collect()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a script")]
pub(super) fn nothing(_: usize) -> Result<Reply, CallError> {
    Ok(Reply {
        text: "{\"findings\": []}".to_owned(),
        latency: Duration::from_millis(1),
        ..Reply::default()
    })
}

pub(super) fn broken(_: usize) -> Result<Reply, CallError> {
    Err(CallError::transient("a broken connection"))
}

pub(super) fn busy_for(wish: Duration) -> Result<Reply, CallError> {
    let kind = ErrorKind::Transient {
        retry_after: Some(wish),
    };
    Err(CallError::new(kind, "too many requests"))
}

/// A seat without limits; eight calls in flight, no second try.
pub(super) fn seat<B: Backend + 'static>(backend: &Arc<B>) -> Seat {
    let settings = BackendSettings::default();
    Seat {
        backend: Arc::clone(backend) as Arc<dyn Backend>,
        models: Vec::new(),
        weight: 1.0,
        factor: 1.0,
        samples: 1,
        authoritative: false,
        max_concurrent: 8,
        requests_per_minute: settings.requests_per_minute,
        tokens_per_minute: settings.tokens_per_minute,
        retries: 0,
        limits: Limits {
            timeout: Duration::from_mins(5),
            idle_timeout: None,
            max_output_tokens: None,
            temperature: None,
            max_reply_bytes: 1 << 20,
        },
        prices: Prices::Unknown,
        counter: Counter::default(),
    }
}

/// So many packets of so many bytes for all seats, without files.
pub(super) fn plan(workflow: &str, seats: Vec<Seat>, packets: usize, bytes: usize) -> Plan {
    let workflow = Workflow::parse(workflow, "w.toml").unwrap();
    let names: Vec<_> = seats
        .iter()
        .map(|seat| seat.backend.name().to_owned())
        .collect();
    let crew = |role: &str| Crew {
        role: role.to_owned(),
        backends: names.clone(),
        unavailable: Vec::new(),
        execution: None,
        combine: Combine::Vote,
        threshold: None,
        samples: None,
        refute: None,
    };
    let packet = |number: usize| Packet {
        id: number.to_string(),
        slices: Vec::new(),
        text: "x".repeat(bytes).into(),
        tokens: llmux::context::tokens(&"x".repeat(bytes)),
    };
    Plan {
        recorder: Arc::default(),
        funds: Funds::default(),
        change: Arc::new(Change::default()),
        packets: (0..packets).map(packet).collect(),
        templates: Templates::new(&workflow).unwrap(),
        crews: workflow.steps.iter().map(|step| crew(&step.role)).collect(),
        workflow,
        seats,
        refuting: Refuting {
            critics: crew("critic"),
            by_default: true,
            blocks_from: Some(Severity::High),
        },
        arbiter: None,
        routes: None,
        shards: None,
        team: None,
        context: String::new(),
        args: BTreeMap::new(),
        scope: Scope::Diff,
        merge: MergeSettings::default(),
        taxonomy: Arc::clone(Taxonomy::builtin()),
        vote: VoteSettings::of(Threshold::Auto),
        priors: Arc::clone(llmux::findings::confidence::Model::builtin()),
        learning: None,
        settings: engine::Settings {
            timeout: Duration::from_hours(24),
            call_timeout: Duration::from_mins(5),
            call_deadline: Duration::from_mins(15),
            idle_timeout: Duration::from_mins(2),
            max_in_flight: 20,
            retries: 0,
        },
        memory: llmux::findings::Memory::default(),
    }
}

struct Silence;

impl Progress for Silence {
    fn event(&self, _: &Event<'_>) {}
}

type Act = dyn Fn(Request, usize) -> BoxFuture<'static, Result<Reply, CallError>> + Send + Sync;

/// A backend that does what it likes with a question and its number, from 0.
pub(super) struct Acting {
    act: Box<Act>,
    /// Which model each call asked for, and when.
    calls: Mutex<Vec<(String, Instant)>>,
}

impl fmt::Debug for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acting")
    }
}

impl Acting {
    pub(super) fn new<F>(act: impl Fn(Request, usize) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<Reply, CallError>> + Send + 'static,
    {
        Arc::new(Self {
            act: Box::new(move |request, call| Box::pin(act(request, call))),
            calls: Mutex::default(),
        })
    }

    /// When calls asked for that model.
    pub(super) fn calls_of(&self, model: &str) -> Vec<Instant> {
        let calls = self.calls.lock().unwrap();
        let own = calls.iter().filter(|(asked, _)| asked == model);
        own.map(|(_, at)| *at).collect()
    }
}

impl Backend for Acting {
    fn name(&self) -> &'static str {
        "alpha"
    }

    fn available(&self) -> Result<(), String> {
        Ok(())
    }

    fn identity(&self) -> String {
        String::new()
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        let model = request.model.as_deref().unwrap_or_default().to_owned();
        let call = {
            let mut calls = self.calls.lock().unwrap();
            calls.push((model, Instant::now()));
            calls.len() - 1
        };
        (self.act)(request.clone(), call)
    }
}

/// Runs a plan and cancels it after a time; how long it went on then.
pub(super) async fn run_cancelled(plan: Plan, after: Duration) -> (Run, Duration) {
    let cancel = CancellationToken::new();
    let (start, token) = (Instant::now(), cancel.clone());
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        token.cancel();
    });
    let run = engine::run(plan, &cancel, Arc::new(Silence)).await;
    (run, start.elapsed().saturating_sub(after))
}

/// Runs a plan; how long it took, by the clock of the test.
pub(super) async fn run(plan: Plan) -> (Run, Duration) {
    let start = Instant::now();
    let run = engine::run(plan, &CancellationToken::new(), Arc::new(Silence)).await;
    (run, start.elapsed())
}
