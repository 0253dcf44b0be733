//! What the end of a program means. Its exit code alone never decides.

use std::process::ExitStatus;

use super::Command;
use super::agents::{Output, failure_in, misused, read_generic};
use super::process::{Ended, Failure};
use crate::backends::text::last_words;
use crate::backends::{CallError, ErrorKind, Limits, Reply, Stop};

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

impl Command {
    /// The answer, or why there is none.
    pub(super) fn read(&self, ended: Ended, prompt: &str) -> Result<Reply, CallError> {
        // Moved, for prose is the reply as it is, and may be large.
        let stdout = String::from_utf8(ended.stdout)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let output = Output {
            stdout: &stdout,
            stderr: &stderr,
            code: ended.status.code(),
        };
        let status = ended.status;
        let opened = match self.agent {
            Some(agent) if self.json => (agent.read)(&output),
            Some(_) => None,
            None => read_generic(&output),
        };
        match opened {
            Some(Err(error)) => {
                let words = self.words(&error.message, 8, prompt);
                Err(self.error(error.kind, &format!("failed: {words}")))
            }
            // The model's own refusal: claude ends with code 1 there.
            Some(Ok(reply)) if reply.stop != Stop::End => Ok(reply),
            // An answer, and the word of the system that it failed: what it means nobody knows.
            Some(Ok(_)) if !status.success() => {
                let output = Output {
                    stdout: "",
                    ..output
                };
                Err(self.broken(status, &output, prompt))
            }
            Some(Ok(reply)) if is_blank(&reply.text) => Err(self.silent(&output, prompt)),
            Some(Ok(reply)) => Ok(reply),
            None if !status.success() => Err(self.broken(status, &output, prompt)),
            None if self.json => {
                let said = self.said(&output, prompt);
                let text = format!("did not print the JSON that it was asked for: {said}");
                Err(self.error(failure_in(&said).kind, &text))
            }
            None if is_blank(&stdout) => Err(self.silent(&output, prompt)),
            None => Ok(Reply {
                text: stdout,
                ..Reply::default()
            }),
        }
    }

    /// Ended well, without an answer.
    fn silent(&self, output: &Output<'_>, prompt: &str) -> CallError {
        let said = Output {
            stdout: if self.json { "" } else { output.stdout },
            ..*output
        };
        let text = format!(
            "ended well but gave no answer: {}",
            self.said(&said, prompt)
        );
        self.error(TRANSIENT, &text)
    }

    /// Ended with a failure of its own: what it said tells which.
    fn broken(&self, status: ExitStatus, output: &Output<'_>, prompt: &str) -> CallError {
        let code = status.code();
        let misused = self.agent.and_then(|_| misused(output.stderr));
        let said = match misused {
            // What follows is how it is used.
            Some(line) => self.words(line, 1, prompt),
            None => self.said(output, prompt),
        };
        let kind = match code {
            Some(126 | 127) => ErrorKind::Permanent,
            _ if misused.is_some() => ErrorKind::Permanent,
            _ if self.agent.is_some() => failure_in(&said).kind,
            _ => TRANSIENT,
        };
        let how = match code {
            Some(code) => format!("exit code {code}"),
            None => status.to_string(),
        };
        self.error(kind, &format!("ended with {how}: {said}"))
    }

    /// The last that it said: on standard error if anything, but agents that print plain
    /// text say on standard output what failed.
    fn said(&self, output: &Output<'_>, prompt: &str) -> String {
        let said = match output.stderr.trim() {
            "" => output.stdout.to_owned(),
            stderr if self.agent.is_some() && !self.json => {
                format!("{}\n{stderr}", output.stdout)
            }
            stderr => stderr.to_owned(),
        };
        match self.words(&said, 3, prompt) {
            words if words.is_empty() => "it said nothing".to_owned(),
            words => words,
        }
    }

    fn words(&self, said: &str, lines: usize, prompt: &str) -> String {
        // In the prompt too, or a line that holds a key would not be known again.
        last_words(&self.cleaned(said), lines, &self.cleaned(prompt))
    }

    /// A program that did not end by itself.
    pub(super) fn failed(&self, failure: Failure, limits: &Limits) -> CallError {
        match failure {
            Failure::Cancelled => CallError::cancelled(),
            Failure::Timeout => self.error(
                ErrorKind::Timeout,
                &format!(
                    "gave no answer within {} and was stopped; raise the backend's `timeout` or lower packets.max_tokens",
                    humantime::format_duration(limits.timeout)
                ),
            ),
            Failure::TooLarge(where_to) => self.error(
                TRANSIENT,
                &format!(
                    "wrote more than {} bytes to {where_to} and was stopped",
                    limits.max_reply_bytes
                ),
            ),
            Failure::Pipe(error) => {
                self.error(TRANSIENT, &format!("could not be read: {error}"))
            }
            Failure::Start(error) => {
                let kind = match error.kind() {
                    // Out of processes, or the file is being replaced just now.
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::ExecutableFileBusy => {
                        TRANSIENT
                    }
                    _ => ErrorKind::Permanent,
                };
                self.error(kind, &format!("cannot be started: {error}"))
            }
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
