//! Names of what encloses a line.

use super::languages::Language;
use super::outline::Outline;
use crate::change::FileChange;

/// The structure of a file's text after the change.
#[derive(Debug)]
pub struct Symbols<'a> {
    /// Of each known part, in order.
    parts: Vec<Outline<'a>>,
}

impl<'a> Symbols<'a> {
    /// Reads a file.
    pub fn new(file: &'a FileChange) -> Self {
        let language = Language::of(&file.path.file_name().to_string());
        let parts = file.new.fragments().iter();
        Self {
            parts: parts.map(|part| Outline::new(part, language)).collect(),
        }
    }

    /// The line that opens the innermost function, type or section around `line` (from 1),
    /// without the white space around it; none where nothing is known to enclose it.
    pub fn at(&self, line: u32) -> Option<&'a str> {
        let part = self
            .parts
            .iter()
            .find(|part| part.text().line(line).is_some())?;
        let opens = |at: &u32| part.block(*at).is_some_and(|block| block.start <= *at);
        let is_own = part.block(line).is_some_and(|block| block.start == line);
        let heading = if is_own {
            Some(line)
        } else {
            part.headings(line).find(opens)
        };
        part.text().line(heading?).map(str::trim)
    }
}
