//! Reading JSON that programs print between other things.

use serde_json::Value;

use crate::backends::Usage;

/// The lines that are JSON objects: warnings stand between them. A model's text cannot be one
/// of them, since JSON has no line break within a string; where a warning quotes it, what the
/// program says at its end still comes last, and that is what counts.
pub(super) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .filter(|line| line.trim_start().starts_with('{'))
        .filter_map(|line| serde_json::from_str(line.trim()).ok())
        .collect()
}

/// The same where there is nothing else; none where a line is no JSON object.
pub(super) fn only_objects(text: &str) -> Option<Vec<Value>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let object = line.starts_with('{').then(|| serde_json::from_str(line));
            object?.ok()
        })
        .collect()
}

/// The last event of that type.
pub(super) fn last_of_type<'a>(events: &'a [Value], kind: &str) -> Option<&'a Value> {
    events.iter().rfind(|event| event["type"] == kind)
}

/// The object that a text ends with. Its first line is a brace alone, or it is one line.
pub(super) fn last_object(text: &str) -> Option<Value> {
    let text = text.trim_end();
    let starts = text.rmatch_indices('\n').map(|(at, _)| at + 1);
    starts
        .chain([0])
        .filter(|start| text[*start..].starts_with('{'))
        .find_map(|start| serde_json::from_str(&text[start..]).ok())
}

/// JSON whose strings hold control characters, with those escaped.
pub(super) fn escaped(text: &str) -> String {
    let (mut in_string, mut after_backslash) = (false, false);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '"' if !after_backslash => in_string = !in_string,
            '\n' if in_string => {
                out.push_str("\\n");
                continue;
            }
            '\r' if in_string => {
                out.push_str("\\r");
                continue;
            }
            '\t' if in_string => {
                out.push_str("\\t");
                continue;
            }
            _ => {}
        }
        after_backslash = c == '\\' && !after_backslash;
        out.push(c);
    }
    out
}

/// Empty where it is no text.
pub(super) fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Tokens; zero where it is no number, or none of tokens.
pub(super) fn count(value: &Value) -> u64 {
    let count = value.as_u64().filter(|count| *count <= Usage::MOST);
    count.unwrap_or_default()
}
