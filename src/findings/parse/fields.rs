//! One element of `findings` as a raw claim: names, words and numbers as models
//! write them.

use serde_json::Value;

use super::super::taxonomy::canonical_category;
use super::super::{RawClaim, Severity};
use super::member;

/// Characters of a title; the message has the rest.
const MAX_TITLE: usize = 160;

/// Reads one element.
///
/// # Errors
/// What is missing, in words that a model understands.
pub(super) fn read(element: &Value, roles: &[String]) -> Result<RawClaim, String> {
    if !element.is_object() {
        return Err("it is no JSON object".to_owned());
    }
    let text = |names: &[&str]| names.iter().find_map(|name| string(member(element, name)?));
    let file =
        text(&["file", "path", "file_path", "filename", "filepath"]).ok_or("it has no `file`")?;
    let (file, named_lines) = split_lines(&file);
    if file.is_empty() {
        return Err("its `file` is empty".to_owned());
    }
    let title = text(&["title", "summary", "name"]);
    let message = text(&[
        "message",
        "description",
        "body",
        "explanation",
        "details",
        "comment",
    ]);
    let (title, message) = match (title, message) {
        (Some(title), Some(message)) => (title, message),
        (Some(title), None) => (title.clone(), title),
        (None, Some(message)) => (first_sentence(&message), message),
        (None, None) => return Err("it has neither `title` nor `message`".to_owned()),
    };
    let lines = ["line", "start_line", "startLine", "line_number", "lines"]
        .iter()
        .find_map(|name| lines(member(element, name)?))
        .or(named_lines);
    let line = lines.map(|(first, _)| first);
    let end_line = ["end_line", "endLine", "line_end"]
        .iter()
        .find_map(|name| lines_of_end(member(element, name)?))
        .or(lines.and_then(|(_, last)| last))
        .filter(|last| line.is_none_or(|first| *last >= first));
    let quote = raw_text(
        element,
        &["quote", "code", "snippet", "existing_code", "code_snippet"],
    );
    if quote.is_none() && line.is_none() {
        return Err("it has no `quote`".to_owned());
    }
    let category = text(&["category", "type", "kind"]).unwrap_or_default();
    Ok(RawClaim {
        role: role(text(&["role"]).as_deref(), roles),
        file,
        line,
        end_line,
        quote: quote.unwrap_or_default(),
        severity: text(&["severity", "level", "priority", "impact"])
            .and_then(|word| severity(&word)),
        category: canonical_category(&category).map_or(category, str::to_owned),
        rule: text(&["rule", "rule_id", "ruleId", "slug", "id"]).unwrap_or_default(),
        title: one_line(&title),
        message,
        suggestion: raw_text(
            element,
            &[
                "suggestion",
                "fix",
                "suggested_fix",
                "suggested_code",
                "replacement",
            ],
        ),
        confidence: member(element, "confidence").and_then(confidence),
    })
}

/// A member's words, trimmed; none where there are none.
fn string(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(parts) => {
            let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
            parts.join("\n").trim().to_owned()
        }
        _ => return None,
    };
    (!text.is_empty() && !matches!(text.as_str(), "null" | "None" | "N/A" | "n/a")).then_some(text)
}

/// Code: white space at its ends is kept, since it may be part of it.
fn raw_text(element: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match member(element, name)? {
        Value::String(text) => (!text.is_empty() && text != "null").then(|| text.clone()),
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().filter_map(Value::as_str).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        _ => None,
    })
}

/// `src/a.rs:12-14` → the name and its lines. Quotation marks and backticks go.
fn split_lines(file: &str) -> (String, Option<(u32, Option<u32>)>) {
    let file = file.trim_matches(|ch: char| matches!(ch, '`' | '"' | '\'') || ch.is_whitespace());
    if let Some((name, tail)) = file.split_once(':')
        && !name.is_empty()
        && tail.starts_with(|ch: char| ch.is_ascii_digit() || ch == 'L')
        && let Some(lines) = line_range(tail)
    {
        return (name.to_owned(), Some(lines));
    }
    if let Some((name, tail)) = file.rsplit_once("#L")
        && let Some(lines) = line_range(tail)
    {
        return (name.to_owned(), Some(lines));
    }
    (file.to_owned(), None)
}

