//! The rules as a backend: the same request, the same kind of answer as a model's.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{Hit, Rules};
use crate::backends::{Backend, BoxFuture, CallError, ErrorKind, Reply, Request, Stop};
use crate::change::FileChange;

/// The role that security rules answer in, where it asks.
const SECURITY: &str = "security";

/// The answer of DESIGN §3.5.
#[derive(Serialize)]
struct Answer<'h> {
    findings: Vec<Finding<'h>>,
}

#[derive(Serialize)]
struct Finding<'h> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'h str>,
    file: String,
    line: u32,
    end_line: u32,
    quote: &'h str,
    severity: crate::units::Severity,
    category: &'h str,
    rule: &'h str,
    title: &'h str,
    message: &'h str,
    suggestion: Option<&'h str>,
    confidence: f64,
}

impl Backend for Rules {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        Ok(())
    }

    fn identity(&self) -> String {
        format!("rules {} {}", env!("CARGO_PKG_VERSION"), self.loaded().hash)
    }

    fn writes_text(&self) -> bool {
        false
    }

    fn takes_model(&self) -> bool {
        false
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(async move {
            if request.schema.is_none() {
                return Err(permanent("the rules backend writes no text"));
            }
            let start = Instant::now();
            let hits = self.scan_aside(&request.files, &request.cancel).await?;
            let text = serde_json::to_string(&answer(&hits, &request.roles))
                .map_err(|error| permanent(format!("the rules' answer is no JSON: {error}")))?;
            if text.len() > request.limits.max_reply_bytes {
                return Err(permanent(format!(
                    "the rules found {} places: {} bytes, over the limit of {} for one answer",
                    hits.len(),
                    text.len(),
                    request.limits.max_reply_bytes
                )));
            }
            Ok(Reply {
                text,
                cost_usd: None,
                latency: start.elapsed(),
                stop: Stop::End,
                ..Reply::default()
            })
        })
    }
}

impl Rules {
    /// Scans on a thread of its own, so that the calls in flight go on meanwhile.
    async fn scan_aside(
        &self,
        files: &[Arc<FileChange>],
        cancel: &CancellationToken,
    ) -> Result<Vec<Hit>, CallError> {
        let (rules, files, until) = (self.clone(), files.to_vec(), cancel.clone());
        let scan = move || {
            let mut hits = Vec::new();
            for file in &files {
                if until.is_cancelled() {
                    return Err(CallError::cancelled());
                }
                hits.extend(rules.loaded().scanner.scan(file));
            }
            Ok(hits)
        };
        tokio::select! {
            biased;
            // The thread ends after the file that it is at; nobody waits for it.
            () = cancel.cancelled() => Err(CallError::cancelled()),
            hits = tokio::task::spawn_blocking(scan) => hits
                .unwrap_or_else(|error| Err(permanent(format!("the rules stopped: {error}")))),
        }
    }
}

fn permanent(message: impl Into<String>) -> CallError {
    CallError {
        kind: ErrorKind::Permanent,
        message: message.into(),
    }
}

fn answer<'h>(hits: &'h [Hit], roles: &'h [String]) -> Answer<'h> {
    Answer {
        findings: hits.iter().map(|hit| finding(hit, roles)).collect(),
    }
}

fn finding<'h>(hit: &'h Hit, roles: &'h [String]) -> Finding<'h> {
    let rule = &hit.rule;
    let asked_as = roles
        .iter()
        .find(|role| rule.category == SECURITY && *role == SECURITY)
        .or(roles.first());
    Finding {
        role: asked_as.map(String::as_str),
        file: hit.path.to_string(),
        line: hit.line,
        end_line: hit.end_line,
        quote: &hit.quote,
        severity: rule.severity,
        category: &rule.category,
        rule: &rule.rule,
        title: &rule.title,
        message: &rule.message,
        suggestion: hit.suggestion.as_deref(),
        confidence: rule.confidence,
    }
}
