//! GitHub's `primaryLocationLineHash`: what makes an alert the same one after
//! lines above it moved.
//!
//! The hash of a line is taken over 100 UTF-16 units from the line's start on,
//! across line ends: spaces and tabs are skipped, CR and CRLF are read as LF,
//! the end of the file counts as the unit 65535 and is followed by zeros. It is
//! the polynomial of base 37 modulo 2^64, written in hexadecimal, with how often
//! that value occurred up to here: `a7f2ff13bc495cf2:3`.

use std::collections::HashMap;

/// Units that a line's hash is taken over.
const WINDOW: usize = 100;
/// Base of the polynomial.
const BASE: u64 = 37;
/// Stands for the end of the file.
const END: u16 = u16::MAX;
const LF: u16 = b'\n' as u16;

/// The hash of each line; line 1 is at index 0. A CR alone ends a line here, as
/// it does for GitHub. Text that ends with a line end has one empty line more.
pub fn hashes(text: &str) -> Vec<String> {
    let (units, starts) = significant_units(text);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    starts
        .into_iter()
        .map(|start| {
            let padded = units[start..].iter().copied().chain(std::iter::repeat(0));
            let hash = padded.take(WINDOW).fold(0_u64, |hash, unit| {
                hash.wrapping_mul(BASE).wrapping_add(u64::from(unit))
            });
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

/// The units that count, and the index of each line's first one.
fn significant_units(text: &str) -> (Vec<u16>, Vec<usize>) {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = Vec::new();
    let mut at_start = true;
    let mut after_cr = false;
    for unit in text.encode_utf16().chain(std::iter::once(END)) {
        let is_blank = unit == u16::from(b' ') || unit == u16::from(b'\t');
        // Only an LF directly behind a CR belongs to it: a blank between ends the pair.
        if is_blank || (after_cr && unit == LF) {
            after_cr = false;
            continue;
        }
        after_cr = unit == u16::from(b'\r');
        let unit = if after_cr { LF } else { unit };
        if at_start {
            starts.push(units.len());
        }
        at_start = unit == LF;
        units.push(unit);
    }
    (units, starts)
}
