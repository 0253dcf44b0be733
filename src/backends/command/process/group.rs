//! A program on its way, with all that it starts.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

use process_wrap::tokio::{ChildWrapper, CommandWrap};
#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::GRACE;

/// A program that is not started yet.
pub(in crate::backends::command) struct Program {
    /// Takes the program's arguments, its folder and its variables.
    pub(in crate::backends::command) command: Command,
    guarded: bool,
}

impl Program {
    /// `guard` is an executable of llmux, where one is known: it starts the program and
    /// outlives it and llmux. `folder` goes away with the program, even where llmux is killed:
    /// nothing in it can be read afterwards.
    pub(in crate::backends::command) fn new(
        program: &Path,
        guard: Option<&Path>,
        folder: &Path,
    ) -> Self {
        #[cfg(target_os = "linux")]
        if let Some(guard) = guard {
            let mut command = Command::new(guard);
            command
                .arg0("llmux")
                .arg(super::GUARD)
                .arg(std::process::id().to_string())
                .args([folder, program]);
            return Self {
                command,
                guarded: true,
            };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (guard, folder);
        Self {
            command: Command::new(program),
            guarded: false,
        }
    }
}

/// A program and everything that it started. Without a guard, what leaves the group by
/// `setsid` is excepted.
pub(super) struct Group {
    child: Box<dyn ChildWrapper>,
    /// Id of the guard, and of its session.
    guard: Option<u32>,
    dead: bool,
}

impl Group {
    pub(super) fn start(program: Program) -> io::Result<Self> {
        let mut command = CommandWrap::from(program.command);
        if !program.guarded {
            #[cfg(unix)]
            command.wrap(process_wrap::tokio::ProcessGroup::leader());
            #[cfg(windows)]
            command.wrap(process_wrap::tokio::JobObject);
        }
        let child = command.spawn()?;
        Ok(Self {
            guard: child.id().filter(|_| program.guarded),
            child,
            dead: false,
        })
    }

    pub(super) fn is_guarded(&self) -> bool {
        self.guard.is_some()
    }

    pub(super) fn pipes(
        &mut self,
    ) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let stdin = self.child.stdin().take();
        let stdout = self.child.stdout().take();
        (stdin, stdout, self.child.stderr().take())
    }

    /// The end of the program, whatever it leaves behind; with a guard, of all of it.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        // The group's own `wait` would wait for the children as well.
        self.child.inner_mut().wait().await
    }

    /// Leaves no process. `ended` is what the program ended with, if it did.
    pub(super) async fn end(&mut self, ended: Option<ExitStatus>) {
        #[cfg(target_os = "linux")]
        if let Some(guard) = self.guard.and_then(id) {
            return self.end_guarded(guard, ended).await;
        }
        #[cfg(unix)]
        if ended.is_none() && self.child.signal(SIGTERM).is_ok() {
            let _ = timeout(GRACE, self.wait()).await;
        }
        #[cfg(not(unix))]
        let _ = ended;
        self.kill();
        let _ = timeout(GRACE, self.child.wait()).await;
    }

    /// The guard does it, unless something happened to it.
    #[cfg(target_os = "linux")]
    async fn end_guarded(&mut self, guard: Pid, mut ended: Option<ExitStatus>) {
        use std::os::unix::process::ExitStatusExt as _;

        if ended.is_none() {
            self.kill();
            let most = GRACE + super::KILLED + GRACE;
            ended = timeout(most, self.wait()).await.ok().and_then(Result::ok);
        }
        self.dead = true;
        // A signal may have been the program's end, or the guard's before its work was done.
        if ended.is_none_or(|status| status.signal().is_some()) {
            super::table::kill_session(guard);
            let _ = timeout(GRACE, self.wait()).await;
        }
    }

    fn kill(&mut self) {
        self.dead = true;
        #[cfg(target_os = "linux")]
        if self.guard.is_some() {
            // None where it was reaped: its id may be another's by now.
            if let Some(guard) = self.child.id().and_then(id) {
                let _ = kill_process(guard, Signal::TERM);
            }
            return;
        }
        // The only error is that nobody is left.
        let _ = self.child.start_kill();
    }
}

#[cfg(target_os = "linux")]
fn id(raw: u32) -> Option<Pid> {
    Pid::from_raw(raw.try_into().ok()?)
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.dead {
            self.kill();
        }
    }
}

#[cfg(unix)]
const SIGTERM: i32 = 15;
