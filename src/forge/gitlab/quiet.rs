//! Quick actions: GitLab obeys lines of a comment such as `/merge` with the token's rights.
//!
//! It leaves out what it takes for code, but does not read fences as Markdown does: a longer
//! fence may end for it where it goes on for everybody else. So no line of a comment begins with
//! a word behind a slash, wherever it stands.

/// The text with such lines broken by something that cannot be seen.
pub(super) fn quiet(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        if acts(content) {
            format!("{indent}\u{200b}{content}")
        } else {
            line.to_owned()
        }
    });
    lines.collect()
}

/// Whether code holds such a line: broken, it would be other code.
pub(super) fn has_action(code: &str) -> bool {
    code.lines().any(|line| acts(line.trim_start()))
}

fn acts(line: &str) -> bool {
    let mut characters = line.chars();
    characters.next() == Some('/') && characters.next().is_some_and(char::is_alphabetic)
}
