//! Which pairs are compared, and what is seen of each.
//!
//! All pairs of a small run. Of a large one those that stand near each other and those that
//! share a rare word: the number of pairs grows with the number of claims and not with its
//! square.

use std::collections::BTreeMap;

use super::Statement;
use super::place::{may_be_one, nearness, shared_quote};
use super::rivals::{Rivals, twins};
use super::words::Vectors;
use crate::findings::taxonomy;

/// Statements up to which all pairs are compared.
const ALL_PAIRS: usize = 400;
/// Further ones in order of place that each is compared with in a large run.
const NEIGHBOURS: usize = 12;
/// Rarest words of each that are looked up in a large run.
const RARE_WORDS: usize = 6;
/// Statements that share a word from which on it is not rare.
const COMMON_FROM: usize = 16;
/// Likest statements of each that are asked whether they join two others.
const WITNESSES: usize = 16;
/// Likeness of words below which a pair without anything else in common is none.
const LEAST: f64 = 0.03;

/// Two statements and what is seen of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    /// Index of one.
    pub(super) left: usize,
    /// Index of the other.
    pub(super) right: usize,
    /// Whether one voter said both.
    pub(super) same_voter: bool,
    /// Whether that voter repeats itself.
    pub(super) is_repetition: bool,
    /// What speaks for or against their being one.
    pub(super) signals: Signals,
}

/// What speaks for or against two statements being one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Signals {
    /// Likeness of the words, 0 to 1.
    pub(super) words: f64,
    /// By how much the words are more like than those of each and anything else that the
    /// other's voter said: -1 to 1.
    pub(super) mutual: f64,
    /// Likeness to a third voter's statement that both are like, 0 to 1.
    pub(super) witness: f64,
    /// 1 where both places are known: claims that stand near each other speak of the same names
    /// anyway, so that it takes more for them to be one.
    pub(super) placed: f64,
    /// Nearness of the places, 0 to 1.
    pub(super) near: f64,
    /// Share of the quoted lines that both have, 0 to 1.
    pub(super) quote: f64,
    /// 1 for the same rule, falling to -1 for different categories; 0 where not known.
    pub(super) kind: f64,
    /// 1 for the same enclosing symbol, -1 for different ones, 0 where not known.
    pub(super) symbol: f64,
}

