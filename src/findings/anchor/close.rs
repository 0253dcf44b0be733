//! Finds a quote that is not there to the letter, and refuses one that was made up.
//!
//! Each line of the quote must have its line in the file, in order and near each other.
//! Two lines are close when
//! - their tokens in common order make up [`MIN_SHARED`] of both,
//! - the words and numbers of the quote are in the file's line, in that order: equal,
//!   or, where one is long, with one letter typed wrong, and
//! - both have the same operators.
//!
//! So a quote may have lost a semicolon, a `mut` or a comment's end; one with a name
//! that is not there, or with `<` for `<=`, stays unfound, however much it shares.

use crate::change::{Fragment, Text};

use super::Place;
use super::quote::{Quote, is_trivial};

/// Share of tokens that two close lines have in common: twice those, by the sum of both.
const MIN_SHARED: f64 = 0.85;
/// Tokens of the quote's longest line: shorter ones are too easily alike.
const MIN_TOKENS: usize = 5;
/// Words among them.
const MIN_WORDS: usize = 2;
/// Tokens of a line that is compared at all.
const MAX_TOKENS: usize = 200;
/// Lines of the file that may be missing between two lines of the quote.
const MAX_SKIPPED: usize = 2;
/// Characters that change what a line computes.
const OPERATORS: &str = "!<>=+-*/%|^~";
/// Letters of a word from which on one may be wrong.
const MIN_TYPO: usize = 5;

/// Places that are close to one of the quote's texts.
pub(super) fn search(text: &Text, quote: &Quote) -> Vec<Place> {
    let wanted: Vec<Vec<Vec<&str>>> = quote
        .texts
        .iter()
        .map(|wanted| {
            wanted
                .lines()
                .map(tokens)
                .filter(|line| !line.is_empty())
                .collect()
        })
        .filter(|lines: &Vec<Vec<&str>>| is_comparable(lines))
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    text.fragments()
        .iter()
        .enumerate()
        .flat_map(|(index, fragment)| {
            let lines: Vec<(u32, Vec<&str>)> = fragment
                .lines()
                .map(|(number, line)| (number, tokens(line)))
                .filter(|(_, line)| !line.is_empty())
                .collect();
            wanted
                .iter()
                .map(|wanted| walk(index, fragment, &lines, wanted))
                .find(|places| !places.is_empty())
                .unwrap_or_default()
        })
        .collect()
}

fn is_comparable(lines: &[Vec<&str>]) -> bool {
    lines.iter().any(|line| {
        line.len() >= MIN_TOKENS && line.iter().filter(|token| is_word(token)).count() >= MIN_WORDS
    })
}

/// Every place where the wanted lines follow each other.
fn walk(
    index: usize,
    fragment: &Fragment,
    lines: &[(u32, Vec<&str>)],
    wanted: &[Vec<&str>],
) -> Vec<Place> {
    let mut places = Vec::new();
    for first in 0..lines.len() {
        if !is_close(&wanted[0], &lines[first].1) {
            continue;
        }
        let last = wanted[1..].iter().try_fold(first, |at, line| {
            let end = lines.len().min(at + 2 + MAX_SKIPPED);
            (at + 1..end).find(|next| is_close(line, &lines[*next].1))
        });
        if let Some(last) = last
            && let (Some(start), Some(end)) = (
                edge(fragment, lines[first].0),
                edge(fragment, lines[last].0),
            )
        {
            places.push(Place::new(index, fragment, start.0, end.1));
        }
    }
    places
}

/// Offsets of a line's first and behind its last character that is not white space.
fn edge(fragment: &Fragment, number: u32) -> Option<(usize, usize)> {
    let line = fragment.line(number)?;
    let offset = line.as_ptr() as usize - fragment.text.as_ptr() as usize;
    let start = offset + (line.len() - line.trim_start().len());
    Some((start, start + line.trim().len()))
}

/// Words, numbers, and every other character by itself.
fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if is_word_char(first) {
            rest.find(|ch| !is_word_char(ch)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..len]);
        if tokens.len() > MAX_TOKENS {
            break;
        }
        rest = rest[len..].trim_start();
    }
    tokens
}

fn is_word_char(ch: char) -> bool {
    ch.is_alphanumeric() || ch == '_'
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(is_word_char)
}

fn is_close(wanted: &[&str], line: &[&str]) -> bool {
    let both = wanted.len() + line.len();
    let most = 2 * wanted.len().min(line.len());
    if wanted.len().max(line.len()) > MAX_TOKENS || ratio(most, both) < MIN_SHARED {
        return false;
    }
    if wanted.iter().all(|token| !is_word(token)) || is_trivial(&wanted.concat()) {
        return wanted == line;
    }
    words_follow(wanted, line)
        && operators(wanted).eq(operators(line))
        && ratio(2 * common(wanted, line), both) >= MIN_SHARED
}

/// Whether the words of the quote are in the line, in their order.
fn words_follow(wanted: &[&str], line: &[&str]) -> bool {
    let mut rest = line.iter();
    wanted
        .iter()
        .filter(|token| is_word(token))
        .all(|word| rest.any(|other| same(word, other)))
}

fn operators<'t>(line: &'t [&'t str]) -> impl Iterator<Item = &'t str> {
    line.iter()
        .copied()
        .filter(|token| OPERATORS.contains(token))
}

#[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Whether two tokens are one, a single typing error in a long word aside.
fn same(wanted: &str, token: &str) -> bool {
    if wanted == token {
        return true;
    }
    let letters = wanted.chars().count();
    letters >= MIN_TYPO
        && is_word(token)
        && letters.abs_diff(token.chars().count()) <= 1
        && !wanted.contains(|ch: char| ch.is_numeric())
        && strsim::osa_distance(wanted, token) <= 1
}

/// Length of the longest common subsequence.
fn common(left: &[&str], right: &[&str]) -> usize {
    let mut row = vec![0_usize; right.len() + 1];
    for one in left {
        let mut diagonal = 0;
        for (at, other) in right.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if same(one, other) {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    row[right.len()]
}
