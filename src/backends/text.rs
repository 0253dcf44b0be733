//! What programs and servers say, made fit for a message.

/// One line without terminal escapes and control characters, of `most` characters at most.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let words = plain.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The last `count` lines that hold something and that `known` does not hold, as one line:
/// programs repeat the prompt, and messages must not.
pub(super) fn last_words(text: &str, count: usize, known: &str) -> String {
    let known: std::collections::HashSet<_> = known.lines().map(str::trim).collect();
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !known.contains(line))
        .collect();
    let start = lines.len().saturating_sub(count);
    one_line(&lines[start..].join(" | "), 400)
}
