//! A look at a program without asking a model.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::room::Room;
use super::{Command, process};
use crate::backends::text::one_line;
use crate::backends::{Backend as _, Inspection, Limits};

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that it may say.
const MOST: usize = 64 * 1024;

impl Command {
    pub(super) async fn look(&self, cancel: &CancellationToken) -> Inspection {
        let version = match self.available() {
            Err(trouble) => Err(trouble),
            // What another program does with `--version` nobody knows: it may ask a model.
            Ok(()) if self.agent.is_none() => Ok(None),
            Ok(()) => self.version(cancel).await.map(Some),
        };
        let (version, trouble) = match version {
            Ok(version) => (version, None),
            Err(trouble) => (None, Some(trouble)),
        };
        Inspection {
            place: self
                .program
                .as_ref()
                .ok()
                .map(|path| path.display().to_string()),
            preset: self.agent.map(|agent| agent.name.to_owned()),
            version,
            model: self.model.clone(),
            keys: self.keys.clone(),
            trouble,
            hint: self.hint.clone(),
            ..Inspection::default()
        }
    }

    /// The first line of what it says to `--version`, in a folder and an environment as in a call.
    async fn version(&self, cancel: &CancellationToken) -> Result<String, String> {
        let room = Room::new(self.agent, None).map_err(|error| self.no_room(&error).message)?;
        let mut program = self.program_in(&room)?;
        program.command.arg("--version");
        let limits = Limits {
            timeout: PATIENCE,
            idle_timeout: None,
            max_output_tokens: None,
            temperature: None,
            max_reply_bytes: MOST,
        };
        let broken = |why: &str| {
            format!(
                "`{} --version` {why}; install it again or give another `command`",
                self.written
            )
        };
        let ended = match process::run(program, None, &limits, cancel).await {
            Ok(ended) => ended,
            Err(process::Failure::Timeout) => return Err(broken("did not end within 5s")),
            Err(process::Failure::Cancelled) => return Err("cancelled".to_owned()),
            Err(failure) => return Err(self.failed(failure, &limits).message),
        };
        let said = String::from_utf8_lossy(&ended.stdout);
        let line = said.lines().find(|line| !line.trim().is_empty());
        let line = one_line(&self.cleaned(line.unwrap_or_default()), 80);
        if !ended.status.success() {
            let stderr = String::from_utf8_lossy(&ended.stderr);
            let words = one_line(&self.cleaned(&stderr), 200);
            return Err(broken(&format!("failed: {words}")));
        }
        if line.is_empty() {
            return Err(broken("said nothing"));
        }
        Ok(line)
    }
}
