//! Backends against real programs and servers on loopback.
#![allow(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

use std::sync::Arc;
use std::time::Duration;

use llmux::backends::rules::Rules;
use llmux::backends::{
    Backend, BuildError, CallError, Environment, Limits, Prompt, Reply, Request, Settings,
};
use tokio_util::sync::CancellationToken;

#[cfg(unix)]
mod agents;
#[cfg(unix)]
mod captures;
#[cfg(unix)]
mod command;
mod dialects;
#[cfg(unix)]
mod envelopes;
mod http;
mod http_errors;
mod inspect;
#[cfg(unix)]
mod looks;
mod presets;
mod prices;
mod proxy;
mod secrets;
mod settings;
mod stream;
mod tape;
mod tls;

/// A request with room: what hangs fails the test by its error.
fn request(task: &str) -> Request {
    Request {
        roles: vec!["analyzer".to_owned()],
        prompt: Prompt {
            fixed: "You review changes.".into(),
            packet: "The packet.".into(),
            task: task.to_owned(),
        },
        schema: None,
        model: None,
        sample: 1,
        files: Vec::new(),
        limits: Limits {
            timeout: Duration::from_mins(1),
            idle_timeout: None,
            max_output_tokens: None,
            temperature: None,
            max_reply_bytes: 4 << 20,
        },
        cancel: CancellationToken::new(),
    }
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    let path = std::env::var("PATH").unwrap();
    [("PATH", path.as_str())]
        .iter()
        .chain(pairs)
        .copied()
        .collect()
}

/// Built as the program builds it, with the shipped rules.
fn build(
    name: &str,
    settings: &Settings,
    environment: &Environment,
) -> Result<Arc<dyn Backend>, BuildError> {
    llmux::backends::build(name, settings, environment, &Rules::builtin())
}

fn backend(settings: &Settings) -> Arc<dyn Backend> {
    build("it", settings, &environment(&[])).unwrap()
}

async fn ask(settings: &Settings, request: &Request) -> Result<Reply, CallError> {
    backend(settings).ask(request).await
}
