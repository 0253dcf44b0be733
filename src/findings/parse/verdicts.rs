//! From a critic's answer to what it says of each claim.

use serde_json::Value;

use super::{MAX_BYTES, json, member, too_dense};
use crate::findings::Opinion;

/// Objects and lists around `verdicts`.
const MAX_WRAPPERS: usize = 3;
/// How often the bytes of a text may be read in vain, on average.
const MAX_PASSES: usize = 8;

/// What one entry says; nothing of it has been checked against the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawOpinion {
    /// The claim's number.
    pub id: u64,
    /// What the critic holds of it.
    pub opinion: Opinion,
    /// The code that decides; may be empty.
    pub quote: String,
    /// Why; may be empty.
    pub reason: String,
}

/// Why a critic's answer could not be read: one text that can go back to the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Your answer {problem}. Expected is one JSON object and nothing else: \
     {{\"verdicts\": [ … ]}}, with one entry for each claim."
)]
pub struct VerdictComplaint {
    /// What is wrong, as the end of a sentence that begins with "the answer".
    problem: String,
}

impl VerdictComplaint {
    /// The same for the people who read a report.
    pub fn reason(&self) -> String {
        format!("its answer {}", self.problem)
    }

    fn new(problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { problem }
    }

    /// The object is whole, but the model was stopped when it went on.
    pub fn out_of_length() -> Self {
        Self::new("was cut off at the limit of its length")
    }
}

/// Reads an answer: the entries of every object with `verdicts` in the text, so that one
/// that contradicts another is not overlooked.
///
/// # Errors
/// Where there is no such object, where it was cut, and where any entry cannot be read.
pub fn parse_verdicts(text: &str) -> Result<Vec<RawOpinion>, VerdictComplaint> {
    let (elements, is_cut) = find(text)?;
    if is_cut {
        return Err(VerdictComplaint::new(
            "was cut off before its JSON object was closed",
        ));
    }
    let read = |(index, element): (usize, &Value)| {
        entry(element).map_err(|problem| {
            let number = index + 1;
            VerdictComplaint::new(format!(
                "cannot be used: element {number} of `verdicts` {problem}"
            ))
        })
    };
    elements.iter().enumerate().map(read).collect()
}

/// Reads the entries that can be read, for the round after a complaint: of the others
/// nothing is known.
///
/// # Errors
/// Where there is no such object, and where it has entries of which none can be read.
pub fn parse_verdicts_lenient(text: &str) -> Result<Vec<RawOpinion>, VerdictComplaint> {
    let (elements, is_cut) = find(text)?;
    let read: Vec<_> = elements.iter().flat_map(entry).collect();
    if read.is_empty() && (is_cut || !elements.is_empty()) {
        return Err(VerdictComplaint::new(
            "held no entry of `verdicts` that could be read",
        ));
    }
    Ok(read)
}

/// The entries of all objects with `verdicts`, and whether one was cut.
fn find(text: &str) -> Result<(Vec<Value>, bool), VerdictComplaint> {
    if text.len() > MAX_BYTES || too_dense(text) {
        return Err(VerdictComplaint::new("is longer than any answer"));
    }
    let mut fuel = text
        .len()
        .saturating_mul(MAX_PASSES)
        .saturating_add(1 << 16);
    let (mut found, mut is_cut, mut any) = (Vec::new(), false, false);
    let mut at = 0;
    while let Some(start) = next_start(text, at)
        && fuel > 0
    {
        at = start + 1;
        let read = json::read(text, start, false).or_else(|strict| {
            fuel = fuel.saturating_sub(strict.at() - start);
            json::read(text, start, true).map_err(|failure| match (&strict, &failure) {
                (json::Failure::Cut(..), json::Failure::Syntax(..)) => strict,
                _ => failure,
            })
        });
        let (value, was_cut) = match read {
            Ok((value, end)) => {
                at = end;
                (value, false)
            }
            Err(failure) => {
                fuel = fuel.saturating_sub(failure.at() - start);
                match failure {
                    json::Failure::Cut(_, part) => (part, true),
                    json::Failure::Syntax(..) => continue,
                }
            }
        };
        if let Some(entries) = entries_of(&value, MAX_WRAPPERS) {
            found.extend(entries);
            any = true;
            is_cut |= was_cut;
        }
        if was_cut {
            break;
        }
    }
    if any {
        Ok((found, is_cut))
    } else {
        Err(VerdictComplaint::new("held no JSON object with `verdicts`"))
    }
}

fn next_start(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.find(['{', '[']).map(|at| from + at)
}

/// The entries of a value that is an answer, wraps one, or is the bare list.
fn entries_of(value: &Value, wrappers: usize) -> Option<Vec<Value>> {
    match member(value, "verdicts") {
        Some(Value::Array(entries)) => return Some(entries.clone()),
        Some(_) => return None,
        None => {}
    }
    let is_entry =
        |value: &Value| member(value, "id").is_some() && member(value, "verdict").is_some();
    match value {
        Value::Array(entries) if !entries.is_empty() && entries.iter().all(is_entry) => {
            Some(entries.clone())
        }
        Value::Object(members) if wrappers > 0 => {
            let mut inner = members.values();
            inner.find_map(|inner| entries_of(inner, wrappers - 1))
        }
        Value::String(text) if wrappers > 0 && text.contains("verdicts") => {
            let inner: Value = serde_json::from_str(text).ok()?;
            entries_of(&inner, wrappers - 1)
        }
        _ => None,
    }
}

fn entry(element: &Value) -> Result<RawOpinion, String> {
    if !element.is_object() {
        return Err("is no JSON object".to_owned());
    }
    let id = match member(element, "id") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().trim_start_matches('#').parse().ok(),
        _ => None,
    };
    let id = id.ok_or("has no `id` that is a claim's number")?;
    let word = member(element, "verdict").and_then(Value::as_str);
    let word = word.ok_or("has no `verdict`")?;
    let opinion = match word.trim().to_ascii_lowercase().as_str() {
        "confirm" | "confirmed" => Opinion::Confirm,
        "refute" | "refuted" => Opinion::Refute,
        "unsure" | "uncertain" | "unknown" => Opinion::Unsure,
        _ => return Err("has a `verdict` that is none of confirm, refute, unsure".to_owned()),
    };
    let text = |name| {
        let value = member(element, name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    Ok(RawOpinion {
        id,
        opinion,
        quote: text("quote"),
        reason: text("reason"),
    })
}