/// A line number, or a first and a last one: `12`, `"L12"`, `"12-14"`, `[12, 14]`.
fn lines(value: &Value) -> Option<(u32, Option<u32>)> {
    match value {
        Value::Number(_) => Some((number(value)?, None)),
        Value::String(text) => line_range(text),
        Value::Array(ends) => Some((number(ends.first()?)?, ends.get(1).and_then(number))),
        Value::Object(_) => Some((
            number(member(value, "start")?)?,
            member(value, "end").and_then(number),
        )),
        _ => None,
    }
}

fn lines_of_end(value: &Value) -> Option<u32> {
    lines(value).map(|(first, last)| last.unwrap_or(first))
}

fn number(value: &Value) -> Option<u32> {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64()?;
            // Only whole numbers of a file's size pass.
            (float.fract() == 0.0 && float > 0.0 && float <= f64::from(u32::MAX))
                .then(|| format!("{float:.0}").parse().ok())?
        })?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn line_range(text: &str) -> Option<(u32, Option<u32>)> {
    // A column after the line number is no second line.
    let (text, column) = match text.split_once(':') {
        Some((line, _)) => (line, true),
        None => (text, false),
    };
    let mut numbers = text
        .split(|ch: char| !ch.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(str::parse::<u32>);
    let first = numbers.next()?.ok().filter(|line| *line > 0)?;
    let last = numbers.next().and_then(Result::ok).filter(|_| !column);
    Some((first, last))
}

fn role(named: Option<&str>, roles: &[String]) -> Option<String> {
    match roles {
        [only] => Some(only.clone()),
        _ => roles
            .iter()
            .find(|role| named.is_some_and(|named| role.eq_ignore_ascii_case(named)))
            .cloned(),
    }
}

/// One of the five, or a word that other tools have for it.
fn severity(word: &str) -> Option<Severity> {
    let word = word
        .trim_matches(|ch: char| !ch.is_alphanumeric())
        .to_lowercase();
    Some(match word.as_str() {
        "note" | "info" | "informational" | "information" | "trivial" | "hint" | "nit"
        | "nitpick" | "suggestion" | "p4" | "s4" => Severity::Note,
        "low" | "minor" | "p3" | "s3" => Severity::Low,
        "medium" | "moderate" | "warning" | "warn" | "med" | "normal" | "p2" | "s2" => {
            Severity::Medium
        }
        "high" | "error" | "major" | "important" | "serious" | "severe" | "p1" | "s1" => {
            Severity::High
        }
        "critical" | "blocker" | "fatal" | "emergency" | "blocking" | "crit" | "p0" | "s0" => {
            Severity::Critical
        }
        _ => return None,
    })
}

/// 0 to 1, also from percents and words.
fn confidence(value: &Value) -> Option<f64> {
    let (number, percent) = match value {
        Value::Number(number) => (number.as_f64()?, false),
        Value::String(text) => {
            let text = text.trim();
            match text.to_lowercase().as_str() {
                "high" => return Some(0.9),
                "medium" => return Some(0.6),
                "low" => return Some(0.3),
                _ => {}
            }
            let digits = text.trim_end_matches('%').trim_end();
            (digits.parse().ok()?, digits.len() < text.len())
        }
        _ => return None,
    };
    let share = if percent || number > 1.0 {
        number / 100.0
    } else {
        number
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

fn first_sentence(message: &str) -> String {
    let end = [". ", "\n"]
        .into_iter()
        .filter_map(|end| message.find(end))
        .min();
    // Nothing before the full stop is no sentence.
    match end {
        Some(end @ 1..) => message[..end].to_owned(),
        _ => message.to_owned(),
    }
}

/// White space folded, cut to [`MAX_TITLE`] characters.
fn one_line(title: &str) -> String {
    let folded = title.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(MAX_TITLE) {
        None => folded,
        Some((end, _)) => format!("{}…", folded[..end].trim_end()),
    }
}
