//! How random a text looks.

use std::collections::BTreeMap;

/// Shannon entropy in bits per Unicode scalar value: 0 for an empty text or one
/// repeated character, 4 for sixteen different ones, about 3 to 3.4 for a long
/// English word, above 4 for 32 random characters of base 64.
pub fn shannon(text: &str) -> f64 {
    let mut counts = BTreeMap::<char, u32>::new();
    for letter in text.chars() {
        *counts.entry(letter).or_default() += 1;
    }
    let total = f64::from(counts.values().sum::<u32>());
    // `0.0 -` and not a negated sum: an empty text has 0, not -0.
    0.0 - counts
        .values()
        .map(|count| f64::from(*count) / total)
        .map(|share| share * share.log2())
        .sum::<f64>()
}
