//! The system's table of processes, as far as it is needed to find who is left.

use rustix::process::{Pid, Signal, kill_process};

/// A process at the moment of asking.
struct Row {
    pid: Pid,
    parent: Option<Pid>,
    session: Option<Pid>,
}

/// Kills the children of a process that are its own: nobody else can end and reap them, so
/// that their ids mean nobody else.
pub(super) fn kill_children(parent: Pid) {
    for row in rows().filter(|row| row.parent == Some(parent)) {
        kill(row.pid);
    }
}

/// Kills every process of a session. Its id stays taken as long as one is left.
pub(super) fn kill_session(session: Pid) {
    for row in rows().filter(|row| row.session == Some(session)) {
        kill(row.pid);
    }
}

fn kill(pid: Pid) {
    // The only error is that it has just ended.
    let _ = kill_process(pid, Signal::KILL);
}

fn rows() -> impl Iterator<Item = Row> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let pid = number(entry.file_name().to_str()?)?;
        let stat = std::fs::read(entry.path().join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name before it may hold anything: fields count from its closing parenthesis.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace().skip(1);
        let parent = fields.next().and_then(number);
        let session = fields.nth(1).and_then(number);
        Some(Row {
            pid,
            parent,
            session,
        })
    })
}

/// None for what is no process: -1 stands for those of one that is just going.
fn number(text: &str) -> Option<Pid> {
    let number: i32 = text.parse().ok()?;
    (number > 0).then(|| Pid::from_raw(number)).flatten()
}
