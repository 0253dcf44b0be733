//! Finds a quote character by character: exactly, with white space folded, with parts
//! left out.

use std::collections::BTreeMap;

use crate::change::{Fragment, Text};

use super::Place;
use super::quote::{Quote, is_trivial};

/// Equal places that are looked at, by the size of the quote: bytes compared.
const MAX_COMPARED: usize = 16 << 20;
/// Bytes without white space between two parts of a quote with `…`.
const MAX_GAP: usize = 4_000;
/// Parts that are looked for from all beginnings together.
const MAX_FOLLOWED: usize = 1 << 17;
/// Word characters that the parts of a quote with `…` must have together.
const MIN_PARTS: usize = 8;

/// Places of the first text of the quote that is there to the letter. A line feed of the
/// quote stands for either line end.
pub(super) fn exact(text: &Text, quote: &Quote) -> Vec<Place> {
    first_hit(quote, |wanted| {
        let lines = wanted.contains('\n').then(|| wanted.replace('\n', "\r\n"));
        each_fragment(text, |index, fragment| {
            let mut places = places_of(index, fragment, wanted);
            if let Some(lines) = &lines
                && fragment.text.contains('\r')
            {
                places.extend(places_of(index, fragment, lines));
            }
            places
        })
    })
}

/// The same without regard to white space.
pub(super) fn folded(text: &Text, quote: &Quote) -> Vec<Place> {
    let squeezed = squeeze_all(text);
    first_hit(quote, |wanted| {
        let wanted = Squeezed::of(wanted).text;
        each_fragment(text, |index, fragment| {
            let squeezed = &squeezed[index];
            let places = hits(&squeezed.text, &wanted)
                .map(|at| squeezed.place(index, fragment, at, at + wanted.len()))
                .collect();
            whole_words(fragment, places)
        })
    })
}

/// Places of a quote in which `…` or `...` stands for code that was left out: its parts
/// in their order, near each other.
pub(super) fn elided(text: &Text, quote: &Quote) -> Vec<Place> {
    let squeezed = squeeze_all(text);
    first_hit(quote, |wanted| {
        let Some(parts) = parts(wanted) else {
            return Vec::new();
        };
        each_fragment(text, |index, fragment| {
            let squeezed = &squeezed[index];
            // Of several beginnings before one end the last is meant.
            let mut spans = BTreeMap::new();
            let most = MAX_FOLLOWED / parts.len();
            for start in hits(&squeezed.text, &parts[0]).take(most) {
                if let Some(end) = follow(&squeezed.text, start, &parts) {
                    spans.insert(end, start);
                }
            }
            let places = spans
                .into_iter()
                .map(|(end, start)| squeezed.place(index, fragment, start, end))
                .collect();
            whole_words(fragment, places)
        })
    })
}

/// Runs a search over the quote's texts until one is found.
fn first_hit(quote: &Quote, mut search: impl FnMut(&str) -> Vec<Place>) -> Vec<Place> {
    quote
        .texts
        .iter()
        .map(|wanted| search(wanted))
        .find(|places| !places.is_empty())
        .unwrap_or_default()
}

fn each_fragment(
    text: &Text,
    mut search: impl FnMut(usize, &Fragment) -> Vec<Place>,
) -> Vec<Place> {
    text.fragments()
        .iter()
        .enumerate()
        .flat_map(|(index, fragment)| search(index, fragment))
        .collect()
}

fn places_of(index: usize, fragment: &Fragment, wanted: &str) -> Vec<Place> {
    let places = hits(&fragment.text, wanted)
        .map(|at| Place::new(index, fragment, at, at + wanted.len()))
        .collect();
    whole_words(fragment, places)
}

/// Offsets of a text in another, not overlapping, as many as are worth it.
fn hits<'t>(text: &'t str, wanted: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(wanted)
        .map(|(at, _)| at)
        .take(MAX_COMPARED / wanted.len().max(1))
}

/// Leaves out places that cut a word, where there are others.
fn whole_words(fragment: &Fragment, places: Vec<Place>) -> Vec<Place> {
    let text = &fragment.text;
    let is_word = |ch: Option<char>| ch.is_some_and(|ch| ch.is_alphanumeric() || ch == '_');
    let whole = |place: &Place| {
        let inside = &text[place.start..place.end];
        let before = text[..place.start].chars().next_back();
        let behind = text[place.end..].chars().next();
        !(is_word(before) && is_word(inside.chars().next())
            || is_word(behind) && is_word(inside.chars().next_back()))
    };
    if places.iter().any(whole) {
        places.into_iter().filter(whole).collect()
    } else {
        places
    }
}

/// A text without its white space, with the way back.
pub(super) struct Squeezed {
    pub(super) text: String,
    /// Offset in the full text of each byte of `text`.
    offsets: Vec<u32>,
}

impl Squeezed {
    pub(super) fn of(full: &str) -> Self {
        let mut text = String::with_capacity(full.len());
        let mut offsets = Vec::with_capacity(full.len());
        for (at, ch) in full.char_indices().filter(|(_, ch)| !ch.is_whitespace()) {
            text.push(ch);
            for byte in 0..ch.len_utf8() {
                offsets.push(u32::try_from(at + byte).unwrap_or(u32::MAX));
            }
        }
        Self { text, offsets }
    }

    /// Offset in the full text of a byte of the squeezed one.
    pub(super) fn back(&self, at: usize) -> usize {
        self.offsets.get(at).map_or(0, |offset| *offset as usize)
    }

    fn place(&self, index: usize, fragment: &Fragment, start: usize, end: usize) -> Place {
        Place::new(index, fragment, self.back(start), self.back(end - 1) + 1)
    }
}

fn squeeze_all(text: &Text) -> Vec<Squeezed> {
    text.fragments()
        .iter()
        .map(|fragment| Squeezed::of(&fragment.text))
        .collect()
}

/// The parts between the ellipses, without white space; none where there is no ellipsis
/// or too little beside it.
fn parts(wanted: &str) -> Option<Vec<String>> {
    let wanted = wanted.replace("...", "…");
    if !wanted.contains('…') {
        return None;
    }
    let parts: Vec<_> = wanted
        .split('…')
        // `// …`, `/* … */`, `# …`, `[…]`: what stood around the ellipsis as a comment.
        .map(|part| {
            let part = part.trim();
            let part = part.strip_prefix("*/").unwrap_or(part);
            part.trim_end_matches(['/', '#', '*', '-', '<'])
        })
        .filter(|part| !is_trivial(part))
        .map(|part| Squeezed::of(part).text)
        .collect();
    let words = parts
        .iter()
        .flat_map(|part| part.chars())
        .filter(|ch| ch.is_alphanumeric())
        .count();
    (words >= MIN_PARTS).then_some(parts)
}

/// The end of the last part, where all parts follow each other from `start`.
fn follow(text: &str, start: usize, parts: &[String]) -> Option<usize> {
    let mut end = start + parts[0].len();
    for part in &parts[1..] {
        let window = text.floor_char_boundary(end + MAX_GAP + part.len());
        end += text[end..window].find(part.as_str())? + part.len();
    }
    Some(end)
}
