//! Any program as a backend: the prompt goes in, the answer comes out.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;
use tempfile::TempDir;

use super::build::BuildError;
use super::environment::{Environment, Key};
use super::text::{last_words, one_line};
use super::{Backend, BoxFuture, CallError, ErrorKind, Input, Reply, Request, Settings, Stop};

pub(super) mod agents;
mod envelope;
mod process;
mod setup;

use agents::{Agent, POLICY};
pub use process::guard;
use process::{Ended, Failure, Program};
use setup::{arguments, find, hint, refused, variables};

/// Bytes that one argument may have: Linux stops at 128 KiB, the terminating zero included.
const MAX_ARGUMENT: usize = 120 * 1024;

/// A program.
pub(super) struct Command {
    name: String,
    /// As configured, for messages.
    written: String,
    /// The file, or why there is none.
    program: Result<PathBuf, String>,
    /// With `{model}` replaced.
    args: Vec<String>,
    input: Input,
    /// Text of the file that [`POLICY`] stands for in `args`, where they are the agent's own.
    policy: Option<&'static str>,
    /// The executable that guards the program.
    guard: Option<PathBuf>,
    /// Everything that the program sees.
    variables: Vec<(OsString, OsString)>,
    key: Option<Key>,
    /// Keys among `variables`, kept out of messages.
    secrets: Vec<Key>,
    /// What to say beside a failure: a key that is set but not passed on.
    hint: Option<String>,
    identity: String,
}

impl Command {
    /// Looks the program up and fixes its arguments and its environment.
    ///
    /// # Errors
    /// Where the settings contradict themselves. A missing program is told by `available`.
    pub(super) fn new(
        name: &str,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Self, BuildError> {
        let written = settings
            .command
            .clone()
            .filter(|command| !command.trim().is_empty())
            .ok_or_else(|| BuildError::NoCommand(name.to_owned()))?;
        let agent = Agent::of(&written);
        let args = arguments(name, settings, agent)?;
        let key = match &settings.api_key {
            Some(written) => Some(
                Key::read(written, environment).map_err(|_| BuildError::Key(name.to_owned()))?,
            ),
            None => None,
        };
        let mut named: Vec<&str> = settings.env.iter().map(String::as_str).collect();
        named.extend(key.as_ref().map(|key| key.variable.as_str()));
        if let Some(variable) = refused(&named) {
            return Err(BuildError::Refused {
                name: name.to_owned(),
                variable: variable.to_owned(),
            });
        }
        let secrets = named
            .iter()
            .filter_map(|name| Key::read(&format!("${{{name}}}"), environment).ok());
        Ok(Self {
            name: name.to_owned(),
            program: find(&written, environment),
            identity: json!({
                "kind": "command",
                "command": written,
                "args": args,
                "input": settings.input,
                "model": settings.model,
            })
            .to_string(),
            guard: environment.guard().map(Path::to_owned),
            variables: variables(environment, &named, agent),
            hint: agent.and_then(|agent| hint(agent, &named, environment)),
            secrets: secrets.collect(),
            input: settings.input,
            policy: agent
                .filter(|_| settings.args.is_empty())
                .and_then(|agent| agent.policy),
            written,
            args,
            key,
        })
    }

    async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        if request.cancel.is_cancelled() {
            return Err(CallError::cancelled());
        }
        self.available().map_err(CallError::permanent)?;
        let program = self.program.as_ref().map_err(CallError::permanent)?;
        let prompt = request.prompt.joined();
        let mut args = self.arguments(&prompt)?;
        let (folder, empty) = self.room(&mut args).map_err(|error| {
            CallError::permanent(format!(
                "cannot make an empty folder for `{}` in {}: {error}; set TMPDIR to a folder that can be written",
                self.written,
                std::env::temp_dir().display()
            ))
        })?;
        let mut program = Program::new(program, self.guard.as_deref(), folder.path());
        program
            .command
            .args(args)
            .current_dir(empty)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        let input = match self.input {
            Input::Stdin => Some(prompt.as_bytes()),
            Input::Argument => None,
        };
        let started = Instant::now();
        let ended = process::run(program, input, &request.limits, &request.cancel).await;
        let latency = started.elapsed();
        drop(folder);
        let ended = ended.map_err(|failure| self.failed(failure, request))?;
        let mut reply = self.read(&ended, &prompt)?;
        reply.latency = latency;
        Ok(reply)
    }

    /// A folder that goes with its guard, and an empty one in it; the agent's policy file,
    /// where it has one, lies beside the latter.
    fn room(&self, args: &mut [String]) -> std::io::Result<(TempDir, PathBuf)> {
        let folder = tempfile::Builder::new().prefix("llmux-").tempdir()?;
        let empty = folder.path().join("empty");
        std::fs::create_dir(&empty)?;
        if let Some(text) = self.policy {
            let file = folder.path().join("policy.toml");
            std::fs::write(&file, text)?;
            for arg in args.iter_mut().filter(|arg| *arg == POLICY) {
                *arg = file.to_string_lossy().into_owned();
            }
        }
        Ok((folder, empty))
    }

