//! What a finding is known by from one run to the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::change::FileChange;

use super::Finding;
use super::remember::{Marks, Sheets};
use crate::units::hex;

/// Bytes of the hash that are kept.
const BYTES: usize = 16;

/// Gives each finding the marks of its place and its fingerprint; the order of `findings`
/// tells apart those of one line.
///
/// The fingerprint is of the first telling line, of the line that opens the function or section
/// around it, and of its number among the lines of that section that read the same: never of
/// words, rule, path or line number. So it stays when lines move, are indented anew, the file
/// is renamed, or another model says it otherwise. What it cannot hold (another line quoted,
/// the line edited) the matching of `remember` does. 32 hexadecimal digits.
pub(super) fn assign(findings: &mut [Finding], files: &[Arc<FileChange>]) {
    let sheets = Sheets::new(files);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let place = &finding.location;
        let (marks, nth) = match sheets.of(&place.path) {
            Some(sheet) => sheet.marks(place.start_line, place.end_line),
            None => (Marks::of_quote(&finding.quote), 0),
        };
        let first = of_place(&marks, nth);
        let among = seen.entry(first.clone()).or_default();
        finding.fingerprint = match *among {
            0 => first,
            among => further(&first, among),
        };
        *among += 1;
        finding.marks = marks;
    }
}

/// The fingerprint of a place.
pub(super) fn of_place(marks: &Marks, nth: usize) -> String {
    hash(&[&marks.line, &marks.scope, &nth.to_string()])
}

/// The fingerprint of a further finding, from 1, whose place has this one.
pub(super) fn further(fingerprint: &str, number: usize) -> String {
    hash(&[fingerprint, &number.to_string()])
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps the parts apart.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..BYTES])
}
