//! Any other program: its output is the answer, or what an agent CLI that it wraps printed.

use super::{Output, claude, codex, gemini};
use crate::backends::{CallError, Reply};

/// Known by what it looks like; none where it is plain text.
pub(in crate::backends::command) fn read(output: &Output<'_>) -> Option<Result<Reply, CallError>> {
    let has = |word: &str| output.stdout.contains(word);
    if has("\"thread.started\"") {
        codex::read(output)
    } else if has("\"type\":\"result\"") && has("\"is_error\"") {
        claude::read(output)
    } else if has("\"session_id\"") && has("\"stats\"") {
        gemini::read(output)
    } else {
        None
    }
}
