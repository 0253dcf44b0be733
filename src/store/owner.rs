//! Who works on a run, and whether they still do.

use std::fs;
use std::time::Duration;

use super::RunRow;

/// Without a sign of life for so long nobody works on a run any more.
const SILENCE: Duration = Duration::from_mins(1);

/// This process: `machine:process:start`. The start tells it from a later one of that number.
pub(super) fn this_process() -> String {
    let number = std::process::id();
    let machine = machine();
    let start = start_of(number).unwrap_or_default();
    format!("{machine}:{number}:{start}")
}

impl RunRow {
    /// Whether nobody works on it: its process is gone, or gave no sign of life for a minute.
    pub fn is_left(&self, now: i64) -> bool {
        if self.ended.is_some() {
            return true;
        }
        let silence = i64::try_from(SILENCE.as_millis()).unwrap_or(i64::MAX);
        now.saturating_sub(self.alive) > silence || is_gone(&self.owner)
    }
}

/// Whether an owner is known to be gone: of this machine, with a number that nobody has now, or
/// somebody else.
fn is_gone(owner: &str) -> bool {
    let mut parts = owner.rsplitn(3, ':');
    let (Some(start), Some(number), Some(host)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    // Without a start of its own nothing is known of processes here.
    let Ok(number) = number.parse::<u32>() else {
        return false;
    };
    host == machine() && !start.is_empty() && start_of(number).as_deref() != Some(start)
}

fn machine() -> String {
    let named = fs::read_to_string("/proc/sys/kernel/hostname");
    named.map_or_else(|_| String::new(), |name| name.trim().to_owned())
}

/// When a process began, in the system's ticks; none where nobody knows or there is none.
fn start_of(number: u32) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // `pid (name) state …`: the name may hold anything; a zombie is gone.
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    // The 22nd field of all, counted from 1; `state` is the third.
    fields.nth(18).filter(|_| state != "Z").map(str::to_owned)
}