/// Compares the pairs that can be one; `statements` in order. In order of indices.
pub(super) fn compare(statements: &[Statement<'_>]) -> Vec<Compared> {
    let vectors = Vectors::new(statements.iter().map(|statement| statement.text));
    let likes = likes(statements, &vectors);
    let voters = voters(statements);
    let repeats = |left: usize, right: usize, words: f64| {
        voters[left] == voters[right] && is_repetition(&statements[left], &statements[right], words)
    };
    let twins = twins(statements.len(), &likes, &repeats);
    let rivals = Rivals::new(&twins, &voters, &likes);
    let witnesses = witnesses(statements.len(), &likes);
    let compared = likes.iter().map(|&(left, right, words)| {
        let (one, other) = (&statements[left], &statements[right]);
        let pair = (left, right);
        Compared {
            left,
            right,
            same_voter: voters[left] == voters[right],
            is_repetition: repeats(left, right, words),
            signals: Signals {
                words,
                mutual: words - rivals.best(pair, &twins, &voters),
                witness: witness(pair, &witnesses, &voters),
                placed: f64::from(u8::from(one.place.is_some() && other.place.is_some())),
                near: nearness(one, other),
                quote: shared_quote(one, other),
                kind: kind(one, other),
                symbol: symbol(one, other),
            },
        }
    });
    compared.collect()
}

/// (lower index, higher index, likeness of words) of the pairs that are worth a look, in order.
fn likes(statements: &[Statement<'_>], vectors: &Vectors) -> Vec<(usize, usize, f64)> {
    let mut likes = Vec::new();
    let mut consider = |left: usize, right: usize| {
        if may_be_one(&statements[left], &statements[right]) {
            let words = vectors.likeness(left, right);
            if words >= LEAST {
                likes.push((left, right, words));
            }
        }
    };
    if statements.len() <= ALL_PAIRS {
        for right in 0..statements.len() {
            for left in 0..right {
                consider(left, right);
            }
        }
    } else {
        each_of_blocks(statements.len(), vectors, &mut consider);
    }
    likes.sort_unstable_by_key(|(left, right, _)| (*left, *right));
    likes
}

/// Calls back, once each, with the pairs of a large run that stand near each other in order,
/// or share a rare word.
fn each_of_blocks(count: usize, vectors: &Vectors, consider: &mut dyn FnMut(usize, usize)) {
    let mut holders: Vec<Vec<u32>> = vec![Vec::new(); vectors.seen_in.len()];
    // Of one statement at a time: what it was already compared with.
    let mut lefts: Vec<usize> = Vec::new();
    let mut rare: Vec<(usize, u32)> = Vec::new();
    for right in 0..count {
        lefts.clear();
        lefts.extend(right.saturating_sub(NEIGHBOURS)..right);
        rare.clear();
        rare.extend(
            vectors.of[right]
                .iter()
                .map(|(word, _)| (vectors.seen_in[*word as usize], *word))
                .filter(|(seen_in, _)| (2..COMMON_FROM).contains(seen_in)),
        );
        rare.sort_unstable();
        for (_, word) in rare.iter().take(RARE_WORDS) {
            let holders = &mut holders[*word as usize];
            lefts.extend(holders.iter().map(|left| *left as usize));
            holders.push(u32::try_from(right).unwrap_or(u32::MAX));
        }
        lefts.sort_unstable();
        lefts.dedup();
        for left in &lefts {
            consider(*left, right);
        }
    }
}

/// A number for each voter.
fn voters(statements: &[Statement<'_>]) -> Vec<usize> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for statement in statements {
        let next = numbers.len();
        numbers.entry(statement.backend).or_insert(next);
    }
    let voters = statements.iter();
    voters.map(|statement| numbers[statement.backend]).collect()
}

/// Whether a voter that made both statements said one thing twice: with almost the same words,
/// or of the same lines with much the same words or as the same rule.
fn is_repetition(one: &Statement<'_>, other: &Statement<'_>, words: f64) -> bool {
    const SAME_WORDS: f64 = 0.97;
    const MUCH_THE_SAME: f64 = 0.5;
    let kind = kind(one, other);
    let is_here = nearness(one, other) >= 1.0;
    words >= SAME_WORDS || (is_here && (kind >= 1.0 || (words >= MUCH_THE_SAME && kind >= 0.0)))
}

/// Of each statement, the likest others: (index, likeness), by index.
fn witnesses(count: usize, likes: &[(usize, usize, f64)]) -> Vec<Vec<(usize, f64)>> {
    let mut all: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
    for &(left, right, words) in likes {
        all[left].push((right, words));
        all[right].push((left, words));
    }
    for near in &mut all {
        near.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        near.truncate(WITNESSES);
        near.sort_unstable_by_key(|(at, _)| *at);
    }
    all
}

/// The lesser likeness of the two to whatever third voter's statement joins them best.
fn witness(
    (left, right): (usize, usize),
    witnesses: &[Vec<(usize, f64)>],
    voters: &[usize],
) -> f64 {
    let (mut ours, mut theirs) = (witnesses[left].as_slice(), witnesses[right].as_slice());
    let mut best = 0.0_f64;
    while let ([(at, words), rest @ ..], [(second, twin), others @ ..]) = (ours, theirs) {
        match at.cmp(second) {
            std::cmp::Ordering::Less => ours = rest,
            std::cmp::Ordering::Greater => theirs = others,
            std::cmp::Ordering::Equal => {
                if voters[*at] != voters[left] && voters[*at] != voters[right] {
                    best = best.max(words.min(*twin));
                }
                (ours, theirs) = (rest, others);
            }
        }
    }
    best
}

/// 1 for one specific rule, less for one weakness (CWE) or category, -1 for two categories.
fn kind(one: &Statement<'_>, other: &Statement<'_>) -> f64 {
    const SAME_WEAKNESS: f64 = 0.7;
    const SAME_CATEGORY: f64 = 0.2;
    if one.category.is_empty() || other.category.is_empty() {
        return 0.0;
    }
    let rule = |statement: &Statement<'_>| taxonomy::Taxonomy::builtin().get(statement.rule);
    let cwe = |statement: &Statement<'_>| rule(statement)?.cwe;
    let is_specific = |statement: &Statement<'_>| {
        !statement.rule.is_empty() && rule(statement).is_none_or(|rule| !rule.is_other())
    };
    if one.rule == other.rule && is_specific(one) {
        1.0
    } else if cwe(one).is_some() && cwe(one) == cwe(other) {
        SAME_WEAKNESS
    } else if one.category == other.category {
        SAME_CATEGORY
    } else {
        -1.0
    }
}

fn symbol(one: &Statement<'_>, other: &Statement<'_>) -> f64 {
    match (one.symbol, other.symbol) {
        (Some(left), Some(right)) if left == right => 1.0,
        (Some(_), Some(_)) => -1.0,
        _ => 0.0,
    }
}
