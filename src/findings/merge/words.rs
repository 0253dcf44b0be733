//! Words and names of what claims say.

use std::collections::BTreeSet;

/// Words that say nothing about which defect is meant.
const COMMON: &[&str] = &[
    "a", "an", "and", "any", "are", "as", "at", "be", "because", "been", "but", "by", "can",
    "cause", "causes", "code", "could", "do", "does", "each", "for", "from", "has", "have", "here",
    "if", "in", "instead", "into", "is", "issue", "it", "its", "line", "may", "might", "more",
    "new", "no", "not", "now", "of", "on", "only", "or", "should", "since", "so", "such", "than",
    "that", "the", "their", "then", "there", "these", "they", "this", "to", "use", "used", "uses",
    "using", "was", "when", "which", "while", "will", "with", "without", "would", "you",
];

/// Words of prose and of names, in lower case, cut to their stems.
pub(super) fn stems(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|ch: char| !ch.is_alphanumeric())
        .flat_map(camel)
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 2 && COMMON.binary_search(&word.as_str()).is_err())
        .map(|word| stem(&word).to_owned())
}

/// `parseUserId` → `parse`, `User`, `Id`.
fn camel(word: &str) -> impl Iterator<Item = &str> {
    let mut starts = vec![0];
    let mut lower = false;
    for (at, ch) in word.char_indices() {
        if ch.is_uppercase() && lower {
            starts.push(at);
        }
        lower = ch.is_lowercase();
    }
    starts.push(word.len());
    (1..starts.len()).map(move |at| &word[starts[at - 1]..starts[at]])
}

/// Takes one English ending off, where enough is left.
fn stem(word: &str) -> &str {
    const ENDINGS: [&str; 12] = [
        "ations", "ation", "ments", "ment", "ings", "ing", "ies", "ed", "es", "ly", "s", "e",
    ];
    ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|rest| rest.chars().count() >= 3)
        .unwrap_or(word)
}

/// Names of code that a text uses: in backticks, of the form of a name, or in the quote.
pub(super) fn names<'t>(text: &'t str, quote: &'t str) -> impl Iterator<Item = &'t str> {
    let is_name_char = |ch: char| ch.is_alphanumeric() || ch == '_';
    let quoted: BTreeSet<&str> = quote
        .split(move |ch| !is_name_char(ch))
        .filter(|name| name.len() >= 3)
        .collect();
    text.split(move |ch| !is_name_char(ch)).filter(move |word| {
        word.len() >= 3
            && (word.contains('_')
                || word.chars().skip(1).any(char::is_uppercase)
                || quoted.contains(word))
    })
}
