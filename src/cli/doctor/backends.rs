//! A look at each backend, all at once: what it is, and whether it can be asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::look::{Seen, inspect};
use super::probe::{self, Probe, ProbeResult};
use crate::backends::{self, Backend, BackendKind, Inspection, Settings as BackendSettings};
use crate::cli::args::Doctor;
use crate::cli::crew::{Backends, is_local};
use crate::config::Settings;
use crate::engine;

/// One backend, as far as it could be seen.
#[derive(Debug, Serialize)]
pub(super) struct BackendCheck {
    pub(super) name: String,
    pub(super) state: State,
    /// What is wrong, and what to do.
    pub(super) trouble: Option<String>,
    /// What may be wrong, and what to do.
    pub(super) hint: Option<String>,
    pub(super) origin: Origin,
    pub(super) kind: Option<BackendKind>,
    pub(super) preset: Option<String>,
    pub(super) place: Option<String>,
    pub(super) version: Option<String>,
    pub(super) model: Option<String>,
    /// Whether the server lists the model; none where either is not known.
    pub(super) model_listed: Option<bool>,
    pub(super) models: Option<Vec<String>>,
    /// The models that are asked one after another; empty where there is only one.
    pub(super) cascade: Vec<CascadeModel>,
    pub(super) keys: Vec<Key>,
    pub(super) weight: f64,
    pub(super) authoritative: bool,
    pub(super) local: bool,
    pub(super) limits: Limits,
    /// None where nobody looked.
    pub(super) look_ms: Option<u64>,
    /// None without `--probe`, and for what cannot be asked.
    pub(super) probe: Option<ProbeResult>,
}

/// A model that is asked where those before it gave no answer.
#[derive(Debug, Serialize)]
pub(super) struct CascadeModel {
    pub(super) model: String,
    /// Whether the server lists it; none where that is not known.
    pub(super) listed: Option<bool>,
}

/// Whether a backend can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// The look found nothing wrong.
    Ready,
    /// The look found what keeps it from answering.
    NotUsable,
    /// It answered the probe.
    Answered,
    /// It did not.
    Failed,
    /// `--offline`: it was not looked at.
    LeftOut,
    /// Its settings make no backend.
    Broken,
    /// The look was interrupted.
    Unknown,
}

impl State {
    /// Whether a run could count on it.
    pub(super) fn works(self) -> bool {
        matches!(self, Self::Ready | Self::Answered)
    }

    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotUsable => "not usable",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::LeftOut => "left out",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// Who named a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Configured,
    /// Nobody: it was found on this machine.
    Found,
}

/// A variable that may hold a key. Nothing of its value, not even how long it is.
#[derive(Debug, Serialize)]
pub(super) struct Key {
    pub(super) variable: String,
    pub(super) present: bool,
}

/// What bounds its calls in a run; none is no bound of llmux's.
#[derive(Debug, Default, Serialize)]
pub(super) struct Limits {
    pub(super) timeout_seconds: Option<f64>,
    pub(super) idle_timeout_seconds: Option<f64>,
    pub(super) max_concurrent: Option<usize>,
    pub(super) requests_per_minute: Option<u32>,
    pub(super) tokens_per_minute: Option<u32>,
    pub(super) retries: Option<usize>,
    pub(super) context_tokens: Option<usize>,
    pub(super) max_output_tokens: Option<u32>,
    pub(super) temperature: Option<f32>,
}

/// What is asked of this look.
pub(super) struct Wish<'a> {
    probe: bool,
    offline: bool,
    timeout: Option<Duration>,
    run: &'a engine::Settings,
}

impl<'a> Wish<'a> {
    pub(super) fn new(args: &Doctor, settings: &'a Settings) -> Self {
        Self {
            probe: args.probe,
            offline: args.choice.offline,
            timeout: args.timeout,
            run: &settings.run,
        }
    }
}

/// Says before a probe whom it will cost something.
pub(super) fn announcement(backends: &Backends, wish: &Wish) -> String {
    let asked = backends.order.iter().filter(|name| {
        let built = backends.get(name);
        built.is_some_and(|(backend, _)| backend.writes_text())
            && backends.available(name, wish.offline).is_ok()
    });
    let asked: Vec<&str> = asked.map(String::as_str).collect();
    match asked.as_slice() {
        [] => "there is no backend that could be asked".to_owned(),
        names => format!("asking one question of {}", names.join(", ")),
    }
}

/// Looks at all of them, and ends early where `cancel` is cancelled or the time is over.
pub(super) async fn check_all(
    backends: &Backends,
    wish: &Wish<'_>,
    cancel: &CancellationToken,
) -> Vec<BackendCheck> {
    let until = cancel.child_token();
    let alarm = wish.timeout.map(|limit| {
        let until = until.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            until.cancel();
        })
    });
    let checks = backends.order.iter().map(|name| async {
        match (backends.get(name), backends.broken(name)) {
            (Some((backend, settings)), _) => {
                let check = BackendCheck::new(name, settings, backends, wish);
                check.look(backend, settings, wish, &until, cancel).await
            }
            (None, Some((why, settings))) => BackendCheck {
                state: State::Broken,
                trouble: Some(why.clone()),
                ..BackendCheck::new(name, settings, backends, wish)
            },
            (None, None) => BackendCheck::new(name, &BackendSettings::default(), backends, wish),
        }
    });
    let checks = join_all(checks).await;
    if let Some(alarm) = alarm {
        alarm.abort();
    }
    checks
}

