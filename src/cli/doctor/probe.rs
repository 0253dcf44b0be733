//! One question of one token: whether a backend answers, how fast, at what cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::backends::milliseconds;
use crate::backends::{
    Backend, CallError, DialectName, ErrorKind, Limits, Prompt, Reply, Request, Settings, Usage,
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
    /// The model that answered, by its own word.
    pub(super) model: Option<String>,
    pub(super) tokens: Option<Usage>,
    pub(super) cost_usd: Option<f64>,
    /// Why there was no answer.
    pub(super) error: Option<String>,
}

impl Probe {
    pub(super) fn into_result(self) -> Option<ProbeResult> {
        match self {
            Self::Answered(result) | Self::Failed(result) => Some(result),
            Self::Interrupted => None,
        }
    }
}

/// Asks once, without another try.
pub(super) async fn ask(
    backend: &Arc<dyn Backend>,
    settings: &Settings,
    model: Option<&String>,
    until: &CancellationToken,
) -> Probe {
    let request = Request {
        roles: vec!["doctor".to_owned()],
        prompt: Prompt {
            task: QUESTION.to_owned(),
            ..Prompt::default()
        },
        schema: None,
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
    let started = Instant::now();
    let backend = Arc::clone(backend);
    // In a task of its own, so that a mistake of llmux in one probe spares the others.
    let answer = tokio::spawn(async move { backend.ask(&request).await }).await;
    let answer = answer.unwrap_or_else(|_| {
        let bug = "llmux failed while it asked, which is a bug of llmux";
        Err(CallError::permanent(bug))
    });
    let result = ProbeResult {
        ms: milliseconds(started.elapsed()),
        ..ProbeResult::default()
    };
    match answer {
        Ok(reply) => Probe::Answered(result.with(reply)),
        Err(error) if error.kind == ErrorKind::Cancelled => Probe::Interrupted,
        Err(error) if error.message.contains(THOUGHT) => Probe::Answered(result),
        Err(error) => Probe::Failed(ProbeResult {
            error: Some(error.message),
            ..result
        }),
    }
}

impl ProbeResult {
    fn with(self, reply: Reply) -> Self {
        Self {
            model: reply.model,
            tokens: reply.usage,
            cost_usd: reply.cost_usd,
            ..self
        }
    }
}
