//! What is wrong in a workflow file, all of it at once, each with its place.

use std::fmt;
use std::ops::Range;

/// A place in a file, both from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as messages name it.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Everything that is wrong in a file, in order of place; one line each when shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each problem, in order of place.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Number of problems.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        let mut problems: Vec<_> = problems.into_iter().collect();
        problems.sort_by(|a, b| (a.place, &a.message).cmp(&(b.place, &b.message)));
        problems.dedup();
        Self(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Gathers problems of one file's text.
pub(super) struct Report<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Report<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    /// Adds a problem at a byte offset of the text.
    pub(super) fn add(
        &mut self,
        offset: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem {
            file: self.file.to_owned(),
            place: self.place(offset),
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Takes the problems of a text that is no TOML. What was found here on the same
    /// lines is a misreading of them and goes.
    pub(super) fn add_before_guesses(&mut self, syntax: Self) {
        let lines: Vec<_> = syntax.found.iter().map(|known| known.place.line).collect();
        self.found
            .retain(|guess| !lines.contains(&guess.place.line));
        self.found.extend(syntax.found);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn into_problems(self) -> Problems {
        self.found.into_iter().collect()
    }

    /// The line and column of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Where the byte at `inner` of a string's value stands in the text. `raw` is the
    /// string's span with its quotes. Escapes before it make that unknowable: then the
    /// string's start.
    pub(super) fn offset_in_string(&self, raw: &Range<usize>, value: &str, inner: usize) -> usize {
        let source = self.text.get(raw.clone()).unwrap_or_default();
        let quotes = if source.starts_with("\"\"\"") || source.starts_with("'''") {
            3
        } else {
            1
        };
        let mut rest = source.get(quotes..).unwrap_or_default();
        if quotes == 3 {
            // TOML drops a line end right after the opening quotes.
            rest = rest
                .strip_prefix("\r\n")
                .or_else(|| rest.strip_prefix('\n'))
                .unwrap_or(rest);
        }
        let wanted = value.get(..inner).unwrap_or(value);
        for ch in wanted.chars() {
            // A parser may read CRLF as LF.
            if ch == '\n' && rest.starts_with("\r\n") {
                rest = &rest[1..];
            }
            match rest.strip_prefix(ch) {
                Some(after) if ch != '\\' || quotes_are_literal(source) => rest = after,
                _ => return raw.start,
            }
        }
        raw.start + (source.len() - rest.len())
    }
}

fn quotes_are_literal(source: &str) -> bool {
    source.starts_with('\'')
}

/// The candidate that `word` was probably meant to be.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?" where something is near, else the whole list after `known`.
pub(super) fn suggestion(word: &str, known: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{known}: {}", candidates.join(", ")),
    }
}
