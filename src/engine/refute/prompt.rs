//! The critic's task: what it must do, and the claims as data.

use serde_json::json;

use crate::context::tokens;
use crate::findings::Finding;

/// What comes before the claims.
const TASK: &str = include_str!("../../../workflows/critic.md");

/// Bytes of all claims together; each has an equal part, so that many are told shortly.
const MAX_CLAIMS: usize = 7_000;
/// Bytes of a claim's part that go to its title and to its code, at most.
const MAX_TITLE: usize = 160;
const MAX_CODE: usize = 600;

/// The task for these findings, which have the numbers from 1 on. Nothing in it says who
/// reported them, how many did, or how bad they are told to be.
pub(super) fn task(findings: &[&Finding]) -> String {
    let mut task = TASK.trim_end().to_owned();
    let room = MAX_CLAIMS / findings.len().max(1);
    for (index, finding) in findings.iter().enumerate() {
        let title = cut(&finding.title, MAX_TITLE.min(room / 3));
        let code = cut(&finding.quote, MAX_CODE.min(room / 3));
        let message = cut(
            &finding.message,
            room.saturating_sub(title.len() + code.len()),
        );
        let (first, last) = (finding.location.start_line, finding.location.end_line);
        let claim = json!({
            "id": index + 1,
            "place": format!("{}:{first}-{last}", finding.location.path),
            "code": code,
            "title": title,
            "message": message,
        });
        task.push('\n');
        task.push_str(&claim.to_string());
    }
    task
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
