//! One run of one program: fed, read within bounds, and gone afterwards with all that it started.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::backends::Limits;

/// How long a program's children may keep its output open after its own end.
const DRAIN: Duration = Duration::from_secs(2);
/// How long a program may take to end after SIGTERM, and to be gone after SIGKILL.
const GRACE: Duration = Duration::from_millis(500);
/// Bytes kept of the end of standard error.
const ERROR_TAIL: usize = 8 * 1024;

/// What a program left behind.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    /// The end of it.
    pub(super) stderr: Vec<u8>,
}

/// Why a program did not end by itself.
pub(super) enum Failure {
    Start(io::Error),
    Pipe(io::Error),
    TooLarge,
    Timeout,
    Cancelled,
}

/// Runs a command to its end. When this returns, or its future is dropped, the
/// command's whole process group is dead.
pub(super) async fn run(
    mut command: Command,
    input: Option<&[u8]>,
    limits: &Limits,
    cancel: &CancellationToken,
) -> Result<Ended, Failure> {
    command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::start(command).map_err(Failure::Start)?;
    let talk = timeout(limits.timeout, group.talk(input, limits.max_reply_bytes));
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::Cancelled),
        ended = talk => ended.unwrap_or(Err(Failure::Timeout)),
    };
    group.end(ended.is_err()).await;
    ended
}

/// A program and everything that it started (what leaves the group by `setsid` excepted).
struct Group {
    child: Box<dyn ChildWrapper>,
    dead: bool,
}

impl Group {
    fn start(command: Command) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        let child = command.spawn()?;
        Ok(Self { child, dead: false })
    }

    async fn talk(&mut self, input: Option<&[u8]>, most: usize) -> Result<Ended, Failure> {
        let stdin = self.child.stdin().take();
        let reader = self.child.stdout().take();
        let errors = self.child.stderr().take();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = {
            let pipes = async {
                tokio::try_join!(
                    feed(stdin, input),
                    read(reader, &mut stdout, most),
                    read_end(errors, &mut stderr),
                )
            };
            tokio::pin!(pipes);
            // The group's own `wait` would wait for the children as well.
            let mut exit = self.child.inner_mut().wait();
            let status = tokio::select! {
                done = &mut pipes => {
                    done?;
                    exit.await
                }
                status = &mut exit => {
                    if let Ok(done) = timeout(DRAIN, &mut pipes).await {
                        done?;
                    }
                    status
                }
            };
            status.map_err(Failure::Pipe)?
        };
        Ok(Ended {
            status,
            stdout,
            stderr,
        })
    }

    /// Leaves no process: asks the running program to end, then kills the group and reaps it.
    async fn end(&mut self, running: bool) {
        #[cfg(unix)]
        if running && self.child.signal(SIGTERM).is_ok() {
            let _ = timeout(GRACE, self.child.inner_mut().wait()).await;
        }
        #[cfg(not(unix))]
        let _ = running;
        self.kill();
        let _ = timeout(GRACE, self.child.wait()).await;
    }

    fn kill(&mut self) {
        // The only error is that nobody is left.
        let _ = self.child.start_kill();
        self.dead = true;
    }
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

/// A program may end, or close its input, before it has read everything: no error by itself.
async fn feed(
    pipe: Option<tokio::process::ChildStdin>,
    input: Option<&[u8]>,
) -> Result<(), Failure> {
    if let (Some(mut pipe), Some(input)) = (pipe, input) {
        let _ = pipe.write_all(input).await;
        let _ = pipe.shutdown().await;
    }
    Ok(())
}

async fn read(
    pipe: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    most: usize,
) -> Result<(), Failure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    while pipe.read_buf(into).await.map_err(Failure::Pipe)? > 0 {
        if into.len() > most {
            return Err(Failure::TooLarge);
        }
    }
    Ok(())
}

async fn read_end(pipe: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> Result<(), Failure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    while pipe.read_buf(into).await.map_err(Failure::Pipe)? > 0 {
        if into.len() > 2 * ERROR_TAIL {
            into.drain(..into.len() - ERROR_TAIL);
        }
    }
    Ok(())
}