    fn arguments(&self, prompt: &str) -> Result<Vec<String>, CallError> {
        if self.input == Input::Stdin {
            return Ok(self.args.clone());
        }
        if prompt.contains('\0') {
            return Err(self.permanent(
                "cannot be given the prompt as an argument, which may hold no zero byte; use input = \"stdin\"",
            ));
        }
        let mut replaced = false;
        let mut args: Vec<_> = self
            .args
            .iter()
            .map(|arg| {
                replaced |= arg.contains("{prompt}");
                arg.replace("{prompt}", prompt)
            })
            .collect();
        if !replaced {
            args.push(prompt.to_owned());
        }
        match args.iter().map(String::len).max() {
            Some(longest) if longest > MAX_ARGUMENT => Err(self.permanent(&format!(
                "cannot be given {longest} bytes as an argument, {MAX_ARGUMENT} are the most; use input = \"stdin\" or a smaller packets.max_tokens"
            ))),
            _ => Ok(args),
        }
    }

    /// What the program's output means. An exit code of 0 proves nothing.
    fn read(&self, ended: &Ended, prompt: &str) -> Result<Reply, CallError> {
        let stdout = String::from_utf8_lossy(&ended.stdout);
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let unwrapped = envelope::unwrap(&stdout);
        if let Some(Err(error)) = &unwrapped {
            let words = one_line(&self.cleaned(&error.message), 400);
            return Err(self.error(error.kind, &format!("failed: {words}")));
        }
        let words = || {
            let said = if stderr.trim().is_empty() {
                &stdout
            } else {
                &stderr
            };
            match last_words(&self.cleaned(said), 3, prompt) {
                words if words.is_empty() => "it said nothing".to_owned(),
                words => words,
            }
        };
        match unwrapped {
            // The model's own refusal: claude ends with code 1 there.
            Some(Ok(reply)) if reply.stop != Stop::End => return Ok(reply),
            _ if !ended.status.success() => {
                let kind = match ended.status.code() {
                    Some(126 | 127) => ErrorKind::Permanent,
                    _ => ErrorKind::Transient { retry_after: None },
                };
                let how = match ended.status.code() {
                    Some(code) => format!("exit code {code}"),
                    None => ended.status.to_string(),
                };
                return Err(self.error(kind, &format!("ended with {how}: {}", words())));
            }
            _ => {}
        }
        let reply = match unwrapped {
            Some(Ok(reply)) => reply,
            _ => Reply {
                text: stdout.to_string(),
                ..Reply::default()
            },
        };
        if reply.text.trim().is_empty() {
            let text = format!("ended well but gave no answer: {}", words());
            return Err(self.error(ErrorKind::Transient { retry_after: None }, &text));
        }
        Ok(reply)
    }

    fn failed(&self, failure: Failure, request: &Request) -> CallError {
        let transient = ErrorKind::Transient { retry_after: None };
        let limits = &request.limits;
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
                transient,
                &format!(
                    "wrote more than {} bytes to {where_to} and was stopped",
                    limits.max_reply_bytes
                ),
            ),
            Failure::Pipe(error) => {
                self.error(transient, &format!("could not be read: {error}"))
            }
            Failure::Start(error) => {
                let kind = match error.kind() {
                    // Out of processes, or the file is being replaced just now.
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::ExecutableFileBusy => {
                        transient
                    }
                    _ => ErrorKind::Permanent,
                };
                self.error(kind, &format!("cannot be started: {error}"))
            }
        }
    }

    fn permanent(&self, text: &str) -> CallError {
        self.error(ErrorKind::Permanent, text)
    }

    fn error(&self, kind: ErrorKind, text: &str) -> CallError {
        let hint = self.hint.as_ref().filter(|_| kind != ErrorKind::Timeout);
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        CallError::new(kind, format!("`{}` {text}{hint}", self.written))
    }

    fn cleaned(&self, text: &str) -> String {
        let secrets = self.secrets.iter();
        secrets.fold(text.to_owned(), |text, secret| secret.redact(&text))
    }
}

impl Backend for Command {
    fn name(&self) -> &str {
        &self.name
    }

    fn available(&self) -> Result<(), String> {
        self.program.as_ref().map_err(Clone::clone)?;
        self.key
            .as_ref()
            .map_or(Ok(()), |key| key.value().map(drop))
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.call(request))
    }
}

/// Without the values of variables: they hold keys.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("name", &self.name)
            .field("program", &self.program)
            .field("args", &self.args)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
