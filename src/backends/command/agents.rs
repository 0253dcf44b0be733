//! The agent CLIs that llmux knows, and how each runs in batch without its tools.

use std::path::Path;

/// An agent CLI.
pub(crate) struct Agent {
    /// Name of the program.
    pub(crate) name: &'static str,
    /// Arguments before those that name the model.
    batch: &'static [&'static str],
    /// The option that names the model.
    model: &'static str,
    /// Arguments after those that name the model.
    last: &'static [&'static str],
    /// A file beside its folder, whose path stands for [`POLICY`] in its arguments.
    pub(super) policy: Option<&'static str>,
    /// Variables that say the same on every machine.
    pub(crate) set: &'static [(&'static str, &'static str)],
    /// Variables that hold its key or say where its settings are; passed on where named in `env`.
    pub(crate) keys: &'static [&'static str],
}

/// Options as of claude 2.1, codex 0.169 and gemini 0.61.
pub(crate) const AGENTS: [Agent; 3] = [
    Agent {
        name: "claude",
        batch: &[
            "-p",
            "--output-format",
            "text",
            "--tools",
            "",
            "--no-session-persistence",
            "--setting-sources",
            "",
        ],
        model: "--model",
        last: &[],
        policy: None,
        set: &[],
        keys: &["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"],
    },
    Agent {
        name: "codex",
        batch: &[
            "exec",
            "-s",
            "read-only",
            SKIP_GIT_CHECK,
            "--ephemeral",
            "--disable",
            "shell_tool",
            "--disable",
            "unified_exec",
            "-c",
            "project_doc_max_bytes=0",
        ],
        model: "-m",
        last: &["-"],
        policy: None,
        set: &[],
        keys: &["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_HOME"],
    },
    Agent {
        name: "gemini",
        // Without it the model is offered file reading, a web search and sub-agents, and
        // may use them unasked. `tools.core` in system settings did not take them away.
        batch: &["--policy", POLICY],
        model: "-m",
        last: &["-p", ""],
        policy: Some("[[rule]]\ntoolName = \"*\"\ndecision = \"deny\"\npriority = 999\n"),
        // The folder is new and empty: there is nothing in it to distrust.
        set: &[("GEMINI_CLI_TRUST_WORKSPACE", "true")],
        keys: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    },
];

/// Stands in an agent's own arguments for the path of its policy file.
pub(super) const POLICY: &str = "{policy}";

const SKIP_GIT_CHECK: &str = "--skip-git-repo-check";

impl Agent {
    /// The agent that a program is, by its file name.
    pub(super) fn of(program: &str) -> Option<&'static Self> {
        let file = Path::new(program).file_name()?.to_str()?;
        let stem = file.strip_suffix(".exe").or(file.strip_suffix(".cmd"));
        AGENTS
            .iter()
            .find(|agent| agent.name == stem.unwrap_or(file))
    }

    /// The arguments where the user gives none.
    pub(super) fn arguments(&self, model: Option<&str>) -> Vec<String> {
        let model = model.map(|model| [self.model, model]);
        let parts = self.batch.iter().chain(model.iter().flatten());
        parts.chain(self.last).map(ToString::to_string).collect()
    }

    /// The user's own arguments. codex refuses to run outside a git checkout, and it is
    /// llmux that takes it out of one: the option that allows it is added where it is missing.
    pub(super) fn complete(&self, mut args: Vec<String>) -> Vec<String> {
        let exec = args.first().is_some_and(|first| first == "exec");
        if self.name == "codex" && exec && !args.iter().any(|arg| arg == SKIP_GIT_CHECK) {
            args.insert(1, SKIP_GIT_CHECK.to_owned());
        }
        args
    }
}
