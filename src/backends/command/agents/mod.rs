//! The agent CLIs that llmux knows: how each runs in batch without its tools, and what its output means.

use std::path::Path;

use crate::backends::{CallError, Reply};

mod agy;
mod claude;
mod codex;
mod copilot;
mod events;
mod gemini;
mod generic;
mod opencode;
mod words;

pub(super) use generic::read as read_generic;
pub(super) use words::{failure_in, misused, refuses_schema};

/// An agent CLI. Its options are those of the version that its file names.
pub(crate) struct Agent {
    /// Name of the preset and of the program.
    pub(crate) name: &'static str,
    /// The subcommand, where it has one, with its other names.
    pub(super) subcommand: &'static [&'static str],
    /// Given in every call, unless the user gives the same one.
    pub(super) options: &'static [Opt],
    /// Options that may be given several times: told apart by their value up to its `=`.
    pub(super) repeated: &'static [&'static str],
    /// Options that take all words up to the next option.
    pub(super) lists: &'static [&'static str],
    /// The user's options that take a value, beside those above: their value is no argument of its own.
    pub(super) valued: &'static [&'static str],
    /// Names of the option that names the model.
    pub(super) model: &'static [&'static str],
    /// How it is given a schema of the answer.
    pub(super) schema: SchemaBy,
    /// Option and value that make its output the JSON that `read` knows; with another value it is plain text.
    pub(super) json: Option<(&'static [&'static str], &'static [&'static str])>,
    /// What stands after everything else.
    pub(super) last: &'static [&'static str],
    /// How it gets the prompt.
    pub(super) prompt: PromptBy,
    /// The longest prompt that it reads whole.
    pub(super) most: Most,
    /// Files that it finds, by their path in the call's folder: [`EMPTY`] is where it runs.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Variables that say the same on every machine.
    pub(super) set: &'static [(&'static str, &'static str)],
    /// Variables that name what stands in the call's folder.
    pub(super) placed: &'static [Placed],
    /// Variables that say where its settings are; passed on, for without them its login is not found.
    pub(super) passed: &'static [&'static str],
    /// Variables that hold its key; passed on where named in `env`.
    pub(crate) keys: &'static [&'static str],
    /// Bytes of the body that it sends for a short question, with the options above and in an
    /// empty folder: measured at a stub of its vendor's API with claude 2.1.197 (1,287), codex
    /// 0.171.0 (31,200, most of them its instructions for GPT-5.5) and gemini 0.61.0 (886). The
    /// others' are not measured: theirs is above the longest of those.
    pub(crate) own_bytes: usize,
    /// How it is installed.
    pub(super) install: &'static str,
    /// What its output says; none where it is not the JSON that was asked for.
    pub(super) read: fn(&Output<'_>) -> Option<Result<Reply, CallError>>,
}

/// An option of every call.
pub(super) struct Opt {
    /// Its names, the one that is used first.
    pub(super) names: &'static [&'static str],
    /// Its value; none where it takes none.
    pub(super) value: Option<&'static str>,
}

/// How an agent is given a schema.
pub(super) enum SchemaBy {
    /// It cannot be.
    No,
    /// As the value of that option.
    Text(&'static [&'static str]),
    /// In a file that the option names.
    File(&'static [&'static str]),
}

/// How an agent gets the prompt.
pub(super) enum PromptBy {
    /// On standard input.
    Stdin,
    /// As the value of that option, after everything else.
    Value(&'static str),
}

/// The longest prompt.
#[derive(Clone, Copy)]
pub(super) enum Most {
    /// Nobody knows of a limit.
    Unknown,
    /// In bytes.
    Bytes(usize),
    /// In characters, those outside Unicode's first plane counted twice.
    Characters(usize),
}

impl Most {
    /// How long the prompt is, how long it may be, and in what, where it is too long.
    pub(super) fn exceeded(self, prompt: &str) -> Option<(usize, usize, &'static str)> {
        let (long, most, unit) = match self {
            Self::Unknown => return None,
            Self::Bytes(most) => (prompt.len(), most, "bytes"),
            Self::Characters(most) if prompt.len() <= most => return None,
            Self::Characters(most) => (prompt.encode_utf16().count(), most, "characters"),
        };
        (long > most).then_some((long, most, unit))
    }
}

/// A variable whose value is a path in the call's folder. The user's own value wins.
pub(super) struct Placed {
    pub(super) variable: &'static str,
    pub(super) path: &'static str,
    /// Only where the agent is given this key: it needs nothing of the user's home then.
    pub(super) with_key: Option<&'static str>,
}

/// What an agent left behind.
pub(super) struct Output<'a> {
    pub(super) stdout: &'a str,
    /// The end of it.
    pub(super) stderr: &'a str,
    /// None where a signal ended it.
    pub(super) code: Option<i32>,
}

/// In the order in which they are looked for on a machine without configuration.
pub(crate) const AGENTS: [Agent; 6] = [
    claude::CLAUDE,
    codex::CODEX,
    gemini::GEMINI,
    opencode::OPENCODE,
    copilot::COPILOT,
    agy::AGY,
];

/// Stands in an agent's own options for the path of its policy file.
pub(super) const POLICY: &str = "{policy}";
/// In place of what agents tell their models about tools and ways of working that no review
/// needs: some 20 KB in every call.
pub(super) const REVIEWER: &str = "You review changes to code. You have no tools: answer from what \
    you are given, in the form that is asked for, and with nothing else.";
/// Stands in a call's arguments for the path of the schema's file.
pub(super) const SCHEMA: &str = "{schema}";
/// The policy file's name in the call's folder.
pub(super) const POLICY_FILE: &str = "policy.toml";
/// The folder in the call's folder that the program runs in.
pub(super) const EMPTY: &str = "empty";

impl Agent {
    /// The agent that a preset names, else that a program is by its file name.
    pub(super) fn of(preset: Option<&str>, program: &str) -> Option<&'static Self> {
        let name = match preset {
            Some(preset) => preset,
            None => program_name(program)?,
        };
        AGENTS.iter().find(|agent| agent.name == name)
    }
}

/// A program's file name, without what Windows adds.
pub(in crate::backends) fn program_name(program: &str) -> Option<&str> {
    let file = Path::new(program).file_name()?.to_str()?;
    let stem = file.strip_suffix(".exe").or(file.strip_suffix(".cmd"));
    Some(stem.unwrap_or(file))
}

const fn flag(names: &'static [&'static str]) -> Opt {
    Opt { names, value: None }
}

const fn option(names: &'static [&'static str], value: &'static str) -> Opt {
    Opt {
        names,
        value: Some(value),
    }
}
