//! Words of what claims say, as vectors: a word counts by how rare it is in the run.

use std::collections::HashMap;

/// Claims about other things that are assumed beside those of the run, so that a word
/// that two claims of a small run share is not taken for a common one.
const PRIOR: f64 = 30.0;

/// Words that say nothing about which defect is meant.
const COMMON: &[&str] = &[
    "a", "an", "and", "any", "are", "as", "at", "be", "because", "been", "but", "by", "can",
    "cause", "causes", "code", "could", "do", "does", "each", "for", "from", "has", "have", "here",
    "if", "in", "instead", "into", "is", "issue", "it", "its", "line", "may", "might", "more",
    "new", "no", "not", "now", "of", "on", "only", "or", "should", "since", "so", "such", "than",
    "that", "the", "their", "then", "there", "these", "they", "this", "to", "use", "used", "uses",
    "using", "was", "when", "which", "while", "will", "with", "without", "would", "you",
];

/// What each claim says: word → weight, the whole of length 1 (or empty); sorted by word.
#[derive(Debug)]
pub(super) struct Vectors {
    pub(super) of: Vec<Vec<(u32, f64)>>,
    /// In how many claims each word is.
    pub(super) seen_in: Vec<usize>,
}

impl Vectors {
    /// Reads texts; equal texts in equal order give equal vectors.
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut words = Words::default();
        let counts: Vec<Vec<(u32, u32)>> = texts.map(|text| counted(words.read(text))).collect();
        let mut seen_in = vec![0; words.stems.len()];
        for (word, _) in counts.iter().flatten() {
            seen_in[*word as usize] += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "a run has few claims")]
        let all = counts.len() as f64 + PRIOR;
        let of = counts
            .iter()
            .map(|counts| weigh(counts, &seen_in, all))
            .collect();
        Self { of, seen_in }
    }

    /// Likeness of what two claims say: cosine of their vectors, 0 to 1.
    pub(super) fn likeness(&self, one: usize, other: usize) -> f64 {
        let (mut left, mut right) = (self.of[one].as_slice(), self.of[other].as_slice());
        let mut sum = 0.0;
        while let ([(word, weight), rest @ ..], [(second, twin), others @ ..]) = (left, right) {
            match word.cmp(second) {
                std::cmp::Ordering::Less => left = rest,
                std::cmp::Ordering::Greater => right = others,
                std::cmp::Ordering::Equal => {
                    sum += weight * twin;
                    (left, right) = (rest, others);
                }
            }
        }
        sum
    }
}

/// The words of a run by number.
#[derive(Default)]
struct Words<'t> {
    /// Stem → its number.
    stems: HashMap<String, u32>,
    /// Part of a word as written → the number of its stem; none where it says nothing.
    parts: HashMap<&'t str, Option<u32>>,
}

impl<'t> Words<'t> {
    /// The words of prose and of names, in lower case, cut to their stems, in the text's order.
    fn read(&mut self, text: &'t str) -> Vec<u32> {
        let words = text.split(|ch: char| !ch.is_alphanumeric());
        let parts = words.flat_map(parts);
        parts.filter_map(|part| self.number(part)).collect()
    }

    fn number(&mut self, part: &'t str) -> Option<u32> {
        if let Some(known) = self.parts.get(part) {
            return *known;
        }
        let lower = part.to_lowercase();
        let tells = lower.chars().nth(1).is_some() && COMMON.binary_search(&&*lower).is_err();
        let number = tells.then(|| {
            let next = u32::try_from(self.stems.len()).unwrap_or(u32::MAX);
            *self.stems.entry(stem(&lower).to_owned()).or_insert(next)
        });
        self.parts.insert(part, number);
        number
    }
}

/// Each word once, with how often it is there; sorted by word.
fn counted(mut words: Vec<u32>) -> Vec<(u32, u32)> {
    words.sort_unstable();
    let equal = words.chunk_by(|one, other| one == other);
    let count = |words: &[u32]| u32::try_from(words.len()).unwrap_or(u32::MAX);
    equal.map(|words| (words[0], count(words))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a run has few claims")]
fn weigh(counts: &[(u32, u32)], seen_in: &[usize], all: f64) -> Vec<(u32, f64)> {
    let mut weights: Vec<(u32, f64)> = counts
        .iter()
        .map(|(word, count)| {
            let rarity = (1.0 + all / (seen_in[*word as usize] as f64 + 0.5)).ln();
            (*word, (1.0 + f64::from(*count).ln()) * rarity)
        })
        .collect();
    let length = weights.iter().map(|(_, weight)| weight * weight);
    let length = length.sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    for (_, weight) in &mut weights {
        *weight /= length;
    }
    weights
}

/// `parseHTTPUserId2` → `parse`, `HTTP`, `User`, `Id`, `2`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let (part, behind) = rest.split_at(end_of_part(rest));
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

/// Bytes of the first part of a name.
fn end_of_part(name: &str) -> usize {
    let run = |from: usize, is_of: fn(char) -> bool| {
        let rest = name[from..].find(|ch| !is_of(ch));
        rest.map_or(name.len(), |end| from + end)
    };
    let is_lower = |ch: char| !ch.is_uppercase() && !ch.is_numeric();
    let digits = run(0, char::is_numeric);
    let capitals = run(0, char::is_uppercase);
    let small = run(capitals, is_lower);
    match name[..capitals].char_indices().next_back() {
        _ if digits > 0 => digits,
        // The last capital of several begins the next part.
        Some((last, _)) if last > 0 && small > capitals => last,
        _ => small,
    }
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
