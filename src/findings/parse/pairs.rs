//! From an arbiter's answer to what it says of each pair of claims.

use serde_json::Value;

use super::entries::{Form, number};
use super::member;

/// An arbiter's answer.
pub const PAIRS: Form<RawPair> = Form::new(["pairs", "same", "pair"], entry);

/// What one entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawPair {
    /// The pair's number.
    pub id: u64,
    /// Whether its claims are one.
    pub same: bool,
}

/// One answer for each of so many pairs, from number 1 on: none where nothing was said of it,
/// or both. Numbers that no pair has are nothing.
pub fn check_pairs(raw: &[RawPair], pairs: usize) -> Vec<Option<bool>> {
    let check = |number: usize| {
        let mut own = raw.iter().filter(|one| one.id == number as u64);
        let first = own.next()?.same;
        own.all(|other| other.same == first).then_some(first)
    };
    (1..=pairs).map(check).collect()
}

fn entry(element: &Value) -> Result<RawPair, String> {
    if !element.is_object() {
        return Err("is no JSON object".to_owned());
    }
    let id = number(element).ok_or("has no `id` that is a pair's number")?;
    let same = match member(element, "same") {
        Some(Value::Bool(same)) => Some(*same),
        Some(Value::String(word)) => word.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    };
    let same = same.ok_or("has no `same` that is true or false")?;
    Ok(RawPair { id, same })
}
