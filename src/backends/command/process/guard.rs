//! The guard of one program: llmux' own executable, started between llmux and the program.
//!
//! A group can be left by `setsid`, and nobody kills anything for an llmux that was itself
//! killed with SIGKILL. So the guard starts the program, becomes the parent of every orphan
//! among the program's descendants, and watches llmux. When the program ends, when llmux asks
//! for it (SIGTERM), or when llmux is gone, it kills what is left, and only then ends: with
//! the program's own status. The program writes to llmux directly; the guard has a session
//! of its own, out of the reach of the terminal, of who kills llmux' group, and of a program
//! that kills its own.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    DumpableBehavior, Pid, Signal, WaitOptions, WaitStatus, getpid, getppid, kill_process_group,
    set_child_subreaper, set_dumpable_behavior, setsid, wait,
};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, pipe};

use super::{GRACE, GUARD, KILLED, NOT_STARTED, table};

/// How often the guard looks whether llmux is still there.
const LOOK: Duration = Duration::from_millis(250);
/// How long children may go on after the program's own end.
const LINGER: Duration = Duration::from_millis(200);
/// Pause between two rounds of killing: the children of the killed have to come in.
const ROUND: Duration = Duration::from_millis(5);

/// What the command line says.
struct Task {
    /// The llmux that asked.
    parent: Pid,
    /// Goes away with the program, since llmux may not be there to see to it.
    folder: PathBuf,
    program: OsString,
    args: Vec<OsString>,
}

/// Guards the program that the arguments name; none where they are not meant for a guard.
pub(super) fn serve(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if args.nth(1)? != GUARD {
        return None;
    }
    let task = (|| {
        Some(Task {
            parent: Pid::from_raw(args.next()?.to_str()?.parse().ok()?)?,
            folder: args.next()?.into(),
            program: args.next()?,
            args: args.collect(),
        })
    })();
    Some(match task.map(|task| task.run()) {
        Some(Ok(status)) => pass_on(status),
        Some(Err(error)) => {
            let number = error.raw_os_error().unwrap_or_default();
            // Nobody else has written there: the program was never started.
            let _ = write!(io::stderr(), "{NOT_STARTED}{number}");
            ExitCode::from(127)
        }
        None => ExitCode::from(2),
    })
}

impl Task {
    /// The program's status; none where it was not started because nobody wants it any more.
    fn run(&self) -> io::Result<Option<WaitStatus>> {
        // Before the start: a child that ends must be noticed.
        let mut bell = Bell::new()?;
        // Fails for the leader of a group, which llmux does not start it as.
        let _ = setsid();
        set_child_subreaper(Some(getpid()))?;
        if self.is_over(&bell) {
            self.clean_up();
            return Ok(None);
        }
        let nowhere = File::options().read(true).write(true).open("/dev/null")?;
        let child = Command::new(&self.program)
            .args(&self.args)
            .process_group(0)
            .spawn()?;
        let raw = i32::try_from(child.id()).map_err(io::Error::other)?;
        let program = Pid::from_raw(raw).ok_or(io::ErrorKind::InvalidData)?;
        let mut family = Family {
            program,
            status: None,
        };
        // Else llmux would not see that the program closed one of them.
        let_go_of_pipes(&nowhere);

        while family.status.is_none() && !self.is_over(&bell) {
            family.reap();
            if family.status.is_none() {
                bell.wait(LOOK);
            }
        }
        if family.status.is_none() {
            family.ask_to_end(&mut bell);
        } else {
            family.linger(&mut bell);
        }
        family.kill(&mut bell);
        self.clean_up();
        Ok(family.status)
    }

    fn is_over(&self, bell: &Bell) -> bool {
        bell.stop.load(Ordering::Relaxed) || getppid() != Some(self.parent)
    }

    fn clean_up(&self) {
        // llmux does the same where it is faster.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The program and its descendants.
struct Family {
    program: Pid,
    status: Option<WaitStatus>,
}

impl Family {
    /// Reaps who has ended; tells whether a child is left.
    fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.program => self.status = Some(status),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn ask_to_end(&mut self, bell: &mut Bell) {
        let _ = kill_process_group(self.program, Signal::TERM);
        // Who is stopped does not hear.
        let _ = kill_process_group(self.program, Signal::CONT);
        let end = Instant::now() + GRACE;
        while self.reap() && self.status.is_none() && Instant::now() < end {
            bell.wait(end.saturating_duration_since(Instant::now()));
        }
    }

    /// Children that are about to end get the time for it.
    fn linger(&mut self, bell: &mut Bell) {
        let end = Instant::now() + LINGER;
        while self.reap() && !bell.stop.load(Ordering::Relaxed) && Instant::now() < end {
            bell.wait(end.saturating_duration_since(Instant::now()));
        }
    }

    /// Kills until nobody is left: the group at one blow, then generation by generation what
    /// has left it, since the orphans of the killed become the guard's children.
    fn kill(&mut self, bell: &mut Bell) {
        let end = Instant::now() + KILLED;
        if self.reap() {
            let _ = kill_process_group(self.program, Signal::KILL);
        }
        while self.reap() && Instant::now() < end {
            table::kill_children(getpid());
            bell.wait(ROUND);
        }
    }
}

/// Rings when a child has ended, or when the guard is asked to end.
struct Bell {
    rope: UnixStream,
    stop: Arc<AtomicBool>,
}

impl Bell {
    fn new() -> io::Result<Self> {
        let (rope, clapper) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        pipe::register(SIGTERM, clapper.try_clone()?)?;
        pipe::register(SIGCHLD, clapper)?;
        Ok(Self { rope, stop })
    }

    /// Until it rings, at most that long.
    fn wait(&mut self, most: Duration) {
        let most = Timespec {
            tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: most.subsec_nanos().into(),
        };
        // A signal also ends it as an error.
        let _ = poll(&mut [PollFd::new(&self.rope, PollFlags::IN)], Some(&most));
        let mut rung = [0; 64];
        while self.rope.read(&mut rung).is_ok_and(|read| read > 0) {}
    }
}

fn let_go_of_pipes(nowhere: &File) {
    // They can only fail where the descriptor is none.
    let _ = dup2_stdin(nowhere);
    let _ = dup2_stdout(nowhere);
    let _ = dup2_stderr(nowhere);
}

/// Ends as the program did.
fn pass_on(status: Option<WaitStatus>) -> ExitCode {
    let code = match status {
        Some(status) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => code,
            (None, Some(signal)) => {
                // The program has left its own memory dump, where one is wanted.
                let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
                let _ = emulate_default_handler(signal);
                128 + signal
            }
            (None, None) => 1,
        },
        None => 1,
    };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
