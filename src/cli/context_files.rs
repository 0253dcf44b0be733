//! What a team's members are told of its project beside the change.

use std::fmt::Write as _;
use std::io;

use super::screen::Screen;
use super::settings::Place;
use crate::change::{Change, RepoPath};
use crate::engine::routing;
use crate::workflow::TeamSettings;

/// Bytes of a team's context files together.
const MAX_CONTEXT: usize = 16 << 10;

/// The team's context files, as they were before the change: one that the change touches
/// is left out, since whoever wrote the change must not instruct its reviewers.
pub(super) fn read(
    here: &Place,
    change: &Change,
    team: &TeamSettings,
    rules: &routing::Rules,
    screen: &Screen,
) -> String {
    let touched = |name: &str| {
        let path = RepoPath::new(name);
        change.files.iter().any(|file| file.path == path)
            || change.left_out.iter().any(|file| file.path == path)
    };
    let mut text = String::new();
    for name in &team.context {
        let content = match here.project.text(name) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                screen.note("warning", &format!("{name} cannot be read: {error}"));
                continue;
            }
        };
        if let Some(policy) = rules.sealing(&RepoPath::new(name.as_str())) {
            let sentence = format!("policy `{policy}` forbids {name} as context for reviewers");
            screen.note("note", &sentence);
        } else if touched(name) {
            screen.note(
                "note",
                &format!("{name} is part of the change and no context for reviewers"),
            );
        } else if text.len() + content.len() <= MAX_CONTEXT {
            let _ = writeln!(text, "## {name}\n\n{content}");
        } else {
            screen.note(
                "note",
                &format!("{name} is too long to be context for reviewers"),
            );
        }
    }
    text
}
