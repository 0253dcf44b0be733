//! From a critic's answer to what it says of each claim.

use serde_json::Value;

use super::entries::{EntryComplaint, Form, number};
use super::member;
use crate::findings::Opinion;

/// A critic's answer.
pub const VERDICTS: Form<RawOpinion> = Form::new(["verdicts", "verdict", "claim"], entry);

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

/// [`Form::parse`] of [`VERDICTS`].
///
/// # Errors
/// As there.
pub fn parse_verdicts(text: &str) -> Result<Vec<RawOpinion>, EntryComplaint> {
    VERDICTS.parse(text)
}

/// [`Form::parse_lenient`] of [`VERDICTS`].
///
/// # Errors
/// As there.
pub fn parse_verdicts_lenient(text: &str) -> Result<Vec<RawOpinion>, EntryComplaint> {
    VERDICTS.parse_lenient(text)
}

fn entry(element: &Value) -> Result<RawOpinion, String> {
    if !element.is_object() {
        return Err("is no JSON object".to_owned());
    }
    let id = number(element).ok_or("has no `id` that is a claim's number")?;
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
