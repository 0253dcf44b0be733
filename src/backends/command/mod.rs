//! Any program as a backend: the prompt goes in, the answer comes out.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::build::BuildError;
use super::environment::{Environment, Key};
use super::refused::none_refused;
use super::secrets::Secrets;
use super::{
    Backend, BoxFuture, CallError, ErrorKind, Input, Inspection, KeyState, Reply, Request, Settings,
};

pub(super) mod agents;
mod arguments;
mod inspect;
mod outcome;
mod process;
mod room;
mod setup;

use agents::{Agent, PromptBy, SchemaBy, refuses_schema};
use arguments::Arguments;
use process::Program;
pub use process::guard;
use room::Room;
use setup::{find, hint, key_states, placed, variables};

/// Bytes that one argument may have: Linux stops at 128 KiB, the terminating zero included.
const MAX_ARGUMENT: usize = 120 * 1024;

/// What names the folder for temporary files.
const TEMPORARY: &[&str] = if cfg!(windows) {
    &["TMP", "TEMP"]
} else {
    &["TMPDIR"]
};

/// A program.
pub(super) struct Command {
    name: String,
    /// As configured, for messages.
    written: String,
    /// The agent CLI that it is.
    agent: Option<&'static Agent>,
    /// The file, or why there is none.
    program: Result<PathBuf, String>,
    args: Arguments,
    /// The configured model, or the first of a cascade.
    model: Option<String>,
    /// Whether its output is the JSON that its agent is read by.
    json: bool,
    /// Of a program that is no agent.
    input: Input,
    /// Whether it takes a schema: not again after it refused one.
    takes_schema: AtomicBool,
    /// The executable that guards the program.
    guard: Option<PathBuf>,
    /// Everything that the program sees.
    variables: Vec<(OsString, OsString)>,
    /// Variables whose values are paths in a call's folder.
    placed: Vec<(&'static str, &'static str)>,
    key: Option<Key>,
    /// What no message may hold.
    secrets: Secrets,
    /// Variables that may hold its key.
    keys: Vec<KeyState>,
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
        let agent = Agent::of(settings.preset.as_deref(), &written);
        let args = Arguments::new(name, settings, agent)?;
        let key = match &settings.api_key {
            Some(written) => Some(
                Key::read(written, environment).map_err(|_| BuildError::Key(name.to_owned()))?,
            ),
            None => None,
        };
        let mut named: Vec<&str> = settings.env.iter().map(String::as_str).collect();
        named.extend(key.as_ref().map(|key| key.variable.as_str()));
        none_refused(name, named.iter().copied())?;
        let json = agent
            .and_then(|agent| agent.json)
            .is_none_or(|(names, values)| {
                args.value_of(names)
                    .is_some_and(|value| values.contains(&value))
            });
        Ok(Self {
            name: name.to_owned(),
            program: find(&written, agent, environment),
            identity: json!({
                "kind": "command",
                "command": written,
                "preset": agent.map(|agent| agent.name),
                "args": args.fixed(),
                "input": settings.input,
                "model": settings.model,
            })
            .to_string(),
            guard: environment.guard().map(Path::to_owned),
            variables: variables(environment, &named, agent),
            placed: agent
                .map(|agent| placed(environment, &named, agent))
                .unwrap_or_default(),
            hint: agent.and_then(|agent| hint(agent, &named, environment)),
            secrets: Secrets::of(settings, environment),
            keys: key_states(
                environment,
                &named,
                key.as_ref().map(|key| key.variable.as_str()),
                agent,
            ),
            input: settings.input,
            model: settings.model.clone().or(settings.models.first().cloned()),
            json: agent.is_some() && json,
            takes_schema: AtomicBool::new(args.wants_schema()),
            agent,
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
        let prompt = request.prompt.joined();
        let schema = request.schema.as_deref();
        let schema = schema.filter(|_| self.takes_schema.load(Ordering::Relaxed));
        let reply = self.once(request, &prompt, schema).await;
        match reply {
            // A version that does not know the option, a provider that does not take this
            // schema: the prompt says what an answer looks like as well.
            Err(error) if schema.is_some() && refuses_schema(&error.message) => {
                let reply = self.once(request, &prompt, None).await?;
                // Only now is it known that the schema was what failed.
                self.takes_schema.store(false, Ordering::Relaxed);
                Ok(reply)
            }
            reply => reply,
        }
    }

    async fn once(
        &self,
        request: &Request,
        prompt: &str,
        schema: Option<&serde_json::Value>,
    ) -> Result<Reply, CallError> {
        let model = request.model.as_deref();
        if model.is_some() && model != self.model.as_deref() && !self.args.takes_model() {
            return Err(self.permanent(
                "cannot be told which model to ask: put {model} into the backend's `args`",
            ));
        }
        let by = self.agent.map_or(&SchemaBy::No, |agent| &agent.schema);
        let schema = schema.map(ToString::to_string);
        let option = schema.as_deref().and_then(|schema| by.option(schema));
        let mut args = self.args.of_call(model, self.model.as_deref(), option);
        let input = self.give(prompt, &mut args)?;
        // Last, for who kills llmux between this and the start of the guard leaves it behind.
        let room = Room::new(self.agent, schema.as_deref());
        let room = room.map_err(|error| self.no_room(&error))?;
        room.fill_in(&mut args);
        let mut program = self.program_in(&room).map_err(CallError::permanent)?;
        program.command.args(args);
        let started = Instant::now();
        let ended = process::run(program, input, &request.limits, &request.cancel).await;
        let latency = started.elapsed();
        drop(room);
        let ended = ended.map_err(|failure| self.failed(failure, &request.limits))?;
        let mut reply = self.read(ended, prompt)?;
        reply.latency = latency;
        Ok(reply)
    }

    /// The program as it is started for a call, its arguments apart.
    fn program_in(&self, room: &Room) -> Result<Program, String> {
        let file = self.program.as_ref().map_err(Clone::clone)?;
        let mut program = Program::new(file, self.guard.as_deref(), room.folder());
        program
            .command
            .current_dir(room.empty())
            .env_clear()
            .envs(
                self.placed
                    .iter()
                    .map(|(name, path)| (name, room.folder().join(path))),
            )
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(TEMPORARY.iter().map(|name| (name, room.temporary())));
        Ok(program)
    }

    /// Puts the prompt where it goes in: its bytes for standard input, or an argument.
    fn give<'a>(
        &self,
        prompt: &'a str,
        args: &mut Vec<String>,
    ) -> Result<Option<&'a [u8]>, CallError> {
        let exceeded = self.agent.and_then(|agent| agent.most.exceeded(prompt));
        if let Some((long, most, unit)) = exceeded {
            return Err(self.error(
                ErrorKind::TooLong,
                &format!(
                    "cannot be given {long} {unit}, {most} are the most that it reads; use a smaller packets.max_tokens"
                ),
            ));
        }
        let mut replaced = false;
        match self.agent.map(|agent| &agent.prompt) {
            Some(PromptBy::Stdin) => return Ok(Some(prompt.as_bytes())),
            Some(PromptBy::Value(option)) => args.push((*option).to_owned()),
            None if self.input == Input::Stdin => return Ok(Some(prompt.as_bytes())),
            None => {
                for arg in args.iter_mut() {
                    replaced |= arg.contains("{prompt}");
                    *arg = arg.replace("{prompt}", prompt);
                }
            }
        }
        if !replaced {
            args.push(prompt.to_owned());
        }
        let stdin = match self.agent {
            Some(_) => "",
            None => " use input = \"stdin\" or",
        };
        if prompt.contains('\0') {
            return Err(self.error(
                ErrorKind::TooLong,
                &format!(
                    "cannot be given this prompt as an argument, which may hold no zero byte;{stdin} leave out the file that holds it"
                ),
            ));
        }
        match args.iter().map(String::len).max() {
            Some(longest) if longest > MAX_ARGUMENT => Err(self.error(
                ErrorKind::TooLong,
                &format!(
                    "cannot be given {longest} bytes as an argument, {MAX_ARGUMENT} are the most;{stdin} use a smaller packets.max_tokens"
                ),
            )),
            _ => Ok(None),
        }
    }

    fn no_room(&self, error: &std::io::Error) -> CallError {
        CallError::permanent(format!(
            "cannot make an empty folder for `{}` in {}: {error}; set TMPDIR to a folder that can be written",
            self.written,
            std::env::temp_dir().display()
        ))
    }

    fn permanent(&self, text: &str) -> CallError {
        self.error(ErrorKind::Permanent, text)
    }

    fn error(&self, kind: ErrorKind, text: &str) -> CallError {
        let hint = self.hint.as_ref();
        let hint = hint.filter(|_| !matches!(kind, ErrorKind::Timeout | ErrorKind::TooLong));
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        CallError::new(kind, format!("`{}` {text}{hint}", self.written))
    }

    fn cleaned(&self, text: &str) -> String {
        self.secrets.hide_in_message(text)
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

    fn takes_temperature(&self) -> bool {
        false
    }

    fn inspect<'a>(&'a self, cancel: &'a CancellationToken) -> BoxFuture<'a, Inspection> {
        Box::pin(self.look(cancel))
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
