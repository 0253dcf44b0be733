//! What a backend costs and how its tokens are counted, by its settings.

use std::sync::Arc;

use super::crew::is_local;
use crate::backends::{self, BackendKind, DialectName, Settings};
use crate::context::Counter;
use crate::engine::Prices;

/// The configured price; else nothing where it runs on this machine; else that of the list.
/// `settings` are complete.
pub(super) fn prices(settings: &Settings) -> Prices {
    match (settings.price, &settings.preset) {
        (Some(price), _) => Prices::Fixed(price),
        (None, _) if is_local(settings) => Prices::FREE,
        (None, Some(preset)) => Prices::Listed {
            preset: Arc::from(preset.as_str()),
            model: settings.model.as_deref().map(Arc::from),
        },
        (None, None) => Prices::Unknown,
    }
}

/// Exact where all its models are OpenAI's with the same tokenizer; their names tell nothing
/// where another protocol is spoken. With what a known program adds to each question.
pub(super) fn counter(settings: &Settings) -> Counter {
    let is_openai = match backends::kind_of(settings) {
        Some(BackendKind::Http) => matches!(
            settings.dialect,
            None | Some(DialectName::Openai | DialectName::OpenaiResponses)
        ),
        _ => settings.preset.as_deref() == Some("codex"),
    };
    let mut counters = settings.models.iter().chain(&settings.model);
    let first = counters.next().map(|model| Counter::openai(model));
    let agreed = first.filter(|first| counters.all(|model| Counter::openai(model) == *first));
    let counter = agreed.filter(|_| is_openai).unwrap_or_default();
    counter.with_own_bytes(backends::own_bytes(settings))
}
