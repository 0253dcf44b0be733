//! Finds the answer in a text: which of its JSON values is meant.

use serde_json::Value;

use super::json::{self, Failure};
use super::member;

/// How often the bytes of a text may be read in vain, on average.
const MAX_PASSES: usize = 12;
/// Envelopes in each other: an object whose text holds the object.
const MAX_ENVELOPES: usize = 3;
/// Containers around `findings`.
const MAX_WRAPPERS: usize = 6;

/// The elements of `findings`, of one object or of several that stand together.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// In the order of the text; nothing of them has been checked.
    pub(super) elements: Vec<Value>,
    /// Whether the text ended inside the object.
    pub(super) cut: bool,
    /// Whether the list is empty and another before it is not: a draft taken back, or
    /// an answer with an example behind it.
    pub(super) doubtful: bool,
}

/// Where an attempt broke off, and what was expected there.
pub(super) type Broken = Option<(usize, &'static str)>;

/// The answer in `text`, or where the attempt that came furthest broke off.
pub(super) fn answer(text: &str) -> Result<Answer, Broken> {
    answer_in(text, 0)
}

/// A value of the text that could be an answer.
struct Found {
    start: usize,
    end: usize,
    elements: Vec<Value>,
    /// An object with `findings`, not bare findings.
    whole: bool,
}

#[derive(Default)]
struct Scan {
    found: Vec<Found>,
    /// Where a value with findings was cut, and what it holds.
    cut: Option<(usize, Vec<Value>)>,
    /// Start, offset reached, expectation of the longest attempt.
    broken: Option<(usize, usize, &'static str)>,
}

fn answer_in(text: &str, envelopes: usize) -> Result<Answer, Broken> {
    if let Some(inner) = quoted_whole(text)
        && envelopes < MAX_ENVELOPES
    {
        return answer_in(&inner, envelopes + 1).map_err(|_| None);
    }
    let scan = scan(text, envelopes);
    let whole = last_group(text, &scan.found, true);
    if let Some((start, elements)) = scan.cut
        && whole.last().is_none_or(|last| last.end <= start)
    {
        let together = whole
            .last()
            .is_some_and(|last| stand_together(&text[last.end..start]));
        let before = if together { whole } else { Vec::new() };
        // JSON lines, the last of which was cut.
        let bare = last_group(text, &scan.found, false);
        let before = if before.is_empty() && bare.last().is_some_and(|last| last.end <= start) {
            bare
        } else {
            before
        };
        return Ok(Answer {
            elements: join(&before).chain(elements).collect(),
            cut: true,
            doubtful: false,
        });
    }
    let group = if whole.is_empty() {
        last_group(text, &scan.found, false)
    } else {
        whole
    };
    if group.is_empty() {
        return Err(scan.broken.map(|(_, at, expected)| (at, expected)));
    }
    let elements: Vec<_> = join(&group).collect();
    let other =
        |found: &Found| found.whole && !found.elements.is_empty() && begins_line(text, found.start);
    Ok(Answer {
        doubtful: elements.is_empty() && scan.found.iter().any(other),
        cut: false,
        elements,
    })
}

fn join<'f>(group: &'f [&'f Found]) -> impl Iterator<Item = Value> + 'f {
    group.iter().flat_map(|found| found.elements.clone())
}

/// The text of an answer that is one JSON string.
fn quoted_whole(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with('"') || !text.contains("findings") {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Reads every value of the text from left to right.
fn scan(text: &str, envelopes: usize) -> Scan {
    let mut scan = Scan::default();
    let mut fuel = text
        .len()
        .saturating_mul(MAX_PASSES)
        .saturating_add(1 << 16);
    let mut at = 0;
    while let Some(start) = next_start(text, at) {
        at = start + 1;
        let read = json::read(text, start, false).or_else(|strict| {
            fuel = fuel.saturating_sub(strict.at() - start);
            json::read(text, start, true).map_err(|failure| match (&strict, &failure) {
                (Failure::Cut(..), Failure::Syntax(..)) => strict,
                _ => failure,
            })
        });
        match read {
            Ok((value, end)) => {
                at = end;
                if let Some((elements, whole)) = elements_of(value, text, envelopes) {
                    scan.found.push(Found {
                        start,
                        end,
                        elements,
                        whole,
                    });
                }
            }
            Err(failure) => {
                fuel = fuel.saturating_sub(failure.at() - start);
                match failure {
                    Failure::Cut(_, part) if scan.cut.is_none() => {
                        scan.cut = cut_elements(part).map(|elements| (start, elements));
                    }
                    Failure::Cut(..) => {}
                    Failure::Syntax(end, expected) => {
                        if scan
                            .broken
                            .is_none_or(|(from, to, _)| end - start > to - from)
                        {
                            scan.broken = Some((start, end, expected));
                        }
                    }
                }
            }
        }
        if fuel == 0 {
            break;
        }
    }
    scan
}

/// The next bracket that can begin an object or a list of objects.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes
            .get(at..)?
            .iter()
            .position(|byte| matches!(byte, b'{' | b'['))?;
        let next = bytes[at + 1..]
            .iter()
            .find(|byte| !byte.is_ascii_whitespace());
        let likely = match (bytes[at], next) {
            (_, None) => true,
            (b'{', Some(next)) => {
                matches!(next, b'"' | b'\'' | b'}' | b'/' | b'#' | b'_')
                    || next.is_ascii_alphabetic()
            }
            (_, Some(next)) => matches!(next, b'{' | b']' | b'/' | b'#'),
        };
        if likely {
            return Some(at);
        }
        at += 1;
    }
}

/// The findings that a value holds, and whether it is an object with `findings`.
fn elements_of(value: Value, text: &str, envelopes: usize) -> Option<(Vec<Value>, bool)> {
    if let Some(elements) = with_findings(&value, envelopes, MAX_WRAPPERS) {
        return Some((elements, true));
    }
    match value {
        Value::Object(_) if is_bare(&value) => Some((vec![value], false)),
        // An empty list is an answer where it is the whole answer.
        Value::Array(elements) if elements.is_empty() => {
            (strip_fence(text) == "[]").then_some((elements, true))
        }
        Value::Array(elements) if elements.iter().any(is_bare) => Some((elements, false)),
        _ => None,
    }
}

/// The elements of `findings` in an object, in one that it wraps, or in a text that
/// an envelope holds.
fn with_findings(value: &Value, envelopes: usize, wrappers: usize) -> Option<Vec<Value>> {
    match member(value, "findings") {
        Some(Value::Array(elements)) => return Some(elements.clone()),
        Some(one @ Value::Object(_)) if is_bare(one) => return Some(vec![one.clone()]),
        Some(Value::String(list)) if envelopes < MAX_ENVELOPES => {
            let (value, end) = json::read(list, list.find('[')?, false).ok()?;
            return match value {
                Value::Array(elements) if list[end..].trim().is_empty() => Some(elements),
                _ => None,
            };
        }
        Some(_) => return None,
        None => {}
    }
    if wrappers == 0 || is_bare(value) {
        return None;
    }
    let inner = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => with_findings(value, envelopes, wrappers - 1),
        Value::String(text) if envelopes < MAX_ENVELOPES && text.contains("findings") => {
            let answer = answer_in(text, envelopes + 1).ok()?;
            (!answer.cut && !answer.doubtful).then_some(answer.elements)
        }
        _ => None,
    };
    match value {
        Value::Object(members) => members.values().filter_map(inner).next_back(),
        Value::Array(elements) => {
            let lists: Vec<_> = elements.iter().filter_map(inner).collect();
            (!lists.is_empty()).then(|| lists.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// Whether an object is a finding by its members.
fn is_bare(value: &Value) -> bool {
    let has = |names: &[&str]| {
        names
            .iter()
            .any(|name| member(value, name).is_some_and(|member| !member.is_null()))
    };
    has(&["file", "path", "file_path", "filename"])
        && has(&["quote", "title", "message", "line", "severity"])
}

/// The complete findings of a value that was cut; none where it is no answer.
fn cut_elements(part: Value) -> Option<Vec<Value>> {
    match member(&part, "findings") {
        Some(Value::Array(elements)) => return Some(elements.clone()),
        Some(_) => return Some(Vec::new()),
        None => {}
    }
    match part {
        Value::Array(elements) if elements.iter().any(is_bare) => Some(elements),
        // Half a finding passes for no whole one.
        Value::Object(_) if member(&part, "file").is_some() => Some(Vec::new()),
        Value::Object(members) => members
            .into_iter()
            .filter_map(|(_, inner)| {
                matches!(inner, Value::Object(_)).then(|| cut_elements(inner))?
            })
            .next_back(),
        _ => None,
    }
}

/// The last found values that stand together, in the order of the text. One that
/// begins a line goes before one inside a sentence.
fn last_group<'f>(text: &str, found: &'f [Found], whole: bool) -> Vec<&'f Found> {
    let mut candidates: Vec<&Found> = found.iter().filter(|found| found.whole == whole).collect();
    if candidates
        .iter()
        .any(|found| begins_line(text, found.start))
    {
        let mut kept = None;
        candidates.retain(|found| {
            let goes_on = kept.is_some_and(|end| stand_together(&text[end..found.start]));
            let keep = goes_on || begins_line(text, found.start);
            if keep {
                kept = Some(found.end);
            }
            keep
        });
    }
    let mut group: Vec<&Found> = Vec::new();
    for found in candidates.into_iter().rev() {
        if let Some(next) = group.last()
            && !stand_together(&text[found.end..next.start])
        {
            break;
        }
        group.push(found);
    }
    group.reverse();
    group
}

/// Whether nothing but space stands before `start` on its line.
fn begins_line(text: &str, start: usize) -> bool {
    text[..start]
        .trim_end_matches(|ch: char| ch != '\n' && ch.is_whitespace())
        .chars()
        .next_back()
        .is_none_or(|ch| ch == '\n' || ch == '\u{feff}')
}

/// Whether nothing but space, separators, fences and headings is between two values:
/// then they are parts of one answer. Prose between them makes the first a draft or
/// an example.
fn stand_together(between: &str) -> bool {
    between.lines().all(|line| {
        let line = line.trim();
        line.starts_with("```")
            || line.starts_with('#')
            || line.chars().all(|ch| {
                matches!(ch, ',' | ';' | '-' | '\u{1e}' | '\u{feff}') || ch.is_whitespace()
            })
    })
}

/// The text without white space and a code fence around it.
fn strip_fence(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text
        .strip_prefix("```")
        .and_then(|text| text.strip_suffix("```"))
    else {
        return text;
    };
    inner
        .trim_start_matches(|ch: char| ch.is_ascii_alphanumeric())
        .trim()
}