impl BackendCheck {
    /// What is known without a look.
    fn new(name: &str, settings: &BackendSettings, backends: &Backends, wish: &Wish) -> Self {
        let seat = backends.seat(name, wish.run);
        let seat = seat.as_ref();
        let text = backends.get(name);
        let writes = text.is_some_and(|(backend, _)| backend.writes_text());
        Self {
            name: name.to_owned(),
            state: State::Unknown,
            trouble: None,
            hint: None,
            origin: if backends.is_found(name) {
                Origin::Found
            } else {
                Origin::Configured
            },
            kind: backends::kind_of(settings),
            preset: settings.preset.clone(),
            place: None,
            version: None,
            model: settings.model.clone(),
            model_listed: None,
            models: None,
            cascade: cascade(settings, text.map(|(backend, _)| &**backend)),
            keys: Vec::new(),
            weight: settings.weight.unwrap_or(1.0),
            authoritative: seat.is_some_and(|seat| seat.authoritative),
            local: is_local(settings),
            // A scanner makes no calls that could be bounded.
            limits: seat
                .filter(|_| writes)
                .map(|seat| Limits::new(seat, settings))
                .unwrap_or_default(),
            look_ms: None,
            probe: None,
        }
    }

    async fn look(
        mut self,
        backend: &Arc<dyn Backend>,
        settings: &BackendSettings,
        wish: &Wish<'_>,
        until: &CancellationToken,
        interrupted: &CancellationToken,
    ) -> Self {
        let available = backend.available();
        if wish.offline && !is_local(settings) {
            self.state = State::LeftOut;
            self.trouble = available.err();
            return self;
        }
        let started = Instant::now();
        let seen = inspect(Arc::clone(backend), until).await;
        self.look_ms = Some(milliseconds(started.elapsed()));
        self.state = match seen {
            Seen::All(inspection) => {
                self.take(*inspection);
                // What is missing on this machine is known for certain, whatever the look says.
                self.trouble = available.clone().err().or(self.trouble.take());
                match self.trouble {
                    Some(_) => State::NotUsable,
                    None => State::Ready,
                }
            }
            Seen::Less(less, why) => {
                if let Some(less) = less {
                    self.take(*less);
                }
                self.trouble = available.clone().err();
                if interrupted.is_cancelled() {
                    State::Unknown
                } else {
                    self.trouble.get_or_insert(why);
                    State::NotUsable
                }
            }
        };
        // Whoever can be asked is asked: an answer says more than a look.
        if wish.probe && available.is_ok() && backend.writes_text() && !until.is_cancelled() {
            let probe = probe::ask(backend, settings, until).await;
            self.state = match &probe {
                Probe::Answered(_) => State::Answered,
                Probe::Failed(_) => State::Failed,
                Probe::Interrupted => State::Unknown,
            };
            self.probe = probe.into_result();
        }
        self
    }

    fn take(&mut self, seen: Inspection) {
        self.place = seen.place;
        self.preset = seen.preset.or(self.preset.take());
        self.version = seen.version;
        self.model = seen.model.or(self.model.take());
        self.model_listed = seen.model_listed;
        self.models = seen.models;
        let keys = seen.keys.into_iter();
        let keys = keys.map(|key| Key {
            variable: key.variable,
            present: key.present,
        });
        self.keys = keys.collect();
        self.trouble = seen.trouble;
        self.hint = seen.hint;
        self.look_up_cascade();
    }

    /// The look knew only its first.
    fn look_up_cascade(&mut self) {
        let (Some(models), Some(place)) = (&self.models, &self.place) else {
            return;
        };
        let mut unlisted = Vec::new();
        for one in &mut self.cascade {
            one.listed = backends::is_listed(&one.model, models);
            if one.listed == Some(false) {
                unlisted.push(backends::unlisted(place, &one.model, models, "models"));
            }
        }
        if !self.cascade.is_empty() {
            self.hint = (!unlisted.is_empty()).then(|| unlisted.join("; "));
        }
    }
}

/// As a run asks: a program that takes no model is asked for none.
fn cascade(settings: &BackendSettings, backend: Option<&dyn Backend>) -> Vec<CascadeModel> {
    if settings.models.len() < 2 || backend.is_some_and(|backend| !backend.takes_model()) {
        return Vec::new();
    }
    let model = |model: &String| CascadeModel {
        model: model.clone(),
        listed: None,
    };
    settings.models.iter().map(model).collect()
}

impl Limits {
    fn new(seat: &engine::Seat, settings: &BackendSettings) -> Self {
        Self {
            timeout_seconds: Some(seat.limits.timeout.as_secs_f64()),
            idle_timeout_seconds: seat.limits.idle_timeout.map(|limit| limit.as_secs_f64()),
            max_concurrent: Some(seat.max_concurrent),
            requests_per_minute: seat.requests_per_minute,
            tokens_per_minute: seat.tokens_per_minute,
            retries: Some(seat.retries),
            context_tokens: settings.context_tokens,
            max_output_tokens: seat.limits.max_output_tokens,
            temperature: seat.limits.temperature,
        }
    }
}

/// Whole ones.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
