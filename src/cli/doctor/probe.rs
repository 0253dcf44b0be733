//! One question of one token: whether a backend answers, how fast, at what cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::backends::milliseconds;
use crate::backends::{
    Backend, CallError, DialectName, ErrorKind, Limits, Prompt, Reply, Request, Settings, Stop,
    Usage,
};

const QUESTION: &str = "Answer with the single word: ok";
/// Where the backend sets no limit of its own.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Bytes of an answer of one word, with room for envelopes.
const MAX_REPLY: usize = 1 << 20;

/// OpenAI's responses refuse fewer tokens than this.
const LEAST_OF_RESPONSES: u32 = 16;
/// What OpenAI says where a model thought and had no token left to speak, with status 400.
const THOUGHT: &str = "output limit was reached";

/// How it ended.
pub(super) enum Probe {
    Answered(ProbeResult),
    Failed(ProbeResult),
    /// By Ctrl-C or at the time limit of the whole command.
    Interrupted,
}

/// What the backend told.
#[derive(Debug, Default, Serialize)]
pub(super) struct ProbeResult {
    pub(super) ms: u64,
    /// The model of the cascade that was asked last.
    pub(super) asked: Option<String>,
    /// The model that answered, by its own word.
    pub(super) model: Option<String>,
    pub(super) tokens: Option<Usage>,
    pub(super) cost_usd: Option<f64>,
    /// Why there was no answer.
    pub(super) error: Option<String>,
    /// Whether the last answer was a refusal.
    pub(super) refused: bool,
    /// The models of the cascade that were asked in vain before that one answered.
    pub(super) passed_over: Vec<PassedOver>,
}

/// A model of a cascade that gave no answer.
#[derive(Debug, Serialize)]
pub(super) struct PassedOver {
    pub(super) model: String,
    pub(super) error: String,
}

impl Probe {
    pub(super) fn into_result(self) -> Option<ProbeResult> {
        match self {
            Self::Answered(result) | Self::Failed(result) => Some(result),
            Self::Interrupted => None,
        }
    }
}

/// Asks each model of a cascade until one answers, as a run does, and each of them once.
pub(super) async fn ask(
    backend: &Arc<dyn Backend>,
    settings: &Settings,
    until: &CancellationToken,
) -> Probe {
    let started = Instant::now();
    let models: Vec<Option<&String>> = match settings.models.as_slice() {
        models if !models.is_empty() && backend.takes_model() => models.iter().map(Some).collect(),
        _ => vec![None],
    };
    let mut passed_over = Vec::new();
    let mut last = ProbeResult::default();
    for model in models {
        let (result, kind) = match once(backend, settings, model, until).await {
            Ok(reply) => ProbeResult::of(reply),
            Err(error) if error.kind == ErrorKind::Cancelled => return Probe::Interrupted,
            Err(error) if error.message.contains(THOUGHT) => (ProbeResult::default(), None),
            Err(error) => (ProbeResult::failed(error.message), Some(error.kind)),
        };
        last = ProbeResult {
            asked: model.cloned(),
            ..result
        };
        let Some(error) = &last.error else { break };
        if let Some(model) = model {
            passed_over.push(PassedOver {
                model: model.clone(),
                error: error.clone(),
            });
        }
        if kind == Some(ErrorKind::Denied) {
            break;
        }
    }
    last.ms = milliseconds(started.elapsed());
    if last.error.is_none() {
        last.passed_over = passed_over;
        return Probe::Answered(last);
    }
    if passed_over.len() > 1 {
        last.error = Some(what_became_of(&passed_over));
    }
    // The last one is in nobody's place.
    passed_over.pop();
    last.passed_over = passed_over;
    Probe::Failed(last)
}

/// `a: this; b: that`, or `a, b: this`.
fn what_became_of(models: &[PassedOver]) -> String {
    let mut said = models.iter().map(|one| &one.error);
    if let Some(first) = said.next()
        && said.all(|error| error == first)
    {
        let names: Vec<&str> = models.iter().map(|one| one.model.as_str()).collect();
        return format!("{}: {first}", names.join(", "));
    }
    let each = models.iter();
    let each = each.map(|one| format!("{}: {}", one.model, one.error));
    each.collect::<Vec<_>>().join("; ")
}

/// Without another try.
async fn once(
    backend: &Arc<dyn Backend>,
    settings: &Settings,
    model: Option<&String>,
    until: &CancellationToken,
) -> Result<Reply, CallError> {
    let request = Request {
        roles: vec!["doctor".to_owned()],
        prompt: Prompt {
            task: QUESTION.to_owned(),
            ..Prompt::default()
        },
        schema: None,
        sample: 1,
        model: model.map(|model| Arc::from(model.as_str())),
        files: Vec::new(),
        limits: Limits {
            timeout: settings.timeout.unwrap_or(TIMEOUT),
            idle_timeout: settings.idle_timeout,
            max_output_tokens: Some(match settings.dialect {
                Some(DialectName::OpenaiResponses) => LEAST_OF_RESPONSES,
                _ => 1,
            }),
            temperature: settings.temperature,
            max_reply_bytes: MAX_REPLY,
        },
        cancel: until.clone(),
    };
    let backend = Arc::clone(backend);
    // In a task of its own, so that a mistake of llmux in one probe spares the others.
    let answer = tokio::spawn(async move { backend.ask(&request).await }).await;
    answer.unwrap_or_else(|_| {
        let bug = "llmux failed while it asked, which is a bug of llmux";
        Err(CallError::permanent(bug))
    })
}

impl ProbeResult {
    /// A run counts a refusal as no answer, and asks the next model.
    fn of(reply: Reply) -> (Self, Option<ErrorKind>) {
        let refused = reply.stop == Stop::Refusal;
        let result = Self {
            model: reply.model,
            tokens: reply.usage,
            cost_usd: reply.cost_usd,
            refused,
            error: refused.then(|| "answered with a refusal".to_owned()),
            ..Self::default()
        };
        (result, None)
    }

    fn failed(error: String) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}
