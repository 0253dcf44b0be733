//! From a model's answer to raw claims (DESIGN §3.5).

use serde_json::Value;

use super::RawClaim;

mod entries;
mod fields;
mod json;
mod pairs;
mod scan;
mod schema;
mod verdicts;

pub use entries::{EntryComplaint, Form};
pub use pairs::{PAIRS, RawPair, check_pairs};
pub use schema::{pair_schema, schema, verdict_schema};
pub use verdicts::{RawOpinion, VERDICTS, parse_verdicts, parse_verdicts_lenient};

use scan::Answer;

/// Bytes of an answer; a longer one is refused unread.
const MAX_BYTES: usize = 16 << 20;

/// JSON values of an answer, by the marks before them; each costs a hundred bytes and more
/// once it is read, and hundreds of findings need some thousands.
const MAX_VALUES: usize = 200_000;

/// Why an answer could not be read: one text that can go back to the model as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// No object with `findings` is in the text.
    #[error(
        "Your answer held no JSON object with `findings`{}. {EXPECTED}",
        place(near.as_ref())
    )]
    NoObject {
        /// Where the attempt that came furthest broke off.
        near: Option<Break>,
    },
    /// The text ends inside the object.
    #[error(
        "Your answer was cut off at line {line}, column {column}, before its JSON object was closed. Answer again, with fewer or shorter findings. {EXPECTED}"
    )]
    Cut {
        /// Of the text's end, from 1.
        line: usize,
        /// In Unicode scalar values, from 1.
        column: usize,
    },
    /// The object is whole, but the model was stopped when it went on.
    #[error(
        "Your answer was cut off at the limit of its length. Answer again, with fewer or shorter findings. {EXPECTED}"
    )]
    OutOfLength,
    /// The last object's list is empty, that of another is not.
    #[error(
        "Your answer held several JSON objects: one with findings, and after it one without. Answer again with the one that you mean. {EXPECTED}"
    )]
    Several,
    /// One element cannot be read.
    #[error(
        "Element {index} of `findings` in your answer cannot be used: {problem}. Answer again with all findings. {EXPECTED}"
    )]
    Element {
        /// From 1, over all objects of the answer.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The text is longer than any review.
    #[error("Your answer has {bytes} bytes; {MAX_BYTES} is the most that is read. {EXPECTED}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The text holds more values than any review.
    #[error("Your answer holds more than {MAX_VALUES} JSON values, which are not read. {EXPECTED}")]
    TooMany,
}

impl Complaint {
    /// The same for the people who read a report.
    pub fn reason(&self) -> String {
        match self {
            Self::NoObject { near } => format!(
                "its answer held no JSON object with `findings`{}",
                place(near.as_ref())
            ),
            Self::Cut { .. } | Self::OutOfLength => {
                "its answer was cut off before it was complete; raise the backend's \
                 `max_output_tokens` or lower packets.max_tokens"
                    .to_owned()
            }
            Self::Several => "it gave findings and, after them, an object without any".to_owned(),
            Self::Element { index, problem } => {
                format!("element {index} of its `findings` cannot be used: {problem}")
            }
            Self::TooLong { bytes } => {
                format!("its answer has {bytes} bytes; {MAX_BYTES} is the most that is read")
            }
            Self::TooMany => format!("its answer holds more than {MAX_VALUES} JSON values"),
        }
    }
}

/// What each complaint ends with.
const EXPECTED: &str = "Expected is one JSON object and nothing else: {\"findings\": [ … ]}, with an empty list where there is nothing to report.";

/// Where reading broke off, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// From 1.
    pub line: usize,
    /// In Unicode scalar values, from 1.
    pub column: usize,
    /// What should have stood there.
    pub expected: &'static str,
}

fn place(near: Option<&Break>) -> String {
    near.map_or_else(String::new, |at| {
        format!(
            " (at line {}, column {} {} was expected)",
            at.line, at.column, at.expected
        )
    })
}

/// What can be used of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Salvage {
    /// The readable claims, in the answer's order.
    pub claims: Vec<RawClaim>,
    /// Elements that could not be read; a cut answer counts as one.
    pub lost: usize,
}

/// Reads an answer: the last group of objects with `findings` in the text, whatever
/// stands around it. `roles` are those of the call; with one role every claim has it,
/// with several each claim names its own.
///
/// # Errors
/// A [`Complaint`] where there is no such object, where it was cut, where it takes
/// back what another said, and where any element is unreadable: nothing vanishes in
/// silence.
pub fn parse(text: &str, roles: &[String]) -> Result<Vec<RawClaim>, Complaint> {
    let answer = find(text)?;
    if answer.cut {
        return Err(cut(text));
    }
    if answer.doubtful {
        return Err(Complaint::Several);
    }
    answer
        .elements
        .iter()
        .enumerate()
        .map(|(index, element)| {
            fields::read(element, roles).map_err(|problem| Complaint::Element {
                index: index + 1,
                problem,
            })
        })
        .collect()
}

/// Reads what can be read, for the round after a complaint; an empty list then stands,
/// whatever was said before it.
///
/// # Errors
/// A [`Complaint`] where there is no such object, and where it has elements of which
/// none can be read: that is no empty list.
pub fn parse_lenient(text: &str, roles: &[String]) -> Result<Salvage, Complaint> {
    let answer = find(text)?;
    let mut salvage = Salvage::default();
    let mut first = answer.cut.then(|| cut(text));
    for (index, element) in answer.elements.iter().enumerate() {
        match fields::read(element, roles) {
            Ok(claim) => salvage.claims.push(claim),
            Err(problem) => {
                salvage.lost += 1;
                first.get_or_insert(Complaint::Element {
                    index: index + 1,
                    problem,
                });
            }
        }
    }
    salvage.lost += usize::from(answer.cut);
    match first {
        Some(complaint) if salvage.claims.is_empty() => Err(complaint),
        _ => Ok(salvage),
    }
}

fn find(text: &str) -> Result<Answer, Complaint> {
    if text.len() > MAX_BYTES {
        return Err(Complaint::TooLong { bytes: text.len() });
    }
    if too_dense(text) {
        return Err(Complaint::TooMany);
    }
    scan::answer(text).map_err(|failure| Complaint::NoObject {
        near: failure.map(|(at, expected)| {
            let (line, column) = position(text, at);
            Break {
                line,
                column,
                expected,
            }
        }),
    })
}

/// Whether a text may hold more than [`MAX_VALUES`].
fn too_dense(text: &str) -> bool {
    let marks = text.bytes().filter(|byte| b",:{[".contains(byte));
    marks.count() > MAX_VALUES
}

fn cut(text: &str) -> Complaint {
    let (line, column) = position(text, text.len());
    Complaint::Cut { line, column }
}

/// Line and column of a byte offset, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let start = before.rfind('\n').map_or(0, |feed| feed + 1);
    (
        before.matches('\n').count() + 1,
        before[start..].chars().count() + 1,
    )
}

/// The member whose name is `name`, whatever its case.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    members.get(name).or_else(|| {
        members
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}
