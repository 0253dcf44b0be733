//! From an answer that judges numbered things to its entries: one JSON object with a list,
//! an entry for each number.

use serde_json::Value;

use super::{MAX_BYTES, json, member, too_dense};

/// Objects and lists around the list.
const MAX_WRAPPERS: usize = 3;
/// How often the bytes of a text may be read in vain, on average.
const MAX_PASSES: usize = 8;

/// What such an answer looks like.
#[derive(Debug)]
struct List {
    /// The list's name in the object.
    name: &'static str,
    /// The member of an entry that judges.
    word: &'static str,
    /// What each entry is for.
    each: &'static str,
}

/// A kind of such answers, whose entries are `T`s.
#[derive(Debug)]
pub struct Form<T> {
    list: List,
    /// One entry, or what is wrong with it.
    entry: fn(&Value) -> Result<T, String>,
}

/// Why an answer could not be read: one text that can go back to the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Your answer {problem}. Expected is one JSON object and nothing else: \
     {{\"{list}\": [ … ]}}, with one entry for each {each}."
)]
pub struct EntryComplaint {
    list: &'static str,
    each: &'static str,
    /// What is wrong, as the end of a sentence that begins with "the answer".
    problem: String,
}

impl EntryComplaint {
    /// The same for the people who read a report.
    pub fn reason(&self) -> String {
        format!("its answer {}", self.problem)
    }
}

impl List {
    fn complaint(&self, problem: impl Into<String>) -> EntryComplaint {
        EntryComplaint {
            list: self.name,
            each: self.each,
            problem: problem.into(),
        }
    }
}

impl<T> Form<T> {
    pub(super) const fn new(
        [name, word, each]: [&'static str; 3],
        entry: fn(&Value) -> Result<T, String>,
    ) -> Self {
        let list = List { name, word, each };
        Self { list, entry }
    }

    /// The object is whole, but the model was stopped when it went on.
    pub fn out_of_length(&self) -> EntryComplaint {
        self.list
            .complaint("was cut off at the limit of its length")
    }

    /// Reads an answer: the entries of every object with the list in the text, so that one
    /// that contradicts another is not overlooked.
    ///
    /// # Errors
    /// Where there is no such object, where it was cut, and where any entry cannot be read.
    pub fn parse(&self, text: &str) -> Result<Vec<T>, EntryComplaint> {
        let (elements, is_cut) = find(text, &self.list)?;
        if is_cut {
            let problem = "was cut off before its JSON object was closed";
            return Err(self.list.complaint(problem));
        }
        let read = |(index, element): (usize, &Value)| {
            (self.entry)(element).map_err(|problem| {
                let (number, name) = (index + 1, self.list.name);
                self.list.complaint(format!(
                    "cannot be used: element {number} of `{name}` {problem}"
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
    pub fn parse_lenient(&self, text: &str) -> Result<Vec<T>, EntryComplaint> {
        let (elements, is_cut) = find(text, &self.list)?;
        let read: Vec<T> = elements.iter().flat_map(self.entry).collect();
        if read.is_empty() && (is_cut || !elements.is_empty()) {
            let name = self.list.name;
            return Err(self
                .list
                .complaint(format!("held no entry of `{name}` that could be read")));
        }
        Ok(read)
    }
}

/// The number of what an entry judges.
pub(super) fn number(element: &Value) -> Option<u64> {
    match member(element, "id") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().trim_start_matches('#').parse().ok(),
        _ => None,
    }
}

/// The entries of all objects with the list, and whether one was cut.
fn find(text: &str, list: &List) -> Result<(Vec<Value>, bool), EntryComplaint> {
    if text.len() > MAX_BYTES || too_dense(text) {
        return Err(list.complaint("is longer than any answer"));
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
        if let Some(entries) = entries_of(&value, list, MAX_WRAPPERS) {
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
        Err(list.complaint(format!("held no JSON object with `{}`", list.name)))
    }
}

fn next_start(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.find(['{', '[']).map(|at| from + at)
}

/// The entries of a value that is an answer, wraps one, or is the bare list.
fn entries_of(value: &Value, list: &List, wrappers: usize) -> Option<Vec<Value>> {
    match member(value, list.name) {
        Some(Value::Array(entries)) => return Some(entries.clone()),
        Some(_) => return None,
        None => {}
    }
    let is_entry =
        |value: &Value| member(value, "id").is_some() && member(value, list.word).is_some();
    match value {
        Value::Array(entries) if !entries.is_empty() && entries.iter().all(is_entry) => {
            Some(entries.clone())
        }
        Value::Object(members) if wrappers > 0 => {
            let mut inner = members.values();
            inner.find_map(|inner| entries_of(inner, list, wrappers - 1))
        }
        Value::String(text) if wrappers > 0 && text.contains(list.name) => {
            let inner: Value = serde_json::from_str(text).ok()?;
            entries_of(&inner, list, wrappers - 1)
        }
        _ => None,
    }
}
