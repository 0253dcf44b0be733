//! One run of one program: fed, read within bounds, and gone afterwards with all that it started.

use std::ffi::OsString;
use std::io;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::backends::Limits;

mod group;
#[cfg(target_os = "linux")]
mod guard;
#[cfg(target_os = "linux")]
mod table;

use group::Group;
pub(super) use group::Program;

/// How long a program's children may keep its output open after its own end.
const DRAIN: Duration = Duration::from_secs(2);
/// How long a program may take to end after SIGTERM.
const GRACE: Duration = Duration::from_millis(500);
/// How long killed processes may take to be gone.
#[cfg(target_os = "linux")]
const KILLED: Duration = Duration::from_secs(2);
/// The longest way to a program's end, step by step.
#[cfg(target_os = "linux")]
const _: () = assert!(
    3 * GRACE.as_millis() + KILLED.as_millis() <= crate::backends::TIME_TO_END.as_millis(),
    "a program's end would be cut off"
);
/// Bytes kept of the end of standard error.
const ERROR_TAIL: usize = 8 * 1024;
/// The first argument that makes llmux the guard of a program.
#[cfg(target_os = "linux")]
const GUARD: &str = "__guard";
/// What a guard writes to standard error, before the system's error number, where the
/// program could not be started.
const NOT_STARTED: &str = "llmux: the program could not be started: ";

/// Does the work of a guard where the arguments, the program's own name first, ask for it.
pub fn guard(args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    #[cfg(target_os = "linux")]
    return guard::serve(args);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = args;
        None
    }
}

/// What a program left behind.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// In UTF-8: what was not is replaced.
    pub(super) stdout: Vec<u8>,
    /// The end of it.
    pub(super) stderr: Vec<u8>,
}

/// Why a program did not end by itself.
pub(super) enum Failure {
    Start(io::Error),
    Pipe(io::Error),
    /// What was flooded.
    TooLarge(&'static str),
    Timeout,
    Cancelled,
}

/// Runs a program to its end. When this returns, nothing that it started is left; when its
/// future is dropped, nothing is left a moment later.
pub(super) async fn run(
    mut program: Program,
    input: Option<&[u8]>,
    limits: &Limits,
    cancel: &CancellationToken,
) -> Result<Ended, Failure> {
    let stdin = match input {
        Some(_) => Stdio::piped(),
        None => Stdio::null(),
    };
    program
        .command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::start(program).map_err(Failure::Start)?;
    let talk = timeout(
        limits.timeout,
        talk(&mut group, input, limits.max_reply_bytes),
    );
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::Cancelled),
        ended = talk => ended.unwrap_or(Err(Failure::Timeout)),
    };
    group
        .end(ended.as_ref().ok().map(|ended| ended.status))
        .await;
    let ended = ended?;
    match not_started(&ended).filter(|_| group.is_guarded()) {
        Some(error) => Err(Failure::Start(error)),
        None => Ok(ended),
    }
}

async fn talk(group: &mut Group, input: Option<&[u8]>, most: usize) -> Result<Ended, Failure> {
    let (stdin, reader, errors) = group.pipes();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = {
        let pipes = async {
            tokio::try_join!(
                feed(stdin, input),
                read(reader, &mut stdout, most),
                read_end(errors, &mut stderr, most),
            )
        };
        tokio::pin!(pipes);
        let exit = group.wait();
        tokio::pin!(exit);
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
        stdout: text(stdout, most)?,
        stderr,
    })
}

/// A byte that is no text is replaced by a character of three: the bound holds for those too.
fn text(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, Failure> {
    if std::str::from_utf8(&bytes).is_ok() {
        return Ok(bytes);
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        if text.len() > most {
            return Err(Failure::TooLarge("standard output"));
        }
    }
    Ok(text.into_bytes())
}

/// Why a guard could not start its program.
fn not_started(ended: &Ended) -> Option<io::Error> {
    let said = ended.stderr.strip_prefix(NOT_STARTED.as_bytes())?;
    let number = std::str::from_utf8(said).ok()?.parse().ok()?;
    (ended.status.code() == Some(127) && ended.stdout.is_empty())
        .then(|| io::Error::from_raw_os_error(number))
}

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
            return Err(Failure::TooLarge("standard output"));
        }
    }
    Ok(())
}

/// Keeps the end. Who writes without end does not get to its answer.
async fn read_end(
    pipe: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    most: usize,
) -> Result<(), Failure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let mut total = 0;
    loop {
        let read = pipe.read_buf(into).await.map_err(Failure::Pipe)?;
        if read == 0 {
            return Ok(());
        }
        total += read;
        if total > most {
            return Err(Failure::TooLarge("standard error"));
        }
        if into.len() > 2 * ERROR_TAIL {
            into.drain(..into.len() - ERROR_TAIL);
        }
    }
}
