//! What is known of a file's text.

use std::sync::Arc;

use bstr::ByteSlice as _;
use serde::{Deserialize, Serialize};

/// Parts of a file's text with their line numbers. Text from git is one
/// fragment from line 1; text from a patch has one for each hunk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Text {
    fragments: Vec<Fragment>,
}

/// Consecutive lines of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "(u32, String)", into = "(u32, String)")]
pub struct Fragment {
    /// Number of the first line, from 1.
    pub first_line: u32,
    /// The lines as one string; bytes that are not UTF-8 have become U+FFFD.
    pub text: Arc<str>,
    /// Byte offset of each line's start in `text`.
    starts: Vec<u32>,
}

impl Fragment {
    /// Splits `bytes` at line feeds; `first_line` is the number of the first line, from 1.
    pub fn new(first_line: u32, bytes: &[u8]) -> Self {
        let text: Arc<str> = bytes.to_str_lossy().into();
        let mut starts = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            at += line.len();
        }
        Self {
            first_line,
            text,
            starts,
        }
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The line's content without its line end (`\n` or `\r\n`); `number` counts from 1 in the file.
    pub fn line(&self, number: u32) -> Option<&str> {
        let index = usize::try_from(number.checked_sub(self.first_line)?).ok()?;
        let start = *self.starts.get(index)? as usize;
        let end = self
            .starts
            .get(index + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let line = &self.text[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Each line with its number.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        (self.first_line..).map_while(|number| self.line(number).map(|line| (number, line)))
    }

    /// The line that holds the byte at `offset` of [`Fragment::text`], and that line's start.
    pub fn line_at(&self, offset: usize) -> (u32, usize) {
        let index = self
            .starts
            .partition_point(|start| *start as usize <= offset)
            .saturating_sub(1);
        let number = self.first_line + u32::try_from(index).unwrap_or(u32::MAX);
        (
            number,
            self.starts.get(index).map_or(0, |start| *start as usize),
        )
    }
}

impl From<(u32, String)> for Fragment {
    fn from((first_line, text): (u32, String)) -> Self {
        Self::new(first_line, text.as_bytes())
    }
}

impl From<Fragment> for (u32, String) {
    fn from(fragment: Fragment) -> Self {
        (fragment.first_line, fragment.text.to_string())
    }
}

impl Text {
    /// A whole file.
    pub fn whole(bytes: &[u8]) -> Self {
        Self::from_fragments(vec![Fragment::new(1, bytes)])
    }

    /// Known parts in order of lines; empty ones are dropped.
    pub fn from_fragments(mut fragments: Vec<Fragment>) -> Self {
        fragments.retain(|fragment| !fragment.is_empty());
        Self { fragments }
    }

    /// The known parts in order of lines.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// The line's content without its line end, where it is known; from 1.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.fragment_of(number)?.line(number)
    }

    /// The known part that could hold the line: the last one that does not begin behind it.
    fn fragment_of(&self, number: u32) -> Option<&Fragment> {
        let behind = self
            .fragments
            .partition_point(|part| part.first_line <= number);
        self.fragments.get(behind.checked_sub(1)?)
    }

    /// Each known line with its number.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        self.fragments.iter().flat_map(Fragment::lines)
    }
}
