//! GitHub's `security-severity`: which number shows which word.

use crate::units::Severity;

/// First and last number of each word. GitHub reads over 9.0 as critical, 7.0 to 8.9 as
/// high, 4.0 to 6.9 as medium, 0.1 to 3.9 as low; it has no word for a note, which takes
/// the lowest of the low.
fn band(severity: Severity) -> (f64, f64) {
    match severity {
        Severity::Note => (0.1, 0.9),
        Severity::Low => (1.0, 3.9),
        Severity::Medium => (4.0, 6.9),
        Severity::High => (7.0, 8.9),
        Severity::Critical => (9.1, 10.0),
    }
}

/// The number for a finding that is shown with `severity`, to one decimal. `base` is the
/// rule's own, whose place among the numbers of its word is kept: of two rules that are shown
/// as high, the worse one stands above the other on GitHub. Without `base` the middle.
pub fn security_severity(base: Option<f64>, severity: Severity) -> f64 {
    let place = base.map_or(0.5, |base| {
        let own = Severity::ALL.into_iter().rev().map(band);
        own.into_iter()
            .find(|(first, _)| base >= *first)
            .map_or(0.0, |(first, last)| {
                ((base - first) / (last - first)).min(1.0)
            })
    });
    let (first, last) = band(severity);
    ((first + place * (last - first)) * 10.0).round() / 10.0
}
