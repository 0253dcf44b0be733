//! The critic's task: what it must do, and the claims as data.

use serde_json::json;

use crate::context::tokens;
use crate::findings::Finding;

/// What comes before the claims.
const TASK: &str = include_str!("../../../workflows/critic.md");

/// Bytes of all claims together; each has an equal part, so that many are told shortly.
const MAX_CLAIMS: usize = 7_000;
/// Bytes of a claim's title and of its code, at most.
const MAX_TITLE: usize = 160;
const MAX_CODE: usize = 600;
/// Bytes that are left of a message in any case.
const LEAST_MESSAGE: usize = 40;

/// The task for these findings, which have the numbers from 1 on. Nothing in it says who
/// reported them, how many did, or how bad they are told to be.
pub(super) fn task(findings: &[&Finding]) -> String {
    let mut task = TASK.trim_end().to_owned();
    let room = MAX_CLAIMS / findings.len().max(1);
    for (index, finding) in findings.iter().enumerate() {
        task.push('\n');
        task.push_str(&claim(index + 1, finding, room));
    }
    task
}

/// One line of JSON, in `room` bytes as far as the message can be shortened for it.
fn claim(id: usize, finding: &Finding, room: usize) -> String {
    let (first, last) = (finding.location.start_line, finding.location.end_line);
    let title = cut(&finding.title, MAX_TITLE.min(room / 4));
    let code = cut(&finding.quote, MAX_CODE.min(room / 4));
    let line = |message: &str| {
        json!({
            "id": id,
            "place": format!("{}:{first}-{last}", finding.location.path),
            "code": code,
            "title": title,
            "message": message,
        })
        .to_string()
    };
    let mut bytes = room.saturating_sub(line("").len()).max(LEAST_MESSAGE);
    loop {
        let line = line(&cut(&finding.message, bytes));
        // Escapes make it longer than it looks.
        if line.len() <= room || bytes <= LEAST_MESSAGE {
            return line;
        }
        bytes = (bytes / 2).max(LEAST_MESSAGE);
    }
}

/// Tokens of the longest task.
pub(in crate::engine) fn longest_task() -> usize {
    tokens(TASK) + MAX_CLAIMS * 2 / 7
}

fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}
