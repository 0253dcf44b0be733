//! The lines of a patch with their numbers.

/// Reads line by line and looks ahead.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    /// Number of the next line, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Self {
            rest: content,
            number: 1,
        }
    }

    /// Number of the line that `next` gives, from 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The next line without its line feed; it stays.
    pub(super) fn peek(&self) -> Option<&'a [u8]> {
        (!self.rest.is_empty()).then(|| self.split().0)
    }

    /// The line after the next one.
    pub(super) fn peek_second(&self) -> Option<&'a [u8]> {
        let ahead = Self {
            rest: self.split().1,
            number: 0,
        };
        ahead.peek()
    }

    /// The next line if it begins like that, without this beginning.
    pub(super) fn take_after(&mut self, beginning: &str) -> Option<&'a [u8]> {
        let rest = self.peek()?.strip_prefix(beginning.as_bytes())?;
        self.next();
        Some(rest)
    }

    fn split(&self) -> (&'a [u8], &'a [u8]) {
        match self.rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[]),
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    /// Without the line feed; a carriage return stays.
    fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.rest = self.split().1;
        self.number += 1;
        Some(line)
    }
}
