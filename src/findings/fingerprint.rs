//! What a finding is known by from one run to the next.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::change::FileChange;

use super::Location;

/// Bytes of the hash that are kept.
const BYTES: usize = 16;

/// Names a finding by its path, its category and the first telling line of its place:
/// never by words or line numbers, so that it stays the same when lines move, are
/// indented anew, or another model says the same in other words.
///
/// White space does not count. Of equal lines in `file` each has its number; without
/// the file the line is taken from `quote`, and all equal ones are one. `among` tells
/// apart findings that are equal in all of this, from 0. 32 hexadecimal digits.
pub fn fingerprint(
    location: &Location,
    category: &str,
    quote: &str,
    file: Option<&FileChange>,
    among: usize,
) -> String {
    let (line, occurrence) = file
        .and_then(|file| telling_line(location, file))
        .unwrap_or_else(|| {
            let line = quote.lines().find(|line| tells(line)).unwrap_or(quote);
            (squeeze(line), 0)
        });
    let mut hash = Sha256::new();
    for part in [
        location.path.as_bstr().to_vec(),
        category.as_bytes().to_vec(),
        line.into_bytes(),
        occurrence.to_string().into_bytes(),
        among.to_string().into_bytes(),
    ] {
        // The length keeps the parts apart.
        hash.update(part.len().to_le_bytes());
        hash.update(&part);
    }
    hash.finalize()
        .iter()
        .take(BYTES)
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The first line of the place that says something, without white space, and how many
/// equal lines stand before it.
fn telling_line(location: &Location, file: &FileChange) -> Option<(String, usize)> {
    let lines = || {
        (location.start_line..=location.end_line)
            .filter_map(|number| Some((number, file.new.line(number)?)))
    };
    let (number, line) = lines()
        .find(|(_, line)| tells(line))
        .or_else(|| lines().next())?;
    let line = squeeze(line);
    let occurrence = file
        .new
        .lines()
        .take_while(|(other, _)| *other < number)
        .filter(|(_, other)| equal_squeezed(other, &line))
        .count();
    Some((line, occurrence))
}

fn tells(line: &str) -> bool {
    line.chars().filter(|ch| ch.is_alphanumeric()).count() >= 3
}

fn squeeze(line: &str) -> String {
    line.chars().filter(|ch| !ch.is_whitespace()).collect()
}

fn equal_squeezed(line: &str, squeezed: &str) -> bool {
    line.chars()
        .filter(|ch| !ch.is_whitespace())
        .eq(squeezed.chars())
}
